-- What ran on each day and what it cost. Costs are price times quantity, exactly, at twelve decimals.
CREATE TABLE usage AS
WITH measured AS (
    SELECT
        c.day, c.month, c.month_end, l.*,
        CASE l.shape
            WHEN 'hours' THEN 24 * l.size * CASE WHEN l.scheduled THEN 0.5 ELSE 1 END
            WHEN 'storage' THEN l.size * c.growth / 1000 / c.days
            ELSE l.size * c.week * c.season * c.growth / 1000000000 * (960 + pick(l.line || c.day, 80)) / 1000
        END * CASE WHEN l.story = 'retry-loop' AND date_diff('day', c.day, s.today) BETWEEN 16 AND 19
            THEN 7 ELSE 1 END AS amount
    FROM calendar AS c
    CROSS JOIN setting AS s
    JOIN line AS l ON c.day >= l.starts AND c.day < l.ends AND NOT (l.scheduled AND l.shape = 'hours' AND c.weekday > 5)
    -- of the last day only about half has arrived, as it is with every provider
    WHERE date_diff('day', c.day, s.today) > 1 OR pick('late:' || l.line, 2) = 0
), counted AS (
    SELECT * EXCLUDE (amount),
        CAST(CASE WHEN list_price < 0.001 THEN round(amount) ELSE round(amount, 3) END AS DECIMAL(18, 3)) AS quantity
    FROM measured
)
SELECT *,
    CAST(list_price * quantity AS DECIMAL(38, 12)) AS list_cost,
    CAST(contracted_price * quantity AS DECIMAL(38, 12)) AS contracted_cost,
    CAST(CASE WHEN covered THEN 0 ELSE contracted_price * quantity END AS DECIMAL(38, 12)) AS billed_cost,
    CAST(CASE WHEN covered THEN committed_price ELSE contracted_price END * quantity AS DECIMAL(38, 12)) AS effective_cost
FROM counted;

CREATE TABLE commitment AS
WITH used AS (
    SELECT commitment AS kind, day, SUM(effective_cost) AS amount FROM usage WHERE covered GROUP BY ALL
), sized AS (
    -- bought per hour, in cents, a little above the busiest day
    SELECT kind, CAST(CAST(ceil(MAX(amount) * 104 / 24) AS BIGINT) AS DECIMAL(18, 0)) * 0.01 * 24 AS daily
    FROM used GROUP BY kind
)
SELECT n.*, CAST(z.daily AS DECIMAL(18, 2)) AS daily
FROM sized AS z JOIN commitment_name AS n USING (kind);

CREATE TABLE unused AS
SELECT k.*, c.day, c.month, c.month_end, CAST(k.daily - coalesce(u.amount, 0) AS DECIMAL(38, 12)) AS amount
FROM commitment AS k
CROSS JOIN calendar AS c
LEFT JOIN (
    SELECT commitment AS kind, day, SUM(effective_cost) AS amount FROM usage WHERE covered GROUP BY ALL
) AS u ON u.kind = k.kind AND u.day = c.day
WHERE k.daily > coalesce(u.amount, 0);
