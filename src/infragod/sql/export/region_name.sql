-- title = "RegionName filled from RegionId"
-- column = "RegionName"
-- why = "FOCUS demands a name beside every RegionId, and its id is a name"
coalesce("RegionName", "RegionId")
