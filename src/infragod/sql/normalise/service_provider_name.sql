-- title = "ServiceProviderName filled from ProviderName"
-- column = "ServiceProviderName"
-- why = "FOCUS 1.3 renamed ProviderName; 1.0 to 1.2 have the old name"
coalesce("ServiceProviderName", "x_ProviderName", "x_PublisherName")
