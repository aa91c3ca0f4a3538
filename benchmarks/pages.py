"""The pages and lists over a year of decisions: the server's time for each, on SQLite or on PostgreSQL.

usage: python benchmarks/pages.py [--decisions N] [--postgres URL] [--folder DIR] [--keep] [--json]

The example company is built; then N decisions are written beside its own, over the past year: 2,000 workspaces and 200
teams of very different size, findings of 60 rules, three resources each that the plan changes, a grant for one decision
in five with an entry of the log for each step and a comparison of its estimate with the bill, a request for approval
for one in ten, an incident for one in a thousand. The newest 100,000 have a document; pages read a document by its
number, so older ones would cost disk alone. Goal: each page within 300 ms.

Each page is asked six times by a client in the same process, after the server's own warming: the slowest of all six is
shown as it took, and the median in processor time, which is comparable on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastapi.testclient import TestClient
from sqlalchemy import text

from infragod import settings as settings_module
from infragod.db.connection import Connection, Database
from infragod.demo import build, desk, history
from infragod.progress import SILENT
from infragod.settings import Settings
from infragod.web.app import create
from process import machine

YEAR: Final = 18_250_000
GOAL: Final = 300.0
STEP: Final = 250_000
DOCUMENTS: Final = 100_000
TIMES: Final = 6
FILTERS: Final = (
    *("verdict=deny", "verdict=allow", "workspace=team-180-ws-3", "workspace=shop-prod", "workspace=none"),
    *("team=team-0", "team=team-180", "team=none", "rule=rule-1", "rule=rule-58", "rule=none"),
    *("verdict=deny&team=team-0", "team=team-180&rule=rule-58", "team=none&rule=rule-1", "rule=none&verdict=allow"),
    *("verdict=deny&rule=rule-58&workspace=team-180-ws-3", "verdict=needs_approval&workspace=none&team=team-0"),
)

_SERIES: Final = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT :low UNION ALL SELECT n + 1 FROM s WHERE n < :high)",
    "postgresql": "WITH s AS (SELECT generate_series(CAST(:low AS BIGINT), CAST(:high AS BIGINT)) AS n)",
}
_ID: Final = {  # an odd factor modulo 2^32: each number its own id
    "sqlite": "printf('%04X-%04X', (n * 2654435761 % 4294967296) / 65536, n * 2654435761 % 65536)",
    "postgresql": "upper(lpad(to_hex((n * 2654435761 % 4294967296) / 65536), 4, '0') || '-' "
    "|| lpad(to_hex(n * 2654435761 % 65536), 4, '0'))",
}
_AT: Final = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', {0}, 'unixepoch') || '000'",
    "postgresql": "to_timestamp({0})",
}
_MONEY: Final = {"sqlite": "printf('%d.%02d', {0} / 100, {0} % 100)", "postgresql": "CAST({0} AS NUMERIC(38,12)) / 100"}
_FALSE: Final = {"sqlite": "0", "postgresql": "FALSE"}
_MONTH: Final = {
    "sqlite": "strftime('%Y-%m', {0}, 'unixepoch')",
    "postgresql": "to_char(to_timestamp({0}) AT TIME ZONE 'UTC', 'YYYY-MM')",
}


_TEAM: Final = "'team-' || ((n * 7919 % 200) * (n * 7919 % 200) / 200)"
STATEMENTS: Final = (
    """INSERT INTO decision (number, id, created_at, workspace, verdict, actor, bundle, local, plan_digest, currency,
        monthly_cost, monthly_delta, complete, findings)
    {series} SELECT n, {id}, {at}, {workspace}, CASE WHEN n % 20 < 12 THEN 'allow' WHEN n % 20 < 17 THEN 'warn'
        WHEN n % 20 < 19 THEN 'needs_approval' ELSE 'deny' END, 'ci', 'bundle 1', {no}, {id}, 'USD',
        {cost}, {cost}, NOT {no}, n % 4 FROM s""",
    """INSERT INTO decision_rule (number, rule, result, level, findings)
    {series}, k(i) AS (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)
    SELECT n, 'rule-' || ((n * i * 31 % 20) * 3 + i), 'violation', 'advisory', 1 + n % 5
    FROM s CROSS JOIN k WHERE i <= n % 4""",
    "INSERT INTO decision_team (team, number) {series} SELECT {team}, n FROM s",
    """INSERT INTO approval_request (number, workspace, plan_digest, binding, policy, state, opened_at, expires_at,
        reason, lost, content)
    {series} SELECT n, {workspace}, {id}, '', '', 'approved', {at}, {at}, '', '',
        (SELECT content FROM approval_request ORDER BY number LIMIT 1) FROM s WHERE n % 10 = 8""",
    "INSERT INTO approval_decision (decision, request) {series} SELECT {id}, n FROM s WHERE n % 10 = 8",
    """INSERT INTO apply_grant (number, id, hash, decision, workspace, change_request, lineage, serial, plan_digest,
        file_digest, actor, state, issued_at, expires_at, note)
    {series} SELECT n, {id}, {id}, {id}, {workspace}, '', '', 1, {id}, '', 'ci', 'used', {at}, {at}, ''
        FROM s WHERE n % 5 = 0""",
    """INSERT INTO incident (number, kind, subject, details, opened_at, opened_by, closed_at, closed_by, resolution)
    {series} SELECT n, 'state', {workspace}, CAST('{{}}' AS TEXT), {at}, 'ci', {at}, 'ci', 'done'
        FROM s WHERE n % 1000 = 0""",
    """INSERT INTO decision_place (place, number, makes)
    {series}, k(i) AS (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)
    SELECT (n * 2654435761 % 4294967296) * 2147483647 + i, n, {no} FROM s CROSS JOIN k""",
    """INSERT INTO audit (number, at, kind, actor, details, hash)
    {series} SELECT {logged} + n, {at}, CASE WHEN n % 5 > 0 THEN 'decision' ELSE 'grant.finish' END, 'ci',
        '{{"decision":"' || {id} || '","verdict":"allow"}}', {id} || '-' || n FROM s""",
    """INSERT INTO audit_subject (subject, number)
    {series} SELECT 'decision ' || {id}, {logged} + n FROM s WHERE n % 5 = 0""",
    """INSERT INTO audit_subject (subject, number)
    {series} SELECT 'grant ' || {id}, {logged} + n FROM s WHERE n % 5 = 0""",
    """INSERT INTO followup (number, decision, {grant}, workspace, change_request, applied_at, currency, month, state,
        days, missing, estimated, billed, rate, quantity, unknown, left_out, apart, seen, told)
    {series} SELECT n, {id}, {id}, {workspace}, '', {at}, 'USD', {month}, 'complete', 30, '[]', {cost}, {cost}, {nil},
        {nil}, {nil}, '{{}}', '{{}}', '', '' FROM s WHERE n % 5 = 0""",
    """INSERT INTO followup_resource (followup, position, address, type, action, recipe, team, outcome,
        estimated, billed, rate, quantity, unknown, content)
    {series}, k(i) AS (SELECT 1 UNION ALL SELECT 2)
    SELECT n, i, 'aws_instance.web', 'aws_type_' || (n * i * 31 % 60), 'create', 'aws_type_' || (n * i * 31 % 60),
        {team}, 'compared', {cost}, {cost}, {nil}, {nil}, {nil}, '{{}}' FROM s CROSS JOIN k WHERE n % 5 = 0""",
    """INSERT INTO decision_document (number, body)
    {series} SELECT n, (SELECT body FROM decision_document ORDER BY number LIMIT 1) FROM s WHERE n > {documented}""",
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page's milliseconds."""

    path: str
    slowest: float
    processor: float


def main() -> None:
    """Fill, serve, measure, print."""
    options = argparse.ArgumentParser()
    options.add_argument("--decisions", type=int, default=1_000_000, help=f"a year of 50,000 a day is {YEAR}")
    options.add_argument("--postgres", default="", help="address of an empty database; without it, SQLite")
    options.add_argument("--folder", type=Path, help="where the home is; one that is there is measured")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = (given.folder or Path(name)) / "home"
        settings = _settings(home, given.postgres)
        seconds = 0.0
        if not home.exists():
            seconds = filled(settings, given.decisions)
        pages = measured(settings)
    size = sum(f.stat().st_size for f in home.glob("infragod.db*")) if home.exists() and not given.postgres else 0
    if given.json:
        rows = [[p.path, p.slowest, p.processor] for p in pages]
        print(json.dumps({"machine": machine(), "decisions": given.decisions, "fill": seconds, "rows": rows}))
        return
    print(f"{machine()}\n{given.decisions:,} decisions, filled in {seconds:.0f} s, {size / 2**30:.1f} GiB\n")
    print(f"{'slowest':>12}{'processor':>12}   page (goal {GOAL:.0f} ms)")
    for page in sorted(pages, key=lambda p: -p.slowest):
        print(f"{page.slowest:>9.0f} ms{page.processor:>9.0f} ms   {page.path}")


def _settings(home: Path, url: str) -> Settings:
    env = {"INFRAGOD_HOME": str(home)} | ({"INFRAGOD_DATABASE_URL": url} if url else {})
    return replace(settings_module.load(env=env, cwd=home.parent), port=8080)


def filled(settings: Settings, decisions: int) -> float:
    """Build the example company and write so many decisions; how long the writing took."""
    today = datetime.now(UTC).date()
    build.build(settings.home, today)
    if settings.database_url:  # the example company's own database is SQLite: what it decided is decided again
        own = replace(build.settings_of(settings.home), database_url=settings.database_url)
        Database.open(own).close()
        build._organisation(own)  # noqa: SLF001  # the parts of a company that are in the database
        build._budgets(own, today)  # noqa: SLF001
        build._publish(own)  # noqa: SLF001
        history.record(own, today, SILENT)
        desk.record_all(own, today)
    began = time.perf_counter()
    with Database.open(settings) as database:
        fill(database, decisions)
    return time.perf_counter() - began


def fill(database: Database, decisions: int) -> None:
    """Write the decisions and what follows from them."""
    first = logged = 0
    for low in range(0, decisions, STEP):
        high = min(decisions, low + STEP)
        with database.begin() as connection:
            if not low:
                first = connection.execute(text("SELECT COALESCE(MAX(number), 0) FROM decision")).scalar() or 0
                logged = connection.execute(text("SELECT COALESCE(MAX(number), 0) FROM audit")).scalar() or 0
                _fast(connection)
            _step(connection, (first + low + 1, first + high, first + decisions), logged - first)
    with database.begin() as connection:
        if connection.dialect.name == "postgresql":  # as its autovacuum does; SQLite has no statistics here
            connection.execute(text("ANALYZE"))


def _fast(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA cache_size = -3000000"))


def _step(connection: Connection, numbers: tuple[int, int, int], logged: int) -> None:
    low, high, last = numbers
    dialect = connection.dialect.name
    now = int(datetime.now(UTC).timestamp())
    moment = f"{now} - ({last} - n) * (365 * 86400.0 / {last})"
    places = {
        "series": _SERIES[dialect],
        "id": _ID[dialect],
        "no": _FALSE[dialect],
        "at": _AT[dialect].format(moment),
        "month": _MONTH[dialect].format(moment),
        "logged": str(logged),
        "grant": '"grant"',
        "cost": _MONEY[dialect].format("(n * 7907 % 1000003)"),
        "nil": _MONEY[dialect].format("0"),
        "team": _TEAM,
        "workspace": f"{_TEAM} || '-ws-' || (n * 104729 % 10)",
        "documented": last - DOCUMENTS,
    }
    for statement in STATEMENTS:
        connection.execute(text(statement.format(**places)), {"low": low, "high": high})


def measured(settings: Settings) -> list[Page]:
    """The pages as a client sees them."""
    with serving(settings) as client:
        return [_page(client, path) for path in paths(settings)]


@contextmanager
def serving(settings: Settings) -> Iterator[TestClient]:
    """A client of the server over `settings`, once that is warm."""
    app = create(settings)
    with TestClient(app, base_url="http://localhost:8080", client=("127.0.0.1", 50000)) as client:
        app.state.site.gate.warm(0)
        app.state.site.figures.warm(settings.currency, datetime.now(UTC).date())
        app.state.site.friction.warm(0)
        app.state.site.accuracy.warm(0)
        yield client


def paths(settings: Settings) -> list[str]:
    """Every page and list: first and last page, each filter, what is there and what is not."""
    with Database.open(settings) as database, database.read() as connection:

        def one(sql: str) -> Any:
            return connection.execute(text(sql)).scalar()

        number = one("SELECT MAX(number) FROM decision")
        name = one("SELECT id FROM decision ORDER BY number DESC LIMIT 1 OFFSET 5")
        incident = one("SELECT MAX(number) FROM incident")
        grant = one("SELECT id FROM apply_grant ORDER BY number LIMIT 1 OFFSET 60")
        month = one("SELECT MAX(month) FROM followup WHERE month < (SELECT MAX(month) FROM followup)")
        request = one("SELECT number FROM approval_request ORDER BY number LIMIT 1 OFFSET 60")
    return [
        *("/", "/showback", "/showback/services?team=checkout", "/state", "/state/team-180-ws-3"),
        *(
            "/decisions",
            "/decisions?before=60",
            f"/decisions?before={number // 2}",
            *(f"/decisions?{f}" for f in FILTERS),
        ),
        *("/decisions?verdict=deny&before=60", "/decisions?team=team-0&before=60"),
        *(f"/decisions/{name}", "/decisions/0000-0000", "/approvals", "/approvals?state=approved"),
        *(f"/approvals?state=approved&before={request}", "/approvals?state=expired", "/waivers", "/waivers?state=all"),
        *("/grants", "/grants?state=used", "/grants?state=issued", f"/grants?before={grant}"),
        *("/grants?workspace=team-180-ws-3", "/grants?workspace=none", f"/grants?decision={name}"),
        *("/incidents", "/incidents?state=all", "/incidents?state=all&kind=state", "/incidents?state=all&kind=budget"),
        *(f"/incidents/{incident}", "/incidents?state=all&before=3000", "/v1/approvals", "/v1/grants"),
        *("/coverage", "/coverage?basis=billed", "/friction", "/friction?page=2", "/accuracy", "/accuracy?page=100"),
        *(f"/friction?month={month}", f"/accuracy?month={month}", f"/accuracy?month={month}&by=team"),
        *("/grants?state=used&workspace=team-180-ws-3", "/grants?state=claimed&workspace=team-0-ws-3"),
        *("/v1/grants?state=expired&workspace=team-0-ws-3", "/approvals?state=refused", "/approvals?state=void"),
        *(f"/v1/decisions/{name}", f"/v1/decisions/{name}/approval", f"/v1/grants/{grant}", "/readyz"),
    ]


def _page(client: TestClient, path: str) -> Page:
    walls, processors = [], []
    for _ in range(TIMES):
        wall, processor = time.perf_counter(), time.process_time()
        status = client.get(path).status_code
        walls.append(1000 * (time.perf_counter() - wall))
        processors.append(1000 * (time.process_time() - processor))
        if status not in (200, 404):
            print(f"{path}: status {status}", file=sys.stderr)
    return Page(path, max(walls), statistics.median(processors))


if __name__ == "__main__":
    os.environ.pop("INFRAGOD_HOME", None)
    main()
