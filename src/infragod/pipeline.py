"""The ledger's pipeline: collect → normalise → load → allocate → analyse → close → report.

Bills become months of the lake, joined with what Terraform's states know (`learn` reads the states, `load` joins, `own`
joins again what was loaded before); `allocate` gives every cent of them an owner, each time it is asked. Analysis and
close come after it; the close will decide here, before `replace`, what a closed month does with a later load.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from infragod.errors import InputError, RemoteError, SetupError, StoreError
from infragod.focus import BASES, Period

if TYPE_CHECKING:
    from infragod.collect.states import StateFile
    from infragod.db.connection import Connection, Database
    from infragod.finance.accuracy import Comparison
    from infragod.lake.bill import Bill
    from infragod.lake.checks import Finding, Inspection
    from infragod.lake.engine import Engine
    from infragod.lake.join import Estate, Joined
    from infragod.lake.lake import Lake
    from infragod.lake.replace import Part, Replaced
    from infragod.org.ownership import Ownership
    from infragod.price.own.measure import Measured
    from infragod.progress import Progress
    from infragod.report.coverage import Ask
    from infragod.settings import Settings
    from infragod.terraform.estate.store import Learned
    from infragod.terraform.store import Version

_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did: each period, totals by (currency, basis), and sentences on what was mended or left open."""

    source: str
    periods: tuple[Replaced, ...]
    totals: dict[tuple[str, str], Decimal | None]
    notes: tuple[str, ...]
    version: int

    @property
    def changed(self) -> bool:
        """Whether anything was committed."""
        return any(p.changed for p in self.periods)

    @property
    def rows(self) -> int:
        """Rows of the periods loaded."""
        return sum(p.rows for p in self.periods)


def load(
    lake: Lake,
    paths: Sequence[Path],
    source: str,
    ownership: Ownership,
    progress: Progress,
    *,
    yes: bool = False,
    estate: Estate | None = None,
) -> LoadResult:
    """Load FOCUS bills into the lake as `source`, replacing the billing periods that they hold.

    `estate` is what Terraform's states know: rows get their address and, where rules leave it open, their owner.
    """
    from infragod.collect.files import Format, find
    from infragod.lake import bill, checks
    from infragod.lake.bill import SourceFile
    from infragod.lake.staging import staging

    _check_source(source)
    files = [SourceFile(f.path, f.format is Format.CSV, f.digest, f.period) for f in find(paths, progress)]
    with staging(lake.root) as place:
        read = bill.read(place, files, progress)
        inspection = checks.inspect(read)
        parts = _parts(read, inspection, ownership, estate)
        if not parts:
            raise InputError(f"{files[0].path} holds no row; nothing was changed, fetch the file again")
        replaced = lake.replace("cost", place, source, parts, progress, yes=yes)
    totals = lake.totals(source, [p.period for p in parts])
    return LoadResult(source, tuple(replaced), totals, tuple(_notes(read, inspection)), lake.version("cost"))


def rates(lake: Lake, home: Path, periods: Iterable[Period], today: date) -> list[Measured]:
    """Learn own unit prices, usage and unused commitments from those full months that estimates still look at."""
    from infragod.price import own
    from infragod.price.measured.learn import learn as usage
    from infragod.price.own import measure

    wanted = own.months(today)
    measured = []
    with lake.engine() as engine:
        for period in periods:
            if period in wanted:
                measured.append(measure.measure(engine, period, home))
                measure.write(measured[-1], home)
                usage(engine, period, home)
    return measured


@dataclass(frozen=True, slots=True)
class StatesResult:
    """What became of each state, and which could not be read, in a sentence each."""

    learned: tuple[Learned, ...]
    faults: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether anything is known now that was not."""
        return any(s.read for s in self.learned)


def learn(
    database: Database, files: Sequence[StateFile], progress: Progress, *, repository: str | None = None
) -> StatesResult:
    """Read the states that are not known as they are; one that cannot be read does not stop the others."""
    from infragod.terraform.estate import store

    with database.read() as connection:
        known = store.known(connection)
    learned, faults = [], []
    progress.start("reading states", len(files), "states")
    try:
        for file in files:
            try:
                learned.append(_learn(database, file, repository, known.get(file.workspace)))
            except (InputError, RemoteError) as error:
                faults.append(str(error))
            progress.advance(1)
    finally:
        progress.finish()
    return StatesResult(tuple(learned), tuple(faults))


def _learn(
    database: Database, file: StateFile, repository: str | None, known: tuple[str, str | None] | None
) -> Learned:
    from infragod.terraform import state
    from infragod.terraform.estate import store

    data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    if known == (digest, repository if repository is not None else known and known[1]):
        return store.Learned(file.workspace, read=False)
    source = store.Source(file.workspace, repository, file.place, file.written_at, digest)
    read = state.read(data, file.place)
    with database.begin() as connection:
        return store.learn(connection, source, read, datetime.now(UTC))


def follow(settings: Settings, database: Database) -> StatesResult:
    """Learn what the state backend has stored since it was last followed."""
    from infragod.policy.grants import store as grants
    from infragod.terraform.estate import follow as backend
    from infragod.terraform.repository import repository_of

    def of_grant(connection: Connection, version: Version) -> str | None:
        granted = grants.of_lock(connection, version.lock_id) if version.lock_id else None
        return repository_of(granted.change_request) if granted else None

    learned: list[Learned] = []
    faults = []
    try:
        learned.extend(backend.follow(settings, database, of_grant))
    except (SetupError, StoreError) as error:
        faults.append(str(error))
    return StatesResult(tuple(learned), tuple(faults))


def estate(database: Database) -> Estate:
    """What the states know, as a load takes it."""
    from infragod.lake.join import Estate
    from infragod.terraform.estate import store

    with database.read() as connection:
        return Estate(store.RESOURCE_COLUMNS, store.columns(connection))


def give_way(database: Database, lake: Lake) -> int:
    """Holds on budgets end resource by resource where the bill of their month has what they were opened for."""
    from infragod.budget.holds import store
    from infragod.lake.billed import Awaited, billed

    now = datetime.now(UTC)
    with database.read() as connection:
        items = store.open_items(connection, now)
    awaited = [
        Awaited(i.number, i.month, i.workspace, i.address, i.resource_id, i.opened_at) for i in items if i.opened_at
    ]
    if not awaited or lake.version("cost") < 0:
        return 0
    with lake.engine() as engine:
        found = billed(engine, awaited)
    if not found:
        return 0
    with database.begin() as connection:
        return store.give_way(connection, found, now)


def own(lake: Lake, ownership: Ownership, known: Estate, progress: Progress) -> dict[str, list[Replaced]]:
    """Give what was loaded before its owners again, by the rules and states of today; gives the months that changed."""
    from infragod.lake.own import own as give
    from infragod.org.ownership_sql import owner_columns

    return give(lake, owner_columns(ownership), known, partial(owners_id, ownership), progress)


def gate(engine: Engine, database: Database, asked: Ask) -> None:
    """Make the table `gated` in `engine`: which resources of a month are new, and what the gate had said of them."""
    from infragod.policy import passage
    from infragod.policy.passage import store
    from infragod.report import coverage

    with database.read() as connection:
        coverage.gate(
            engine, asked, passage.COLUMNS, lambda *wanted: passage.columns(store.passages(connection, *wanted))
        )


def compare(lake: Lake, database: Database, now: datetime | None = None) -> list[Comparison]:
    """Hold what was applied against the bill of its first full month; gives the comparisons that are new."""
    from infragod.finance.accuracy import Applied, follow, predictions, store
    from infragod.policy import store as decisions
    from infragod.policy.grants import store as grants
    from infragod.price.recipes import recipe_names

    with database.begin() as connection:
        for grant in grants.used(connection, store.since(connection)):
            found = decisions.get(connection, grant.decision)
            if found is not None and grant.ended_at is not None:
                own = (grant.decision, grant.id, grant.workspace, grant.change_request, grant.ended_at)
                store.add(connection, Applied(*own, found["currency"]), predictions(found, recipe_names()))
    return follow.compare(database, lake, now or datetime.now(UTC))


def accuracy(engine: Engine, database: Database) -> None:
    """Make the table `accuracy` in `engine`: each resource that was applied and billed a full month since."""
    from infragod.finance.accuracy import store

    with database.read() as connection:
        engine.load("accuracy", store.ACCURACY_COLUMNS, store.accuracy(connection))


def allocate(
    engine: Engine, settings: Settings, first: Period | None, last: Period | None, path: Path | None = None
) -> None:
    """Make the table `allocated` in `engine`: every cent of these months with its owner, by allocation.toml.

    `path` is another file of that kind, to see what it would do.
    """
    from infragod.db.connection import Database, exists
    from infragod.finance.allocation import plan, usage
    from infragod.finance.allocation.allocate import allocate as give
    from infragod.org import store

    path = path or settings.beside(Path(plan.FILE))
    allocation = plan.read(path)
    used = usage.load(path.parent / allocation.usage) if allocation.usage else {}
    organisation = None
    if exists(settings):
        with Database.open(settings) as database, database.read() as connection:
            organisation = store.organisation(connection)
    give(engine, allocation, organisation, used, first=str(first) if first else None, last=str(last) if last else None)


def _check_source(source: str) -> None:
    if not _SOURCE.fullmatch(source):
        raise InputError(f"{source!r} cannot name a source; use letters, digits, dots, dashes and underscores")


def _parts(read: Bill, inspection: Inspection, ownership: Ownership, estate: Estate | None) -> list[Part]:
    from infragod.lake import join, normalise
    from infragod.lake.replace import Part
    from infragod.org.ownership_sql import owner_columns

    owners = owner_columns(ownership)
    known = join.join(read.place.engine, estate, owners, read.rows(inspection.needed)) if estate else join.NOTHING
    periods: dict[Period, list[Finding]] = defaultdict(list)
    for finding in inspection.findings:
        periods[finding.period].append(finding)
    spanning = _spanning(inspection.findings)
    parts = []
    for period, findings in sorted(periods.items()):
        files = {f.staged for f in findings}
        load_id = f"{_files_id(findings)}-{owners_id(ownership, known, period)}"
        rows = read.rows(inspection.needed, files, period if files & spanning else None)
        select = normalise.stored(rows, owners, load_id, joined=known.any)
        last = max((f.last_charge for f in findings if f.last_charge), default=None)
        parts.append(Part(period, load_id, select, sum(f.rows for f in findings), last))
    return parts


def _spanning(findings: Iterable[Finding]) -> set[Path]:
    """Files that hold more than one period."""
    periods: dict[Path, set[Period]] = defaultdict(set)
    for f in findings:
        periods[f.staged].add(f.period)
    return {path for path, held in periods.items() if len(held) > 1}


def _files_id(findings: Iterable[Finding]) -> str:
    """The first half of a load's id: the bytes of its files, and how we normalise."""
    from infragod.lake.normalise import VERSION

    digests = sorted({f.file.digest for f in findings})
    return hashlib.sha256("\n".join([VERSION, *digests]).encode()).hexdigest()[:20]


def owners_id(ownership: Ownership, known: Joined, period: Period) -> str:
    """The second half of a load's id: who owns what, by the rules and by what states say of this period's rows."""
    return hashlib.sha256(f"{ownership.version}\n{known.digest(period)}".encode()).hexdigest()[:20]


def _notes(read: Bill, inspection: Inspection) -> Iterable[str]:
    yield from (f"{title} in {_rows(n)}" for title, n in sorted(inspection.mended.items()))
    yield from (
        f"{name} rounded in {_rows(n)}: more digits than the lake keeps" for name, n in inspection.rounded.items()
    )
    for basis in BASES.values():
        if inspection.unknown[basis]:
            yield f"{basis} unknown in {_rows(inspection.unknown[basis])}: empty in the file, left out of the total"
    if inspection.unread_tags:
        yield f"Tags left empty in {_rows(inspection.unread_tags)}: no JSON object"
    left_out = sorted({name for shape in read.shapes for name in shape.header.left_out})
    if left_out:
        yield f"columns left out, since FOCUS has none of that name: {', '.join(left_out)}"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
