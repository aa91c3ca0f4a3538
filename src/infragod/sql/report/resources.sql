-- id = "resources"
-- title = "What each resource of one service cost in a month"
-- money = ["cost"]
-- [parameters.month]
-- type = "month"
-- required = true
-- help = "the month"
-- [parameters.team]
-- type = "text"
-- help = "the owner; without it, what nobody owns"
-- [parameters.service]
-- type = "text"
-- help = "the service; without it, what belongs to no service"
-- [parameters.basis]
-- type = "basis"
-- default = "effective"
-- help = "which cost: effective, billed, contracted or list"
-- [parameters.limit]
-- type = "count"
-- default = 1000
-- help = "most rows to give"
-- [parameters.offset]
-- type = "count"
-- default = 0
-- help = "rows to leave out first"

SELECT
  ResourceId,
  MAX(ResourceName) AS ResourceName,
  MAX(ResourceType) AS ResourceType,
  ServiceName,
  MAX(SubAccountId) AS SubAccountId,
  RegionId,
  MAX(x_terraform_address) AS x_terraform_address,
  MAX(x_owner_by) AS x_owner_by,
  BillingCurrency AS currency,
  SUM({basis}) AS cost
FROM cost
WHERE x_billing_period = $month
  AND x_team IS NOT DISTINCT FROM $team
  AND x_service IS NOT DISTINCT FROM $service
GROUP BY ResourceId, ServiceName, RegionId, BillingCurrency
ORDER BY currency, cost DESC, ResourceId NULLS LAST, ServiceName, RegionId
LIMIT $limit OFFSET $offset
