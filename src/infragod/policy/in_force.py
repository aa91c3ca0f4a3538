"""The bundle in force, the teams and the workspaces known, where there is a database that holds them."""

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


def known(settings: Settings) -> tuple[list[str], list[str]]:
    """Names of the teams that were imported, and of the workspaces decided on; none where there is no database."""
    from infragod.db import connection
    from infragod.org import store as org
    from infragod.policy import store as record

    if not connection.exists(settings):
        return [], []
    with connection.Database.open(settings) as database, database.read() as reading:
        return [team.name for team in org.teams(reading)], record.workspaces(reading)
