-- id = "repositories"
-- title = "What each repository's infrastructure cost"
-- money = ["cost"]
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
  x_terraform_repository,
  COUNT(DISTINCT x_terraform_workspace) AS workspaces,
  COUNT(DISTINCT ResourceId) AS resources,
  BillingCurrency AS currency,
  SUM({basis}) AS cost
FROM cost
WHERE ($first IS NULL OR x_billing_period >= $first)
  AND ($last IS NULL OR x_billing_period <= $last)
GROUP BY x_billing_period, x_terraform_repository, BillingCurrency
ORDER BY month, currency, cost DESC, x_terraform_repository
