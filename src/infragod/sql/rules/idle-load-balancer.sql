-- id = "idle-load-balancer"
-- pack = "cost"
-- title = "A load balancer listens, and has somebody to send to"
-- why = "It is billed by the hour from the moment it stands, with traffic or without."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- types = ["aws_lb", "aws_alb"]
-- actions = ["create"]
-- attributes = ["load_balancer_arn"]
-- mend = "add an aws_lb_listener for it to the same change, or leave it out"
--
-- # A listener that is given the balancer as text, known only after the apply, may be the one that is missed.
WITH balancers AS (
  SELECT r.address FROM resource AS r
  WHERE r.action = 'create' AND NOT r.deposed AND r.type IN ('aws_lb', 'aws_alb')
),
listeners AS (
  SELECT r.address, f.target
  FROM resource AS r LEFT JOIN reference AS f ON f.address = r.address AND f.attribute = 'load_balancer_arn'
  WHERE r.type IN ('aws_lb_listener', 'aws_alb_listener') AND r.action NOT IN ('delete', 'forget') AND NOT r.deposed
),
open_ones AS (
  SELECT COUNT(*) AS listeners
  FROM listeners AS l JOIN attribute AS a ON a.address = l.address AND a.name = 'load_balancer_arn' AND a.value IS NULL
  WHERE l.target IS NULL
)
SELECT b.address,
  CASE WHEN l.target IS NOT NULL THEN FALSE WHEN o.listeners > 0 THEN NULL ELSE TRUE END AS violation,
  CASE WHEN o.listeners > 0 THEN 'which balancer a listener of this plan is for is known only after apply'
    ELSE 'has no listener in this plan' END AS message
FROM balancers AS b CROSS JOIN open_ones AS o
LEFT JOIN (SELECT DISTINCT l.target FROM listeners AS l) AS l ON l.target = b.address
