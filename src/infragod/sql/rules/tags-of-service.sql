-- id = "tags-of-service"
-- pack = "tagging"
-- title = "The team that pays for a resource is the one that runs its service"
-- why = "A tag copied from another project charges the wrong team, and nobody notices for months."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- needs = ["service"]
-- mend = "{todo}"
-- [parameters.known]
-- type = "boolean"
-- default = true
-- tighter = "true"
-- help = "a service must be one that org import brought"
--
-- # Nothing is judged where no service was imported, nor a resource that names none: that is for mandatory-tags.
WITH judged AS (
  SELECT r.address, o.service, o.team, r.tags_known AS complete, s.service AS found, s.team AS runs
  FROM resource AS r
  JOIN owner AS o ON o.address = r.address
  LEFT JOIN service AS s ON o.service IS NOT NULL AND s.service = o.service
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND o.service IS NOT NULL
    AND EXISTS (SELECT 1 AS one FROM service)
),
hidden AS (
  SELECT DISTINCT t.address FROM tag AS t WHERE t.value IS NULL AND LOWER(t.key) = 'team'
),
stated AS (
  SELECT j.address, j.service, j.team, j.runs,
    CASE
      WHEN j.found IS NULL THEN CASE WHEN $known THEN 'nobody' ELSE 'good' END
      WHEN j.runs IS NULL THEN 'good'
      WHEN j.team IS NULL THEN CASE WHEN h.address IS NOT NULL OR NOT j.complete THEN 'unknown' ELSE 'good' END
      WHEN j.team <> j.runs THEN 'other'
      ELSE 'good' END AS state
  FROM judged AS j LEFT JOIN hidden AS h ON h.address = j.address
)
SELECT s.address, CASE s.state WHEN 'good' THEN FALSE WHEN 'unknown' THEN NULL ELSE TRUE END AS violation,
  CASE s.state
    WHEN 'nobody' THEN 'names the service ' || s.service || ', which nobody has imported'
    WHEN 'unknown' THEN 'its team is known only after apply; ' || s.service || ' is run by ' || s.runs
    ELSE 'is paid for by ' || s.team || ', but ' || s.service || ' is run by ' || s.runs END AS message,
  CASE s.state
    WHEN 'nobody' THEN 'correct the service, or bring it in by infragod org import'
    ELSE 'set team = "' || COALESCE(s.runs, '') || '", or correct the service' END AS todo
FROM stated AS s
