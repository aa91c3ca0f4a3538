-- id = "used"
-- title = "Who used each commitment: what its unused part is given away by, where users pay for it"

SELECT
  month,
  currency,
  CASE WHEN place LIKE 'pool:%' THEN place END AS pool,
  CASE WHEN place LIKE 'pool:%' THEN NULL ELSE team END AS team,
  CASE WHEN place LIKE 'pool:%' THEN NULL ELSE service END AS service,
  commitment,
  SUM(effective) AS cost
FROM allocation_place
WHERE status = 'Used' AND commitment IS NOT NULL AND effective > 0
GROUP BY ALL
ORDER BY month, currency, commitment, pool, team, service
