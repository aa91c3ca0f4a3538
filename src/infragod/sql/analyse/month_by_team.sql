-- id = "month-by-team"
-- title = "What a forecast of one month is made of, by team and source"
-- why = """
-- Daily charges are told apart from recurring fees and from what happens once, since only the first go on day by day;
-- the newest days are left apart, since providers still add to them.
-- """
-- [parameters]
-- month = "the month, YYYY-MM"
-- previous = "the newest loaded month before it, or NULL"
-- currency = "the only currency that is summed"
-- settled = "first day that is too new to be complete"
-- window = "days that the daily rate is the mean of"

WITH charge AS (
  SELECT
    x_team AS team,
    x_source AS source,
    x_billing_period AS month,
    CAST(ChargePeriodStart AS DATE) AS day,
    CASE
      WHEN ChargeClass = 'Correction' OR ChargeFrequency = 'One-Time' THEN 'once' -- belongs to no day of this month
      WHEN ChargeCategory NOT IN ('Usage', 'Purchase') THEN 'once'
      WHEN DATE_DIFF('day', CAST(ChargePeriodStart AS DATE), CAST(ChargePeriodEnd AS DATE)) > 1 THEN 'fee' -- by the month
      WHEN ChargeCategory = 'Purchase' AND COALESCE(ChargeFrequency, 'One-Time') <> 'Recurring' THEN 'once'
      ELSE 'daily'
    END AS kind,
    ServiceName AS service,
    SkuId AS sku,
    {basis} AS cost
  FROM cost
  WHERE x_billing_period IN ($month, $previous)
    AND BillingCurrency = $currency
),
day_sum AS (
  SELECT team, source, month, day, kind, SUM(cost) AS cost
  FROM charge
  GROUP BY team, source, month, day, kind
),
reach AS ( -- how far each source's daily charges reach; its last day is whole only if it ends the month
  SELECT
    source,
    MIN(CASE WHEN CAST(day AS VARCHAR) >= month || '-01' THEN day END) AS oldest, -- not a day of a month before, billed late
    LEAST(MAX(day) + CASE WHEN MAX(day) = LAST_DAY(MAX(day)) THEN 1 ELSE 0 END, CAST($settled AS DATE)) AS cut
  FROM day_sum
  WHERE kind = 'daily'
  GROUP BY source
),
fee AS ( -- a fee not posted yet is expected as it was in the month before
  SELECT team, source, SUM(posted) AS posted, SUM(COALESCE(posted, before)) AS expected
  FROM (
    SELECT
      team,
      source,
      SUM(CASE WHEN month = $month THEN cost END) AS posted,
      SUM(CASE WHEN month = $previous THEN cost END) AS before
    FROM charge
    WHERE kind = 'fee'
    GROUP BY team, source, service, sku
  ) AS by_sku
  GROUP BY team, source
)
SELECT
  d.team,
  d.source,
  SUM(CASE WHEN d.month = $month THEN d.cost ELSE 0 END) AS spent,
  SUM(CASE WHEN d.month = $month AND d.kind = 'once' THEN d.cost ELSE 0 END) AS once,
  SUM(CASE WHEN d.month = $month AND d.kind = 'daily' AND d.day < r.cut THEN d.cost ELSE 0 END) AS settled,
  SUM(CASE WHEN d.month = $month AND d.kind = 'daily' AND d.day >= r.cut THEN d.cost ELSE 0 END) AS unsettled,
  SUM(CASE WHEN d.kind = 'daily' AND d.day >= r.cut - $window AND d.day < r.cut THEN d.cost ELSE 0 END) AS in_window,
  MAX(COALESCE(f.posted, 0)) AS fees_posted,
  MAX(COALESCE(f.expected, 0)) AS fees_expected,
  MAX(r.oldest) AS oldest,
  MAX(r.cut) AS cut
FROM day_sum AS d
LEFT JOIN reach AS r ON r.source = d.source
LEFT JOIN fee AS f ON f.source = d.source AND f.team IS NOT DISTINCT FROM d.team
WHERE d.team IS NOT NULL
GROUP BY d.team, d.source
