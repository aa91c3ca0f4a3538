-- id = "allocated"
-- title = "Every cent with its owner: what is the owner's by itself, and its parts of pools"
-- why = "The sum of each month and currency is the bill's, on every basis; the FOCUS columns Allocated* say how it was split."
-- [parameters]
-- version = "the version of allocation.toml"

SELECT
  month,
  currency,
  team AS x_team,
  service AS x_service,
  cost_centre AS x_cost_centre,
  CASE WHEN place LIKE 'override:%' THEN 'override' WHEN place LIKE 'rule:%' THEN 'rule' ELSE 'direct' END AS x_how,
  NULL AS x_pool,
  NULL AS AllocatedMethodId,
  NULL AS AllocatedMethodDetails,
  NULL AS AllocatedResourceId,
  NULL AS AllocatedResourceName,
  NULL AS AllocatedTags,
  $version AS x_allocation,
  SUM(effective) AS EffectiveCost,
  SUM(billed) AS BilledCost,
  SUM(contracted) AS ContractedCost,
  SUM(list) AS ListCost
FROM allocation_place
WHERE place NOT LIKE 'pool:%'
GROUP BY ALL
UNION ALL
SELECT * FROM allocation_share
