-- title = "ServiceName filled from the publisher's name"
-- column = "ServiceName"
-- why = "marketplace charges may name no service"
coalesce("ServiceName", "x_PublisherName", "ServiceProviderName", "x_ProviderName")
