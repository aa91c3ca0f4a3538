-- id = "moved"
-- title = "What each team bears by one allocation and by another, month by month; what both leave alone is left out"

SELECT
  month,
  currency,
  x_team AS team,
  SUM(CASE WHEN side = 'before' THEN cost ELSE 0 END) AS before,
  SUM(CASE WHEN side = 'after' THEN cost ELSE 0 END) AS after
FROM (
  SELECT 'before' AS side, month, currency, x_team, {basis} AS cost
  FROM allocated_before
  UNION ALL
  SELECT 'after' AS side, month, currency, x_team, {basis} AS cost
  FROM allocated
) AS sides
WHERE cost IS NOT NULL
GROUP BY month, currency, x_team
HAVING SUM(CASE WHEN side = 'before' THEN -cost ELSE cost END) <> 0
ORDER BY month, currency, ABS(SUM(CASE WHEN side = 'before' THEN -cost ELSE cost END)) DESC, x_team
