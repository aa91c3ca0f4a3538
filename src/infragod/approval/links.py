"""Signed links: one person, one decision, what it asked for, until when; good for one answer.

A link is `<id>.<until>.<signature>`: 128 random bits, a moment, and an HMAC by the home's key over both, the person and
the binding. What it is for stands in the database under a hash of the id, so neither the log of a mail
server nor the database alone gives a link away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infragod import keyfile
from infragod.approval import requests
from infragod.approval.authority import Account, Authority
from infragod.approval.requests import store
from infragod.approval.requests.record import Request, State
from infragod.db import audit
from infragod.errors import InputError

if TYPE_CHECKING:
    from infragod.db.connection import Connection

HOURS: Final = 48
_UNKNOWN: Final = "this link is not one of this server, or was changed on its way; ask for a new one"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link that is in force is for."""

    id: str
    person: str
    decision: str
    request: Request


def key(home: Path) -> bytes:
    """The key that links are signed by, made on first use and readable by its owner alone."""
    path = home / "keys" / "approval.key"
    return keyfile.key(path, "key of links", "delete it, and links that are out end")


def make(
    connection: Connection,
    signing: bytes,
    decision: str,
    person: str,
    authority: Authority,
    *,
    by: str,
    maker: Account,
    hours: int = HOURS,
    seed: str = "",
    at: datetime | None = None,
) -> str:
    """A link by which `person` may answer; ``InputError`` if they may not, or if its maker asked for the decision.

    With a `seed`, which names what is sent, it is the same each time: what is sent again has the link of before.
    """
    at = at or datetime.now(UTC)
    request = store.of_decision(connection, decision)
    if request is None:
        raise InputError(f"decision {decision} asks for no approval; there is nothing to make a link for")
    if {by, maker.name} & request.requesters or authority.called(frozenset({by})) & authority.called(
        request.requesters
    ):
        raise InputError(f"{by} asked for decision {decision}, and so may not make the link that approves it")
    if not requests.may_answer(request, Account("link", person), authority, at):
        raise InputError(
            f"{person} may not answer decision {decision} now; `infragod approve show {decision}` says who"
        )
    id_ = _seeded(signing, str(request.number), person, seed) if seed else secrets.token_urlsafe(16)
    known = store.link_of(connection, _kept(id_)) if seed else None
    until: datetime = known.expires_at if known else min(at + timedelta(hours=hours), request.expires_at)
    if known is None:
        row = {"id": _kept(id_), "request": request.number, "person": person, "made_by": by, "made_at": at}
        store.add_link(connection, row | {"expires_at": until})
        details = {"decision": decision, "person": person, "until": until.isoformat()}
        audit.append(connection, "approval.link", by, details, at=at)
    moment = str(int(until.timestamp()))
    return f"{id_}.{moment}.{_mac(signing, id_, moment, person, request.binding)}"


def read(connection: Connection, signing: bytes, text: str, at: datetime | None = None) -> Link:
    """What the link is for; ``InputError`` if it is forged, too old, used, or its request has ended."""
    at = at or datetime.now(UTC)
    parts = text.split(".")
    if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit():  # noqa: PLR2004 - id, moment, signature
        raise InputError(_UNKNOWN)
    id_, moment, signature = parts
    row = store.link_of(connection, _kept(id_))
    request = store.by_number(connection, row.request) if row is not None else None
    if row is None or request is None:
        raise InputError(_UNKNOWN)
    if not hmac.compare_digest(signature.encode(), _mac(signing, id_, moment, row.person, request.binding).encode()):
        raise InputError(_UNKNOWN)
    if int(moment) <= at.timestamp() or row.expires_at <= at:
        raise InputError(f"this link has expired on {row.expires_at:%F %H:%M} UTC; ask for a new one")
    if row.used_at is not None:
        raise InputError(f"this link was used on {row.used_at:%F %H:%M} UTC; it is good for one answer")
    decision = store.decisions(connection, [request.number]).get(request.number, "")
    return Link(row.id, row.person, decision, request)


def use(
    connection: Connection,
    signing: bytes,
    text: str,
    what: str,
    authority: Authority,
    *,
    reason: str = "",
    at: datetime | None = None,
) -> State:
    """Answer by a link, which is then used up; an answer that is refused leaves it as it was."""
    at = at or datetime.now(UTC)
    link = read(connection, signing, text, at)
    if not store.use_link(connection, link.id, at):
        raise InputError("this link was used just now; it is good for one answer")
    account = Account("link", link.person)
    return requests.answer(
        connection, link.decision, account, what, authority, via="link", reason=reason, seen=link.request.binding, at=at
    )


def _kept(id_: str) -> str:
    return hashlib.sha256(id_.encode()).hexdigest()


def _seeded(signing: bytes, *parts: str) -> str:
    """An id that nobody can guess without the key, and that is the same for the same parts."""
    text = "\n".join(("infragod approval link", *parts)).encode()
    return base64.urlsafe_b64encode(hmac.digest(signing, text, hashlib.sha256)[:16]).rstrip(b"=").decode()


def _mac(signing: bytes, *parts: str) -> str:
    return hmac.new(signing, "\n".join(("infragod approval 1", *parts)).encode(), hashlib.sha256).hexdigest()
