-- id = "allowed-instance-types"
-- title = "T"
-- why = "W"
-- level = "mandatory"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "use one of {allowed}"
-- [parameters.types]
-- type = "patterns"
-- tighter = "subset"
-- help = "h"
WITH judged AS (
  SELECT a.address, a.value, a.state FROM attribute AS a JOIN resource AS r ON r.address = a.address
  WHERE a.name = 'instance_type' AND r.action IN ('create', 'update', 'replace')
    AND EXISTS (SELECT 1 FROM p_types)
),
allowed AS (
  SELECT DISTINCT j.address FROM judged AS j JOIN p_types AS p ON j.value IS NOT NULL AND j.value LIKE p.pattern ESCAPE '!'
)
SELECT j.address,
  CASE WHEN j.value IS NULL THEN NULL ELSE a.address IS NULL END AS violation,
  CASE WHEN j.value IS NULL THEN 'unknown' ELSE j.value || ' not allowed ' || money_text(1.5, 'USD') END AS message,
  (SELECT STRING_AGG(value, ', ' ORDER BY value) FROM p_types) AS allowed
FROM judged AS j LEFT JOIN allowed AS a ON a.address = j.address
