-- title = "Which resources of the states an id of the bill may name"
-- why = """
-- The best kind of key counts alone: a resource's own id before an id that another one contains, an ARN before a name.
-- """
CREATE OR REPLACE TABLE candidate AS
SELECT DISTINCT id, number
FROM (
    SELECT
        billed.id,
        estate_key.number,
        dense_rank() OVER (
            PARTITION BY billed.id ORDER BY estate_key.held, estate_key.kind, estate_key.rank
        ) AS place
    FROM (
        SELECT id, unnest(keys_of(id)) AS k FROM (SELECT DISTINCT id FROM charged)
    ) AS billed
    JOIN estate_key ON estate_key.key = billed.k.key AND estate_key.kind = billed.k.kind
)
WHERE place = 1;
