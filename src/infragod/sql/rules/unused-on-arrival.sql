-- id = "unused-on-arrival"
-- pack = "cost"
-- title = "What is made is used by something"
-- why = "An address or a disk that nothing holds is billed from its first hour, and nobody misses it."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_eip", "aws_ebs_volume", "google_compute_address", "google_compute_global_address", "google_compute_disk"]
-- actions = ["create"]
-- attributes = ["address_type", "purpose"]
-- mend = "give it to what shall use it in the same change, or leave it out"
--
-- # Used is what another resource of the plan names, or what itself names a machine or an interface.
WITH made AS (
  SELECT r.address, r.type
  FROM resource AS r
  WHERE r.action = 'create' AND NOT r.deposed
    AND r.type IN ('aws_eip', 'aws_ebs_volume', 'google_compute_address', 'google_compute_global_address', 'google_compute_disk')
    AND NOT EXISTS (
      SELECT 1 AS one FROM attribute AS a
      WHERE a.address = r.address AND (a.name = 'purpose' OR a.name = 'address_type' AND (a.value IS NULL OR a.value = 'INTERNAL')))
),
held AS (
  SELECT f.target AS address
  FROM reference AS f JOIN resource AS u ON u.address = f.address AND u.action NOT IN ('delete', 'forget') AND NOT u.deposed
  UNION
  SELECT f.address FROM reference AS f WHERE f.attribute IN ('instance', 'network_interface')
)
SELECT m.address, h.address IS NULL AS violation, 'is used by nothing in this plan' AS message
FROM made AS m LEFT JOIN held AS h ON h.address = m.address
