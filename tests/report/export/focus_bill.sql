-- Rows are hashes of their number, so that the same bill comes out everywhere.
CREATE MACRO pick(key, choices) AS CAST(md5_number_lower(key) % choices AS BIGINT);
CREATE TABLE account (n BIGINT, provider VARCHAR, issuer VARCHAR, account VARCHAR, currency VARCHAR, priced VARCHAR);
INSERT INTO account VALUES
    (0, 'AWS', 'Amazon Web Services, Inc.', '000000000017', 'USD', 'USD'),
    (1, 'AWS', 'Amazon Web Services EMEA SARL', '000000000018', 'EUR', 'USD'),
    (2, 'Google Cloud', 'Google Cloud Japan G.K.', '0A1B2C-3D4E5F-6A7B8C', 'JPY', 'JPY'),
    (3, 'Google Cloud', 'Google LLC', '9A1B2C-3D4E5F-6A7B8C', 'USD', 'USD'),
    (4, 'Example SaaS', 'Example SaaS, Ltd.', 'org "north", UK', 'GBP', 'GBP');
CREATE TABLE sku (
    n BIGINT, service VARCHAR, category VARCHAR, subcategory VARCHAR, meter VARCHAR, unit VARCHAR,
    price DECIMAL(16, 6), type VARCHAR, details VARCHAR
);
INSERT INTO sku VALUES
    (0, 'Machines', 'Compute', 'Virtual Machines', 'Instance hours', 'Hours', 0.0416, 'instance', '{"InstanceType": "m5.large", "CoreCount": 2}'),
    (1, 'Objects', 'Storage', 'Object Storage', 'Bytes kept', 'GB-Months', 0.023, 'bucket', '{"StorageClass": "Standard"}'),
    (2, 'Functions', 'Compute', 'Serverless Compute', 'Compute time', 'GB-Seconds', 0.000017, 'function', NULL),
    (3, 'Requests, "fast"', 'Networking', 'Content Delivery', 'Requests', 'Requests', 0.000001, 'distribution', NULL),
    (4, 'Warehouse', 'Analytics', 'Data Warehouses', 'Bytes scanned', 'TB', 5, 'dataset', '{"x_Edition": "largest, \"beste\""}');
CREATE TABLE charge AS
WITH kinds AS (
    SELECT i, CASE WHEN p < 700 THEN 'usage' WHEN p < 800 THEN 'used' WHEN p < 830 THEN 'unused'
        WHEN p < 860 THEN 'commitment' WHEN p < 900 THEN 'purchase' WHEN p < 930 THEN 'tax' WHEN p < 960 THEN 'credit'
        WHEN p < 980 THEN 'adjustment' ELSE 'correction' END AS kind
    FROM (SELECT i, pick('kind:' || i, 1000) AS p FROM range($rows) AS r(i))
), drawn AS (
    SELECT k.i, k.kind, a.* EXCLUDE (n), s.* EXCLUDE (n),
        CAST(CAST(1 + pick('quantity:' || i, 900000) AS DECIMAL(9, 0)) * 0.001 AS DECIMAL(12, 3)) AS quantity,
        DATE '2026-09-01' + CAST(CASE WHEN pick('month:' || i, 2) = 0 THEN 0 ELSE 30 END AS INTEGER) AS month,
        CAST(pick('day:' || i, 30) AS INTEGER) AS day, pick('region:' || i, 3) AS region, pick('resource:' || i, 400) AS resource,
        kind IN ('used', 'unused', 'commitment') AS committed, kind IN ('usage', 'used', 'unused', 'commitment', 'purchase') AS is_priced
    FROM kinds AS k
    JOIN account AS a ON a.n = pick('account:' || i, 5)
    JOIN sku AS s ON s.n = CASE WHEN kind IN ('used', 'unused', 'commitment') THEN 0 ELSE pick('sku:' || i, 5) END
)
SELECT *,
    CAST(CASE kind WHEN 'usage' THEN price * quantity * 0.9 WHEN 'commitment' THEN price * 100 WHEN 'purchase' THEN price * quantity * 0.9
        WHEN 'tax' THEN quantity * 0.19 WHEN 'credit' THEN quantity * -0.5 WHEN 'adjustment' THEN quantity * -0.25
        WHEN 'correction' THEN CASE WHEN i % 2 = 0 THEN quantity ELSE -quantity END * 0.01 ELSE 0 END AS DECIMAL(38, 12)) AS billed,
    CAST(CASE kind WHEN 'used' THEN price * quantity * 0.6 WHEN 'unused' THEN price * quantity * 0.5 END AS DECIMAL(38, 12)) AS covered,
    CASE WHEN committed THEN 'commitment/' || pick('commitment:' || i, 7) || '/' || provider END AS commitment,
    CASE WHEN kind IN ('usage', 'used') THEN 'res/' || provider || '/' || type || '/' || resource END AS resource_id
FROM drawn;

CREATE TABLE bill AS
SELECT
    CASE WHEN resource_id IS NOT NULL AND region > 0 THEN 'region-' || region || 'a' END AS AvailabilityZone,
    billed AS BilledCost, account AS BillingAccountId, 'Account of ' || issuer AS BillingAccountName, 'Payer' AS BillingAccountType,
    currency AS BillingCurrency, CAST(month + INTERVAL 1 MONTH AS TIMESTAMPTZ) AS BillingPeriodEnd,
    CAST(month AS TIMESTAMPTZ) AS BillingPeriodStart,
    CASE WHEN kind IN ('usage', 'used', 'unused', 'correction') THEN 'Usage' WHEN kind IN ('commitment', 'purchase') THEN 'Purchase'
        WHEN kind = 'tax' THEN 'Tax' WHEN kind = 'credit' THEN 'Credit' ELSE 'Adjustment' END AS ChargeCategory,
    CASE WHEN kind = 'correction' THEN 'Correction' END AS ChargeClass,
    kind || ': ' || service || ', 100 % "exact" - ' || meter AS ChargeDescription,
    CASE kind WHEN 'usage' THEN 'Usage-Based' WHEN 'used' THEN 'Usage-Based' WHEN 'unused' THEN 'Usage-Based'
        WHEN 'correction' THEN 'Usage-Based' WHEN 'commitment' THEN 'Recurring' ELSE 'One-Time' END AS ChargeFrequency,
    CAST(month + day + 1 AS TIMESTAMPTZ) AS ChargePeriodEnd, CAST(month + day AS TIMESTAMPTZ) AS ChargePeriodStart,
    CASE WHEN committed THEN 'Usage' END AS CommitmentDiscountCategory, commitment AS CommitmentDiscountId,
    CASE WHEN committed THEN 'Commitment, one year' END AS CommitmentDiscountName,
    CASE WHEN kind = 'commitment' THEN 100 WHEN committed THEN quantity END AS CommitmentDiscountQuantity,
    CASE kind WHEN 'used' THEN 'Used' WHEN 'unused' THEN 'Unused' END AS CommitmentDiscountStatus,
    CASE WHEN committed THEN 'Reservation' END AS CommitmentDiscountType, CASE WHEN committed THEN unit END AS CommitmentDiscountUnit,
    CASE WHEN kind IN ('usage', 'used') THEN quantity END AS ConsumedQuantity, CASE WHEN kind IN ('usage', 'used') THEN unit END AS ConsumedUnit,
    CASE kind WHEN 'used' THEN CAST(price * quantity * 0.9 AS DECIMAL(38, 12)) WHEN 'unused' THEN 0 ELSE billed END AS ContractedCost,
    CASE kind WHEN 'commitment' THEN price WHEN 'unused' THEN 0 ELSE CASE WHEN is_priced THEN price * 0.9 END END AS ContractedUnitPrice,
    CASE kind WHEN 'commitment' THEN 0 ELSE coalesce(covered, billed) END AS EffectiveCost,
    'INV-' || strftime(month, '%Y%m') || '-' || md5(account)[1:4] AS InvoiceId, issuer AS InvoiceIssuerName,
    CASE kind WHEN 'unused' THEN 0 WHEN 'commitment' THEN billed
        ELSE CASE WHEN is_priced THEN CAST(price * quantity AS DECIMAL(38, 12)) ELSE billed END END AS ListCost,
    CASE kind WHEN 'unused' THEN 0 ELSE CASE WHEN is_priced THEN price END END AS ListUnitPrice,
    CASE WHEN kind IN ('used', 'unused') THEN 'Committed' WHEN kind = 'usage' AND resource % 20 = 1 THEN 'Dynamic'
        WHEN is_priced THEN 'Standard' END AS PricingCategory,
    CASE kind WHEN 'commitment' THEN 100 ELSE CASE WHEN is_priced THEN quantity END END AS PricingQuantity,
    CASE WHEN is_priced THEN unit END AS PricingUnit,
    provider AS ProviderName, CASE WHEN i % 50 = 7 THEN 'Example Vendor' ELSE provider END AS PublisherName,
    CASE WHEN resource_id IS NOT NULL AND region > 0 THEN 'region-' || region END AS RegionId,
    CASE WHEN resource_id IS NOT NULL AND region > 0 THEN 'Region ' || region END AS RegionName,
    resource_id AS ResourceId, resource_id AS ResourceName, CASE WHEN resource_id IS NOT NULL THEN type END AS ResourceType,
    category AS ServiceCategory, service AS ServiceName, subcategory AS ServiceSubcategory,
    CASE WHEN is_priced THEN 'SKU-' || sku_n END AS SkuId, CASE WHEN is_priced THEN meter END AS SkuMeter,
    CASE WHEN is_priced THEN details END AS SkuPriceDetails, CASE WHEN is_priced THEN 'SKU-' || sku_n || '.' || currency END AS SkuPriceId,
    'sub-' || resource % 5 AS SubAccountId, 'Sub account ' || resource % 5 AS SubAccountName, 'Folder' AS SubAccountType,
    CASE WHEN resource_id IS NOT NULL AND resource % 8 > 0 THEN '{"team": "team-' || resource % 9 || '", "note": "ä, \"q\""}' END AS Tags
FROM (SELECT c.*, s.n AS sku_n FROM charge AS c JOIN sku AS s USING (service));

-- One account's prices are in another currency than its bill.
CREATE TABLE priced AS
SELECT *,
    CASE WHEN "BillingAccountId" = '000000000018' THEN 'USD' ELSE "BillingCurrency" END AS PricingCurrency,
    CASE WHEN "BillingAccountId" = '000000000018' THEN CAST("EffectiveCost" * 1.25 AS DECIMAL(38, 12)) ELSE "EffectiveCost" END
        AS PricingCurrencyEffectiveCost,
    CASE WHEN "BillingAccountId" = '000000000018' THEN CAST("ListUnitPrice" * 1.25 AS DECIMAL(38, 12)) ELSE "ListUnitPrice" END
        AS PricingCurrencyListUnitPrice,
    CASE WHEN "BillingAccountId" = '000000000018' THEN CAST("ContractedUnitPrice" * 1.25 AS DECIMAL(38, 12))
        ELSE "ContractedUnitPrice" END AS PricingCurrencyContractedUnitPrice
FROM bill;
