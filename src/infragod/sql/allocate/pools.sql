-- id = "pools"
-- title = "What each pool holds of each month and currency before anything is given away"

SELECT
  month,
  currency,
  SUBSTR(place, 6) AS pool,
  SUM(effective) AS effective,
  SUM(billed) AS billed,
  SUM(contracted) AS contracted,
  SUM(list) AS list
FROM allocation_place
WHERE place LIKE 'pool:%'
GROUP BY month, currency, place
ORDER BY month, currency, pool
