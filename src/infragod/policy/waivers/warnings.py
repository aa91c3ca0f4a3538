"""The announcement that a waiver ends: once, some days ahead, in the audit log, whose entries the outbox sends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from infragod.db import audit
from infragod.db.connection import lock
from infragod.policy.waivers.waiver import WARN_DAYS, Waiver

if TYPE_CHECKING:
    from infragod.db.connection import Connection

KIND: Final = "waiver.ending"
_LOCK: Final = 7_210_351


def warn(connection: Connection, by: str, at: datetime | None = None) -> list[Waiver]:
    """Announce the waivers in force that end soon and were not announced yet, though several processes do so."""
    from infragod.policy.waivers import store

    at = at or datetime.now(UTC)
    lock(connection, _LOCK)
    found = store.unwarned(connection, at.date(), at.date() + timedelta(days=WARN_DAYS))
    for waiver in found:
        store.warned(connection, waiver.number, at)
        details = {
            "waiver": waiver.id,
            "rule": waiver.rule,
            "address": waiver.address,
            "workspace": waiver.workspace,
            "owner": waiver.owner,
            "until": waiver.until.isoformat(),
            "days_left": waiver.days_left(at.date()),
        }
        audit.append(connection, KIND, by, details, at=at)
    return found
