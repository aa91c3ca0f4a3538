"""Engines for rules that are used again hold nothing of the plan before, and prepare what comes again."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from infragod.errors import SetupError
from infragod.lake import scratch
from infragod.lake.scratch import Bench, Pool

TYPES = {
    "resource": {"address": "VARCHAR", "known": "BOOLEAN", "cost": "DECIMAL(38,12)"},
    "team": {"team": "VARCHAR"},
}
SIZES = pytest.mark.parametrize("resources", [1, scratch.SMALL + 1])
EVERYTHING = "SELECT r.address AS word FROM resource AS r UNION ALL SELECT t.team FROM team AS t"


@pytest.fixture
def pool() -> Pool:
    return Pool(TYPES)


def words(bench: Bench) -> list[str]:
    return [row[0] for row in bench.run(EVERYTHING, seconds=20, what="the rule")[1]]


def use(pool: Pool, address: str, resources: int = 1, team: str | None = "shop") -> list[str]:
    with pool.borrowed(resources) as bench:
        bench.fill("resource", {"address": [address], "known": [None], "cost": [None]})
        bench.fill("team", {"team": [team] if team else []})
        return words(bench)


@SIZES
def test_nothing_of_a_plan_stays(pool: Pool, resources: int) -> None:
    assert use(pool, "aws_instance.web", resources) == ["aws_instance.web", "shop"]
    with pool.borrowed(resources) as bench:
        assert words(bench) == []


@SIZES
def test_each_plan_sees_its_own_rows_however_often_a_statement_came(pool: Pool, resources: int) -> None:
    for n in range(4):
        assert use(pool, f"a{n}", resources, "shop" if n % 2 else None) == [f"a{n}", *(["shop"] if n % 2 else [])]


def test_a_small_plans_engine_is_used_again(pool: Pool) -> None:
    with pool.borrowed(1) as first:
        pass
    with pool.borrowed(1) as second:
        assert second is first
    with pool.borrowed(scratch.SMALL + 1) as large:
        assert large is not first


def test_what_comes_again_is_prepared_and_planned_no_more(pool: Pool) -> None:
    for _ in range(3):
        use(pool, "a")
    with pool.borrowed(1) as bench:
        found = bench.connection.execute("SELECT COUNT(*) FROM duckdb_prepared_statements()").fetchone()
    assert found == (3,)  # two tables are filled, one statement runs


def test_values_reach_the_engine_whole(pool: Pool) -> None:
    rows: dict[str, list[Any]] = {
        "address": ["a", "b"],
        "known": [True, None],
        "cost": ["0.000000000001", "12345678901234567890.5"],
    }
    for _ in range(3):
        with pool.borrowed(1) as bench:
            bench.fill("resource", rows)
            sql = "SELECT address, known, CAST(cost AS VARCHAR) AS cost FROM resource"
            assert bench.run(sql, seconds=20, what="w") == (
                ["address", "known", "cost"],
                [("a", True, "0.000000000001"), ("b", None, "12345678901234567890.500000000000")],
            )


def test_an_engine_in_which_something_failed_is_closed(pool: Pool) -> None:
    with pytest.raises(SetupError, match=r"^the rule failed: Binder Error"), pool.borrowed(1) as bench:
        bench.run("SELECT no_such_column FROM resource", seconds=20, what="the rule")
    with pytest.raises(duckdb.ConnectionException):
        bench.connection.execute("SELECT 1")
    assert use(pool, "b") == ["b", "shop"]


@pytest.mark.parametrize("before", [0, 2], ids=["at first", "when prepared"])
def test_a_limit_of_time_leaves_nothing_behind(pool: Pool, before: int) -> None:
    many = ", ".join(f"resource AS r{n}" for n in range(1, 6))
    count = f"SELECT COUNT(*) AS n FROM resource AS r0, {many} WHERE r0.address || r5.address <> r1.address"
    for _ in range(before):
        with pool.borrowed(1) as bench:
            bench.fill("resource", {"address": ["x"], "known": [None], "cost": [None]})
            assert bench.run(count, seconds=20, what="the rule")[1] == [(1,)]
    with pytest.raises(SetupError, match=r"the rule was stopped after 0\.2 seconds"):
        run_away(pool, count)
    with pool.borrowed(1) as after:
        assert words(after) == []


def run_away(pool: Pool, sql: str) -> None:
    with pool.borrowed(1) as bench:
        bench.fill("resource", {"address": ["secret"] * 400, "known": [None] * 400, "cost": [None] * 400})
        bench.run(sql, seconds=0.2, what="the rule")


def test_no_more_than_two_stay_open(pool: Pool) -> None:
    with pool.borrowed(1) as first, pool.borrowed(1) as second, pool.borrowed(1) as third:
        pass
    with pool.borrowed(1) as one, pool.borrowed(1) as other:
        assert {one, other} < {first, second, third}
    with pytest.raises(duckdb.ConnectionException):
        first.connection.execute("SELECT 1")


def test_an_engine_that_was_asked_too_much_is_closed(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "MOST_STATEMENTS", 3)
    with pool.borrowed(1) as first:
        for n in range(4):
            first.run(f"SELECT {n}", seconds=20, what="w")
    with pool.borrowed(1) as second:
        assert second is not first


@SIZES
@pytest.mark.parametrize(
    "sql",
    [
        "SET enable_external_access = true",
        "SET disabled_optimizers = ''",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY resource TO '/tmp/x.csv'",
        "ATTACH '/tmp/x.db'",
        "INSTALL httpfs",
    ],
)
def test_it_stays_locked(pool: Pool, resources: int, sql: str) -> None:
    with pool.borrowed(resources):
        pass
    with pytest.raises(SetupError), pool.borrowed(resources) as bench:
        bench.run(sql, seconds=20, what="the rule")


def test_macros(pool: Pool) -> None:
    with pool.borrowed(1) as bench:
        assert bench.run("SELECT percent_text(1, 2)", seconds=20, what="w")[1] == [("50 %",)]
