-- id = "unmanaged"
-- title = "What is in the bill of a month and in no Terraform state"
-- money = ["cost"]
-- [parameters.month]
-- type = "month"
-- required = true
-- help = "the month"
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
  x_team,
  SubAccountId,
  ServiceName,
  ResourceId, -- NULL: a charge for no resource, such as tax or support, which no state could know
  BillingCurrency AS currency,
  SUM({basis}) AS cost
FROM cost
WHERE x_billing_period = $month
  AND x_terraform_workspace IS NULL
GROUP BY x_team, SubAccountId, ServiceName, ResourceId, BillingCurrency
ORDER BY currency, cost DESC, ResourceId NULLS LAST, ServiceName, SubAccountId, x_team
LIMIT $limit OFFSET $offset
