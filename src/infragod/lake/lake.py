"""The lake: what is loaded, an engine over it, and the replacement of whole months."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from infragod.focus import BASES, Period
from infragod.lake.delta import DataFile, DeltaLog
from infragod.lake.engine import Engine
from infragod.lake.normalise import PLACE_COLUMNS
from infragod.lake.pool import Pool
from infragod.lake.tables import TABLES, Table, literal, quote
from infragod.progress import SILENT, Progress

if TYPE_CHECKING:
    from infragod.lake.replace import Part, Replaced
    from infragod.lake.staging import Staging


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the lake holds of one source.

    `complete`: every month has ended, and its charges reach its last day.
    """

    source: str
    periods: tuple[Period, ...]
    rows: int
    loaded_at: datetime
    complete: bool


@dataclass(frozen=True, slots=True)
class MonthState:
    """One month of one source: how far its charges reach, whether that is its end, and what was loaded."""

    source: str
    period: Period
    last_charge: datetime | None
    complete: bool
    load_id: str


class Lake:
    """The tables under one folder."""

    def __init__(self, root: Path, retention_days: int = 30) -> None:
        self.root = root
        self.retention_days = retention_days
        self._pool = Pool()
        self._logs = {name: DeltaLog(root, table) for name, table in TABLES.items()}

    def log(self, table: str) -> DeltaLog:
        """The Delta log of `table`."""
        return self._logs[table]

    def version(self, table: str) -> int:
        """The version of `table` in force; -1 where nothing was ever loaded."""
        return self.log(table).refresh()[0]

    def files(self, table: str) -> list[Path]:
        """The Parquet files of `table` in force."""
        log = self.log(table)
        return [log.folder / f.path for f in log.refresh()[1]]

    def engine(self, threads: int = 2) -> Engine:
        """An engine with a view over every table as it is now; it can read the lake's files and nothing else.

        Safe between threads, and shared: what the caller makes in it is to be temporary.
        """
        versions = tuple(self.version(name) for name in TABLES)
        return self._pool.engine((threads, versions), lambda: self._reading(threads))

    def exporter(self, folder: Path, threads: int = 2) -> Engine:
        """An engine of its own over the same views that may write into `folder`, within a bounded memory."""
        return Engine.writing(self.root, folder, self._views(), threads)

    def _reading(self, threads: int) -> Engine:
        return Engine.reading(self.root, self._views(), threads)

    def _views(self) -> list[str]:
        return [f"CREATE VIEW {quote(name)} AS {self._view(table)}" for name, table in TABLES.items()]

    def sources(self, now: datetime | None = None) -> list[SourceState]:
        """What is loaded, by source; read from the log alone."""
        now = now or datetime.now(UTC)
        files = sorted(self.log("cost").refresh()[1], key=lambda f: (f.source, f.period))
        return [_state(source, list(group), now) for source, group in groupby(files, key=lambda f: f.source)]

    def months(self, now: datetime | None = None) -> list[MonthState]:
        """What is loaded, by source and month; read from the log alone."""
        now = now or datetime.now(UTC)
        files = sorted(self.log("cost").refresh()[1], key=lambda f: (f.source, f.period))
        return [_month(*key, list(group), now) for key, group in groupby(files, key=lambda f: (f.source, f.period))]

    def replace(
        self,
        table: str,
        place: Staging,
        source: str,
        parts: Sequence[Part],
        progress: Progress = SILENT,
        *,
        yes: bool = False,
    ) -> list[Replaced]:
        """Make `parts` the content of their periods of `source`, in one commit, and delete files past the retention."""
        from infragod.lake.replace import replace

        replaced = replace(self.log(table), place, source, parts, progress, yes=yes)
        if any(r.changed for r in replaced):
            self.log(table).vacuum(self.retention_days)
        return replaced

    def totals(self, source: str, periods: Sequence[Period]) -> dict[tuple[str, str], Decimal | None]:
        """Totals by (currency, basis) of some periods of `source`; None where no row has a value."""
        sums = ", ".join(f"sum({quote(column)})" for column in BASES.values())
        with self.engine() as engine:
            rows = engine.run(
                f'SELECT "BillingCurrency", {sums} FROM cost '  # noqa: S608 - our own columns
                "WHERE x_source = $source AND list_contains($periods, x_billing_period) GROUP BY 1 ORDER BY 1",
                {"source": source, "periods": [str(p) for p in periods]},
            )
        return {(row[0], basis): row[i] for row in rows for i, basis in enumerate(BASES, 1)}

    def _view(self, table: Table) -> str:
        log = self.log(table.name)
        files = log.refresh()[1]
        parts = [
            _files_as(table, [log.folder / f.path for f in files if f.placed is placed], placed=placed)
            for placed in (True, False)
            if any(f.placed is placed for f in files)
        ]
        return " UNION ALL ".join(parts) or table.empty()


def _files_as(table: Table, files: Sequence[Path], *, placed: bool) -> str:
    """A SELECT of the table's columns from `files`; those written before the join lack its columns."""
    absent = () if placed else PLACE_COLUMNS
    columns = ", ".join(
        f"NULL::VARCHAR AS {quote(c.name)}" if c.name in absent else quote(c.name) for c in table.columns
    )
    return (
        f"SELECT {columns} FROM read_parquet([{', '.join(literal(str(f)) for f in files)}], hive_partitioning = true, "  # noqa: S608
        "hive_types = {'x_source': VARCHAR, 'x_billing_period': VARCHAR})"
    )


def _state(source: str, files: Sequence[DataFile], now: datetime) -> SourceState:
    periods = tuple(sorted({f.period for f in files}))
    return SourceState(
        source,
        periods,
        sum(f.rows for f in files),
        max(f.written for f in files),
        all(is_complete(p, [f.last_charge for f in files if f.period == p], now) for p in periods),
    )


def _month(source: str, period: Period, files: Sequence[DataFile], now: datetime) -> MonthState:
    charges = [f.last_charge for f in files]
    last = max((c for c in charges if c is not None), default=None)
    return MonthState(
        source, period, last, is_complete(period, charges, now), "+".join(sorted({f.load_id for f in files}))
    )


def is_complete(period: Period, last_charges: Collection[datetime | None], now: datetime) -> bool:
    """Whether a month has ended by `now` and has charges up to its last day (UTC)."""
    end = datetime.combine(period.plus(1).first_day, datetime.min.time(), UTC)
    last = max((c for c in last_charges if c is not None), default=None)
    return now >= end and last is not None and last > end - timedelta(days=1)
