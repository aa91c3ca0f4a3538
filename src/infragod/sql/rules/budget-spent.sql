-- id = "budget-spent"
-- pack = "budget"
-- title = "A team whose budget is spent adds no cost"
-- why = "Past the budget every further dollar is somebody else's; the month's end is the time to begin anew."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- needs = ["budget"]
-- mend = "free some of what {team} runs, wait for the next month, or ask for a larger budget"
-- [parameters.percent]
-- type = "decimal"
-- default = 100
-- tighter = "less"
-- help = "how much of its budget a team may have spent, by the bills, before it adds more, in per cent"
--
-- # By what is billed, without any forecast: budget-of-owner asks what will be.
WITH changed AS (
  SELECT COALESCE(o.team, '') AS team, SUM(COALESCE(c.monthly_cost, 0) - COALESCE(c.monthly_cost_before, 0)) AS delta
  FROM resource AS r
  JOIN owner AS o ON o.address = r.address
  JOIN cost AS c ON c.address = r.address
  WHERE r.action IN ('create', 'update', 'replace', 'delete') AND NOT r.deposed
  GROUP BY COALESCE(o.team, '')
)
SELECT 'team.' || b.team AS address,
  CASE WHEN b.spent IS NULL THEN NULL ELSE b.spent * 100 > b.amount * $percent END AS violation,
  CASE WHEN b.spent IS NULL THEN 'what ' || b.team || ' has spent in ' || b.month || ' is not known: no bill of it is loaded'
    ELSE b.team || ' has spent ' || money_text(b.spent, p.currency) || ' of its ' || money_text(b.amount, p.currency)
      || ' for ' || b.month || ', and this adds ' || money_text(c.delta, p.currency) || ' a month' END AS message,
  b.team
FROM budget AS b JOIN changed AS c ON c.team = b.team CROSS JOIN plan AS p
WHERE c.delta > 0
