"""The gate, enforced: one section for each room's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infragod.db import base

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of the gate."""
    _outbox()


def _outbox() -> None:
    op.create_table(
        "webhook_target",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("read_to", NUMBER, nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", base.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_webhook_target"),
    )
    op.create_table(
        "outbox",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("target", sa.String(length=63), nullable=False),
        sa.Column("event", NUMBER, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", base.UtcTime(), nullable=False),
        sa.Column("delivered_at", base.UtcTime(), nullable=True),
        sa.Column("dead_at", base.UtcTime(), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["target"], ["webhook_target.name"], name="fk_outbox_target_webhook_target"),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("target", "event", name="uq_outbox_target_event"),
    )
    waiting = sa.text("delivered_at IS NULL AND dead_at IS NULL")
    op.create_index("ix_outbox_waiting", "outbox", ["target", "event"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_outbox_delivered_at", "outbox", ["delivered_at"])
