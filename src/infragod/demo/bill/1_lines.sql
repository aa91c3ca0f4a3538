-- Who runs what: one line a resource and price. Every choice is a hash of the line's number, so that the same
-- company comes out on every machine; nothing here uses a random generator, a transcendental function or the clock.
CREATE MACRO pick(key, choices) AS CAST(md5_number_lower(key) % choices AS BIGINT);

CREATE TABLE calendar AS
SELECT
    CAST(d AS DATE) AS day,
    CAST(date_trunc('month', d) AS DATE) AS month,
    CAST(date_trunc('month', d) + INTERVAL 1 MONTH AS DATE) AS month_end,
    CAST(day(last_day(d)) AS BIGINT) AS days,
    isodow(d) AS weekday,
    -- a shop sells most on Saturdays and before Christmas, and grows by 1.5 % a month; in thousandths
    [990, 970, 980, 1000, 1060, 1140, 1080][isodow(d)] AS week,
    [960, 960, 980, 980, 990, 990, 960, 970, 1000, 1020, 1140, 1120][month(d)] AS season,
    1000 + 15 * date_diff('month', s.first_day, CAST(d AS DATE)) AS growth
FROM setting AS s, range(s.first_day, s.today, INTERVAL 1 DAY) AS r(d);

CREATE TABLE sku_range AS
SELECT
    n, cloud, profile,
    SUM(weight) OVER (PARTITION BY cloud, profile) AS total,
    SUM(weight) OVER (PARTITION BY cloud, profile ORDER BY n) - weight AS lowest,
    SUM(weight) OVER (PARTITION BY cloud, profile ORDER BY n) AS beyond
FROM (SELECT n, cloud, weight, unnest(string_split(profiles, ' ')) AS profile FROM sku);

CREATE TABLE region (cloud VARCHAR, share_from BIGINT, share_to BIGINT, region VARCHAR, region_name VARCHAR, factor BIGINT);
INSERT INTO region VALUES
    ('aws', 0, 60, 'us-east-1', 'US East (N. Virginia)', 1000),
    ('aws', 60, 85, 'eu-west-1', 'EU (Ireland)', 1114),
    ('aws', 85, 100, 'eu-central-1', 'EU (Frankfurt)', 1150),
    ('gcp', 0, 60, 'us-central1', 'Iowa', 1000),
    ('gcp', 60, 100, 'europe-west1', 'Belgium', 1100);

-- The plain lines, and after them the planted ones (`story`), which say themselves what they are.
CREATE TABLE draft AS
WITH numbered AS (
    SELECT i, CASE WHEN i < s.services THEN (i * 7) % s.services ELSE pick('service:' || i, s.services) END AS service_n,
        CASE WHEN i < s.services THEN 0 ELSE pick('environment:' || i, 10) END AS environment_n
    FROM setting AS s, range(s.lines) AS r(i)
), placed AS (
    SELECT n.i, v.team, v.service, v.profile, v.landing,
        CASE WHEN environment_n < 6 THEN 'production' WHEN environment_n < 9 THEN 'staging' ELSE 'development' END
            AS environment,
        CASE WHEN pick('cloud:' || i, 100) < CASE v.profile WHEN 'data' THEN 55 WHEN 'ml' THEN 35 ELSE 22 END
            THEN 'gcp' ELSE 'aws' END AS cloud
    FROM numbered AS n JOIN service AS v ON v.n = n.service_n
)
SELECT
    CAST(p.i AS VARCHAR) AS line, '' AS story, p.team, p.service, p.landing, p.environment, k.n AS sku_n, g.region,
    pick('size:' || p.i, 1000) AS size_u, CAST(NULL AS DOUBLE) AS size_given,
    CASE WHEN pick('starts:' || p.i, 100) < 86 THEN s.first_day
        ELSE s.first_day + CAST(pick('start:' || p.i, 340) AS INTEGER) END AS starts,
    CASE WHEN pick('ends:' || p.i, 100) < 5 THEN s.first_day + CAST(180 + pick('end:' || p.i, 185) AS INTEGER)
        ELSE s.today END AS ends,
    p.environment <> 'production' AND pick('schedule:' || p.i, 2) = 0 AS scheduled,
    p.environment = 'production' AND pick('covered:' || p.i, 100) < 65 AS coverable,
    row_number() OVER (ORDER BY md5('tagged:' || p.i)) <= (s.lines * 116) // 1000 AS untagged,
    p.team AS tag_team
FROM placed AS p
CROSS JOIN setting AS s
JOIN sku_range AS r ON r.cloud = p.cloud AND r.profile = p.profile
    AND pick('sku:' || p.i, r.total) >= r.lowest AND pick('sku:' || p.i, r.total) < r.beyond
JOIN sku AS k ON k.n = r.n
JOIN region AS g ON g.cloud = p.cloud
    AND pick('region:' || p.i, 100) >= g.share_from AND pick('region:' || p.i, 100) < g.share_to
UNION ALL
SELECT
    t.story || '-' || t.copy, t.story, v.team, v.service, v.landing, t.environment, k.n, t.region,
    0, t.size, greatest(s.first_day, CAST(s.today - t.began AS DATE)), CAST(s.today - t.ended AS DATE),
    FALSE, FALSE, FALSE, t.tag_team
FROM story AS t
CROSS JOIN setting AS s
JOIN service AS v ON v.service = t.service
JOIN sku AS k ON k.cloud = t.cloud AND k.meter = t.meter;

-- Some machines were made anew in the course of the year, under the same Terraform address: from that day on, another
-- line with an id of its own.
CREATE TABLE run AS
WITH dated AS (
    SELECT d.*, CASE WHEN k.resource_type = 'instance' AND d.story = '' AND NOT d.coverable AND d.starts = s.first_day
        AND d.ends = s.today AND pick('anew:' || d.line, 8) = 0
        THEN s.first_day + CAST(100 + pick('anew on:' || d.line, 200) AS INTEGER) END AS anew
    FROM draft AS d CROSS JOIN setting AS s JOIN sku AS k ON k.n = d.sku_n
)
SELECT * EXCLUDE (anew) REPLACE (coalesce(anew, ends) AS ends) FROM dated
UNION ALL
SELECT * EXCLUDE (anew) REPLACE (line || '-anew' AS line, anew AS starts) FROM dated WHERE anew IS NOT NULL;

CREATE TABLE line AS
WITH named AS (
    SELECT d.*, k.* EXCLUDE (n, low, high, commitment), g.region_name, k.commitment,
        CASE WHEN d.environment = 'production' THEN a.production ELSE a.staging END AS account,
        d.landing || CASE WHEN d.environment = 'production' THEN '-production' ELSE '-staging' END AS account_name,
        d.service || '-' || left(d.environment, 4) || '-' || left(md5('name:' || d.line), 4) AS name,
        left(md5('id:' || d.line), 16) AS id16,
        coalesce(d.size_given, k.low + (k.high - k.low) * (d.size_u * d.size_u * d.size_u / 1000000000.0::DOUBLE)) AS size,
        CAST(CASE WHEN k.price < 0.001 THEN k.price ELSE round(k.price * g.factor / 1000::DECIMAL(4, 0), 6) END
            AS DECIMAL(16, 12)) AS list_price,
        d.coverable AND k.commitment <> '' AND d.starts = s.first_day AS covered
    FROM run AS d
    CROSS JOIN setting AS s
    JOIN sku AS k ON k.n = d.sku_n
    JOIN region AS g ON g.cloud = k.cloud AND g.region = d.region
    JOIN account AS a ON a.cloud = k.cloud AND a.landing = d.landing
)
SELECT * EXCLUDE (resource_id),
    CAST(list_price * CASE cloud WHEN 'aws' THEN 0.94 ELSE 0.96 END AS DECIMAL(16, 12)) AS contracted_price,
    CAST(list_price * CASE commitment WHEN 'sp' THEN 0.72 WHEN 'ri' THEN 0.65 WHEN 'cache' THEN 0.66
        WHEN 'cud' THEN 0.63 ELSE 0.75 END AS DECIMAL(16, 12)) AS committed_price,
    replace(replace(replace(replace(replace(resource_id, '{id16}', id16), '{region}', region), '{account}', account),
        '{name}', name), '{ID12}', upper(left(id16, 12))) AS resource_id,
    CASE WHEN untagged THEN NULL ELSE '{"team": "' || tag_team || '", "service": "' || service || '", "environment": "'
        || environment || '", "managed_by": "' || CASE WHEN story = '' THEN 'terraform"' ELSE 'manual", "createdBy": "AssumedRole:administrator"' END || '}'
    END AS tags
FROM named;
