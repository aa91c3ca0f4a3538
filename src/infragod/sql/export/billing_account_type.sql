-- title = "BillingAccountType filled with Billing Account"
-- column = "BillingAccountType"
-- why = "FOCUS 1.2 brought the column and forbids it to be empty; bills of 1.0 and 1.1 lack it"
coalesce("BillingAccountType", 'Billing Account')
