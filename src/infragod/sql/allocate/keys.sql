-- id = "keys"
-- title = "The effective cost of each owner and pool by month and currency, which proportional goes by"

SELECT
  month,
  currency,
  CASE WHEN place LIKE 'pool:%' THEN place END AS pool,
  CASE WHEN place LIKE 'pool:%' THEN NULL ELSE team END AS team,
  CASE WHEN place LIKE 'pool:%' THEN NULL ELSE service END AS service,
  SUM(effective) AS cost
FROM allocation_place
WHERE {of}
GROUP BY ALL
ORDER BY month, currency, pool, team, service
