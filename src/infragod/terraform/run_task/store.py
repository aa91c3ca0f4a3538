"""The table `run_task`: which results were asked of us, so that none is worked on twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Column, Connection, LargeBinary, String, Table, select

from infragod.db import audit
from infragod.db.base import UtcTime, metadata
from infragod.db.connection import lock
from infragod.errors import InputError

_LOCK: Final = 7_210_340

run_task: Final = Table(
    "run_task",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("received_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, index=True),
    Column("status", String(20), nullable=False),
    Column("request", LargeBinary),
    Column("decision", String(9)),
    Column("held_by", String(64)),
    Column("held_until", UtcTime),
    info={"row": "a result that HCP Terraform asked for; asked again, it is refused"},
)


class SeenError(InputError):
    """This result was asked for before."""


def begin(connection: Connection, name: str, workspace: str, run: str) -> None:
    """Note that work on the result `name` begins; ``SeenError`` if it did before."""
    lock(connection, _LOCK)
    if connection.execute(select(run_task.c.id).where(run_task.c.id == name)).first():
        raise SeenError("this task result was asked for before; start the run again for a new one")
    connection.execute(run_task.insert().values(id=name, received_at=datetime.now(UTC), status="running"))
    audit.append(connection, "run-task.begin", "HCP Terraform", {"task": name, "workspace": workspace, "run": run})


def end(connection: Connection, name: str, status: str, decision: str, told: str) -> None:
    """Note how it ended."""
    values = {"status": status, "ended_at": datetime.now(UTC)}
    connection.execute(run_task.update().where(run_task.c.id == name).values(**values))
    details = {"task": name, "status": status, "decision": decision, "said": told}
    audit.append(connection, "run-task.end", "HCP Terraform", details)
