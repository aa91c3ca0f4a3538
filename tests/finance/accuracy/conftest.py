"""A world on SQLite, and one on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.finance.accuracy.world import World
from tests.postgres import postgres, where

from infragod.settings import Settings

__all__ = ["postgres", "where"]


@pytest.fixture
def world(tmp_path: Path, where: Settings) -> Iterator[World]:
    """An empty company."""
    made = World(tmp_path / "company", where)
    yield made
    made.database.close()
