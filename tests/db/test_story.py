"""A database of the revision 0002 is brought up: what its log and its incidents are about is found again."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import text

from infragod.db import audit, migrate
from infragod.db.connection import Database, _engine, _prepare_file, address, file_of
from infragod.incidents import store as incidents
from infragod.settings import Settings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENTRY = """INSERT INTO audit (number, at, kind, actor, details, hash)
VALUES (:number, :at, :kind, 'x', :details, :hash)"""
INCIDENT = """INSERT INTO incident (kind, subject, details, opened_at, opened_by)
VALUES ('break-glass', 's', :details, :at, 'x')"""
ENTRIES = (
    ("decision", {"decision": "AAAA-0001"}),
    ("break-glass", {"decision": "AAAA-0001", "reason": "fire"}),
    ("incident.opened", {"incident": 1, "decision": "AAAA-0001"}),
    ("waiver.added", {"waiver": "W1"}),
    ("org.import", {"teams": 3}),
)


def test_what_was_logged_before_is_told_too(where: Settings) -> None:
    _prepare_file(file_of(address(where)))
    old = Database(_engine(address(where)))
    migrate.upgrade(old, "0002")
    with old.begin() as connection:
        at = f"{NOW:%F %T}.000000" if connection.dialect.name == "sqlite" else NOW
        for number, (kind, details) in enumerate(ENTRIES, 1):
            row = {"number": number, "at": at, "kind": kind, "details": json.dumps(details), "hash": f"{number:064d}"}
            connection.execute(text(ENTRY), row)
        connection.execute(text(INCIDENT), {"details": json.dumps(ENTRIES[2][1]), "at": at})
    migrate.upgrade(old)
    with old.read() as connection:
        assert [e.number for e in audit.story(connection, {"decision AAAA-0001"})] == [2, 3]
        assert [e.number for e in audit.story(connection, {"incident 1", "waiver W1"})] == [3, 4]
        assert [i.number for i in incidents.about(connection, decision="AAAA-0001")] == [1]
    old.close()
