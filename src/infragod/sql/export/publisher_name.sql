-- title = "PublisherName filled from the provider's name"
-- column = "x_PublisherName"
-- why = "FOCUS 1.2 wants it filled, and later versions have it no more; what no one else sells, the provider publishes"
coalesce("x_PublisherName", "ServiceProviderName", "x_ProviderName")
