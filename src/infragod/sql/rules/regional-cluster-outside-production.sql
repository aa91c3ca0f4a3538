-- id = "regional-cluster-outside-production"
-- pack = "sizing"
-- title = "Clusters outside production stand in one zone"
-- why = "A regional cluster has every node three times, and its zones talk to each other by the gigabyte."
-- level = "advisory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- types = ["google_container_cluster"]
-- attributes = ["location", "enable_autopilot"]
-- needs = ["attribute"]
-- mend = "set location to one zone, such as {region}-b"
-- [parameters.production]
-- type = "list"
-- default = ["production", "prod", "live"]
-- tighter = "fewer"
-- help = "environments whose clusters may be regional"
--
-- # An Autopilot cluster is always regional, and is billed by what runs.
SELECT r.address, CASE WHEN a.value IS NULL THEN NULL ELSE SPLIT_PART(a.value, '-', 3) = '' END AS violation,
  CASE WHEN a.value IS NULL THEN 'is ' || o.environment || '; its location is known only after apply'
    ELSE 'is ' || o.environment || ' and stands in all zones of ' || a.value END AS message,
  COALESCE(a.value, 'the region') AS region
FROM resource AS r
JOIN attribute AS a ON a.address = r.address AND a.name = 'location'
JOIN owner AS o ON o.address = r.address
LEFT JOIN attribute AS u ON u.address = r.address AND u.name = 'enable_autopilot' AND u.value IS NOT NULL AND u.value = 'true'
LEFT JOIN p_production AS p ON o.environment IS NOT NULL AND p.value = o.environment
WHERE r.type = 'google_container_cluster' AND r.action IN ('create', 'update', 'replace') AND NOT r.deposed
  AND u.address IS NULL AND o.environment IS NOT NULL AND p.value IS NULL
