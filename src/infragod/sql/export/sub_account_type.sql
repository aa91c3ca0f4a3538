-- title = "SubAccountType filled by what the provider calls its sub accounts"
-- column = "SubAccountType"
-- why = "FOCUS 1.2 brought the column and demands it beside a SubAccountId; bills of 1.0 and 1.1 lack it"
coalesce("SubAccountType", CASE WHEN "SubAccountId" IS NULL THEN NULL WHEN "ServiceProviderName" IN ('AWS', 'Amazon Web Services') THEN 'Linked Account' WHEN "ServiceProviderName" IN ('Google Cloud', 'GCP') THEN 'Project' WHEN "ServiceProviderName" IN ('Azure', 'Microsoft') THEN 'Subscription' ELSE 'Sub Account' END)
