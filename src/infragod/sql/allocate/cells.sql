-- id = "cells"
-- title = "The bill by owner and by every column that a match of allocation.toml reads: all that allocation needs of rows"
-- why = """
-- Ten million rows become some thousand cells here, once; pools are told apart among the cells alone. `saved` is what a
-- commitment saved on what it covered. Where no policy asks for commitments they are not told apart.
-- """
-- [parameters]
-- first = "first month, YYYY-MM, or NULL"
-- last = "last month, YYYY-MM, or NULL"
-- commitments = "whether each commitment has cells of its own"

SELECT
  x_billing_period AS month,
  BillingCurrency AS currency,
  {team} AS team,
  x_service AS service,
  x_cost_centre AS cost_centre,
  CASE WHEN $commitments AND CommitmentDiscountStatus IN ('Used', 'Unused') THEN CommitmentDiscountId END AS commitment,
  CASE WHEN $commitments THEN CommitmentDiscountStatus END AS status,
  {dimensions}
  SUM(EffectiveCost) AS effective,
  SUM(BilledCost) AS billed,
  SUM(ContractedCost) AS contracted,
  SUM(ListCost) AS list,
  SUM(CASE WHEN CommitmentDiscountStatus = 'Used' THEN ContractedCost - EffectiveCost END) AS saved
FROM cost
WHERE ($first IS NULL OR x_billing_period >= $first)
  AND ($last IS NULL OR x_billing_period <= $last)
GROUP BY ALL
