-- title = "PricingCurrencyListUnitPrice filled from ListUnitPrice"
-- column = "PricingCurrencyListUnitPrice"
-- why = "the two are one figure where prices and bill are in one currency"
coalesce("PricingCurrencyListUnitPrice", CASE WHEN coalesce("PricingCurrency", "BillingCurrency") = "BillingCurrency" THEN "ListUnitPrice" END)
