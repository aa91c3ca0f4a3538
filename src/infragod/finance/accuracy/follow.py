"""Every decision that is followed, against what is loaded now: only what rests on something new is compared again."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final

from infragod.db.connection import Database
from infragod.finance.accuracy import Comparison, Prediction, State, Window, bill, store
from infragod.finance.accuracy.compare import Since, addresses, comparison
from infragod.finance.accuracy.store import Followed
from infragod.focus import Period
from infragod.lake.lake import Lake, MonthState
from infragod.resource import Action
from infragod.terraform.estate import store as estate
from infragod.terraform.estate.store import Held, History

VERSION: Final = "1"
"""Part of what each comparison rests on: raise it when the same bill would be compared otherwise."""


@dataclass(frozen=True, slots=True)
class Due:
    """A decision to compare: its window, a hash of what that rests on, and what its plan touched."""

    followed: Followed
    window: Window
    seen: str


def compare(database: Database, lake: Lake, now: datetime) -> list[Comparison]:
    """Compare what is due; gives the comparisons that say something new of a whole month."""
    months = lake.months(now)
    with database.read() as connection:
        lines = store.listed(connection)
        digests = {name: digest for name, (digest, _) in estate.known(connection).items()}
    due = sorted(_due(lines, months, digests, now), key=lambda d: (d.window.month, d.window.cut, d.followed.number))
    told = []
    for (month, cut), group in groupby(due, key=lambda d: (d.window.month, d.window.cut)):
        told += _month(database, lake, month, cut, list(group), now)
    return told


def _due(
    lines: Sequence[Followed], months: Sequence[MonthState], digests: dict[str, str], now: datetime
) -> Iterable[Due]:
    windows: dict[Period, Window] = {}
    for line in lines:
        if line.month not in windows:
            windows[line.month] = bill.window(months, line.month, now)
    loads = {month: sorted(f"{m.source} {m.load_id}" for m in months if m.period == month) for month in windows}
    by_workspace: defaultdict[str, list[Followed]] = defaultdict(list)
    for line in lines:
        by_workspace[line.applied.workspace].append(line)
    for line in lines:
        window, own = windows[line.month], line.applied
        later = [o.applied.decision for o in by_workspace[own.workspace] if _between(o, line, window)]
        parts = [VERSION, own.decision, own.applied_at.isoformat(), repr(window), digests.get(own.workspace, "")]
        seen = hashlib.sha256("\n".join([*parts, *loads[line.month], *later]).encode()).hexdigest()
        if window.state is State.WAITING:
            seen = hashlib.sha256(f"{VERSION}\n{window!r}".encode()).hexdigest()
        if seen != line.seen:
            yield Due(line, window, seen)


def _between(other: Followed, line: Followed, window: Window) -> bool:
    return line.applied.applied_at < other.applied.applied_at < _moment(window.cut)


def _month(
    database: Database, lake: Lake, month: Period, cut: date, due: Sequence[Due], now: datetime
) -> list[Comparison]:
    """The decisions of one window: one look at the bill, one transaction each."""
    touched, since = _context(database, cut, due)
    wanted = [
        (d.followed.applied.workspace, address)
        for d in due
        for p in touched[d.followed.number]
        for address in addresses(p.address, since[d.followed.number])
    ]
    with lake.engine() as engine:
        billed = bill.billed(engine, month, cut, wanted)
    told = []
    for d in due:
        number = d.followed.number
        made = comparison(d.followed.applied, touched[number], billed, d.window, since[number])
        with database.begin() as connection:
            if store.write(connection, number, made, d.seen, now):
                told.append(made)
    return told


def _context(database: Database, cut: date, due: Sequence[Due]) -> tuple[dict[int, list[Prediction]], dict[int, Since]]:
    """What each decision's plan touched, and what happened to that since; by number."""
    touched: dict[int, list[Prediction]] = {d.followed.number: [] for d in due}
    with database.read() as connection:
        for found in store.touched(connection, list(touched)):
            touched[found.followup].append(found.prediction)
        history = {w: estate.history(connection, w) for w in {d.followed.applied.workspace for d in due}}
        since = {}
        for d in due:
            own = d.followed.applied
            later = store.later(connection, own.workspace, own.applied_at, _moment(cut))
            since[d.followed.number] = _since(later, history[own.workspace], d, touched[d.followed.number])
    return touched, since


def _since(later: Sequence[tuple[str, str]], history: History | None, due: Due, touched: Sequence[Prediction]) -> Since:
    destroyed = frozenset(address for address, action in later if action == Action.DELETE)
    changed = frozenset(address for address, action in later if action != Action.DELETE)
    if history is None:
        return Since(changed, destroyed)
    applied_at, until = due.followed.applied.applied_at, _moment(due.window.cut)
    lives: defaultdict[str, list[Held]] = defaultdict(list)
    by_ids: defaultdict[str, list[Held]] = defaultdict(list)
    for held in history.held:
        by_ids[held.ids].append(held)
        if held.gone_at is None or held.gone_at > applied_at:
            lives[held.address].append(held)
    names = {p.address: _names(lives[p.address], by_ids) for p in touched}
    gone = {
        address
        for address, others in names.items()
        if _is_gone(lives[address], until) and all(_is_gone(lives[other], until) for other in others)
    }
    known = frozenset(h.address for h in history.held) if history.written_at > applied_at else None
    return Since(changed, destroyed, frozenset(gone), known, {a: others for a, others in names.items() if others})


def _names(lives: Sequence[Held], by_ids: dict[str, list[Held]]) -> tuple[str, ...]:
    """What else the resource is called, as long as it is the same one by its ids."""
    if not lives or lives[0].ids == "[]":
        return ()
    same = dict.fromkeys(other.address for other in by_ids[lives[0].ids])
    return tuple(address for address in same if address != lives[0].address)


def _is_gone(lives: Sequence[Held], until: datetime) -> bool:
    return bool(lives) and all(held.gone_at is not None and held.gone_at <= until for held in lives)


def _moment(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)
