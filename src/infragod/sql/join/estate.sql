-- title = "The resources of the states, each under its keys"
-- why = """
-- A mere name counts only where it is the end of the resource's own ARN or link, or where the provider is neither
-- Amazon nor Google: a bucket's policy has the bucket's name for its id. `rank` 1 is an id without such a proof.
-- """
CREATE TABLE estate_id AS
SELECT
    number,
    held,
    id,
    NOT (provider = 'aws' OR starts_with(provider, 'google')) AS is_foreign,
    contains(lines, '/' || id || chr(10)) OR contains(lines, ':' || id || chr(10)) AS is_proven
FROM (
    SELECT number, provider, 0 AS held, array_to_string(ids, chr(10)) || chr(10) AS lines, unnest(ids) AS id
    FROM (SELECT number, provider, CAST(CAST(ids AS JSON) AS VARCHAR[]) AS ids FROM estate_resource)
    UNION ALL
    SELECT number, provider, 1 AS held, '' AS lines, unnest(CAST(CAST(held AS JSON) AS VARCHAR[])) AS id
    FROM estate_resource WHERE held <> '[]'
);

CREATE TABLE estate_key AS
SELECT
    number,
    kind,
    key,
    100 * held + 10 * kind + CASE WHEN is_proven OR starts_with(id, 'arn:') OR contains(id, '//') THEN 0 ELSE 1 END AS place
FROM keys_in('estate_id')
WHERE held = 1 OR is_foreign OR kind <= 4 OR contains(id, '/') OR contains(id, ':') OR number_of(id) IS NOT NULL
    OR (kind = 6 AND is_proven);

CREATE TABLE candidate (id VARCHAR, number BIGINT); -- filled for each match, and only its owners are looked for

CREATE VIEW estate AS
SELECT
    number, address, workspace, module, repository,
    tags_of_text(tags) AS "Tags",
    NULL::VARCHAR AS "SubAccountId",
    NULL::VARCHAR AS "BillingAccountId",
    NULL::VARCHAR AS "ResourceId",
    NULL::VARCHAR AS x_terraform_address,
    NULL::VARCHAR AS x_terraform_workspace,
    NULL::VARCHAR AS x_terraform_repository
FROM estate_resource;
