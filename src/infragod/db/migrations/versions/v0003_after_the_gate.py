"""After the gate: one section for each room's tables."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables that follow a decision: one call for each room."""
