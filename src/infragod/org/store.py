"""The tables `team` and `service`: what an import of the organisation leaves, and the questions asked of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Connection, ForeignKey, String, Table, select

from infragod.db.base import metadata
from infragod.org.organisation import Changes, Organisation, Service, Team, compare

team: Final = Table(
    "team",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("cost_centre", String(200)),
    Column("lead", String(320)),
    Column("unit", String(200)),
    info={"row": "a team, as the last import of the organisation brought it"},
)

service: Final = Table(
    "service",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("team", String(200), ForeignKey("team.name"), nullable=False, index=True),
    Column("environment", String(200)),
    info={"row": "a service and the team that owns it"},
)


def teams(connection: Connection) -> list[Team]:
    """Every team, by name."""
    columns = (team.c.name, team.c.cost_centre, team.c.lead, team.c.unit)
    return [Team(*row) for row in connection.execute(select(*columns).order_by(team.c.name)).all()]


def services(connection: Connection) -> list[Service]:
    """Every service, by name."""
    columns = (service.c.name, service.c.team, service.c.environment)
    return [Service(*row) for row in connection.execute(select(*columns).order_by(service.c.name)).all()]


def organisation(connection: Connection) -> Organisation:
    """The whole organisation."""
    return Organisation(tuple(teams(connection)), tuple(services(connection)))


def replace(connection: Connection, new: Organisation) -> Changes:
    """Put `new` in the place of all that is there, and say what that changed."""
    changes = compare(organisation(connection), new)
    connection.execute(service.delete())
    connection.execute(team.delete())
    if new.teams:
        connection.execute(
            team.insert(),
            [{"name": t.name, "cost_centre": t.cost_centre, "lead": t.lead, "unit": t.unit} for t in new.teams],
        )
    if new.services:
        connection.execute(
            service.insert(),
            [{"name": s.name, "team": s.team, "environment": s.environment} for s in new.services],
        )
    return changes
