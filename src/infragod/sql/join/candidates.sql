-- title = "Which resources of the states an id of the bill may name"
-- why = """
-- The best kind of key counts alone: a resource's own id before an id that another one contains, an ARN before a name.
-- """
CREATE OR REPLACE TABLE billed_id AS
SELECT DISTINCT id FROM charged;

CREATE OR REPLACE TABLE candidate AS
WITH named AS (
    SELECT billed.id, estate_key.number, estate_key.place
    FROM keys_in('billed_id') AS billed
    JOIN estate_key ON estate_key.key = billed.key AND estate_key.kind = billed.kind
)
SELECT DISTINCT named.id, named.number
FROM named
JOIN (SELECT id, min(place) AS place FROM named GROUP BY id) AS best ON best.id = named.id AND best.place = named.place;
