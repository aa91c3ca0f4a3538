-- id = "modules"
-- title = "What each Terraform module cost; without keys of count and for_each"
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

WITH charge AS (
  SELECT
    x_billing_period AS month,
    x_terraform_workspace,
    REGEXP_REPLACE(x_terraform_module, '\[([0-9]+|"([^"\\]|\\.)*")\]', '', 'g') AS x_terraform_module,
    ResourceId,
    BillingCurrency AS currency,
    {basis} AS cost
  FROM cost
  WHERE ($first IS NULL OR x_billing_period >= $first)
    AND ($last IS NULL OR x_billing_period <= $last)
)
SELECT
  month,
  x_terraform_workspace, -- NULL: no state knows it; an empty module is the root module
  x_terraform_module,
  COUNT(DISTINCT ResourceId) AS resources,
  currency,
  SUM(cost) AS cost
FROM charge
GROUP BY month, x_terraform_workspace, x_terraform_module, currency
ORDER BY month, currency, cost DESC, x_terraform_workspace, x_terraform_module
