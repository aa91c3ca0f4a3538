-- title = "Which awaited resources the bill of their month has"
-- why = """
-- What a plan made anew is in the bill with its first charge. What it changed was in the bill before: it counts from a
-- day after that of the plan on, for the charge of that day may be the old one's. A resource is known by its address,
-- where states were joined with the bill, or by its id, in whatever form; a mere name tells too little.
-- """
CREATE OR REPLACE TEMPORARY TABLE awaited_charge AS
SELECT
    x_billing_period AS month,
    "ResourceId" AS id,
    x_terraform_workspace AS workspace,
    x_terraform_address AS address,
    min(coalesce("ChargePeriodEnd", "BillingPeriodEnd")) AS first_end,
    max(coalesce("ChargePeriodStart", "BillingPeriodStart")) AS last_start
FROM cost
WHERE "ResourceId" IS NOT NULL AND x_billing_period IN (SELECT month FROM awaited)
GROUP BY ALL;

CREATE OR REPLACE TEMPORARY TABLE awaited_id AS SELECT number, id FROM awaited WHERE id IS NOT NULL;
CREATE OR REPLACE TEMPORARY TABLE charged_id AS SELECT DISTINCT id FROM awaited_charge;

CREATE OR REPLACE TEMPORARY TABLE found_charge AS
SELECT a.number, a.opened_at, c.first_end, c.last_start
FROM awaited AS a JOIN awaited_charge AS c
    ON c.month = a.month AND c.workspace = a.workspace AND c.address = a.address
UNION ALL
SELECT a.number, a.opened_at, c.first_end, c.last_start
FROM awaited AS a
JOIN (
    SELECT DISTINCT w.number, b.id
    FROM keys_in('awaited_id') AS w
    JOIN keys_in('charged_id') AS b ON b.key = w.key AND b.kind = w.kind AND b.kind < 6
    UNION
    SELECT number, id FROM awaited_id
) AS same ON same.number = a.number
JOIN awaited_charge AS c ON c.month = a.month AND c.id = same.id;
