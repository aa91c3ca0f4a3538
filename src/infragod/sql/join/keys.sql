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
CREATE MACRO path_of(x) AS regexp_replace(
    regexp_replace(
        regexp_replace(x, '^(https?:)?//[^/]+/', ''),
        '^([a-z]+/)?(v[0-9][a-z0-9]*|beta|alpha)/', ''
    ),
    '/(zones|regions|locations)/', '/place/'
);
CREATE MACRO google_path_of(x) AS CASE
    WHEN regexp_matches(x, '^(https?:)?//[^/]*googleapis\.com/.+') OR regexp_matches(x, '^projects/[^/]+/.+') THEN path_of(x)
END;
CREATE MACRO aws_id_of(x) AS nullif(regexp_extract(
    x,
    '(?:^|[:/])((?:i|vol|snap|ami|nat|igw|eigw|eni|eipalloc|vpc|vpce|vpce-svc|subnet|rtb|sg|acl|pcx|dopt|tgw|tgw-attach'
    || '|vgw|cgw|vpn|cr|fl|lt|sir|sfr|fleet|h|fs|fsap|fsmt|svol|backup|cvpn-endpoint|lgw|ipam|ipam-pool|d)-[0-9a-f]{8,17}'
    || '|(?:db|cluster)-[0-9A-Z]{20,})$',
    1
), '');
CREATE MACRO number_of(x) AS nullif(regexp_extract(x, '(?:^|/)([0-9]{13,20})$', 1), '');
CREATE MACRO bucket_of(x) AS nullif(CASE
    WHEN regexp_matches(x, '^arn:aws[a-z-]*:s3:::[^/:]+$') THEN 's3:' || regexp_extract(x, ':::(.+)$', 1)
    WHEN regexp_matches(x, '^[a-z0-9][a-z0-9.-]{2,62}$') THEN 's3:' || x
    WHEN regexp_matches(x, '//storage\.googleapis\.com/(projects/_/buckets/)?[^/]+$') THEN 'gs:' || regexp_extract(x, '([^/]+)$', 1)
    WHEN regexp_matches(x, '/storage/v1/b/[^/]+$') THEN 'gs:' || regexp_extract(x, '([^/]+)$', 1)
END, '');
CREATE MACRO is_long(x) AS contains(x, '/') OR contains(x, ':') OR aws_id_of(x) IS NOT NULL;
CREATE MACRO whole_of(x) AS CASE WHEN starts_with(lower(x), '/subscriptions/') THEN lower(x) ELSE x END;
CREATE MACRO keys_of_arn(x) AS [
    {'kind': 1, 'key': x},
    {'kind': 3, 'key': aws_id_of(x)},
    {'kind': 5, 'key': CASE WHEN contains(x, ':s3:::') THEN bucket_of(x) END}
];
CREATE MACRO keys_of_path(x) AS [
    {'kind': 1, 'key': whole_of(x)},
    {'kind': 2, 'key': google_path_of(x)},
    {'kind': 3, 'key': aws_id_of(x)},
    {'kind': 4, 'key': number_of(x)},
    {'kind': 5, 'key': bucket_of(x)}
];
CREATE MACRO keys_of_name(x) AS CASE
    WHEN contains(x, ':') THEN [{'kind': 1, 'key': x}]
    WHEN aws_id_of(x) IS NOT NULL THEN [{'kind': 1, 'key': x}, {'kind': 3, 'key': x}]
    ELSE [{'kind': 4, 'key': number_of(x)}, {'kind': 5, 'key': bucket_of(x)}, {'kind': 6, 'key': x}]
END;
CREATE MACRO keys_of(x) AS list_filter(CASE -- by its form first, for an expression less is an expression not evaluated
    WHEN starts_with(x, 'arn:') THEN keys_of_arn(x)
    WHEN contains(x, '/') THEN keys_of_path(x)
    ELSE keys_of_name(x)
END, lambda k: k.key IS NOT NULL);
