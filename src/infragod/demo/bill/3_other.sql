-- Everything on a bill that is no usage: purchases, unused commitments, marketplace, support, tax, credits,
-- corrections and adjustments. All of it lands in `charge`, in the terms of FOCUS.
CREATE TABLE month AS
SELECT month, month_end, days, COUNT(*) = days AS whole, row_number() OVER (ORDER BY month) - 1 AS n
FROM calendar GROUP BY month, month_end, days;

CREATE TABLE charge (
    cloud VARCHAR, month DATE, starts DATE, ends DATE, category VARCHAR, class VARCHAR, frequency VARCHAR,
    description VARCHAR, account VARCHAR, account_name VARCHAR, service VARCHAR, service_category VARCHAR,
    subcategory VARCHAR, service_code VARCHAR, meter VARCHAR, unit VARCHAR, quantity DECIMAL(18, 3),
    unit_price DECIMAL(24, 12), cost DECIMAL(38, 12), effective DECIMAL(38, 12), publisher VARCHAR,
    commitment VARCHAR, status VARCHAR
);

-- Purchases of commitments: what they cover is shown as usage, so their own effective cost is 0.
INSERT INTO charge
SELECT k.cloud, c.month, c.day, c.day + 1, 'Purchase', NULL, 'Recurring', k.fee, k.account, k.account_name, k.service,
    k.service_category, k.subcategory, k.service_code, k.meter, 'Hours', 24, k.daily / 24::DECIMAL(2, 0), k.daily, 0,
    NULL, k.kind, NULL
FROM commitment AS k CROSS JOIN calendar AS c WHERE k.payment = 'daily'
UNION ALL
SELECT k.cloud, m.month, m.month, m.month_end, 'Purchase', NULL, 'Recurring', k.fee, k.account, k.account_name, k.service,
    k.service_category, k.subcategory, k.service_code, k.meter, 'Hours', 24 * m.days, k.daily / 24::DECIMAL(2, 0),
    k.daily * m.days, 0, NULL, k.kind, NULL
FROM commitment AS k CROSS JOIN month AS m WHERE k.payment = 'monthly'
UNION ALL
SELECT k.cloud, c.month, c.day, c.day + 1, 'Purchase', NULL, 'One-Time', k.fee, k.account, k.account_name, k.service,
    k.service_category, k.subcategory, k.service_code, k.meter, 'Hours', 8760, k.daily / 24::DECIMAL(2, 0),
    k.daily * 365, 0, NULL, k.kind, NULL
FROM commitment AS k CROSS JOIN setting AS s JOIN calendar AS c ON date_diff('day', s.first_day, c.day) % 365 = 0
WHERE k.payment = 'upfront';

-- What was bought and not used is real money, without a list price.
INSERT INTO charge
SELECT cloud, month, day, day + 1, 'Usage', NULL, 'Usage-Based', title || ': unused hours', account, account_name,
    service, service_category, subcategory, service_code, meter, 'Hours', 24, 0, 0, amount, NULL, kind, 'Unused'
FROM unused;

-- Marketplace: subscriptions that are invoiced, and usage that a private contract has paid already.
INSERT INTO charge
SELECT 'aws', m.month, m.month, m.month_end, 'Purchase', NULL, 'Recurring', p.description, a.production,
    a.landing || '-production', p.product, 'Developer Tools', 'Developer Platforms', 'AWSMarketplace', 'MP:Subscription',
    'Subscriptions', 1, p.price, p.price, p.price, p.publisher, NULL, NULL
FROM month AS m
CROSS JOIN (VALUES
    ('platform', 'Example Uptime Monitor', 'Example Uptime Monitor, monthly subscription', 1890.00, 'Example Monitoring Vendor'),
    ('data', 'Example Data Connectors', 'Example Data Connectors, monthly subscription', 2450.00, 'Example Data Vendor')
) AS p(landing, product, description, price, publisher)
JOIN account AS a ON a.cloud = 'aws' AND a.landing = p.landing
UNION ALL
SELECT 'aws', c.month, c.day, c.day + 1, 'Usage', NULL, 'Usage-Based', 'Example Log Shipper, covered by private contract',
    a.production, a.landing || '-production', 'Example Log Shipper', 'Developer Tools', 'Developer Platforms',
    'AWSMarketplace', 'MP:ContractUsage', 'GB', 40 + pick('shipper:' || c.day, 20), 0, 0, 0, 'Example Logging Vendor', NULL, NULL
FROM calendar AS c JOIN account AS a ON a.cloud = 'aws' AND a.landing = 'platform';

-- Support is charged when the month is over.
INSERT INTO charge
SELECT t.cloud, t.month, t.month, t.month_end, 'Purchase', NULL, 'Recurring', p.plan, p.account, 'management',
    p.service, 'Other', 'Support', p.code, 'Support', 'Months', 1, round(t.billed * p.rate, 2),
    round(t.billed * p.rate, 2), round(t.billed * p.rate, 2), NULL, NULL, NULL
FROM (SELECT cloud, month, month_end, SUM(billed_cost) AS billed FROM usage GROUP BY ALL) AS t
JOIN (VALUES
    ('aws', 'AWS Support (Business)', 'AWSSupportBusiness', 'Business Support, by monthly spend', '402117350008', 0.07),
    ('gcp', 'Support', '2062-016F-44A2', 'Enhanced Support, by monthly spend', 'management-0000', 0.03)
) AS p(cloud, service, code, plan, account, rate) ON p.cloud = t.cloud
JOIN month AS m ON m.month = t.month AND m.whole;

-- Credits, corrections of the month before, and adjustments that look like refunds.
INSERT INTO charge
SELECT p.cloud, m.month, CASE WHEN p.class IS NULL THEN m.month ELSE CAST(m.month - INTERVAL 12 DAY AS DATE) END,
    CASE WHEN p.class IS NULL THEN m.month + 1 ELSE CAST(m.month - INTERVAL 11 DAY AS DATE) END, p.category, p.class,
    CASE WHEN p.category = 'Usage' THEN 'Usage-Based' ELSE 'One-Time' END, p.description, a.production,
    a.landing || '-production', p.service, p.service_category, p.subcategory, p.code, NULL, NULL, NULL, NULL,
    p.amount, p.amount, NULL, NULL, NULL
FROM month AS m
JOIN (VALUES
    (1, 3, 'aws', 'Credit', NULL, 'Migration programme credit', 'data', 'Amazon Redshift', 'Analytics', 'Data Warehouses', 'AmazonRedshift', -2500.00),
    (2, 3, 'aws', 'Usage', 'Correction', 'Correction: NAT gateway data processed, metered twice', 'payments', 'Amazon Virtual Private Cloud', 'Networking', 'Network Infrastructure', 'AmazonEC2', -412.37),
    (2, 4, 'aws', 'Usage', 'Correction', 'Correction: data transfer that was not metered', 'shop', 'Amazon CloudFront', 'Networking', 'Content Delivery', 'AmazonCloudFront', 128.90),
    (0, 4, 'gcp', 'Usage', 'Correction', 'Correction: BigQuery analysis', 'data', 'BigQuery', 'Analytics', 'Data Warehouses', '24E6-581D-38E5', -86.15),
    (0, 1, 'gcp', 'Credit', NULL, 'Sustained use discount', 'platform', 'Compute Engine', 'Compute', 'Virtual Machines', '6F81-5844-456A', -318.42),
    (3, 6, 'aws', 'Adjustment', NULL, 'Refund: service credit for unavailable minutes', 'shop', 'Amazon Elastic Compute Cloud', 'Compute', 'Virtual Machines', 'AmazonEC2', -950.00),
    (4, 6, 'gcp', 'Adjustment', NULL, 'Refund: invoice dispute settled', 'growth', 'Cloud Run', 'Compute', 'Serverless Compute', '152E-C115-5142', -240.50)
) AS p(rest, every, cloud, category, class, description, landing, service, service_category, subcategory, code, amount)
    ON m.n % p.every = p.rest AND (p.class IS NULL OR m.n > 0)
JOIN account AS a ON a.cloud = p.cloud AND a.landing = p.landing;

-- Sales tax of 4 %, one row an account and month.
INSERT INTO charge
SELECT cloud, month, month, month_end, 'Tax', NULL, 'One-Time', 'Sales tax', account, account_name, 'Tax', 'Other',
    'Other (Other)', NULL, NULL, NULL, NULL, NULL, tax, tax, NULL, NULL, NULL
FROM (
    SELECT cloud, month, month_end, account, account_name, round(SUM(billed_cost) * 0.04, 2) AS tax
    FROM usage GROUP BY ALL
)
WHERE tax > 0;
