"""The bundle in force, where there is a database that holds one."""

from __future__ import annotations

from infragod.policy.bundle import Bundle
from infragod.settings import Settings


def bundle(settings: Settings) -> Bundle | None:
    """The latest bundle; None where there is no database, or none was published."""
    from infragod.db import connection
    from infragod.policy.bundle import store

    if not connection.exists(settings):
        return None
    with connection.Database.open(settings) as database, database.read() as reading:
        return store.latest(reading)
