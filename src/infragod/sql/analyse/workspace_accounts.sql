-- id = "workspace-accounts"
-- title = "The accounts that the resources of each Terraform workspace are billed to"
-- why = "A plan does not say which account it is applied to; the bill says where its workspace's resources are."
-- [parameters]
-- month = "the month, YYYY-MM"

SELECT DISTINCT x_terraform_workspace AS workspace, ServiceProviderName AS provider, SubAccountId AS account
FROM cost
WHERE x_billing_period = $month
  AND x_terraform_workspace IS NOT NULL
  AND SubAccountId IS NOT NULL
ORDER BY workspace, provider, account
