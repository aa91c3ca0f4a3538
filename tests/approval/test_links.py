"""Signed links: for one person, one decision, one answer, a while."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.approval.ask import LATER, NOW, asked, law, user
from tests.approval.test_requests import answered, opened, value

from infragod.approval import links
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError, SetupError

SIGNING = b"k" * 32


def made(database: Database, person: str = "controller", by: str = "operator", **more: object) -> str:
    with database.begin() as connection:
        return links.make(
            connection,
            SIGNING,
            "AAAA-0001",
            person,
            law(),
            by=by,
            maker=user(by),
            **{"at": LATER, **more},  # type: ignore[arg-type]
        )


def used(database: Database, link: str, what: str = "grant", **more: object) -> str:
    with database.begin() as connection:
        return links.use(connection, SIGNING, link, what, law(), **{"at": LATER, **more}).value  # type: ignore[arg-type]


def test_a_link_approves_once(database: Database) -> None:
    opened(database, asked())
    link = made(database)
    with database.read() as connection:
        assert links.read(connection, SIGNING, link, LATER).person == "controller"
    assert used(database, link) == "approved"
    with pytest.raises(InputError, match="it is good for one answer"):
        used(database, link)
    with database.read() as connection:
        assert audit.entries(connection, kind="approval.link", limit=1)[0].details["person"] == "controller"


def test_an_answer_that_is_refused_leaves_the_link(database: Database) -> None:
    opened(database, asked())
    link = made(database)
    with pytest.raises(InputError, match="needs a reason"):
        used(database, link, "refuse")
    assert used(database, link, "refuse", reason="too large") == "refused"


def test_an_expired_link_is_refused(database: Database) -> None:
    opened(database, asked())
    link = made(database, hours=2)
    with pytest.raises(InputError, match=r"this link has expired on 2026-11-16 12:00 UTC; ask for a new one"):
        used(database, link, at=LATER + timedelta(hours=2))
    assert value(database) == "pending"


def test_a_link_ends_with_its_request(database: Database) -> None:
    opened(database, asked())
    assert int(made(database, hours=1000).split(".")[1]) == (NOW + timedelta(days=7)).timestamp()


@pytest.mark.parametrize("forge", [
    lambda link: "",
    lambda link: "a.b.c",
    lambda link: link + "0",
    lambda link: link[:-1] + ("0" if link[-1] != "0" else "1"),
    lambda link: ".".join((link.split(".")[0], str(int(link.split(".")[1]) + 9), link.split(".")[2])),
    lambda link: "x" + link,
    lambda link: link.replace(".", ".²", 1),
    lambda link: link[:-1] + "é",
])  # fmt: skip
def test_a_forged_link_is_refused(database: Database, forge: object) -> None:
    opened(database, asked())
    link = made(database)
    with pytest.raises(InputError, match="is not one of this server"):
        used(database, forge(link))  # type: ignore[operator]


def test_a_link_of_another_key_is_refused(database: Database) -> None:
    opened(database, asked())
    link = made(database)
    with database.begin() as connection, pytest.raises(InputError, match="is not one of this server"):
        links.use(connection, b"x" * 32, link, "grant", law(), at=LATER)


def test_who_left_can_not_use_their_link(database: Database) -> None:
    opened(database, asked())
    link = made(database, "lead of search")
    text = "[people.controller]\n[[approve]]\nby = ['controller']\n"
    with database.begin() as connection, pytest.raises(InputError, match="any more"):
        links.use(connection, SIGNING, link, "grant", law(text), at=LATER)


def test_a_link_is_made_by_no_one_who_asked_and_for_no_one_who_may_not(database: Database) -> None:
    opened(database, asked(by="lead-user"))
    for maker in ("lead-user", "lead of checkout"):
        with pytest.raises(InputError, match="may not make the link"):
            made(database, by=maker)
    for person in ("lead of checkout", "nobody", "lead of search"):
        with pytest.raises(InputError, match="may not answer"):
            made(database, person)
    with database.begin() as connection, pytest.raises(InputError, match="asks for no approval"):
        links.make(connection, SIGNING, "ZZZZ-0000", "controller", law(), by="o", maker=user("o"))


def test_a_link_for_a_request_that_ended_is_refused(database: Database) -> None:
    opened(database, asked())
    link = made(database)
    answered(database, "lead-user")
    with pytest.raises(InputError, match="was approved already"):
        used(database, link)


def test_the_link_itself_is_kept_nowhere(database: Database) -> None:
    opened(database, asked())
    id_, _, signature = made(database).split(".")
    with database.read() as connection:
        for table in ("approval_link", "audit"):
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert id_ not in rows
            assert signature not in rows


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = links.key(tmp_path)
    assert (links.key(tmp_path), len(key)) == (key, 32)
    path = tmp_path / "keys" / "approval.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"short")
    with pytest.raises(SetupError, match="is no key of links"):
        links.key(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(SetupError, match="cannot keep the key"):
        links.key(tmp_path / "file")
