-- title = "What each id of the bill is called in Terraform, from when to when"
-- why = "A span that is empty of a number names nothing; an id with one candidate is that resource for all time."
CREATE OR REPLACE TABLE terraform_match AS
SELECT
    span.id,
    span.since,
    span.until,
    estate_owned.address,
    estate_owned.workspace,
    estate_owned.module,
    estate_owned.repository,
    estate_owned.estate_team,
    estate_owned.estate_service,
    estate_owned.estate_environment,
    estate_owned.estate_cost_centre,
    md5_number(CAST(to_json([
        span.id, address, workspace, module, repository, estate_team, estate_service, estate_environment, estate_cost_centre
    ]) AS VARCHAR)) AS says
FROM (
    SELECT id, min(number) AS number, '-infinity'::TIMESTAMPTZ AS since, 'infinity'::TIMESTAMPTZ AS until
    FROM candidate GROUP BY id HAVING count(*) = 1
    UNION ALL
    SELECT
        id, number, coalesce(make_timestamptz(since), '-infinity'::TIMESTAMPTZ),
        coalesce(make_timestamptz(until), 'infinity'::TIMESTAMPTZ)
    FROM shared_span
) AS span
JOIN estate_owned ON estate_owned.number = span.number;
