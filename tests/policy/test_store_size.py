"""Lists cost the same however many decisions there are: the steps of the database are counted, no clock is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from infragod import settings as settings_module
from infragod.db.connection import Connection, Database
from infragod.policy import store

FEW, MANY = 2_000, 100_000
SERIES = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :count)"
FILL = (
    f"""INSERT INTO decision (number, id, created_at, workspace, verdict, actor, bundle, local, plan_digest, currency,
        monthly_cost, monthly_delta, complete, findings) {SERIES}
    SELECT n, printf('%09d', n), '2026-01-01 00:00:00.000000', CASE WHEN n < 40 THEN 'rare' ELSE 'ws-' || (n % 50) END,
        CASE n % 4 WHEN 0 THEN 'deny' ELSE 'allow' END, 'ci', 'b', 0, 'd', 'USD', '1', '1', 1, 1 FROM s""",
    f"""INSERT INTO decision_rule (number, rule, result, level, findings) {SERIES}, r(result) AS (VALUES ('unknown'),
        ('violation'), ('waived')) SELECT n, 'rule-' || (n % 2), r.result, 'advisory', 1 FROM s CROSS JOIN r""",
    f"INSERT INTO decision_team (team, number) {SERIES} SELECT 'team-' || (n % 3), n FROM s",
)
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"verdict": "deny"},
    {"rule": "rule-1"},
    {"rule": "none"},
    {"workspace": "rare", "verdict": "deny"},
    {"workspace": "rare", "rule": "rule-1"},
    {"workspace": "rare", "team": "team-1"},
    {"workspace": "none", "team": "team-1", "rule": "rule-1", "verdict": "allow"},
    {"team": "none", "rule": "rule-1"},
    {"team": "team-1", "rule": "none"},
    {"team": "team-1", "verdict": "allow"},
    {"rule": "rule-1", "verdict": "deny"},
)


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> list[Database]:
    return [filled(tmp_path_factory.mktemp("few"), FEW), filled(tmp_path_factory.mktemp("many"), MANY)]


def filled(folder: Path, count: int) -> Database:
    database = Database.open(settings_module.load(env={"INFRAGOD_HOME": str(folder)}, cwd=folder))
    with database.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"count": count})
    return database


def steps(connection: Connection, filters: dict[str, str], before: int | None) -> int:
    """Hundreds of steps of SQLite's machine that the list takes."""
    raw = connection.connection.driver_connection
    assert raw is not None
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    raw.set_progress_handler(step, 100)
    store.search(connection, filters, before=before, limit=51, seconds=0)
    raw.set_progress_handler(None, 0)
    return taken


@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: "+".join(filters.values()) or "all")
@pytest.mark.parametrize("before", [None, 1000], ids=["first", "last"])
def test_fifty_times_as_many_cost_no_more(
    databases: list[Database], filters: dict[str, str], before: int | None
) -> None:
    few, many = (_steps(database, filters, before) for database in databases)
    assert many <= 2 * few + 100


def _steps(database: Database, filters: dict[str, str], before: int | None) -> int:
    with database.read() as connection:
        return steps(connection, filters, before)


def test_a_rule_with_several_results_is_listed_once(databases: list[Database]) -> None:
    with databases[1].read() as connection:
        found = store.recent(connection, rule="rule-1", limit=4)
        assert [line.number for line in found] == [99_999, 99_997, 99_995, 99_993]
        following = store.recent(connection, rule="rule-1", limit=2, before=99_993)
        assert [line.number for line in following] == [99_991, 99_989]


def test_filters_are_held_together(databases: list[Database]) -> None:
    with databases[1].read() as connection:
        found = store.recent(connection, rule="rule-0", team="team-1", verdict="deny", limit=3)
        assert [line.number for line in found] == [100_000, 99_988, 99_976]
        rare = store.recent(connection, workspace="rare", rule="rule-0", verdict="deny", team="team-1")
        assert [line.number for line in rare] == [28, 16, 4]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: "+".join(filters.values()) or "all")
def test_pages_that_end_early_lead_on_to_all(databases: list[Database], filters: dict[str, str]) -> None:
    with databases[0].read() as connection:
        whole = [line.number for line in store.search(connection, filters, limit=FEW).lines]
        asked: dict[str, str | None] = {"team": None, **filters}
        page = store.search(connection, asked, limit=FEW, seconds=0)
        found = [line.number for line in page.lines]
        while page.before is not None:
            page = store.search(connection, asked, before=page.before, limit=FEW, seconds=0)
            found += [line.number for line in page.lines]
    assert found == whole


def test_two_broad_filters_that_never_meet_are_searched_for_a_time(databases: list[Database]) -> None:
    ticks = iter(range(1000))
    with databases[1].read() as connection:
        page = store.search(
            connection, {"rule": "rule-1", "verdict": "deny"}, seconds=8, clock=lambda: float(next(ticks))
        )
        assert page.lines == []
        assert page.before is not None
        assert 1 < page.before < MANY - 4 * store._FIRST_STEP
        assert page.until is not None
        assert f"{page.until:%F}" == "2026-01-01"
        last = store.search(connection, {"rule": "rule-1", "verdict": "deny"}, before=page.before)
        assert last == store.Found([])
