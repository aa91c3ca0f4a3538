-- id = "forgotten-resources"
-- pack = "quota"
-- title = "Nothing leaves the state and stays on the bill"
-- why = "What no state knows has no owner, no rule and no end, and is billed like everything else."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- actions = ["forget"]
-- mend = "delete it, or import it where it belongs, and say who pays for it"
-- [parameters.free]
-- type = "boolean"
-- default = false
-- tighter = "true"
-- help = "name resources too that cost nothing"
WITH judged AS (
  SELECT r.address, c.monthly_cost_before AS cost, COALESCE(c.complete_before, FALSE) AS complete
  FROM resource AS r LEFT JOIN cost AS c ON c.address = r.address
  WHERE r.action = 'forget' AND NOT r.deposed
)
SELECT j.address,
  CASE WHEN $free OR COALESCE(j.cost, 0) > 0 THEN TRUE WHEN j.complete THEN FALSE ELSE NULL END AS violation,
  CASE WHEN COALESCE(j.cost, 0) > 0 THEN 'leaves the state, and goes on costing ' || money_text(j.cost, p.currency) || ' a month'
    WHEN j.complete THEN 'leaves the state, and stays where it is'
    ELSE 'leaves the state; what it costs is not known' END AS message
FROM judged AS j CROSS JOIN plan AS p
