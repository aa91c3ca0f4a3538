-- title = "The keys under which one id of a resource is compared with another"
-- why = """
-- A bill and a state write the id of one resource in different ways. Each way gives keys; two ids name one resource
-- if they share a key, and the key of the least kind counts:
-- 1 the id as it is, where it is long enough to be one of a kind: an ARN, an address, a path;
-- 2 the path in Google's full name, self link or id, without the place's kind;
-- 3 an id that AWS makes (i-…, vol-…), alone or at the end of an ARN;
-- 4 a number of Google's, alone or at the end of a path;
-- 5 a bucket, by name, ARN or address;
-- 6 the id as it is, where it is a mere name.
-- """
CREATE OR REPLACE TEMPORARY MACRO path_of(x) AS regexp_replace(
    regexp_replace(
        regexp_replace(x, '^(https?:)?//[^/]+/', ''),
        '^([a-z]+/)?(v[0-9][a-z0-9]*|beta|alpha)/', ''
    ),
    '/(zones|regions|locations)/', '/place/'
);
CREATE OR REPLACE TEMPORARY MACRO google_path_of(x) AS CASE
    WHEN regexp_matches(x, '^(https?:)?//[^/]*googleapis\.com/.+') OR regexp_matches(x, '^projects/[^/]+/.+') THEN path_of(x)
END;
CREATE OR REPLACE TEMPORARY MACRO aws_id_of(x) AS nullif(regexp_extract(
    x,
    '(?:^|[:/])((?:i|vol|snap|ami|nat|igw|eigw|eni|eipalloc|vpc|vpce|vpce-svc|subnet|rtb|sg|acl|pcx|dopt|tgw|tgw-attach'
    || '|vgw|cgw|vpn|cr|fl|lt|sir|sfr|fleet|h|fs|fsap|fsmt|svol|backup|cvpn-endpoint|lgw|ipam|ipam-pool|d)-[0-9a-f]{8,17}'
    || '|(?:db|cluster)-[0-9A-Z]{20,})$',
    1
), '');
CREATE OR REPLACE TEMPORARY MACRO number_of(x) AS nullif(regexp_extract(x, '(?:^|/)([0-9]{13,20})$', 1), '');
CREATE OR REPLACE TEMPORARY MACRO bucket_of(x) AS nullif(CASE
    WHEN regexp_matches(x, '^arn:aws[a-z-]*:s3:::[^/:]+$') THEN 's3:' || regexp_extract(x, ':::(.+)$', 1)
    WHEN regexp_matches(x, '^[a-z0-9][a-z0-9.-]{2,62}$') THEN 's3:' || x
    WHEN regexp_matches(x, '//storage\.googleapis\.com/(projects/_/buckets/)?[^/]+$') THEN 'gs:' || regexp_extract(x, '([^/]+)$', 1)
    WHEN regexp_matches(x, '/storage/v1/b/[^/]+$') THEN 'gs:' || regexp_extract(x, '([^/]+)$', 1)
END, '');
CREATE OR REPLACE TEMPORARY MACRO is_long(x) AS contains(x, '/') OR contains(x, ':') OR aws_id_of(x) IS NOT NULL;
CREATE OR REPLACE TEMPORARY MACRO whole_of(x) AS CASE WHEN starts_with(lower(x), '/subscriptions/') THEN lower(x) ELSE x END;
CREATE OR REPLACE TEMPORARY MACRO form_of(x) AS CASE
    WHEN starts_with(x, 'arn:') THEN 'arn'
    WHEN contains(x, '/') THEN 'path'
    WHEN contains(x, ':') THEN 'text'
    ELSE 'name'
END;
-- The columns of `ids`, once for each key of its column `id`. By its form first: what is less to look at is less time.
-- What stands at an end and names nothing (a slash, the `:*` of a log group's ARN) is left out.
CREATE OR REPLACE TEMPORARY MACRO keys_in(ids) AS TABLE
WITH formed AS (
    SELECT *, form_of(x) AS form, aws_id_of(x) AS aws_id FROM (SELECT *, rtrim(id, '/*:') AS x FROM query_table(ids)) WHERE x <> ''
)
SELECT * EXCLUDE (x, form, aws_id), 1 AS kind, whole_of(x) AS key FROM formed WHERE form <> 'name' OR aws_id IS NOT NULL
UNION ALL
SELECT * EXCLUDE (x, form, aws_id), 2 AS kind, google_path_of(x) AS key FROM formed
WHERE form = 'path' AND google_path_of(x) IS NOT NULL
UNION ALL
SELECT * EXCLUDE (x, form, aws_id), 3 AS kind, aws_id AS key FROM formed WHERE form <> 'text' AND aws_id IS NOT NULL
UNION ALL
SELECT * EXCLUDE (x, form, aws_id), 4 AS kind, number_of(x) AS key FROM formed
WHERE (form = 'path' OR form = 'name' AND aws_id IS NULL) AND number_of(x) IS NOT NULL
UNION ALL
SELECT * EXCLUDE (x, form, aws_id), 5 AS kind, bucket_of(x) AS key FROM formed
WHERE (form = 'arn' AND contains(x, ':s3:::') OR form = 'path' AND contains(x, 'storage') OR form = 'name' AND aws_id IS NULL)
    AND bucket_of(x) IS NOT NULL
UNION ALL
SELECT * EXCLUDE (x, form, aws_id), 6 AS kind, x AS key FROM formed WHERE form = 'name' AND aws_id IS NULL;
