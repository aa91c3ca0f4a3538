"""Give months that were loaded before their owners again: from their stored rows, without the files they came from.

A month whose owners stay as they are is not written. One that a load replaces meanwhile keeps what that load brought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from infragod.errors import StoreError
from infragod.focus import Period
from infragod.lake import normalise
from infragod.lake.delta import DataFile, DeltaLog
from infragod.lake.join import NOTHING, Estate, Joined, know, match
from infragod.lake.lake import Lake
from infragod.lake.replace import Part, Replaced, discard, note, write
from infragod.lake.staging import Staging, staging
from infragod.lake.tables import literal
from infragod.progress import SILENT, Progress

OwnersId = Callable[[Joined, Period], str]


def own(
    lake: Lake, owners: Mapping[str, str], estate: Estate, owners_id: OwnersId, progress: Progress = SILENT
) -> dict[str, list[Replaced]]:
    """The months of each source that were written, with their rows; `owners_id` is the second half of a load's id."""
    log = lake.log("cost")
    files = sorted(log.refresh()[1], key=lambda f: (f.source, f.period))
    done: dict[str, list[Replaced]] = {}
    if not files:
        return done
    with staging(lake.root) as place:
        place.engine.connection.execute(normalise.macros())
        if estate:
            know(place.engine, estate, owners)
        for source, group in groupby(files, key=lambda f: f.source):
            mine = list(group)
            known = match(place.engine, _rows(log, mine)) if estate else NOTHING
            parts = list(_parts(log, mine, owners, known, owners_id))
            if parts:
                done[source] = _write(log, place, source, parts, mine, progress)
    if done:
        log.vacuum(lake.retention_days)
    return done


def _parts(
    log: DeltaLog, files: Sequence[DataFile], owners: Mapping[str, str], known: Joined, owners_id: OwnersId
) -> Iterable[Part]:
    for period, group in groupby(files, key=lambda f: f.period):
        held = list(group)
        of_files = {f.load_id.partition("-")[0] for f in held}
        load_id = f"{min(of_files)[:20]}-{owners_id(known, period)}"
        if {f.load_id for f in held} == {load_id}:
            continue
        select = normalise.stored(_rows(log, held), owners, load_id, joined=known.any)
        last = max((f.last_charge for f in held if f.last_charge), default=None)
        yield Part(period, load_id, select, sum(f.rows for f in held), last)


def _rows(log: DeltaLog, files: Sequence[DataFile]) -> str:
    """A relation of the stored rows of `files` as a load sees them."""
    selects = []
    for placed in (True, False):
        paths = [literal(str(log.folder / f.path)) for f in files if f.placed is placed]
        if paths:
            relation = f"read_parquet([{', '.join(paths)}], hive_partitioning = false)"
            selects.append(normalise.stored_again(relation, placed_before=placed))
    return f"({' UNION ALL BY NAME '.join(selects)})"


def _write(
    log: DeltaLog, place: Staging, source: str, parts: Sequence[Part], read: Sequence[DataFile], progress: Progress
) -> list[Replaced]:
    periods = {p.period for p in parts}
    was = {f.path for f in read if f.period in periods}

    def guard(old: Sequence[DataFile]) -> None:
        if {f.path for f in old} != was:
            raise StoreError(f"{source} was loaded meanwhile; that load stands, give the owners once more")

    files = write(log, place, source, parts, progress)
    try:
        log.replace({f.key for f in files}, files, note(source, parts), guard)
    except BaseException:
        discard(log, files)
        raise
    return [Replaced(p.period, p.rows, p.rows, changed=True) for p in parts]
