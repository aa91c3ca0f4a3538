-- What a FOCUS value becomes, by the kind of its column and by how the file holds it: <kind>_of_<family>.
-- A value that is no such thing becomes NULL; the checks compare with what was there and name the row.

CREATE MACRO text_of_text(x) AS nullif(x, '');
CREATE MACRO text_of_other(x) AS CAST(x AS VARCHAR);

CREATE MACRO json_of_text(x) AS nullif(x, '');
CREATE MACRO json_of_nested(x) AS CAST(to_json(x) AS VARCHAR);

-- An object of tags; a list of {key, value} is how BigQuery writes one. No tags at all is NULL.
CREATE MACRO tags_or_null(m) AS CASE WHEN cardinality(CAST(m AS MAP(VARCHAR, VARCHAR))) > 0 THEN m END;
CREATE MACRO tags_of_text(x) AS tags_or_null(TRY_CAST(TRY_CAST(x AS JSON) AS MAP(VARCHAR, VARCHAR)));
CREATE MACRO tags_of_map(x) AS tags_or_null(CAST(x AS MAP(VARCHAR, VARCHAR)));
CREATE MACRO tags_of_entries(x) AS tags_or_null(TRY(map_from_entries(x)));
CREATE MACRO tags_of_nested(x) AS tags_or_null(TRY_CAST(to_json(x) AS MAP(VARCHAR, VARCHAR)));

CREATE MACRO time_of_text(x) AS TRY_CAST(x AS TIMESTAMPTZ);
CREATE MACRO time_of_date(x) AS CAST(x AS TIMESTAMPTZ);
CREATE MACRO time_of_instant(x) AS CAST(x AS TIMESTAMPTZ);
-- A time without a zone is UTC; by its microseconds, which is forty times as fast as the cast.
CREATE MACRO time_of_local(x) AS make_timestamptz(epoch_us(x));

-- A floating point number stands for the shortest decimal that gives it. Below 1000 (1 for quantities) the direct cast
-- is that decimal, for the product has at most 15 digits. Below a million, a decimal of 9 places that gives the number
-- back is it too, since no two decimals of 15 digits give the same number. Else the way leads through its text.
CREATE MACRO gives_back(x) AS abs(x) < 1000000 AND CAST(TRY_CAST(x AS DECIMAL(18, 9)) AS DOUBLE) = x;
CREATE MACRO money_of_text(x) AS TRY_CAST(x AS DECIMAL(38, 12));
CREATE MACRO money_of_number(x) AS TRY_CAST(x AS DECIMAL(38, 12));
CREATE MACRO money_of_float(x) AS CASE
    WHEN abs(x) < 1000 THEN TRY_CAST(x AS DECIMAL(38, 12))
    WHEN gives_back(x) THEN CAST(TRY_CAST(x AS DECIMAL(18, 9)) AS DECIMAL(38, 12))
    ELSE TRY_CAST(CAST(x AS VARCHAR) AS DECIMAL(38, 12))
END;
CREATE MACRO quantity_of_text(x) AS TRY_CAST(x AS DECIMAL(38, 15));
CREATE MACRO quantity_of_number(x) AS TRY_CAST(x AS DECIMAL(38, 15));
CREATE MACRO quantity_of_float(x) AS CASE
    WHEN abs(x) < 1 THEN TRY_CAST(x AS DECIMAL(38, 15))
    WHEN gives_back(x) THEN CAST(TRY_CAST(x AS DECIMAL(18, 9)) AS DECIMAL(38, 15))
    ELSE TRY_CAST(CAST(x AS VARCHAR) AS DECIMAL(38, 15))
END;
