"""The lint: each prohibition has a failing file, and what is allowed passes."""

from __future__ import annotations

import pytest

from infragod.policy import header, linted

HEAD = """\
-- id = "x"
-- title = "t"
-- why = "w"
-- level = "advisory"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "m"
-- [parameters.limit]
-- type = "decimal"
-- help = "h"
-- [parameters.names]
-- type = "patterns"
-- help = "h"
"""
PLAIN = "SELECT r.address, {0} AS violation, 'm' AS message FROM resource AS r"

REFUSED = {
    "glob": (PLAIN.format("r.name GLOB 'a*'"), "uses GLOB"),
    "division": ("SELECT c.address, c.monthly_cost / 2 > 1 AS violation, 'm' AS message FROM cost AS c", "uses /"),
    "whole division": (PLAIN.format("5 // 2 > 1"), "uses /"),
    "map": (PLAIN.format("MAP {'a': 1} IS NULL"), "tags and attributes are tables"),
    "bracket": (PLAIN.format("r.name[1] = 'a'"), "tags and attributes are tables"),
    "quantile": ("SELECT 'plan' AS address, quantile_cont(1, 0.5) > 1 AS violation, 'm' AS message", "quantiles"),
    "median": ("SELECT 'plan' AS address, median(1) > 1 AS violation, 'm' AS message", "quantiles"),
    "average": ("SELECT 'plan' AS address, AVG(1) > 1 AS violation, 'm' AS message", "loses decimals"),
    "unnest": ("SELECT 'a' AS address, TRUE AS violation, UNNEST(['m']) AS message", "type list"),
    "regular expression": (PLAIN.format("r.name ~ 'a'"), "use LIKE"),
    "file function": ("SELECT 'a' AS address, TRUE AS violation, 'm' AS message FROM read_csv('/etc/passwd')", "CSV"),
    "file as a table": ("SELECT 'a' AS address, TRUE AS violation, 'm' AS message FROM '/etc/passwd'", "no table"),
    "unlisted function": (PLAIN.format("getenv('HOME') = 'a'"), "calls getenv"),
    "random": (PLAIN.format("RANDOM() > 0.5"), "not in the subset"),
    "other schema": (PLAIN.format("TRUE").replace("resource", "information_schema.tables"), "no table"),
    "unknown table": (PLAIN.format("TRUE").replace("resource", "resources"), "no table that rules see"),
    "unknown column": (PLAIN.format("r.nam = 'a'"), "names what is not there"),
    "undeclared scalar": (PLAIN.format("$lim > 1"), "$lim, which the header does not declare"),
    "undeclared list": (PLAIN.format("r.name IN (SELECT k.value FROM p_keys AS k)"), "no table that rules see"),
    "star": ("SELECT * FROM resource", "name the columns"),
    "no violation": ("SELECT r.address, 'm' AS message FROM resource AS r", "gives no column violation"),
    "two statements": (PLAIN.format("TRUE") + "; SELECT 1", "not one SELECT"),
    "writing": ("DELETE FROM resource", "not one SELECT"),
    "copy": ("COPY resource TO '/tmp/x'", "not one SELECT"),
    "attach": ("ATTACH '/tmp/x'", "not one SELECT"),
    "no SQL": ("SELECT FROM WHERE (", "is not SQL"),
    "unfinished text": ("SELECT 'a", "is not SQL"),
    "part named as a table": ("WITH tag AS (SELECT 1 AS one) " + PLAIN.format("TRUE"), "give it another name"),
    "filter drops unknown": (
        "SELECT t.address, TRUE AS violation, 'm' AS message FROM tag AS t WHERE t.value <> 'prod'",
        "a filter tests value",
    ),
    "filter in a subquery": (
        PLAIN.format("NOT EXISTS (SELECT 1 AS o FROM p_names AS p WHERE p.value = r.region)"),
        "a filter tests region",
    ),
    "outer join drops unknown": (
        PLAIN.format("p.value IS NULL") + " LEFT JOIN p_names AS p ON p.value = r.region",
        "a filter tests region",
    ),
    "having drops unknown": (
        (
            "SELECT 'plan' AS address, TRUE AS violation, 'm' AS message FROM cost AS c GROUP BY c.monthly_cost "
            "HAVING c.monthly_cost > 5"
        ),
        "a filter tests monthly_cost",
    ),
    "unknown through a part": (
        (
            "WITH a AS (SELECT t.address, LOWER(t.value) AS low FROM tag AS t) "
            "SELECT a.address, TRUE AS violation, 'm' AS message FROM a WHERE a.low = 'x'"
        ),
        "a filter tests low",
    ),
    "unknown through a union": (
        (
            "WITH a AS (SELECT t.address, 'x' AS low FROM tag AS t UNION ALL SELECT t.address, t.value FROM tag AS t) "
            "SELECT a.address, TRUE AS violation, 'm' AS message FROM a WHERE a.low = 'x'"
        ),
        "a filter tests low",
    ),
    "unknown by a case": (
        (
            "WITH a AS (SELECT r.address, CASE WHEN r.type = 'a' THEN NULL ELSE TRUE END AS bad FROM resource AS r) "
            "SELECT a.address, a.bad AS violation, 'm' AS message FROM a WHERE a.bad"
        ),
        "a filter tests bad",
    ),
    "when answers for unknown": (
        PLAIN.format("CASE WHEN r.region = 'a' THEN TRUE ELSE FALSE END"),
        "a WHEN tests region",
    ),
    "sum skips unknown": (
        "SELECT 'plan' AS address, SUM(c.monthly_cost) > 5 AS violation, 'm' AS message FROM cost AS c",
        "SUM skips rows whose monthly_cost is unknown",
    ),
    "filter of an aggregate": (
        "SELECT 'plan' AS address, COUNT(*) FILTER (WHERE t.value = 'a') > 5 AS violation, 'm' AS message FROM tag t",
        "a filter tests value",
    ),
}

ALLOWED = {
    "said beside it": PLAIN.format("TRUE") + " WHERE r.region IS NULL OR r.region <> 'a'",
    "tested in the result": PLAIN.format("r.region <> 'a'"),
    "coalesced": "SELECT t.address, TRUE AS violation, 'm' AS message FROM tag AS t WHERE COALESCE(t.value, '') <> 'a'",
    "null-safe": "SELECT t.address, TRUE AS violation, 'm' AS message FROM tag AS t WHERE t.value IS DISTINCT FROM 'a'",
    "when said": PLAIN.format("CASE WHEN r.region IS NULL THEN NULL WHEN r.region = 'a' THEN TRUE ELSE FALSE END"),
    "when said above": PLAIN.format(
        "CASE WHEN r.region IS NULL THEN NULL ELSE CASE WHEN r.region = 'a' THEN TRUE ELSE FALSE END END"
    ),
    "counted": "SELECT 'plan' AS address, CASE WHEN COUNT(*) > COUNT(c.monthly_cost) THEN NULL "
    "ELSE COALESCE(SUM(c.monthly_cost), 0) > $limit END AS violation, 'm' AS message FROM cost AS c",
    "summed where known": "SELECT 'plan' AS address, SUM(c.monthly_cost) FILTER (WHERE c.monthly_cost IS NOT NULL) > 5 "
    "AS violation, 'm' AS message FROM cost AS c",
    "narrowed by a part": "WITH a AS (SELECT t.address, t.value FROM tag AS t WHERE t.value IS NOT NULL) "
    "SELECT a.address, TRUE AS violation, 'm' AS message FROM a WHERE a.value = 'x'",
    "macros": PLAIN.format("money_text(1.5, 'USD') = '$1.50' AND ratio(1, 2) > 0"),
    "scalar subquery": PLAIN.format("(SELECT MAX(p.value) FROM p_names AS p) = 'a'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    sql, words = REFUSED[name]
    found = linted.problems(HEAD + sql, "x.sql")
    assert any(words in problem.message for problem in found), found


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    assert linted.problems(HEAD + ALLOWED[name], "x.sql") == ()


def test_a_problem_names_its_line() -> None:
    sql = "SELECT t.address, TRUE AS violation,\n  'm' AS message\nFROM tag AS t\nWHERE t.value = 'a'"
    assert [p.line for p in linted.problems(HEAD + sql, "x.sql")] == [HEAD.count("\n") + 4]


def test_mend_names_columns_of_the_result() -> None:
    found = linted.problems(HEAD.replace('"m"', '"use {what}"') + PLAIN.format("TRUE"), "x.sql")
    assert ["names {what} in its mend" in p.message for p in found] == [True]


def test_facts_of_a_good_file() -> None:
    text = (
        HEAD
        + "SELECT t.address, $limit > 1 AND $today IS NULL AS violation, 'm' AS message FROM tag AS t, p_names AS p"
    )
    report = linted.report_of(text, header.parse(text, "x"))
    assert (report.tables, report.scalars, report.columns) == (
        ("p_names", "tag"),
        ("limit", "today"),
        ("address", "violation", "message"),
    )
