"""What of AWS a plan touches: the types that it changes, those that it only reads, and in which regions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from infragod.resource import Action, Change, Plan

_UNCHANGED: Final = (Action.NO_OP, Action.READ, Action.FORGET)
_PREFIXES: Final = ("aws_", "awscc_")
_NAMED: Final = 5


def scope(plan: Plan) -> dict[str, Any] | None:
    """The scope as JSON-ready data, or None where the plan holds nothing of AWS.

    `unplaced` names what is in a region that the plan does not tell; a few suffice.
    """
    changes = [c for c in plan.changes if c.type.startswith(_PREFIXES)]
    lookups = [found for found in plan.lookups if found.type.startswith(_PREFIXES)]
    if not changes and not lookups:
        return None
    changed = {c.type for c in changes if c.action not in _UNCHANGED}
    read = {c.type for c in changes} | {found.type for found in lookups}
    regions = {region for c in changes for region in _regions(c)} | {found.region for found in lookups}
    unplaced = {c.address for c in changes if not _placed(c)} | {
        f"data.{found.type}" for found in lookups if not found.region_known
    }
    return {
        "changed": sorted(changed),
        "read": sorted(read - changed),
        "regions": sorted(region for region in regions if region),
        "unplaced": sorted(unplaced)[:_NAMED],
    }


def _regions(change: Change) -> Iterator[str | None]:
    """Where it is and where it goes: what is replaced in another region is deleted in the old one."""
    return (side.region for side in (change.before, change.after) if side is not None)


def _placed(change: Change) -> bool:
    return all(side.region_known for side in (change.before, change.after) if side is not None)
