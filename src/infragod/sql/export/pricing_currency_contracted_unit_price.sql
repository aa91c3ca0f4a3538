-- title = "PricingCurrencyContractedUnitPrice filled from ContractedUnitPrice"
-- column = "PricingCurrencyContractedUnitPrice"
-- why = "the two are one figure where prices and bill are in one currency"
coalesce("PricingCurrencyContractedUnitPrice", CASE WHEN coalesce("PricingCurrency", "BillingCurrency") = "BillingCurrency" THEN "ContractedUnitPrice" END)
