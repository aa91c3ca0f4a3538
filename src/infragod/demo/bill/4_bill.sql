-- Usage and other charges as one table of FOCUS columns; the providers' files are cut from it.
CREATE TABLE bill AS
SELECT
    cloud, strftime(month, '%Y-%m') AS period, month AS billing_start, month_end AS billing_end,
    day AS starts, day + 1 AS ends, 'Usage' AS category, CAST(NULL AS VARCHAR) AS class, 'Usage-Based' AS frequency,
    description, account, account_name, region, region_name,
    CASE WHEN resource_type IN ('instance', 'volume') THEN region || 'a' END AS zone,
    resource_id, name AS resource_name, resource_type, product AS service, product_category AS service_category, subcategory, service_code, meter,
    unit, quantity, list_price, contracted_price, list_cost, contracted_cost, billed_cost, effective_cost,
    CASE WHEN covered THEN 'Committed' WHEN starts_with(meter, 'SpotUsage') THEN 'Dynamic' ELSE 'Standard' END AS pricing_category,
    CASE WHEN covered THEN commitment END AS commitment, CASE WHEN covered THEN 'Used' END AS status,
    tags, CAST(NULL AS VARCHAR) AS publisher
FROM usage
UNION ALL
SELECT
    g.cloud, strftime(g.month, '%Y-%m'), g.month, CAST(g.month + INTERVAL 1 MONTH AS DATE), g.starts, g.ends,
    g.category, g.class, g.frequency, g.description, g.account, g.account_name, NULL, NULL, NULL, NULL, NULL, NULL,
    g.service, g.service_category, g.subcategory, g.service_code, g.meter, g.unit, g.quantity, g.unit_price,
    g.unit_price, g.cost, g.cost, g.cost, g.effective,
    CASE WHEN g.status = 'Unused' THEN 'Committed' WHEN g.meter IS NOT NULL THEN 'Standard' END, g.commitment, g.status,
    NULL, g.publisher
FROM charge AS g;
