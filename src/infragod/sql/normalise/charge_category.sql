-- title = "ChargeCategory spelled as FOCUS has it"
-- column = "ChargeCategory"
-- why = "the values are compared letter by letter"
CASE lower(trim("ChargeCategory")) WHEN 'usage' THEN 'Usage' WHEN 'purchase' THEN 'Purchase' WHEN 'tax' THEN 'Tax' WHEN 'credit' THEN 'Credit' WHEN 'adjustment' THEN 'Adjustment' ELSE "ChargeCategory" END
