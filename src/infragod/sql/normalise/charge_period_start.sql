-- title = "ChargePeriodStart filled from the billing period"
-- column = "ChargePeriodStart"
-- why = "taxes and purchases of some providers carry no charge period"
coalesce("ChargePeriodStart", "BillingPeriodStart")
