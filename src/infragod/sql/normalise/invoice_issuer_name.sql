-- title = "InvoiceIssuerName filled from the provider's name"
-- column = "InvoiceIssuerName"
-- why = "AWS leaves it empty for some charges"
coalesce("InvoiceIssuerName", "ServiceProviderName", "x_ProviderName", "x_PublisherName")
