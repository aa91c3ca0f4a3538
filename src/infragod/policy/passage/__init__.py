"""When the gate said what of a resource that was to be made: what new spend of a bill is held against.

    grant        a grant to apply the plan was used: it went through the gate where it was made
    decision     a recorded decision let the plan pass (approved ones too): it was checked, and could be made
    break-glass  the plan was let pass in an emergency
    denied       the plan was judged, and not let pass

For a resource of the bill the best of what was said in time counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

GRANT: Final = "grant"
DECISION: Final = "decision"
GLASS: Final = "break-glass"
DENIED: Final = "denied"

COLUMNS: Final[Mapping[str, str]] = {
    "workspace": "VARCHAR",
    "address": "VARCHAR",
    "said": "VARCHAR",
    "at": "TIMESTAMP WITH TIME ZONE",
    "decision": "VARCHAR",
}
"""The columns of ``columns``, with the types that the engine gives them."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What the gate said of one address in one workspace, from the moment `at` on, by which decision."""

    workspace: str
    address: str
    said: str
    at: datetime
    decision: str


def columns(passages: Sequence[Passage]) -> dict[str, list[Any]]:
    """The passages column by column."""
    made: dict[str, list[Any]] = {name: [getattr(p, name) for p in passages] for name in COLUMNS}
    return made | {"at": [p.at.isoformat() for p in passages]}
