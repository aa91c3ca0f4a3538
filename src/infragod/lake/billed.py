"""Which resources that somebody waits for the bill has: by their place in Terraform or by their id, in any form."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from infragod.lake.engine import Engine
from infragod.lake.join import sql

_COLUMNS: Final = {
    "number": "BIGINT",
    "month": "VARCHAR",
    "workspace": "VARCHAR",
    "address": "VARCHAR",
    "id": "VARCHAR",
    "opened_at": "TIMESTAMPTZ",
}


@dataclass(frozen=True, slots=True)
class Awaited:
    """A resource that a plan makes or changes: looked for in the bill of `month`, from `opened_at` on."""

    number: int
    month: str
    workspace: str
    address: str
    id: str | None
    opened_at: datetime


def billed(engine: Engine, awaited: Collection[Awaited]) -> set[int]:
    """The numbers of those that the bill has; `engine` is one of the lake's."""
    values = {name: [getattr(a, name) for a in awaited] for name in _COLUMNS}
    values["opened_at"] = [a.opened_at.isoformat() for a in awaited]
    engine.load("awaited", _COLUMNS, values)
    engine.run(sql("keys"))
    engine.run(sql("billed"))
    found = engine.run(
        "SELECT DISTINCT number FROM found_charge "
        "WHERE first_end > opened_at OR last_start >= date_trunc('day', opened_at) + INTERVAL 1 DAY"
    )
    return {number for (number,) in found}
