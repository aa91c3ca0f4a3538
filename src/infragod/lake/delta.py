"""A Delta table of the lake: which files are in force, and the one commit that replaces some of them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from infragod.errors import StoreError
from infragod.focus import Period
from infragod.lake.tables import PARTITION_BY, Table

if TYPE_CHECKING:
    from deltalake import DeltaTable

Key = tuple[str, str]
"""A partition: (source, billing period as YYYY-MM)."""

OUR_COMMIT: Final = "infragod.load"
STATISTICS: Final = ("x_load_id", "ChargePeriodEnd")
"""Columns whose least and greatest value stand in the log, so that what is loaded is known without opening a file."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file of a table: where it is, what partition it holds, and what its statistics say."""

    path: str
    size: int
    source: str
    period: Period
    rows: int
    load_id: str
    written: datetime
    last_charge: datetime | None

    @property
    def key(self) -> Key:
        """The file's partition."""
        return self.source, str(self.period)

    @property
    def placed(self) -> bool:
        """Whether it has the columns of the join: the id of a load before that had one part, now it has two."""
        return "-" in self.load_id


class DeltaLog:
    """One table's log: reading what is in force, and committing replacements."""

    def __init__(self, root: Path, table: Table) -> None:
        self.table = table
        self.folder = root / table.name
        self._known: tuple[int, tuple[DataFile, ...]] | None = None
        self._delta: DeltaTable | None = None

    def refresh(self) -> tuple[int, tuple[DataFile, ...]]:
        """The version in force and its files; version -1 and no files where nothing was loaded."""
        delta = self._open()
        if delta is None:
            return -1, ()
        if self._known is None or self._known[0] != delta.version():
            self._known = (delta.version(), tuple(_files(delta)))
        return self._known

    def replace(
        self,
        keys: Collection[Key],
        files: Sequence[DataFile],
        note: Mapping[str, Any],
        guard: Callable[[Sequence[DataFile]], None],
    ) -> int:
        """Put `files` in the place of everything in `keys`, in one commit; gives the new version.

        `guard` sees the files about to be replaced and may refuse. A conflict with a writer that does not share our
        lock is retried once.
        """
        with self._lock():
            for _ in range(2):
                delta = self._widened(self._open() or self._create())
                old = [f for f in _files(delta) if f.key in keys]
                guard(old)
                if self._commit(delta, files, old, note):
                    return delta.version()
        raise StoreError(f"another program keeps committing to {self.folder}; nothing was changed, load again")

    def _commit(
        self, delta: DeltaTable, files: Sequence[DataFile], old: Sequence[DataFile], note: Mapping[str, Any]
    ) -> bool:
        """Whether the commit went in; False on a conflict."""
        from deltalake import CommitProperties
        from deltalake.exceptions import CommitFailedError, DeltaError
        from deltalake.transaction import AddAction, RemoveAction

        try:
            delta.create_write_transaction(
                [*(_added(f, AddAction) for f in files), *(_removed(f, RemoveAction) for f in old)],
                "append",
                delta.schema(),
                list(PARTITION_BY),
                commit_properties=CommitProperties({OUR_COMMIT: json.dumps(note)}, max_commit_retries=0),
            )
            delta.update_incremental()
        except CommitFailedError:
            return False
        except (DeltaError, OSError) as error:
            raise StoreError(f"cannot commit to {self.folder}: {_first_line(error)}; nothing was changed") from None
        return True

    def notes(self, limit: int = 50) -> Iterator[dict[str, Any]]:
        """What the last commits said of themselves, newest first."""
        delta = self._open()
        for entry in delta.history(limit) if delta is not None else ():
            if OUR_COMMIT in entry:
                yield json.loads(entry[OUR_COMMIT])

    def vacuum(self, retention_days: int) -> int:
        """Delete files that no version within the retention needs, orphans of killed loads too; gives their number."""
        delta = self._open()
        if delta is None:
            return 0
        hours = max(retention_days * 24, 1)
        dead = delta.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=True)
        if dead:
            delta.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
        return len(dead)

    def _open(self) -> DeltaTable | None:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError

        try:
            if self._delta is None:
                if not (self.folder / "_delta_log").is_dir():
                    return None
                self._delta = DeltaTable(self.folder)
            else:
                self._delta.update_incremental()
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            raise StoreError(f"cannot read the lake's table {self.folder}: {_first_line(error)}") from None
        return self._delta

    def _create(self) -> DeltaTable:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError

        try:
            self._delta = DeltaTable.create(
                self.folder,
                self.table.delta_schema(),
                mode="ignore",
                partition_by=list(PARTITION_BY),
                configuration={"delta.dataSkippingStatsColumns": ",".join(STATISTICS)},
            )
        except (DeltaError, OSError) as error:
            raise StoreError(f"cannot create the lake's table {self.folder}: {_first_line(error)}") from None
        return self._delta

    def _widened(self, delta: DeltaTable) -> DeltaTable:
        """The table with the columns that this InfraGod has more than the one that made it."""
        there = {f.name for f in delta.schema().fields}
        absent = [f for f in self.table.delta_schema().fields if f.name not in there]
        if absent:
            delta.alter.add_columns(absent)
            delta.update_incremental()
        return delta

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other commits of this machine out: two first loads of a month do not conflict by Delta's own rules."""
        import fcntl

        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder.parent / f".{self.table.name}.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _files(delta: DeltaTable) -> Iterable[DataFile]:
    actions = delta.get_add_actions(flatten=False)
    names = actions.schema.names
    columns = {n: actions.column(n).to_pylist() for n in names}
    for i in range(actions.num_rows):
        row = {n: columns[n][i] for n in names}
        yield _file(row)


def _file(row: Mapping[str, Any]) -> DataFile:
    low, high = row.get("min") or {}, row.get("max") or {}
    return DataFile(
        unquote(row["path"]),
        row["size_bytes"],
        row["partition"]["x_source"],
        Period.parse(row["partition"]["x_billing_period"]),
        row["num_records"],
        low.get("x_load_id") or "",
        datetime.fromtimestamp(row["modification_time"] / 1000, UTC),
        high.get("ChargePeriodEnd"),
    )


def _added(file: DataFile, action: Any) -> Any:
    stats: dict[str, Any] = {"numRecords": file.rows, "minValues": {"x_load_id": file.load_id}, "nullCount": {}}
    stats["maxValues"] = {"x_load_id": file.load_id}
    if file.last_charge is not None:
        stats["maxValues"]["ChargePeriodEnd"] = file.last_charge.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    values = dict(zip(PARTITION_BY, file.key, strict=True))
    return action(
        path=file.path,
        size=file.size,
        partition_values=values,
        modification_time=int(file.written.timestamp() * 1000),
        data_change=True,
        stats=json.dumps(stats),
    )


def _removed(file: DataFile, action: Any) -> Any:
    return action(
        path=file.path,
        data_change=True,
        deletion_timestamp=int(time.time() * 1000),
        size=file.size,
        partition_values=dict(zip(PARTITION_BY, file.key, strict=True)),
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
