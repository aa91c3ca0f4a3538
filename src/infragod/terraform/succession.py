"""Which state may follow which: what becomes of a state that Terraform sends.

under the lock of an apply    the next serial is the new state; anything else is kept aside, with an incident:
                              resources exist by then, so nothing that an apply sends is ever turned away
under another lock            the next serial is the new state; anything else is refused, for nothing happened yet
without a lock                kept and an incident; it is the new state where it can be and nobody holds the lock
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from infragod.terraform.state_document import StateDocument
from infragod.terraform.store import Version


class Under(StrEnum):
    """What the sender holds."""

    APPLY = "apply"
    EDIT = "edit"
    NOTHING = "nothing"
    ANOTHERS = "another's"  # somebody else holds the lock
    READ_ONLY = "read-only"  # the sender may not write at all


class Fate(StrEnum):
    """What becomes of it."""

    CURRENT = "current"
    SAME = "same"  # it is stored already
    ASIDE = "aside"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of a state, why, and whether somebody must look at it."""

    fate: Fate
    reason: str = ""
    incident: bool = False


_WITHOUT: Final = {
    Under.NOTHING: "it was sent without a lock (-lock=false, or after its lock was broken)",
    Under.ANOTHERS: "it was sent while somebody else held the lock",
    Under.READ_ONLY: "it was sent with a token that may only read",
}


def judge(current: Version | None, sent: StateDocument, under: Under, *, same: bool) -> Outcome:
    """The fate of what was `sent`; `same` says that it equals the current state byte for byte."""
    if same:
        return Outcome(Fate.SAME)
    fault = _fault(current, sent)
    if under is Under.EDIT:
        return Outcome(Fate.REFUSED, fault) if fault else Outcome(Fate.CURRENT)
    if under is Under.APPLY:
        return Outcome(Fate.ASIDE, fault, incident=True) if fault else Outcome(Fate.CURRENT)
    reason = "; ".join(filter(None, (_WITHOUT[under], fault)))
    if under is Under.NOTHING and not fault:
        return Outcome(Fate.CURRENT, reason, incident=True)
    return Outcome(Fate.ASIDE, reason, incident=True)


def _fault(current: Version | None, sent: StateDocument) -> str:
    if current is None:
        return ""
    if sent.lineage != current.lineage:
        return f"its lineage is {sent.lineage}, and that of the stored state is {current.lineage}"
    if sent.serial < current.serial:
        return f"its serial {sent.serial} is older than {current.serial}, which is stored"
    if sent.serial == current.serial:
        return f"its serial {sent.serial} is stored already with another content"
    return ""
