"""Why a plan is not the one that was approved, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from infragod.approval.requests.record import Ask, Request

_NAMED: Final = 3


def why_another(before: Request, ask: Ask, at: datetime) -> str:
    """What became of the approvals of the workspace's request `before`; nothing where it had none to lose."""
    granted = sorted(before.granted())
    if not granted or before.kept == "void":
        return ""
    whose = f"the approval by {_some(granted)}"
    if before.value(at) == "expired":
        return f"{whose} has expired on {before.expires_at:%F}"
    if before.kept == "refused":
        return f"{whose} is worth nothing: {before.ended_by} refused"
    why = _other_plan(before, ask) if before.plan_digest != ask.plan_digest else _other_findings(before, ask)
    return f"{whose} was for another plan: {why}" if why else ""


def _other_plan(before: Request, ask: Ask) -> str:
    new = [address for address in ask.parts if address not in before.parts]
    gone = [address for address in before.parts if address not in ask.parts]
    other = [a for a, part in ask.parts.items() if a in before.parts and before.parts[a] != part]
    said = [
        f"{_some(found)} {word}" for found, word in ((new, "came in"), (gone, "left it"), (other, "changed")) if found
    ]
    return ", ".join(said) or "what it leaves as it is differs"


def _other_findings(before: Request, ask: Ask) -> str:
    known = {(item.rule, item.address) for item in before.items}
    if new := [item for item in ask.items if (item.rule, item.address) not in known]:
        return f"{new[0].rule} now finds {_some([item.address for item in new])} as well"
    return "others have to approve it now"


def _some(names: Iterable[str]) -> str:
    """`a, b, c and 4 more`."""
    listed = list(names)
    rest = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
