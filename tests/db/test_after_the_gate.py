"""A database at 0002 with decisions in it: what they change, and for which change request, is known after 0003."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from infragod.db import migrate
from infragod.db.connection import Database, _engine, _prepare_file, address, file_of
from infragod.policy.store import place_of
from infragod.settings import Settings

DECISION = """INSERT INTO decision (number, id, created_at, workspace, verdict, actor, bundle, local, plan_digest,
    currency, monthly_cost, monthly_delta, complete, findings)
VALUES (:number, :id, :at, 'shop', 'allow', 'ci', '1', false, 'd', 'USD', '1', '1', true, 0)"""
GRANT = """INSERT INTO apply_grant (number, id, hash, decision, workspace, change_request, lineage, serial, plan_digest,
    file_digest, actor, state, issued_at, expires_at, note)
VALUES (1, 'G1', 'h', :id, 'shop', 'shop!7', 'l', 1, 'd', '', 'ci', 'used', :at, :at, '')"""
BODY = "INSERT INTO decision_document (number, body) VALUES (:number, :body)"


def test_decisions_of_the_last_months_tell_what_they_change(where: Settings) -> None:
    _prepare_file(file_of(address(where)))
    database = Database(_engine(address(where)))
    migrate.upgrade(database, "0002")
    now = datetime.now(UTC)
    actions = {"a": "create", "b": "update", "c": "no-op", "d": "replace"}
    resources = [{"address": address, "action": action} for address, action in actions.items()]
    body = zlib.compress(json.dumps({"workspace": "shop", "resources": resources}).encode())
    with database.begin() as connection:
        for number, days in ((1, 400), (2, 3)):
            at = (now - timedelta(days=days)).isoformat(sep=" ")
            values = {"number": number, "id": f"D{number}", "at": at[:26] if where.database_url == "" else at}
            connection.execute(text(DECISION), values)
            connection.execute(text(BODY), {"number": number, "body": body})
        connection.execute(text(GRANT), {"id": "D2", "at": values["at"]})
    migrate.upgrade(database)
    with database.read() as connection:
        found = connection.execute(text("SELECT place, number, makes FROM decision_place")).all()
        requests = connection.execute(text("SELECT id, change_request FROM decision ORDER BY number")).all()
    database.close()
    expected = {(place_of("shop", a), 2, makes) for a, makes in (("a", True), ("b", False), ("d", True))}
    assert {(row.place, row.number, bool(row.makes)) for row in found} == expected
    assert [tuple(row) for row in requests] == [("D1", None), ("D2", "shop!7")]
