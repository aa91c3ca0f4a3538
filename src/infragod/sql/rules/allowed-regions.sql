-- id = "allowed-regions"
-- pack = "location"
-- title = "Resources are only in the regions that the company uses"
-- why = "A forgotten region is watched by nobody, has no commitments, and may break a law on data."
-- level = "mandatory"
-- at = ["plan", "estate"]
-- unknown = "warn"
-- needs = ["regions"]
-- mend = "move it to {allowed}"
-- [parameters.regions]
-- type = "patterns"
-- tighter = "subset"
-- help = 'allowed regions, for example ["us-east-1", "europe-*"]; while the list is empty every region is allowed'
--
-- # A resource without a region (IAM, DNS) is not judged. Deletes and no-ops are not judged.
WITH judged AS (
  SELECT r.address, r.region
  FROM resource AS r
  WHERE r.action IN ('create', 'update', 'replace') AND NOT r.deposed AND r.region_state <> 'absent'
    AND EXISTS (SELECT 1 AS one FROM p_regions)
),
allowed AS (
  SELECT DISTINCT j.address
  FROM judged AS j JOIN p_regions AS p ON j.region IS NOT NULL AND j.region LIKE p.pattern ESCAPE '!'
)
SELECT j.address,
  CASE WHEN j.region IS NULL THEN NULL ELSE a.address IS NULL END AS violation,
  CASE WHEN j.region IS NULL THEN 'its region is known only after apply' ELSE j.region || ' is not an allowed region' END
    AS message,
  (SELECT STRING_AGG(p.value, ' or ' ORDER BY p.value) FROM p_regions AS p) AS allowed
FROM judged AS j LEFT JOIN allowed AS a ON a.address = j.address
