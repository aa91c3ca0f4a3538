-- title = "ChargeClass spelled as FOCUS has it"
-- column = "ChargeClass"
-- why = "the values are compared letter by letter"
CASE WHEN lower(trim("ChargeClass")) = 'correction' THEN 'Correction' ELSE "ChargeClass" END
