-- id = "blast-radius"
-- pack = "quota"
-- title = "One plan takes away no large part of a workspace"
-- why = "A renamed module or a lost state looks like any other plan, until everything is gone and made anew."
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- actions = ["delete", "replace"]
-- mend = "check for a renamed module (write moved blocks), a changed provider or a wrong workspace; apply in parts"
-- [parameters.percent]
-- type = "decimal"
-- default = 30
-- tighter = "less"
-- help = "part of the workspace's resources that one plan may delete or replace, in per cent; passed only together with least"
-- [parameters.least]
-- type = "integer"
-- default = 10
-- tighter = "less"
-- help = "resources that one plan may delete or replace whatever part they are"
--
-- # What a plan does to what is there is known before the apply, so nothing here can be unknown.
WITH counted AS (
  SELECT COUNT(*) FILTER (WHERE r.action = 'delete') AS deleted, COUNT(*) FILTER (WHERE r.action = 'replace') AS replaced,
    COUNT(*) FILTER (WHERE r.action <> 'create') AS standing
  FROM resource AS r WHERE NOT r.deposed
)
SELECT 'plan' AS address,
  c.deleted + c.replaced > $least AND (c.deleted + c.replaced) * 100 > c.standing * $percent AS violation,
  'deletes ' || count_text(c.deleted) || ' and replaces ' || count_text(c.replaced) || ' of ' || count_text(c.standing)
    || ' resources (' || percent_text(c.deleted + c.replaced, c.standing) || ')' AS message
FROM counted AS c
WHERE c.standing > 0
