"""The backend below the web: both databases, races, keys, which state may follow, what an apply did."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.postgres import database, postgres, where

from infragod.db.connection import Connection, Database
from infragod.errors import InputError, SetupError, StoreError
from infragod.resource import Action
from infragod.settings import Settings
from infragod.terraform import history, refusal, state_document, store
from infragod.terraform.backend import APPLY, READ, WRITE, Applied, Ask, Backend, Caller, LockInfo
from infragod.terraform.crypt import Vault
from infragod.terraform.differences import Planned, differences
from infragod.terraform.refusal import HeldError, RefusalError
from infragod.terraform.state_document import Object
from infragod.terraform.store import Lock
from infragod.terraform.succession import Fate, Under, judge

__all__ = ["database", "postgres", "where"]
WRITER = Caller("writer", "token:1", frozenset({WRITE}))
READER = Caller("reader", "token:2", frozenset({READ}))
PIPELINE = Caller("pipeline", "token:12", frozenset({APPLY}))
APPLYING = "OperationTypeApply"


class Open:
    """A keeper that admits whoever comes with an even ID, and notes what it is told."""

    def __init__(self) -> None:
        self.applied: list[Applied] = []
        self.incidents: list[str] = []
        self.fails = False

    def admit(self, _: Connection, ask: Ask) -> str:
        if ask.lock_id.endswith("!"):
            raise RefusalError(("No.", "Not " + "today " * 30), waiting=True)
        return "7F3K-9Q2M"

    def finish(self, _: Connection, applied: Applied) -> None:
        if self.fails:
            raise InputError("it cannot be")
        self.applied.append(applied)

    def incident(self, _: Connection, workspace: str, details: Mapping[str, Any], actor: str) -> None:
        self.incidents.append(f"{workspace}: {details['reason']} ({actor})")


@pytest.fixture
def keeper() -> Open:
    return Open()


@pytest.fixture
def backend(where: Settings, database: Database, keeper: Open) -> Backend:
    return Backend(where, database, keeper)


def state(serial: int = 1, lineage: str = "one", *names: str) -> bytes:
    resources = [
        {"mode": "managed", "type": "t", "name": n, "provider": "p", "instances": [{"attributes": {"id": f"id-{n}"}}]}
        for n in names
    ]
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage, "resources": resources}).encode()


def test_an_apply_from_lock_to_unlock(backend: Backend, keeper: Open) -> None:
    backend.lock(PIPELINE, "w", LockInfo("a", APPLYING))
    empty = backend.get(PIPELINE, "w")
    assert empty is not None
    assert (json.loads(empty)["serial"], backend.get(PIPELINE, "w")) == (0, empty)
    assert backend.post(PIPELINE, "w", "a", state(1, "one", "x")).fate is Fate.CURRENT
    assert backend.post(PIPELINE, "w", "a", state(1, "one", "x")).fate is Fate.SAME
    assert backend.post(PIPELINE, "w", "a", state(2, "one", "x", "y")).fate is Fate.CURRENT
    backend.unlock(PIPELINE, "w", "a")
    (applied,) = keeper.applied
    assert applied.before is None
    assert applied.after is not None
    assert sorted(applied.after.objects) == ["t.x", "t.y"]
    assert keeper.incidents == []
    assert backend.get(READER, "w") == state(2, "one", "x", "y")


def test_of_many_applies_at_once_one_gets_the_lock(backend: Backend) -> None:
    def take(number: int) -> str:
        try:
            backend.lock(replace(PIPELINE, holder=f"grant:{number}"), "w", LockInfo(f"lock-{number}", APPLYING))
        except HeldError as error:
            return error.lock.id
        return ""

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(take, range(16)))
    assert found.count("") == 1
    assert {lock for lock in found if lock} == {f"lock-{found.index('')}"}


def test_of_many_states_at_once_all_are_kept(backend: Backend, database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: backend.post(WRITER, "w", "", state(n)), range(1, 13)))
    with database.read() as connection:
        versions = store.versions(connection, "w")
        current = store.current(connection, "w")
    assert sorted(v.serial for v in versions) == list(range(1, 13))
    assert sorted(v.version for v in versions) == list(range(1, 13))
    assert current is not None
    assert current.serial == 12


def test_an_unlock_is_never_in_the_way(backend: Backend, keeper: Open, database: Database) -> None:
    keeper.fails = True
    backend.lock(PIPELINE, "w", LockInfo("a", APPLYING))
    backend.unlock(PIPELINE, "w", "a")
    assert "could not be compared with its decision: it cannot be" in keeper.incidents[0]
    with database.read() as connection:
        assert store.held(connection, "w") is None


def test_a_token_whose_number_begins_alike_is_another(backend: Backend) -> None:
    backend.lock(PIPELINE, "w", LockInfo("a", APPLYING))
    with pytest.raises(HeldError, match="holds the lock of w since"):
        backend.lock(replace(PIPELINE, holder="token:1"), "w", LockInfo("a", APPLYING))
    assert b"infragod" in (backend.get(replace(PIPELINE, holder="token:1"), "w") or b"")


def test_refusals_are_in_the_log_once(backend: Backend, database: Database) -> None:
    from infragod.db import audit

    for _ in range(3):
        with pytest.raises(RefusalError) as caught:
            backend.lock(PIPELINE, "w", LockInfo("a!", APPLYING))
    with database.read() as connection:
        assert [e.kind for e in audit.entries(connection)] == ["state.refuse"]
    shown = json.loads(refusal.refused(caught.value, "w", "2026-11-22T10:00:00Z"))
    assert shown["ID"] == shown["Info"]
    assert shown["ID"].startswith("\nNo.\nNot today")
    assert max(map(len, shown["ID"].splitlines())) < 70
    assert shown["Operation"] == "waiting"


def test_a_text_cannot_move_the_cursor_and_an_address_stays_whole() -> None:
    address = "https://cost.example.com/" + "x" * 90
    assert refusal.text(["a\x1b[2Jb", f"See {address}"]) == f"\na [2Jb\nSee\n{address}"


def test_another_one_is_held(backend: Backend, database: Database) -> None:
    backend.lock(WRITER, "w", LockInfo("a", "state-mv", Who="me", Version="1.11.4", Created="then"))
    with pytest.raises(HeldError) as caught:
        backend.lock(READER, "w", LockInfo("b", "OperationTypePlan"))
    shown = json.loads(refusal.held(caught.value))
    assert (shown["ID"], shown["Who"], shown["Version"], shown["Info"]) == ("a", "me", "1.11.4", "by writer")
    with database.read() as connection:
        assert set(store.locks(connection)) == {"w"}


def test_restore(backend: Backend, where: Settings, database: Database) -> None:
    for serial in (1, 2):
        backend.post(WRITER, "w", "", state(serial, "one", f"n{serial}"))
    new = history.restore(where, database, "w", 1, "somebody")
    assert (new.version, new.serial, new.operation) == (3, 3, "restore of version 1")
    got = backend.get(READER, "w")
    assert got is not None
    assert json.loads(got) == {**json.loads(state(1, "one", "n1")), "serial": 3}
    backend.lock(PIPELINE, "w", LockInfo("a", APPLYING))
    with pytest.raises(InputError, match="holds the lock of w"):
        history.restore(where, database, "w", 1, "somebody")
    with pytest.raises(InputError, match="no Terraform state"):
        backend.post(PIPELINE, "w", "a", b"torn")
    backend.unlock(PIPELINE, "w", "a")
    with pytest.raises(InputError, match="version 4 of w came damaged"):
        history.restore(where, database, "w", 4, "somebody")
    with pytest.raises(InputError, match="no version 9"):
        history.restore(where, database, "w", 9, "somebody")


def test_a_row_that_was_changed_is_found_out(backend: Backend, database: Database) -> None:
    backend.post(WRITER, "w", "", state(1))
    with database.begin() as connection:
        connection.execute(store.version.update().values(serial=7))
    with pytest.raises(StoreError, match="was changed since it was encrypted"):
        backend.get(READER, "w")


def test_a_lost_key_is_never_replaced_in_silence(backend: Backend, where: Settings, database: Database) -> None:
    backend.post(WRITER, "w", "", state(1))
    key = where.home / "keys" / "state.key"
    kept = key.read_text()
    key.unlink()
    again = Backend(where, database, Open())
    with pytest.raises(SetupError, match=r"state.key is missing, and stored states are encrypted by it"):
        again.get(READER, "w")
    key.write_text(new_key())
    key.chmod(0o600)
    with pytest.raises(SetupError, match="which is not in"):
        again.get(READER, "w")
    key.write_text(f"{new_key()}\n{kept}")
    assert Backend(where, database, Open()).get(READER, "w") == state(1)


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.mark.parametrize("text", ["x", "!!!", "AAAA", base64.b64encode(b"k" * 32).decode() + "x"])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(SetupError, match="something that is no key: a key is 32 bytes in base64"):
        Vault.open(Settings(state_key=text), sealed=False)


def test_keys_of_files_and_settings(tmp_path: Path) -> None:
    first, second = new_key(), new_key()
    sealed = Vault.open(Settings(state_key=first), sealed=True).seal(b"data", "it")
    both = Vault.open(Settings(state_key=f"{second},{first}"), sealed=True)
    assert both.unseal(sealed, "it") == b"data"
    with pytest.raises(StoreError, match="was changed"):
        both.unseal(sealed, "another")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "state.key").write_bytes(b"\xff\xfe")
    (tmp_path / "keys" / "state.key").chmod(0o600)
    with pytest.raises(SetupError, match="is no key of states"):
        Vault.open(Settings(home=tmp_path), sealed=False)
    (tmp_path / "keys" / "state.key").write_bytes(b"\n")
    with pytest.raises(SetupError, match="holds no key"):
        Vault.open(Settings(home=tmp_path), sealed=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="cannot keep the key"):
        Vault.open(Settings(home=tmp_path / "file"), sealed=False)


def test_which_state_may_follow(backend: Backend, database: Database) -> None:
    backend.post(WRITER, "w", "", state(5))
    with database.read() as connection:
        current = store.current(connection, "w")
    sent = {n: state_document.parse(state(n), "it") for n in (4, 5, 6)}
    fates = {
        (under.value, n): judge(current, sent[n], under, same=False).fate.value for under in Under for n in (4, 5, 6)
    }
    assert fates == {
        **{("apply", n): fate for n, fate in ((4, "aside"), (5, "aside"), (6, "current"))},
        **{("edit", n): fate for n, fate in ((4, "refused"), (5, "refused"), (6, "current"))},
        **{("nothing", n): fate for n, fate in ((4, "aside"), (5, "aside"), (6, "current"))},
        **{("another's", n): "aside" for n in (4, 5, 6)},
        **{("read-only", n): "aside" for n in (4, 5, 6)},
    }
    assert judge(None, sent[4], Under.EDIT, same=False).fate is Fate.CURRENT


def test_addresses_are_those_of_plans() -> None:
    resources = [
        {"mode": "data", "type": "t", "name": "d", "instances": [{"attributes": {}}]},
        {
            "module": 'module.m["a"]',
            "mode": "managed",
            "type": "t",
            "name": "x",
            "instances": [{"index_key": 'c["d"]${e}'}, {"index_key": 1, "attributes": {"id": 5}}, {"deposed": "ab"}],
        },
    ]
    top = {"version": 4, "lineage": "l", "serial": 1, "resources": resources}
    found = state_document.parse(json.dumps(top).encode(), "it").objects
    assert found == {
        'module.m["a"].t.x["c[\\"d\\"]$${e}"]': Object("t", ""),
        'module.m["a"].t.x[1]': Object("t", "5"),
    }


def objects(**ids: str) -> dict[str, Object]:
    return {f"t.{name}": Object("t", id_) for name, id_ in ids.items()}


def plan(**actions: Action) -> list[Planned]:
    return [Planned(f"t.{name}", "t", action) for name, action in actions.items()]


def test_what_an_apply_did() -> None:
    found = differences(
        plan(a=Action.CREATE, b=Action.DELETE, c=Action.REPLACE, d=Action.UPDATE, e=Action.NO_OP, f=Action.FORGET),
        objects(b="1", c="1", d="1", e="1", f="1"),
        objects(a="1", c="2", d="2", e="1"),
    )
    assert (found.unapproved, found.missing) == ((), ())


def test_what_nobody_approved() -> None:
    found = differences(plan(e=Action.NO_OP), objects(e="1", g="1"), objects(e="2", n="1"))
    assert found.unapproved == ("t.e was replaced", "t.g was deleted", "t.n was created")


def test_what_was_not_done() -> None:
    found = differences(
        plan(a=Action.CREATE, b=Action.DELETE, c=Action.REPLACE, d=Action.REPLACE),
        objects(b="1", c="1", d="1"),
        objects(b="1", c="1"),
    )
    assert found.missing == (
        "t.a was not created",
        "t.b was not deleted",
        "t.c was not replaced",
        "t.d was not replaced",
    )


def test_a_move_is_no_difference() -> None:
    found = differences(plan(new=Action.NO_OP), objects(old="1"), objects(new="1"))
    assert found.unapproved == ()
    found = differences(plan(new=Action.NO_OP), objects(old="1", gone="2"), objects(new="1"))
    assert len(found.unapproved) == 1


def test_a_lock_is_told_by_its_holder(backend: Backend, database: Database) -> None:
    backend.lock(WRITER, "w", LockInfo("a", "state-rm"))
    with pytest.raises(InputError, match="is not held"):
        backend.unlock(WRITER, "w", "b")
    with pytest.raises(InputError, match=f"a token with the scope {WRITE} breaks it"):
        backend.unlock(PIPELINE, "w", "")
    backend.unlock(WRITER, "w", "")
    with database.read() as connection:
        held: Lock | None = store.held(connection, "w")
    assert held is None
