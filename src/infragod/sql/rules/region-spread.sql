-- id = "region-spread"
-- pack = "location"
-- title = "One plan makes things in few regions"
-- why = "A provider that lost its alias, or a region in a loop, leaves something on the bill at the other end of the world."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- actions = ["create"]
-- mend = "check the provider of {address_of_fewest}, or give each region a workspace of its own"
-- [parameters.most]
-- type = "integer"
-- default = 3
-- tighter = "less"
-- help = "regions that one plan may create something in"
--
-- # What has no region doesn't count; a region that only the apply tells can't make it fewer.
WITH counted AS (
  SELECT r.region, COUNT(*) AS resources, MIN(r.address) AS first_address
  FROM resource AS r
  WHERE r.action = 'create' AND NOT r.deposed AND r.region IS NOT NULL
  GROUP BY r.region
),
ranked AS (
  SELECT c.region, c.resources, c.first_address, ROW_NUMBER() OVER (ORDER BY c.resources, c.region) AS rank FROM counted AS c
)
SELECT 'plan' AS address, COUNT(*) > $most AS violation,
  'makes things in ' || count_text(COUNT(*)) || ' regions, more than ' || count_text($most) || ': '
    || STRING_AGG(COALESCE(k.region, ''), ', ' ORDER BY k.region) AS message,
  MAX(CASE WHEN k.rank = 1 THEN k.first_address ELSE '' END) AS address_of_fewest
FROM ranked AS k
