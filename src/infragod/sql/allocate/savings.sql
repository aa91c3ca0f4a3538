-- id = "savings"
-- title = "Cells with the savings of commitments taken from the users and given to the place that `savings` names"
-- why = """
-- Users pay what the same would have cost without the commitment; who bought it, or a pool, gets the difference. Both
-- sides are here, so that the sum stays what it was. It is the effective cost alone: cash knows no savings.
-- """

SELECT
  * REPLACE (CASE WHEN commitment IS NOT NULL AND saved IS NOT NULL THEN effective + saved ELSE effective END AS effective)
FROM allocation_raw
UNION ALL BY NAME
SELECT
  r.month,
  r.currency,
  CASE WHEN {to_buyer} THEN MAX(b.team) END AS team,
  CASE WHEN {to_buyer} THEN MAX(b.service) END AS service,
  CASE WHEN {to_buyer} THEN MAX(b.cost_centre) END AS cost_centre,
  r.commitment,
  'Saved' AS status,
  -SUM(r.saved) AS effective
FROM allocation_raw AS r
LEFT JOIN (
  SELECT
    CommitmentDiscountId AS id,
    MAX_BY(x_team, x_billing_period || COALESCE(x_team, '')) AS team,
    MAX_BY(x_service, x_billing_period || COALESCE(x_team, '')) AS service,
    MAX_BY(x_cost_centre, x_billing_period || COALESCE(x_team, '')) AS cost_centre
  FROM cost
  WHERE CommitmentDiscountId IS NOT NULL
    AND (ChargeCategory = 'Purchase' OR CommitmentDiscountStatus = 'Unused')
  GROUP BY CommitmentDiscountId
) AS b ON b.id = r.commitment
WHERE r.commitment IS NOT NULL AND r.saved IS NOT NULL
GROUP BY r.month, r.currency, r.commitment
