"""Checks become changes, and changes outcomes: each check is of one change at most, each change is counted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any

from infragod.policy.friction import DAYS, ZERO, Change, Check, Outcome, Spread

Deltas = tuple[Mapping[str, Decimal], frozenset[str]]
"""Of one decision: the monthly delta of each resource whose price is known, and the addresses of the others."""
Look = Callable[[str], Deltas]
Made = Callable[[Check], bool]
"""Whether something that a stopped plan was to make is there since, as far as states tell."""


def changes(checks: Iterable[Check], days: int = DAYS) -> list[Change]:
    """The stopped changes among `checks`, by the time of their first stop."""
    named: dict[tuple[str, str], list[Check]] = defaultdict(list)
    nameless: dict[str, list[Check]] = defaultdict(list)
    for check in sorted(checks, key=lambda c: (c.at, c.number)):
        if check.change_request:
            named[check.workspace, check.change_request].append(check)
        else:
            nameless[check.workspace].append(check)
    found = [Change(tuple(own)) for own in named.values() if any(c.stopped for c in own)]
    found += [change for own in nameless.values() for change in _chains(own, timedelta(days=days))]
    return sorted(found, key=lambda change: (change.stop.at, change.stop.number))


@dataclass(slots=True)
class _Chain:
    checks: list[Check]
    places: set[int]
    over: bool = False


def _chains(checks: Sequence[Check], window: timedelta) -> Iterable[Change]:
    """A stopped plan and the checks after it that touch a resource of it, up to the first that passes."""
    chains: list[_Chain] = []
    for check in checks:
        mine = next((c for c in reversed(chains) if not c.over and c.places & check.places), None)
        if mine is not None and check.at - mine.checks[0].at > window:
            mine.over, mine = True, None
        if mine is None and check.stopped:
            mine = _Chain([], set())
            chains.append(mine)
        if mine is not None:
            mine.checks.append(check)
            mine.places |= check.places
            mine.over = check.passed_at is not None
    return (Change(tuple(chain.checks)) for chain in chains)


def outcome(change: Change, now: datetime, look: Look, days: int = DAYS, made: Made = lambda _: False) -> Outcome:
    """What became of a change, as far as it is known `now`."""
    stop = change.stop
    until = stop.at + timedelta(days=days)
    after = [c for c in change.checks if c.number >= stop.number and c.passed_at is not None and c.passed_at <= until]
    last = after[-1] if after else None
    state = "passed" if last else "round" if made(stop) else "withdrawn" if now >= until else "open"
    prevented, unknown = {"open": (None, 0), "round": (ZERO, 0)}.get(state) or _prevented(stop, last, look)
    return Outcome(
        stop.workspace,
        stop.change_request,
        stop.id,
        last.id if last else "",
        stop.at,
        state,
        stop.currency,
        stop.delta,
        prevented,
        unknown,
        _until_passed(change, after[0]) if after else None,
    )


def _until_passed(change: Change, passed: Check) -> int:
    return 1 + sum(1 for _ in takewhile(lambda check: check is not passed, change.checks))


def _prevented(stop: Check, last: Check | None, look: Look) -> tuple[Decimal, int]:
    if stop.complete and (last is None or last.complete):
        if last is not None and last.currency != stop.currency:
            return ZERO, 1
        return _less(stop.delta, last.delta if last else ZERO), 0
    before, unknown = look(stop.id)
    after, unknown_after = look(last.id) if last else ({}, frozenset[str]())
    left_out = unknown | unknown_after
    was = sum((delta for address, delta in before.items() if address not in left_out), ZERO)
    became = sum((delta for address, delta in after.items() if address not in left_out), ZERO)
    return _less(was, became), len(left_out)


def _less(was: Decimal, became: Decimal) -> Decimal:
    """What is not spent a month: a change that would have cost nothing more prevents nothing."""
    return max(max(was, ZERO) - max(became, ZERO), ZERO)


def spread(figures: Iterable[Any]) -> Spread:
    """The middle figure and the 90th of a hundred, by nearest rank: each is one of the figures."""
    ordered = sorted(Decimal(figure) for figure in figures)
    return Spread(len(ordered), _rank(ordered, 50), _rank(ordered, 90))


def _rank(ordered: Sequence[Decimal], percent: int) -> Decimal | None:
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None
