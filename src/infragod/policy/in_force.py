"""The bundle in force and the teams known, where there is a database that holds them."""

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


def teams(settings: Settings) -> list[str]:
    """Names of the teams that were imported; none where there is no database."""
    from infragod.db import connection
    from infragod.org import store

    if not connection.exists(settings):
        return []
    with connection.Database.open(settings) as database, database.read() as reading:
        return [team.name for team in store.teams(reading)]
