"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import infragod.db.base

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Make the schema newer."""
    ${upgrades if upgrades else "pass"}
