-- title = "BillingCurrency written in capitals"
-- column = "BillingCurrency"
-- why = "FOCUS wants the ISO 4217 code; usd and USD are one currency"
upper(trim("BillingCurrency"))
