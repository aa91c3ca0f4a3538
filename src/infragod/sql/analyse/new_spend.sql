-- id = "new-spend"
-- title = "What each resource of a month's bill cost, and whether it is new"
-- why = """
-- A resource is new in the month of its first usage row. What is no usage, or names no resource, can be neither new nor
-- known, and stands apart; so does a source whose month before is not loaded. Each charge is in one row, so that the
-- rows sum to the bill. Workspace and address are those of the earliest charge that has them.
-- """
-- [parameters]
-- month = "the month, YYYY-MM"
-- previous = "the month before it"

WITH charge AS (
  SELECT
    CASE
      WHEN ChargeCategory IS NULL THEN 'no category'
      WHEN ChargeCategory <> 'Usage' THEN LOWER(ChargeCategory)
      WHEN ChargeClass = 'Correction' THEN 'correction'
      WHEN ResourceId IS NULL THEN 'no resource'
      ELSE 'resource'
    END AS kind,
    *
  FROM cost
  WHERE x_billing_period = $month
),
earlier AS (
  SELECT DISTINCT ResourceId
  FROM cost
  WHERE x_billing_period < $month
    AND ResourceId IS NOT NULL
    AND ChargeCategory = 'Usage'
    AND ChargeClass IS DISTINCT FROM 'Correction'
),
told AS (
  SELECT DISTINCT x_source
  FROM cost
  WHERE x_billing_period = $previous
),
previous AS (
  SELECT ResourceId, BillingCurrency, SUM({basis}) AS cost
  FROM cost
  WHERE x_billing_period = $previous
    AND ChargeCategory = 'Usage'
    AND ChargeClass IS DISTINCT FROM 'Correction'
  GROUP BY ResourceId, BillingCurrency
),
used AS (
  SELECT
    c.ResourceId,
    c.BillingCurrency,
    CASE
      WHEN MAX(CASE WHEN e.ResourceId IS NOT NULL THEN 1 ELSE 0 END) = 1 THEN 'known'
      WHEN MAX(CASE WHEN t.x_source IS NULL THEN 1 ELSE 0 END) = 1 THEN 'not told'
      ELSE 'new'
    END AS kind,
    MAX(c.ResourceName) AS ResourceName,
    MAX(c.ResourceType) AS ResourceType,
    MAX(c.ServiceName) AS ServiceName,
    MAX(c.SubAccountId) AS SubAccountId,
    MAX(c.SubAccountName) AS SubAccountName,
    MAX(c.RegionId) AS RegionId,
    MAX(c.x_team) AS x_team,
    MAX(c.x_owner_by) AS x_owner_by,
    MAX({creator}) AS x_creator,
    MIN_BY(c.x_terraform_workspace, c.ChargePeriodStart) FILTER (WHERE c.x_terraform_workspace IS NOT NULL) AS x_terraform_workspace,
    MIN_BY(c.x_terraform_address, c.ChargePeriodStart) FILTER (WHERE c.x_terraform_workspace IS NOT NULL) AS x_terraform_address,
    MIN_BY(c.x_terraform_repository, c.ChargePeriodStart) FILTER (WHERE c.x_terraform_workspace IS NOT NULL) AS x_terraform_repository,
    MIN(c.ChargePeriodStart) AS first_charge,
    MIN(c.ChargePeriodEnd) AS first_charge_end,
    SUM(c.{basis}) AS cost
  FROM charge AS c
  LEFT JOIN earlier AS e ON e.ResourceId = c.ResourceId
  LEFT JOIN told AS t ON t.x_source = c.x_source
  WHERE c.kind = 'resource'
  GROUP BY c.ResourceId, c.BillingCurrency
)
SELECT
  u.kind,
  u.ResourceId,
  u.ResourceName,
  u.ResourceType,
  u.ServiceName,
  u.SubAccountId,
  u.SubAccountName,
  u.RegionId,
  u.x_team,
  u.x_owner_by,
  u.x_creator,
  u.x_terraform_workspace,
  u.x_terraform_address,
  u.x_terraform_repository,
  u.first_charge,
  u.first_charge_end,
  u.BillingCurrency AS currency,
  u.cost,
  p.cost AS before -- NULL: no charge in the month before
FROM used AS u
LEFT JOIN previous AS p ON p.ResourceId = u.ResourceId AND p.BillingCurrency = u.BillingCurrency
UNION ALL
SELECT
  kind,
  NULL,
  NULL,
  NULL,
  ServiceName,
  SubAccountId,
  MAX(SubAccountName),
  RegionId,
  x_team,
  x_owner_by,
  NULL,
  NULL,
  NULL,
  NULL,
  MIN(ChargePeriodStart),
  MIN(ChargePeriodEnd),
  BillingCurrency,
  SUM({basis}),
  NULL
FROM charge
WHERE kind <> 'resource'
GROUP BY kind, ServiceName, SubAccountId, RegionId, x_team, x_owner_by, BillingCurrency
