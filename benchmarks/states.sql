-- What Terraform's states know of :resources resources; every fiftieth was moved to another module in February.
WITH thing AS (
    SELECT r, part, hash(r, 'form') % 10 AS form, left(md5(r::VARCHAR), 16) AS name,
        CASE part WHEN 1 THEN 'module.old_service_' ELSE 'module.service_' END || (r % 5000) AS module,
        'projects/p-' || (r % 40) || '/zones/europe-west1-b/instances/' || left(md5(r::VARCHAR), 12) AS path
    FROM range(:resources) t(r), (VALUES (0), (1), (2)) p(part)
    WHERE CASE WHEN r % 50 = 0 THEN part > 0 ELSE part = 0 END
)
SELECT
    row_number() OVER (ORDER BY r, part) AS number,
    'workspace-' || (r % 400) AS workspace,
    'git.example.com/infra-' || (r % 40) AS repository,
    module || '.aws_thing.main[' || r || ']' AS address,
    module,
    CASE form WHEN 0 THEN 'google_compute_instance' WHEN 2 THEN 'aws_s3_bucket' ELSE 'aws_thing' END AS type,
    CASE form WHEN 0 THEN 'google' ELSE 'aws' END AS provider,
    CAST(to_json(CASE form
        WHEN 0 THEN [path, 'https://www.googleapis.com/compute/v1/' || path]
        WHEN 1 THEN ['db-' || upper(left(md5(r::VARCHAR), 26)), 'arn:aws:rds:us-east-1:123456789012:db:db-' || r]
        WHEN 2 THEN ['bucket-' || name, 'arn:aws:s3:::bucket-' || name]
        WHEN 3 THEN ['vol-0' || name, 'arn:aws:ec2:us-east-1:123456789012:volume/vol-0' || name]
        ELSE ['i-0' || name, 'arn:aws:ec2:us-east-1:123456789012:instance/i-0' || name]
    END) AS VARCHAR) AS ids,
    '[]' AS held,
    '{"team": "team-' || (r % 300) || '", "service": "service-' || (r % 5000) || '"}' AS tags,
    CASE part WHEN 2 THEN '2025-02-10T08:00:00+00:00' ELSE '2024-12-01T00:00:00+00:00' END AS first_seen,
    CASE part WHEN 1 THEN '2025-02-10T08:00:00+00:00' END AS gone_at
FROM thing
