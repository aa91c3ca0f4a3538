"""What commands about approvals share: the database, approvals.toml in force, who runs them; or the server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from infragod.cli.actor import actor
from infragod.errors import InputError, RemoteError, SetupError
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.approval.authority import Account, Authority
    from infragod.db.connection import Connection


@dataclass(frozen=True, slots=True)
class Desk:
    """One transaction with what it is judged by."""

    connection: Connection
    authority: Authority
    account: Account

    def decision(self, name: str) -> Mapping[str, Any]:
        """The decision's document; ``InputError`` if there is none of that id."""
        from infragod.policy import store

        found = store.get(self.connection, name)
        if found is None:
            raise InputError(f"there is no decision {name!r}; its id stands in the last line of a check")
        return found

    @property
    def who(self) -> str:
        """The person that runs the command, or the name of their account."""
        person = self.authority.person(self.account)
        return person.name if person else self.account.name


@contextmanager
def opened(settings: Settings, *, write: bool = False) -> Iterator[Desk]:
    """The desk over this machine's database."""
    from infragod.approval.authority import Account
    from infragod.db.connection import Database
    from infragod.policy import bundle
    from infragod.policy.bundle import store

    with (
        Database.open(settings, create=False) as database,
        database.begin() if write else database.read() as connection,
    ):
        authority = bundle.authority(settings, store.latest(connection))
        yield Desk(connection, authority, Account("user", actor()))


def on_server_only(settings: Settings, command: str) -> None:
    """Refuse a command that works on the database while a server is set."""
    if settings.url:
        raise SetupError(f"{command} works on the server's own home; run it there, or unset url (INFRAGOD_URL)")


def call(settings: Settings, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """The server's answer; ``InputError`` says what it refused, ``RemoteError`` that it gave none."""
    import httpx

    from infragod.cli.remote import refuse_clear_text

    refuse_clear_text(settings)
    headers = {"Authorization": f"Bearer {settings.token}"}
    try:
        answer = httpx.request(
            method, f"{settings.url.rstrip('/')}{path}", json=body, headers=headers, timeout=settings.timeout
        )
    except httpx.HTTPError as error:
        raise RemoteError(f"the server {settings.url} cannot be reached ({error or type(error).__name__})") from None
    try:
        said = answer.json()
    except ValueError:
        raise RemoteError(f"what answers at {settings.url} is no InfraGod server") from None
    if answer.is_success:
        return said
    if answer.is_server_error:
        raise RemoteError(f"the server {settings.url} answered {answer.status_code}; try again, or see its log")
    raise InputError(str(said.get("error", f"status {answer.status_code}")))


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)
