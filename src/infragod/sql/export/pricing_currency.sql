-- title = "PricingCurrency filled from BillingCurrency"
-- column = "PricingCurrency"
-- why = "FOCUS 1.2 brought the column and forbids it to be empty; where a bill has none, prices are in its own currency"
coalesce("PricingCurrency", "BillingCurrency")
