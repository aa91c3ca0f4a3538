"""What an apply did, against the plan that was approved: by the states before and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from infragod.resource import Action
from infragod.terraform.state_document import Object

_COMES: Final = frozenset({Action.CREATE, Action.REPLACE})
_RENEWS: Final = frozenset({Action.REPLACE, Action.UPDATE, Action.CREATE})  # some ids change with an update
_GOES: Final = frozenset({Action.DELETE, Action.FORGET})


@dataclass(frozen=True, slots=True)
class Planned:
    """A change as it was approved."""

    address: str
    type: str
    action: Action


@dataclass(frozen=True, slots=True)
class Differences:
    """What was done though nobody approved it, and what was approved and is not done (an apply that failed)."""

    unapproved: tuple[str, ...]
    missing: tuple[str, ...]


def differences(planned: Iterable[Planned], before: Mapping[str, Object], after: Mapping[str, Object]) -> Differences:
    """Compare; a change of mere attributes is no difference, for a refresh brings it as well."""
    approved: dict[str, set[Action]] = {}
    for change in planned:
        approved.setdefault(change.address, set()).add(change.action)
    return Differences(
        tuple(sorted(_unapproved(approved, before, after))), tuple(sorted(_missing(approved, before, after)))
    )


def _unapproved(
    approved: Mapping[str, set[Action]], before: Mapping[str, Object], after: Mapping[str, Object]
) -> Iterator[str]:
    moved = _moved_here(approved, before, after)
    for address in after.keys() - before.keys():
        if address not in approved:
            yield f"{address} was created"
    for address in before.keys() - after.keys():
        type_ = before[address].type
        if approved.get(address, set()) & _GOES:
            continue
        if moved[type_] > 0:
            moved[type_] -= 1
        else:
            yield f"{address} was deleted"
    for address in before.keys() & after.keys():
        if before[address].id != after[address].id and not approved.get(address, set()) & _RENEWS:
            yield f"{address} was replaced"


def _moved_here(
    approved: Mapping[str, set[Action]], before: Mapping[str, Object], after: Mapping[str, Object]
) -> Counter[str]:
    """By type, how many objects appeared at an address that the plan knew without creating it: they were moved."""
    return Counter(
        after[address].type
        for address in after.keys() - before.keys()
        if address in approved and not approved[address] & _COMES
    )


def _missing(
    approved: Mapping[str, set[Action]], before: Mapping[str, Object], after: Mapping[str, Object]
) -> Iterator[str]:
    for address, actions in approved.items():
        if actions & _COMES and (address not in after or _unchanged(address, actions, before, after)):
            yield f"{address} was not created" if Action.CREATE in actions else f"{address} was not replaced"
        elif actions & _GOES and address in after and len(actions) == 1:
            yield f"{address} was not deleted"


def _unchanged(address: str, actions: set[Action], before: Mapping[str, Object], after: Mapping[str, Object]) -> bool:
    return (
        Action.REPLACE in actions
        and address in before
        and bool(before[address].id)
        and before[address].id == after[address].id
    )
