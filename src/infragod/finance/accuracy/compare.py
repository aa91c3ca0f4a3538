"""One decision after its first full month: each resource that was estimated finds its outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from infragod.finance.accuracy import (
    COMPARED_ACTIONS,
    Applied,
    Billed,
    Compared,
    Comparison,
    Outcome,
    Prediction,
    State,
    Window,
    split,
)


@dataclass(frozen=True, slots=True)
class Since:
    """What happened to a workspace's addresses from the apply to the end of the window.

    `changed` and `destroyed` by plans that were applied later, `gone` as states tell; `names` says what a resource was
    and is called besides. `known` is every address that a state ever held, None where no newer state than the apply's
    was read.
    """

    changed: frozenset[str] = frozenset()
    destroyed: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    known: frozenset[str] | None = None
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def comparison(
    applied: Applied,
    predictions: Iterable[Prediction],
    bill: Mapping[tuple[str, str], Billed],
    window: Window,
    since: Since,
) -> Comparison:
    """The decision against the bill of `window`."""
    if window.state is State.WAITING:
        return Comparison(applied, window)
    compared = (p for p in predictions if p.action in COMPARED_ACTIONS)
    found = (_resource(applied, p, _billed(applied, p.address, bill, since), window, since) for p in compared)
    return Comparison(applied, window, tuple(found))


def _resource(
    applied: Applied, prediction: Prediction, billed: Billed | None, window: Window, since: Since
) -> Compared:
    if billed is None and prediction.complete and not prediction.cost:
        return Compared(prediction, Outcome.FREE)
    outcome = _outcome(applied, prediction.address, billed, since)
    if outcome is not Outcome.COMPARED or billed is None:
        return Compared(prediction, outcome)
    return split.compare(prediction, billed, window.share)


def addresses(address: str, since: Since) -> tuple[str, ...]:
    """Under which addresses a bill may name the resource."""
    return (address, *since.names.get(address, ()))


def _billed(applied: Applied, address: str, bill: Mapping[tuple[str, str], Billed], since: Since) -> Billed | None:
    found = [bill[applied.workspace, a] for a in addresses(address, since) if (applied.workspace, a) in bill]
    return found[0] if len(found) == 1 else sum(found, Billed()) if found else None


def _outcome(applied: Applied, address: str, billed: Billed | None, since: Since) -> Outcome:
    if address in since.destroyed or address in since.gone:
        return Outcome.DESTROYED
    if address in since.changed:
        return Outcome.CHANGED
    if billed is None:
        return Outcome.WITHDRAWN if _never(address, since.known) else Outcome.ABSENT
    if billed.currencies != {applied.currency}:
        return Outcome.CURRENCY
    return Outcome.UNPRICED if billed.open_rows else Outcome.COMPARED


def _never(address: str, known: Collection[str] | None) -> bool:
    return known is not None and address not in known
