-- id = "default-tags"
-- pack = "tagging"
-- title = "The provider gives every resource its common tags"
-- why = "Tags written block by block are forgotten in the next block; default_tags are written once and reach all."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_*", "google_*"]
-- actions = ["create"]
-- mend = "write the tags that all resources share into {place} of the provider"
-- [parameters.least]
-- type = "integer"
-- default = 5
-- tighter = "less"
-- help = "resources of one provider that a plan must create before it is judged"
--
-- # What the provider gives stands on every resource that can be tagged. So where no key is on all of them, it gives none.
-- # A resource whose tags only the apply tells proves nothing, and is not counted.
WITH judged AS (
  SELECT r.address, CASE r.provider WHEN 'google-beta' THEN 'google' ELSE r.provider END AS provider
  FROM resource AS r
  WHERE r.action = 'create' AND NOT r.deposed AND r.tags_known AND COALESCE(r.taggable, FALSE)
    AND r.provider IN ('aws', 'google', 'google-beta')
),
counted AS (
  SELECT j.provider, COUNT(*) AS resources FROM judged AS j GROUP BY j.provider
),
keyed AS (
  SELECT j.provider, t.key, COUNT(*) AS resources
  FROM judged AS j JOIN tag AS t ON t.address = j.address
  GROUP BY j.provider, t.key
),
widest AS (
  SELECT k.provider, MAX(k.resources) AS resources FROM keyed AS k GROUP BY k.provider
)
SELECT 'plan' AS address, COALESCE(w.resources, 0) < c.resources AS violation,
  'no tag is on all of the ' || count_text(c.resources) || ' new resources of ' || c.provider
    || CASE WHEN w.resources IS NULL THEN '' ELSE '; the commonest is on ' || count_text(w.resources) END AS message,
  CASE c.provider WHEN 'aws' THEN 'default_tags' ELSE 'default_labels' END AS place
FROM counted AS c LEFT JOIN widest AS w ON w.provider = c.provider
WHERE c.resources >= $least
