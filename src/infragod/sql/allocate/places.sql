-- id = "places"
-- title = "Each cell with the one place it is in: an override or rule, a pool, its owner, or nobody's"
-- why = "The first that matches counts, so that no cell is in two places and none is in none."

WITH placed AS (
  SELECT c.*, {place} AS place
  FROM allocation_cell AS c
  LEFT JOIN (
    SELECT DISTINCT month, currency, commitment
    FROM allocation_cell
    WHERE status = 'Used' AND effective > 0
  ) AS u ON u.month = c.month AND u.currency IS NOT DISTINCT FROM c.currency AND u.commitment = c.commitment
)
SELECT
  p.* REPLACE (
    CASE WHEN t.place IS NULL THEN p.team ELSE t.team END AS team,
    CASE WHEN t.place IS NULL THEN p.service ELSE t.service END AS service,
    CASE WHEN t.place IS NULL THEN p.cost_centre ELSE t.cost_centre END AS cost_centre
  )
FROM placed AS p
LEFT JOIN allocation_target AS t ON t.place = p.place
