"""The friction of a month as text for people, and as JSON-ready data."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from infragod.focus import Period, exact, money
from infragod.policy.friction import DAYS, Friction, Outcome, RuleFriction, Spread
from infragod.policy.render.fold import printable

VERDICTS: Final = {
    "allow": "allowed",
    "warn": "allowed with warnings",
    "needs_approval": "needed approval",
    "deny": "denied",
}
MOST: Final = 15
_STATES: Final = {
    "passed": "passed",
    "withdrawn": "withdrawn",
    "round": "made round the gate",
    "open": "not told yet",
}


def minutes(value: Decimal | None) -> str:
    """`12 min`, `3.5 h`, `2.1 days`; `-` where nothing waited."""
    if value is None:
        return "-"
    for least, size, unit in ((2880, 1440, "days"), (120, 60, "h")):
        if value >= least:
            return f"{(value / size).quantize(Decimal('0.1'), ROUND_HALF_EVEN)} {unit}"
    return f"{value.quantize(Decimal(1), ROUND_HALF_EVEN)} min"


def text(period: Period, friction: Friction) -> str:
    """What the command prints."""
    return "\n".join(map(printable, _lines(period, friction)))


def _lines(period: Period, friction: Friction) -> Iterator[str]:
    total = sum(friction.verdicts.values())
    yield f"Friction of {period.title}"
    yield ""
    said = ", ".join(f"{friction.verdicts[v]:,} {name}" for v, name in VERDICTS.items() if friction.verdicts.get(v))
    yield f"Checks     {total:,}" + (f": {said}" if said else "")
    yield f"Waited     {_waited(friction)}"
    yield f"Stopped    {_stopped(friction)}"
    yield f"Prevented  {prevented(friction)}"
    if friction.rules:
        yield ""
        yield from _rules(friction.rules)
    shown = sorted((c for c in friction.changes if c.prevented), key=lambda c: (-(c.prevented or 0), c.first))
    if shown:
        yield ""
        yield from _changes(shown)


def _waited(friction: Friction) -> str:
    waits = friction.waits
    if not waits.count and not friction.waiting:
        return "for nobody: no approval was asked for"
    ended = ", ".join(f"{count} {state}" for state, count in friction.answered.items())
    still = f"; {friction.waiting} still waiting" if friction.waiting else ""
    if not waits.count:
        return f"{friction.waiting} still waiting"
    return f"median {minutes(waits.median)}, p90 {minutes(waits.p90)} for {_requests(waits.count)} ({ended}){still}"


def _stopped(friction: Friction) -> str:
    if not friction.changes:
        return "no change"
    ends = ", ".join(f"{friction.count(s)} {name}" for s, name in _STATES.items() if friction.count(s))
    checks = friction.checks
    tries = f"; checked until it passed: median {checks.median}, p90 {checks.p90} times" if checks.count else ""
    return f"{_counted(len(friction.changes), 'change')}: {ends}{tries}"


def prevented(friction: Friction) -> str:
    """`$412.50 a month, by 7 changes withdrawn or made smaller`, with what is left out."""
    sums = ", ".join(f"{money(amount, currency)}" for currency, amount in sorted(friction.prevented.items()) if amount)
    changed = sum(1 for change in friction.changes if change.prevented)
    less = f"{sums} a month, by {_counted(changed, 'change')} withdrawn or made smaller" if sums else "nothing so far"
    unknown = f"; {_counted(friction.unknown, 'resource')} of unknown price left out" if friction.unknown else ""
    return less + unknown


def _rules(rules: tuple[RuleFriction, ...]) -> Iterator[str]:
    width = max(4, *(len(rule.rule) for rule in rules[:MOST]))
    head = (
        f"{'rule':<{width}}  {'level':<9}  {'stopped':>7}  {'overturned':>10}  {'waited':>9}  {'p90':>9}  {'warned':>6}"
    )
    yield head
    yield "-" * len(head)
    for rule in rules[:MOST]:
        over = f"{rule.overturned} ({share(rule)})" if rule.judged else "-"
        waited, late = minutes(rule.waits.median), minutes(rule.waits.p90)
        yield (
            f"{rule.rule:<{width}}  {rule.level:<9}  {rule.judged:>7}  {over:>10}  {waited:>9}  {late:>9}  "
            f"{rule.warned:>6}"
        )
    if len(rules) > MOST:
        yield f"and {len(rules) - MOST} more; --format json has all"


def share(rule: RuleFriction) -> str:
    """How many of a hundred stopped changes passed all the same."""
    return f"{round(100 * rule.overturned / rule.judged)} %" if rule.judged else "-"


def _changes(changes: list[Outcome]) -> Iterator[str]:
    yield "stopped  by            prevented a month  workspace"
    yield "-" * 64
    for change in changes[:MOST]:
        amount = money(change.prevented or Decimal(0), change.currency)
        name = f", {change.change_request}" if change.change_request else ""
        yield f"{change.stopped_at:%m-%d}    {change.first}  {amount:>21}  {change.workspace}{name} ({change.state})"
    if len(changes) > MOST:
        yield f"and {len(changes) - MOST} more"


def document(period: Period, friction: Friction) -> dict[str, Any]:
    """The same for programs; money is decimal text, minutes too."""
    return {
        "month": str(period),
        "follow_days": DAYS,
        "checks": dict(friction.verdicts),
        "waited": _spread(friction.waits) | {"ended": dict(friction.answered), "still_waiting": friction.waiting},
        "checks_until_passed": _spread(friction.checks),
        "prevented": {currency: exact(amount) for currency, amount in sorted(friction.prevented.items())},
        "unknown": friction.unknown,
        "rules": [_rule(rule) for rule in friction.rules],
        "changes": [_change(change) for change in friction.changes],
    }


def _rule(rule: RuleFriction) -> dict[str, Any]:
    names = ("rule", "level", "judged", "overturned", "approved", "waived", "broken", "warned")
    waits = _spread(rule.waits) | {"still_waiting": rule.waiting}
    return {name: getattr(rule, name) for name in names} | {"waited": waits}


def _change(change: Outcome) -> dict[str, Any]:
    return {
        "workspace": change.workspace,
        "change_request": change.change_request or None,
        "stopped": change.first,
        "stopped_at": change.stopped_at.isoformat(),
        "passed": change.last or None,
        "state": change.state,
        "currency": change.currency,
        "monthly_delta": exact(change.delta),
        "prevented": None if change.prevented is None else exact(change.prevented),
        "unknown": change.unknown,
        "checks": change.checks,
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "count": spread.count,
        "median": None if spread.median is None else exact(spread.median.quantize(Decimal("0.01"))),
        "p90": None if spread.p90 is None else exact(spread.p90.quantize(Decimal("0.01"))),
    }


def _requests(count: int) -> str:
    return _counted(count, "request")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
