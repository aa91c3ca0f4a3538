"""Each test with a database runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from tests.postgres import database, postgres, where

__all__ = ["database", "postgres", "where"]
