-- title = "ChargePeriodEnd filled from the billing period"
-- column = "ChargePeriodEnd"
-- why = "taxes and purchases of some providers carry no charge period"
coalesce("ChargePeriodEnd", "BillingPeriodEnd", "BillingPeriodStart" + INTERVAL 1 MONTH)
