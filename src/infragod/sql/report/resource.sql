-- id = "resource"
-- title = "What one resource cost, month by month, and what is known of it"
-- money = ["cost"]
-- [parameters.resource]
-- type = "text"
-- required = true
-- help = "the ResourceId as the bill has it"
-- [parameters.first]
-- type = "month"
-- help = "first month; without it the oldest there is"
-- [parameters.last]
-- type = "month"
-- help = "last month; without it the newest there is"
-- [parameters.basis]
-- type = "basis"
-- default = "effective"
-- help = "which cost: effective, billed, contracted or list"

SELECT
  x_billing_period AS month,
  BillingCurrency AS currency,
  MAX(ResourceName) AS ResourceName,
  MAX(ResourceType) AS ResourceType,
  MAX(ServiceName) AS ServiceName,
  MAX(ServiceProviderName) AS ServiceProviderName,
  MAX(RegionId) AS RegionId,
  MAX(SubAccountId) AS SubAccountId,
  MAX(SubAccountName) AS SubAccountName,
  MAX(x_team) AS x_team,
  MAX(x_service) AS x_service,
  MAX(x_environment) AS x_environment,
  MAX(x_owner_by) AS x_owner_by,
  MAX(x_terraform_address) AS x_terraform_address,
  SUM({basis}) AS cost
FROM cost
WHERE ResourceId = $resource
  AND ($first IS NULL OR x_billing_period >= $first)
  AND ($last IS NULL OR x_billing_period <= $last)
GROUP BY x_billing_period, BillingCurrency
ORDER BY month, currency
