-- id = "gated"
-- title = "What the gate had said of each new resource before it was first charged for"
-- why = """
-- A bill tells the hour or the day of a first charge, so what was said up to that period's end counts; older than
-- `days` before it, it was about another resource of that address. Of several things said the best counts.
-- """
-- [parameters]
-- days = "days before the first charge that a passage counts"

WITH heard AS (
  SELECT
    n.ResourceId,
    n.currency,
    MIN(CASE p.said WHEN 'grant' THEN 1 WHEN 'decision' THEN 2 WHEN 'break-glass' THEN 3 ELSE 4 END) AS best
  FROM new_spend AS n
  JOIN passage AS p
    ON p.workspace = n.x_terraform_workspace
    AND p.address = n.x_terraform_address
    AND p.at < n.first_charge_end
    AND p.at >= n.first_charge - TO_DAYS(CAST($days AS INTEGER))
  WHERE n.kind = 'new'
  GROUP BY n.ResourceId, n.currency
)
SELECT
  n.*,
  CASE
    WHEN n.kind <> 'new' THEN NULL
    WHEN h.best = 1 THEN 'grant'
    WHEN h.best = 2 THEN 'decision'
    WHEN h.best = 3 THEN 'break-glass'
    WHEN h.best = 4 THEN 'not let pass'
    WHEN n.x_terraform_workspace IS NOT NULL THEN 'never checked'
    ELSE 'in no state'
  END AS x_standing,
  COALESCE(h.best <= 3, FALSE) AS passed
FROM new_spend AS n
LEFT JOIN heard AS h ON h.ResourceId = n.ResourceId AND h.currency = n.currency
