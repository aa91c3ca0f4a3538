-- id = "ungated"
-- title = "New spend that did not pass the gate"
-- money = ["cost"]
-- tables = ["gated"]
-- [parameters.month]
-- type = "month"
-- required = true
-- help = "the month"
-- [parameters.by]
-- type = "columns"
-- among = ["x_team", "x_owner_by", "SubAccountId", "SubAccountName", "RegionId", "ServiceName", "ResourceType", "ResourceId", "ResourceName", "x_creator", "x_standing", "x_terraform_workspace", "x_terraform_address", "x_terraform_repository"]
-- default = ["x_team", "SubAccountId", "x_creator"]
-- help = "columns to group by: owner, account, creator and more; x_standing says why it did not pass"
-- [parameters.basis]
-- type = "basis"
-- default = "effective"
-- help = "which cost: effective, billed, contracted or list"
-- [parameters.currency]
-- type = "text"
-- help = "only this currency"
-- [parameters.limit]
-- type = "count"
-- default = 1000
-- help = "most rows to give"
-- [parameters.offset]
-- type = "count"
-- default = 0
-- help = "rows to leave out first"

SELECT
  {by},
  COUNT(DISTINCT ResourceId) AS resources,
  currency,
  SUM(cost) AS cost
FROM gated
WHERE kind = 'new'
  AND NOT passed
  AND $month IS NOT NULL
  AND ($currency IS NULL OR currency = $currency)
GROUP BY {by}, currency
ORDER BY currency, cost DESC, {by}
LIMIT $limit OFFSET $offset
