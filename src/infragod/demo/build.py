"""Build the example company by the parts that real companies use: bills, teams, states, budgets, rules, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Final

from infragod import pipeline
from infragod import settings as settings_module
from infragod.demo import bill, budgets, home, states, workspace
from infragod.demo.bill import Bills
from infragod.demo.plans import DemoPlan, plans
from infragod.focus import BASES
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.progress import SILENT, Progress
from infragod.settings import Settings

ACTOR: Final = "example company"
WORKSPACE: Final = "workspace"
BILLS: Final = "bills"


@dataclass(frozen=True, slots=True)
class Company:
    """The company as built: where its engineers work, their plans, and what the lake holds of it."""

    home: Path
    folder: Path
    plans: tuple[DemoPlan, ...]
    rows: int
    totals: Mapping[str, Decimal]


def build(root: Path, today: date, rows: int = bill.ROWS, progress: Progress = SILENT) -> Company:
    """Build it into `root`; what an earlier example company left there is replaced, anything else is refused."""
    from infragod.demo import applied, checked, desk, history

    home.begin(root, today, rows)
    folder = root / WORKSPACE
    workspace.write(folder, root)
    settings = settings_of(root)
    bills = bill.write(root / BILLS, today, rows, progress)
    _organisation(settings)
    _states(settings, root / states.FOLDER, bills, today)
    _load(settings, bills, progress, today)
    _budgets(settings, today)
    _publish(settings)
    for plan in plans(today):
        plan.write(folder)
    behind_grants = applied.plans(bills.lines, today)
    history.record(settings, today, progress, [*behind_grants, *checked.plans(bills.lines, today, behind_grants)])
    desk.record_all(settings, today)
    _compare(settings, today)
    home.end(root, today, rows)
    return describe(root, today)


def settings_of(root: Path, env: Mapping[str, str] | None = None) -> Settings:
    """The company's settings; of the machine's environment only `env` counts, least of all another database."""
    folder = root / WORKSPACE
    return settings_module.load(folder / settings_module.FILE_NAME, env=env or {}, cwd=folder)


def describe(root: Path, today: date) -> Company:
    """What is there of the company in `root`."""
    lake = Lake(settings_of(root).lake)
    sums = ", ".join(f"SUM({column})" for column in BASES.values())
    with lake.engine() as engine:
        count, *totals = engine.run(f"SELECT COUNT(*), {sums} FROM cost")[0]  # noqa: S608 - our own column names
    return Company(root, root / WORKSPACE, plans(today), int(count), dict(zip(BASES, totals, strict=True)))


def _organisation(settings: Settings) -> None:
    from infragod.db import audit
    from infragod.db.connection import Database
    from infragod.org import sheet, store

    new, read = sheet.load(settings.folder / "organisation.csv")
    with Database.open(settings) as database, database.begin() as connection:
        store.replace(connection, new)
        counts = {
            "file": Path(read.where).name,
            "teams": len(new.teams),
            "services": len(new.services),
            "changed": True,
        }
        audit.append(connection, "org.import", ACTOR, counts)


def _states(settings: Settings, folder: Path, bills: Bills, today: date) -> None:
    """Collect the states as they were on each of the days on which they were written, the oldest first."""
    from infragod.collect.states import find
    from infragod.db import audit
    from infragod.db.connection import Database

    with Database.open(settings) as database:
        for generation, _ in enumerate(states.days(today)):
            for place, repository in states.write(folder, bills.lines, today, generation):
                pipeline.learn(database, find([place]), SILENT, repository=repository)
        with database.begin() as connection:
            audit.append(connection, "states.collect", ACTOR, {"places": [states.FOLDER]})


def _load(settings: Settings, bills: Bills, progress: Progress, today: date) -> None:
    from infragod.db.connection import Database

    ownership = Ownership.read(settings.beside(settings.ownership))
    lake = Lake(settings.lake, settings.retention_days)
    with Database.open(settings) as database:
        known = pipeline.estate(database)
    for source, folder in (("aws", bills.aws), ("gcp", bills.gcp)):
        loaded = pipeline.load(lake, [folder], source, ownership, progress, estate=known)
    pipeline.rates(lake, settings.home, [p.period for p in loaded.periods], today)


def _budgets(settings: Settings, today: date) -> None:
    from infragod.budget import sheet, store
    from infragod.db import audit
    from infragod.db.connection import Database
    from infragod.org.store import teams

    path = settings.folder / "budgets.csv"
    with Lake(settings.lake).engine() as engine:
        workspace.table(path, ("team", "month", "amount", "currency"), budgets.rows(engine, today))
    with Database.open(settings) as database, database.begin() as connection:
        new, _ = sheet.load(path, [team.name for team in teams(connection)], settings.currency)
        store.save(connection, new)
        audit.append(connection, "budgets.import", ACTOR, {"file": path.name, "added": len(new)})


def _compare(settings: Settings, today: date) -> None:
    """Hold what was applied against the bills, as every load does."""
    from infragod.db.connection import Database

    now = datetime.combine(today, time(9), UTC)
    with Database.open(settings) as database:
        pipeline.compare(Lake(settings.lake), database, now)


def _publish(settings: Settings) -> None:
    from infragod.db.connection import Database
    from infragod.policy.bundle import gather
    from infragod.policy.bundle.store import publish

    with Database.open(settings) as database, database.begin() as connection:
        publish(connection, gather.content(settings), ACTOR)
