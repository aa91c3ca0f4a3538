-- id = "coverage"
-- title = "What of a month's new spend passed the gate"
-- money = ["cost", "passed", "rest"]
-- tables = ["gated"]
-- [parameters.month]
-- type = "month"
-- required = true
-- help = "the month"
-- [parameters.basis]
-- type = "basis"
-- default = "effective"
-- help = "which cost: effective, billed, contracted or list"

WITH line AS (
  SELECT
    CASE
      WHEN kind = 'new' THEN 'new, ' || x_standing
      WHEN kind = 'known' THEN 'known, as in the month before'
      ELSE kind
    END AS line,
    CASE
      WHEN kind = 'new' AND passed THEN 1
      WHEN kind = 'new' THEN 2
      WHEN kind = 'known' THEN 3
      WHEN kind = 'not told' THEN 5
      WHEN kind = 'no resource' THEN 6
      ELSE 7
    END AS place,
    ResourceId,
    currency,
    CASE WHEN kind = 'known' AND cost > COALESCE(before, 0) THEN COALESCE(before, 0) ELSE cost END AS cost,
    CASE WHEN kind = 'new' AND passed THEN cost END AS passed,
    CASE WHEN kind = 'new' AND NOT passed THEN cost END AS rest
  FROM gated
  UNION ALL
  SELECT
    'known, growth',
    4,
    CASE WHEN cost > COALESCE(before, 0) THEN ResourceId END,
    currency,
    CASE WHEN cost > COALESCE(before, 0) THEN cost - COALESCE(before, 0) WHEN cost IS NOT NULL THEN 0 END,
    NULL,
    NULL
  FROM gated
  WHERE kind = 'known'
)
SELECT
  $month AS month,
  line,
  COUNT(DISTINCT ResourceId) AS resources,
  currency,
  SUM(cost) AS cost,
  SUM(passed) AS passed,
  SUM(rest) AS rest
FROM line
GROUP BY line, place, currency
ORDER BY currency, place, SUM(cost) DESC, line
