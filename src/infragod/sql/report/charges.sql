-- id = "charges"
-- title = "What one resource was charged for in a month"
-- money = ["cost"]
-- [parameters.month]
-- type = "month"
-- required = true
-- help = "the month"
-- [parameters.resource]
-- type = "text"
-- required = true
-- help = "the ResourceId as the bill has it"
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
  ChargeCategory,
  ChargeClass,
  PricingCategory,
  SkuId,
  ChargeDescription,
  PricingUnit,
  BillingCurrency AS currency,
  SUM(PricingQuantity) AS quantity,
  SUM({basis}) AS cost
FROM cost
WHERE x_billing_period = $month
  AND ResourceId = $resource
GROUP BY ChargeCategory, ChargeClass, PricingCategory, SkuId, ChargeDescription, PricingUnit, BillingCurrency
ORDER BY currency, cost DESC, ChargeCategory, SkuId, ChargeDescription, PricingUnit
LIMIT $limit OFFSET $offset
