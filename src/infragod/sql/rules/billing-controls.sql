-- id = "billing-controls"
-- pack = "security"
-- title = "What watches the money is not switched off in passing"
-- why = "Whoever hides a cost first removes the budget alarm, the anomaly monitor or the export of the bill."
-- level = "approval"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["$types"]
-- actions = ["update", "replace", "delete", "forget"]
-- mend = "keep it, or have its end approved by whoever answers for the bill"
-- [parameters.types]
-- type = "patterns"
-- default = ["aws_budgets_*", "aws_ce_*", "aws_cur_report_definition", "aws_bcmdataexports_export", "aws_costoptimizationhub_*", "google_billing_budget", "google_billing_account_*", "google_billing_project_info", "azurerm_consumption_budget_*", "azurerm_cost_management_*", "azurerm_cost_anomaly_alert"]
-- tighter = "superset"
-- help = "types of resources that watch or report cost; * and ? stand for anything"
-- [parameters.changes]
-- type = "boolean"
-- default = false
-- tighter = "true"
-- help = "changing one asks for an approval too, not only its end"
--
-- # Terraform decides before the apply what it deletes, so nothing here can be unknown.
SELECT r.address, r.action IN ('delete', 'forget') OR (r.action IN ('update', 'replace') AND $changes) AS violation,
  CASE r.action WHEN 'delete' THEN 'is deleted' WHEN 'forget' THEN 'leaves the state' ELSE 'is changed' END
    || ': it watches or reports cost' AS message
FROM resource AS r
WHERE NOT r.deposed AND r.action IN ('update', 'replace', 'delete', 'forget')
  AND EXISTS (SELECT 1 AS one FROM p_types AS p WHERE r.type LIKE p.pattern ESCAPE '!')
