-- title = "ProviderName filled from ServiceProviderName"
-- column = "x_ProviderName"
-- why = "FOCUS 1.3 renamed ProviderName; a bill of 1.3 or later has the new name alone"
coalesce("x_ProviderName", "ServiceProviderName")
