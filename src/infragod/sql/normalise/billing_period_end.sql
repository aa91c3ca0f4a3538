-- title = "BillingPeriodEnd filled from its start"
-- column = "BillingPeriodEnd"
-- why = "a billing period without an end is taken as the calendar month"
coalesce("BillingPeriodEnd", "BillingPeriodStart" + INTERVAL 1 MONTH)
