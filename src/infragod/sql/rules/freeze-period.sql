-- id = "freeze-period"
-- pack = "freeze"
-- title = "Nothing changes while the company has said that nothing changes"
-- why = "A change before a weekend or in the high season costs more than it can bring."
-- level = "approval"
-- at = ["plan"]
-- unknown = "approve"
-- needs = ["periods or weekdays"]
-- mend = "wait until {until}, or ask for an approval"
-- [parameters.periods]
-- type = "table"
-- help = 'FROM/TO (both days included, UTC) and the environments that are frozen, * for all: {"2026-12-18/2027-01-04" = ["production"]}'
-- [parameters.weekdays]
-- type = "table"
-- help = 'days of every week and the environments that are frozen on them: {friday = ["production"], sunday = ["*"]}'
--
-- # One row for each environment that the plan changes. A resource whose environment is not known can't be said to be
-- # outside the freeze.
WITH days AS (
  SELECT v.number, v.name
  FROM (VALUES (0, 'monday'), (1, 'tuesday'), (2, 'wednesday'), (3, 'thursday'), (4, 'friday'), (5, 'saturday'),
    (6, 'sunday')) AS v(number, name)
),
now AS (
  SELECT DATE_DIFF('day', DATE '2024-01-01', p.today) AS passed, p.today FROM plan AS p
),
weekday AS (
  SELECT d.name FROM now AS n JOIN days AS d ON d.number = n.passed - 7 * FLOOR(ratio(n.passed, 7))
),
periods AS (
  SELECT p.key, p.value AS environment, TRY_CAST(SPLIT_PART(p.key, '/', 1) AS DATE) AS begins,
    TRY_CAST(SPLIT_PART(p.key, '/', 2) AS DATE) AS ends
  FROM p_periods AS p
),
frozen AS (
  SELECT p.environment, 'from ' || SPLIT_PART(p.key, '/', 1) || ' to ' || SPLIT_PART(p.key, '/', 2) AS said,
    'after ' || SPLIT_PART(p.key, '/', 2) AS until
  FROM periods AS p CROSS JOIN now AS n
  WHERE p.begins IS NOT NULL AND p.ends IS NOT NULL AND n.today BETWEEN p.begins AND p.ends
  UNION ALL
  SELECT w.value AS environment, 'on ' || LOWER(w.key) AS said, 'another day' AS until
  FROM p_weekdays AS w JOIN weekday AS d ON d.name = LOWER(w.key)
),
changed AS (
  SELECT COALESCE(o.environment, '') AS environment, COUNT(*) AS resources
  FROM resource AS r LEFT JOIN owner AS o ON o.address = r.address
  WHERE r.action NOT IN ('no-op', 'read') AND NOT r.deposed
  GROUP BY COALESCE(o.environment, '')
),
judged AS (
  SELECT c.environment, c.resources, MIN(f.said) AS said, MIN(f.until) AS until,
    MAX(CASE WHEN f.environment = '*' OR f.environment = c.environment THEN 1 ELSE 0 END) AS hit
  FROM changed AS c JOIN frozen AS f ON f.environment = '*' OR f.environment = c.environment OR c.environment = ''
  GROUP BY c.environment, c.resources
)
SELECT 'plan' AS address, CASE WHEN j.hit = 1 THEN TRUE ELSE NULL END AS violation,
  CASE WHEN j.hit = 1
    THEN CASE WHEN j.environment = '' THEN 'everything' ELSE j.environment END || ' is frozen ' || j.said || '; this changes '
      || count_text(j.resources) || ' resources of it'
    ELSE 'there is a freeze ' || j.said || ', and the environment of ' || count_text(j.resources) || ' resources is not known' END
    AS message,
  j.until
FROM judged AS j
UNION ALL
SELECT 'plan' AS address, NULL AS violation, '"' || p.key || '" is no period: write FROM/TO as YYYY-MM-DD/YYYY-MM-DD' AS message,
  'the period is corrected' AS until
FROM periods AS p
WHERE p.begins IS NULL OR p.ends IS NULL
UNION ALL
SELECT 'plan' AS address, NULL AS violation, '"' || w.key || '" is no day of the week' AS message, 'the day is corrected' AS until
FROM p_weekdays AS w
WHERE NOT EXISTS (SELECT 1 AS one FROM days AS d WHERE d.name = LOWER(w.key))
