-- id = "cost-of-workspace"
-- pack = "cost"
-- title = "A workspace costs no more than workspaces of its kind may"
-- why = "Previews and sandboxes are cheap one by one; the one that is not is found on the bill of the month."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- needs = ["limits"]
-- mend = "make it smaller, or destroy what is no longer looked at"
-- [parameters.limits]
-- type = "limits"
-- tighter = "less"
-- help = 'what a workspace may cost a month by pattern of its name, for example {"preview-*" = 50, "sandbox-*" = 200}; of several the lowest counts'
--
-- # A change that makes it cheaper is let through whatever it still costs.
WITH asked AS (
  SELECT p.workspace, p.monthly_cost, p.monthly_cost_before, p.complete, p.currency, MIN(l.value) AS most
  FROM plan AS p JOIN p_limits AS l ON p.workspace LIKE l.pattern ESCAPE '!'
  GROUP BY p.workspace, p.monthly_cost, p.monthly_cost_before, p.complete, p.currency
)
SELECT 'plan' AS address,
  CASE WHEN a.monthly_cost <= a.monthly_cost_before AND a.complete THEN FALSE
    WHEN a.monthly_cost > a.most AND a.monthly_cost > a.monthly_cost_before THEN TRUE
    WHEN NOT a.complete AND a.monthly_cost * 2 > a.most THEN NULL
    ELSE FALSE END AS violation,
  CASE WHEN a.monthly_cost > a.most AND a.monthly_cost > a.monthly_cost_before
    THEN a.workspace || ' would cost ' || money_text(a.monthly_cost, a.currency) || ' a month, more than ' || money_text(a.most, a.currency)
    ELSE a.workspace || ' would cost at least ' || money_text(a.monthly_cost, a.currency)
      || ' a month; the rest is not known, so the limit of ' || money_text(a.most, a.currency) || ' can''t be judged' END AS message
FROM asked AS a
