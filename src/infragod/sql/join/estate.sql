-- title = "The resources of the states, each with its keys and with the owner that its tags name"
-- why = """
-- A mere name counts only where it is the end of the resource's own ARN or link, or where the provider is neither
-- Amazon nor Google: a bucket's policy has the bucket's name for its id. `rank` 1 is an id without such a proof.
-- """
CREATE TABLE estate AS
SELECT
    * EXCLUDE (ids, held, tags, first_seen, gone_at),
    CAST(first_seen AS TIMESTAMPTZ) AS first_seen,
    CAST(gone_at AS TIMESTAMPTZ) AS gone_at,
    CAST(CAST(ids AS JSON) AS VARCHAR[]) AS ids,
    CAST(CAST(held AS JSON) AS VARCHAR[]) AS held,
    tags_of_text(tags) AS "Tags",
    NULL::VARCHAR AS "SubAccountId",
    NULL::VARCHAR AS "BillingAccountId",
    NULL::VARCHAR AS "ResourceId",
    NULL::VARCHAR AS x_terraform_address,
    NULL::VARCHAR AS x_terraform_workspace,
    NULL::VARCHAR AS x_terraform_repository
FROM estate_resource;

CREATE TABLE estate_id AS
WITH own AS (
    SELECT number, provider, ids, unnest(ids) AS id FROM estate
)
SELECT
    number,
    0 AS held,
    id,
    is_long(id) OR number_of(id) IS NOT NULL OR NOT regexp_matches(provider, '^(aws|google.*)$') AS is_unique,
    len(list_filter(ids, lambda other: ends_with(other, '/' || id) OR ends_with(other, ':' || id))) > 0 AS is_proven
FROM own
UNION ALL
SELECT number, 1 AS held, unnest(held) AS id, true AS is_unique, false AS is_proven FROM estate;

CREATE TABLE estate_key AS
SELECT number, held, k.kind AS kind, k.key AS key, min(rank) AS rank
FROM (
    SELECT
        number,
        held,
        CASE WHEN is_proven OR starts_with(id, 'arn:') OR contains(id, '//') THEN 0 ELSE 1 END AS rank,
        unnest(list_filter(
            keys_of(id),
            lambda k: is_unique OR (k.kind = 6 AND is_proven)
        )) AS k
    FROM estate_id
)
GROUP BY ALL;
