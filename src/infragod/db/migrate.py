"""Bring an older database up to this InfraGod's schema, by Alembic; the only module that imports it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from infragod.db.connection import SCHEMA_LOCK, lock

if TYPE_CHECKING:
    from infragod.db.connection import Database


def upgrade(database: Database, to: str = "head") -> None:
    """Run the migrations that are missing, all in one transaction: all of them, or none."""
    with database.begin() as connection:
        lock(connection, SCHEMA_LOCK)
        command.upgrade(configuration(connection), to)


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration: our folder of migrations, and the connection whose transaction they run in."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
