"""Who acts on a page: a person of approvals.toml who logged in by a token of theirs; everybody else only looks."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request

from infragod.approval.authority import Account, Authority
from infragod.db.connection import Connection
from infragod.web.access import approver
from infragod.web.api.approvals import authority
from infragod.web.errors import RequestError


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who may act, and what approvals.toml says."""

    account: Account
    person: str
    law: Authority


def look(request: Request, connection: Connection) -> Acting | None:
    """Who acts; None if this session may only look."""
    name = approver(request)
    if name is None:
        return None
    law, account = authority(request, connection), Account("token", name)
    person = law.person(account)
    return None if person is None else Acting(account, person.name, law)


def must(request: Request, connection: Connection) -> Acting:
    """Who acts; ``RequestError`` if this session may only look."""
    found = look(request, connection)
    if found is None:
        raise RequestError(
            HTTPStatus.FORBIDDEN,
            "only people of approvals.toml act here: log in by a token of theirs with the scopes read and approve",
        )
    return found
