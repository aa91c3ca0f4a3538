-- id = "budget-of-owner"
-- pack = "budget"
-- title = "The month's budget of each owner holds with this change"
-- why = "A budget that is looked at after the month is a report; asked before the apply it is a budget."
-- level = "approval"
-- at = ["plan"]
-- unknown = "warn"
-- needs = ["budget or budget_required"]
-- mend = "make the change smaller, free some of the budget, or ask a lead of {team} for an approval"
-- [parameters.percent]
-- type = "decimal"
-- default = 100
-- tighter = "less"
-- help = "how much of its budget a team may have forecast, with what others hold and with this change, in per cent"
-- [parameters.budget_required]
-- type = "boolean"
-- default = false
-- tighter = "true"
-- help = "a team that adds cost must have a budget"
--
-- # The change counts from today to the month's end. Only a change that adds cost is judged: saving is always right.
WITH calendar AS (
  SELECT p.currency, p.month,
    DATE_DIFF('day', CAST(p.month || '-01' AS DATE), CAST(CAST(p.month || '-01' AS DATE) + INTERVAL '1' MONTH AS DATE)) AS days,
    DATE_DIFF('day', p.today, CAST(CAST(p.month || '-01' AS DATE) + INTERVAL '1' MONTH AS DATE)) AS days_left
  FROM plan AS p
),
changed AS (
  SELECT COALESCE(o.team, '') AS team, COALESCE(c.monthly_cost, 0) - COALESCE(c.monthly_cost_before, 0) AS delta,
    c.address IS NULL OR NOT c.complete OR NOT c.complete_before AS unknown
  FROM resource AS r
  LEFT JOIN cost AS c ON c.address = r.address
  LEFT JOIN owner AS o ON o.address = r.address
  WHERE r.action IN ('create', 'update', 'replace', 'delete') AND NOT r.deposed
),
teams AS (
  SELECT c.team, SUM(c.delta) AS delta, COUNT(*) FILTER (WHERE c.unknown) AS unknowns, COUNT(*) AS resources
  FROM changed AS c GROUP BY c.team
),
figures AS (
  SELECT t.team, t.delta, t.unknowns, b.team IS NOT NULL AS budgeted, b.amount, k.currency, k.month, k.days,
    b.forecast + COALESCE(b.held, 0) AS without,
    b.forecast + COALESCE(b.held, 0) + t.delta * ratio(k.days_left, k.days) AS with_change,
    (b.forecast + COALESCE(b.held, 0)) * k.days + t.delta * k.days_left AS scaled
  FROM teams AS t CROSS JOIN calendar AS k LEFT JOIN budget AS b ON b.team = t.team
  WHERE t.team <> '' AND (t.delta > 0 OR t.unknowns > 0)
),
judged AS (
  SELECT f.team, f.delta, f.unknowns, f.budgeted, f.amount, f.currency, f.month, f.with_change,
    CASE
      WHEN NOT f.budgeted THEN CASE WHEN NOT $budget_required THEN FALSE WHEN f.delta > 0 THEN TRUE ELSE NULL END
      WHEN f.scaled IS NULL THEN NULL
      WHEN f.scaled * 100 > f.amount * f.days * $percent AND f.delta > 0 THEN TRUE
      WHEN f.unknowns > 0 THEN NULL
      ELSE FALSE END AS violation
  FROM figures AS f
)
SELECT 'team.' || j.team AS address, j.violation,
  CASE
    WHEN NOT j.budgeted THEN 'adds cost, and ' || j.team || ' has no budget for ' || j.month
    WHEN j.with_change IS NULL
      THEN 'no forecast of ' || j.month || ' is there for ' || j.team || ', so its budget of '
        || money_text(j.amount, j.currency) || ' can''t be judged'
    WHEN j.violation IS TRUE
      THEN 'the budget of ' || j.team || ' is passed by ' || money_text(j.with_change - j.amount * $percent * 0.01, j.currency)
        || ' in ' || j.month || ': ' || money_text(j.with_change, j.currency) || ' of ' || money_text(j.amount, j.currency)
    ELSE 'the cost of ' || count_text(j.unknowns) || ' resources of ' || j.team
        || ' is not known, so its budget can''t be judged' END AS message,
  j.team
FROM judged AS j
UNION ALL
SELECT 'plan' AS address, NULL AS violation,
  count_text(t.resources) || ' resources have no known owner, so no budget was asked for their '
    || money_text(t.delta, k.currency) || ' a month' AS message,
  'the owning team' AS team
FROM teams AS t CROSS JOIN calendar AS k
WHERE t.team = '' AND (t.delta > 0 OR t.unknowns > 0) AND EXISTS (SELECT 1 AS one FROM budget)
