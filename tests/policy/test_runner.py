"""The runner: findings of rows, limits of time, sentences for SQL that fails; values never become SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from infragod.errors import SetupError
from infragod.policy import rules, runner
from infragod.policy.contract import TABLES
from infragod.policy.decide import decide
from infragod.policy.rules import Rule, RuleSet
from infragod.resource import Finding, Level, Result, Verdict

HEAD = """\
-- id = "x"
-- title = "the title"
-- why = "w"
-- level = "mandatory"
-- at = ["plan"]
-- unknown = "approve"
-- mend = "mend {part}, {cost}, {none}"
"""
TODAY = date(2026, 11, 22)
Make = Callable[..., RuleSet]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(sql: str, mend: str = '"m"') -> RuleSet:
        text = HEAD.replace('"mend {part}, {cost}, {none}"', mend) + sql
        return RuleSet((rules.read(text, "rule file x.sql", tmp_path),), "test")

    return build


def resources(*addresses: str) -> dict[str, dict[str, list[Any]]]:
    columns: dict[str, list[Any]] = {c: [None] * len(addresses) for c in TABLES["resource"]}
    return {"resource": columns | {"address": list(addresses)}}


def test_true_and_null_are_kept_with_their_effects_in_the_plans_order(make: Make) -> None:
    found = runner.run(
        make(
            "SELECT r.address, CASE r.address WHEN 'b' THEN TRUE WHEN 'a' THEN NULL ELSE FALSE END AS violation, "
            "CASE r.address WHEN 'b' THEN 'said' END AS message, 'p' AS part, 1.50 AS cost, NULL AS none "
            "FROM resource AS r",
            '"mend {part}, {cost}, {none}"',
        ),
        resources("c", "b", "a"),
        today=TODAY,
    )
    assert found == [
        Finding("x", Level.MANDATORY, "b", Result.VIOLATION, "said", "mend p, 1.50, ?", Verdict.DENY),
        Finding("x", Level.MANDATORY, "a", Result.UNKNOWN, "the title", "mend p, 1.50, ?", Verdict.NEEDS_APPROVAL),
    ]
    assert decide(found) is Verdict.DENY
    assert decide(found[1:]) is Verdict.NEEDS_APPROVAL


def test_nothing_found_is_allowed_and_a_waived_finding_does_not_count() -> None:
    waived = Finding("x", Level.MANDATORY, "a", Result.WAIVED, "m", "m", Verdict.DENY)
    assert decide([]) is Verdict.ALLOW
    assert decide([waived]) is Verdict.ALLOW


def test_a_table_that_nobody_gave_is_empty(make: Make) -> None:
    sql = "SELECT r.address, TRUE AS violation, 'm' AS message FROM resource AS r"
    assert runner.run(make(sql), {}, today=TODAY) == []


def test_a_runaway_rule_is_stopped_and_named(make: Make) -> None:
    many = ", ".join(f"resource AS r{i}" for i in range(6))
    sql = f"SELECT r0.address, COUNT(*) = 1 AS violation, 'm' AS message FROM {many} GROUP BY r0.address"
    with pytest.raises(SetupError, match=r"^rule file x.sql was stopped after 0.2 seconds; make it cheaper") as caught:
        runner.run(make(sql), resources(*(f"a{i}" for i in range(300))), today=TODAY, seconds=0.2)
    assert "\n" not in str(caught.value)


def test_sql_that_fails_names_the_file_and_the_engines_word(make: Make) -> None:
    sql = "SELECT r.address, CAST(r.address AS INT) = 1 AS violation, 'm' AS message FROM resource AS r"
    with pytest.raises(SetupError, match=r"^rule file x.sql failed: Conversion Error: .*'a'") as caught:
        runner.run(make(sql), resources("a"), today=TODAY)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("row", ["1 AS violation, r.address", "TRUE AS violation, 5 AS address"])
def test_a_row_that_breaks_the_contract(make: Make, row: str) -> None:
    with pytest.raises(SetupError, match="violation is TRUE, FALSE or NULL, and an address is text"):
        runner.run(make(f"SELECT {row}, 'm' AS message FROM resource AS r"), resources("a"), today=TODAY)


def test_today_is_there(make: Make) -> None:
    sql = "SELECT r.address, $today > DATE '2026-11-21' AS violation, 'm' AS message FROM resource AS r"
    assert len(runner.run(make(sql), resources("a"), today=TODAY)) == 1


NASTY = st.text(alphabet="abT'\"%_!*?;-\\${}() ", min_size=1, max_size=12)


@hypothesis_settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=NASTY, value=NASTY, allowed=NASTY.filter(lambda s: "*" not in s and "?" not in s))
def test_values_never_become_sql(tmp_path: Path, key: str, value: str, allowed: str) -> None:
    rule = _tags(tmp_path, {"keys": [key], "patterns": {key: [allowed]}, "values": {key: [allowed]}})
    tables = resources("a")
    usual: dict[str, list[Any]] = {
        "action": ["create"],
        "provider": ["aws"],
        "taggable": [True],
        "tags_known": [True],
        "deposed": [False],
    }
    tables["resource"] |= usual
    tables["tag"] = {"address": ["a"], "key": [key], "value": [value]}
    found = runner.run(RuleSet((rule,), ""), tables, today=TODAY)
    assert [f.result for f in found] == ([] if value == allowed else [Result.VIOLATION])
    assert all(key in f.message for f in found)


def _tags(home: Path, settings: dict[str, Any]) -> Rule:
    rule = rules.read(rules.built_in()["mandatory-tags.sql"], "built-in", home)
    return rules.with_settings(rule, settings, "settings")
