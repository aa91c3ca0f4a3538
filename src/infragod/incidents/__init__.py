"""Incidents: a denial overridden, a state that is not what was approved, a budget broken; opened, listed, closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from infragod.incidents.incident import Incident

if TYPE_CHECKING:
    from infragod.db.connection import Connection


def open(  # noqa: A001 - an incident is opened
    connection: Connection, kind: str, subject: str, details: Mapping[str, Any], actor: str, at: datetime | None = None
) -> Incident:
    """Open an incident of `kind` about `subject` (a workspace, mostly) in the caller's transaction."""
    from infragod.incidents import store

    return store.insert(connection, kind, subject, details, actor, at)
