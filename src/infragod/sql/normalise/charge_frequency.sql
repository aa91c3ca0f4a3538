-- title = "ChargeFrequency spelled as FOCUS has it"
-- column = "ChargeFrequency"
-- why = "some providers write Usage-based"
CASE lower(trim("ChargeFrequency")) WHEN 'usage-based' THEN 'Usage-Based' WHEN 'one-time' THEN 'One-Time' WHEN 'recurring' THEN 'Recurring' ELSE "ChargeFrequency" END
