-- title = "PricingCurrencyEffectiveCost filled from EffectiveCost"
-- column = "PricingCurrencyEffectiveCost"
-- why = "the two are one figure where prices and bill are in one currency"
coalesce("PricingCurrencyEffectiveCost", CASE WHEN coalesce("PricingCurrency", "BillingCurrency") = "BillingCurrency" THEN "EffectiveCost" END)
