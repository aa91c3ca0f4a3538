"""The gate as the wrapper asks it: on a server, or here; check a plan, take a grant, begin and end its apply."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from infragod.cli.actor import actor
from infragod.errors import InputError, RemoteError, SetupError
from infragod.settings import Settings
from infragod.terraform.planfile import PlanFile

if TYPE_CHECKING:
    import httpx

    from infragod.gate import House

TRIES: Final = 4
PAUSE = 1.0
"""Seconds, doubled at each try."""


class RefusedError(InputError):
    """No grant: one sentence, and the reason by one word (see ``policy.grants.Reason``)."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Held:
    """A grant in hand."""

    id: str
    token: str = field(repr=False)
    workspace: str
    expires_at: datetime
    plan: PlanFile


class Gate(Protocol):
    """What the wrapper asks of the gate."""

    def check(self, data: bytes, where: str, workspace: str, change_request: str) -> Mapping[str, Any]:
        """The decision on the plan whose JSON is `data`, as its document."""

    def take(self, decision: str, plan: PlanFile, change_request: str) -> Held:
        """A grant on that decision for that very file; ``RefusedError`` says why not."""

    def claim(self, held: Held, lock_id: str) -> None:
        """The apply begins; ``RefusedError`` if the grant is good for it no longer."""

    def beat(self, held: Held) -> None:
        """The apply goes on; ``RefusedError`` if nobody waits to hear of it any longer."""

    def finish(self, held: Held, *, applied: bool, resources: Mapping[str, str | None] | None) -> None:
        """The apply has ended, or never began."""


def gate(settings: Settings) -> Gate:
    """The server's gate where one is set, else the one that is kept here."""
    if not settings.url:
        return Local(settings)
    from infragod.cli.remote import refuse_clear_text

    refuse_clear_text(settings)
    return Remote(settings)


class Local:
    """The gate of this machine's own home."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def _house(self) -> House:
        from infragod.gate import House

        return House.open(self._settings)

    def check(self, data: bytes, where: str, workspace: str, change_request: str) -> Mapping[str, Any]:
        """Decide here."""
        from infragod.gate import CheckRequest, check
        from infragod.policy.decision import document

        with self._house() as house:
            today = datetime.now(UTC).date()
            requester = self._settings.requester
            asked = CheckRequest(
                data, where, workspace, actor(), today, requester=requester, change_request=change_request
            )
            return document(check(asked, house))

    def take(self, decision: str, plan: PlanFile, change_request: str) -> Held:
        """Take it from the database here."""
        from infragod.gate import grant
        from infragod.policy import grants

        asked = grants.Asked(
            decision=decision,
            lineage=plan.lineage,
            serial=plan.serial,
            actor=actor(),
            file_digest=plan.digest,
            change_request=change_request,
            ttl=timedelta(minutes=self._settings.grant_minutes),
        )
        try:
            with self._house() as house:
                issued = grant(asked, house, datetime.now(UTC).date())
        except grants.RefusedError as error:
            raise RefusedError(error.reason.value, str(error)) from None
        made = issued.grant
        return Held(made.id, issued.token, made.workspace, made.expires_at, plan)

    def claim(self, held: Held, lock_id: str) -> None:
        """Claim it in the database here."""
        from infragod.policy import grants
        from infragod.policy.grants import store

        bound = {"workspace": held.workspace, "lineage": held.plan.lineage, "serial": held.plan.serial}
        with self._house() as house:
            try:
                with house.database.begin() as connection:
                    store.claim(connection, held.token, **bound, lock_id=lock_id)  # type: ignore[arg-type]
            except grants.RefusedError as error:
                with house.database.begin() as connection:
                    store.note_refusal(connection, error, actor(), {"grant": held.id, "lock": lock_id})
                raise RefusedError(error.reason.value, str(error)) from None

    def beat(self, held: Held) -> None:
        """Note it in the database here."""
        from infragod.db.connection import Database
        from infragod.policy import grants
        from infragod.policy.grants import store

        try:
            with Database.open(self._settings) as database, database.begin() as connection:
                store.beat(connection, held.token)
        except grants.RefusedError as error:
            raise RefusedError(error.reason.value, str(error)) from None

    def finish(self, held: Held, *, applied: bool, resources: Mapping[str, str | None] | None) -> None:
        """Conclude it in the database here."""
        from infragod.policy.grants import Summary, store

        with self._house() as house, house.database.begin() as connection:
            store.conclude(connection, held.token, Summary(applied, resources))


class Remote:
    """The gate of a server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def check(self, data: bytes, where: str, workspace: str, change_request: str) -> Mapping[str, Any]:
        """Mask the plan, and let the server decide."""
        from infragod.cli.remote import decide

        return decide(self._settings, data, where, workspace, change_request=change_request)

    def take(self, decision: str, plan: PlanFile, change_request: str) -> Held:
        """Take it by the API; asked again after a lost answer, the server replaces the one nobody has."""
        body = {
            "decision": decision,
            "lineage": plan.lineage,
            "serial": plan.serial,
            "file_digest": plan.digest,
            "change_request": change_request,
        }
        found = self._post("grants", body, self._settings.token)
        expires = datetime.fromisoformat(found["expires_at"])
        return Held(found["grant"], found["token"], found["workspace"], expires, plan)

    def claim(self, held: Held, lock_id: str) -> None:
        """Claim it by the API; asked again with the same lock, it stays ours."""
        body = {"workspace": held.workspace, "lineage": held.plan.lineage, "serial": held.plan.serial}
        self._post(f"grants/{held.id}/claim", {**body, "lock_id": lock_id}, held.token)

    def beat(self, held: Held) -> None:
        """Tell it by the API."""
        self._post(f"grants/{held.id}/beat", {}, held.token)

    def finish(self, held: Held, *, applied: bool, resources: Mapping[str, str | None] | None) -> None:
        """Conclude it by the API."""
        body = {"applied": applied, "resources": None if resources is None else dict(resources)}
        self._post(f"grants/{held.id}/finish", body, held.token)

    def credentials(self, grant: str, token: str, role: str) -> dict[str, Any]:
        """The AWS credentials of that grant; ``RefusedError`` says why there are none."""
        return self._post(f"grants/{grant}/credentials", {"role": role}, token)

    def _post(self, path: str, body: Mapping[str, Any], token: str) -> dict[str, Any]:
        import httpx

        url = f"{self._settings.url.rstrip('/')}/v1/{path}"
        for attempt in range(TRIES):
            if attempt:
                time.sleep(PAUSE * 2 ** (attempt - 1))
            try:
                answer = httpx.post(
                    url, json=body, headers={"authorization": f"Bearer {token}"}, timeout=self._settings.timeout
                )
            except httpx.HTTPError as error:
                fault = f"cannot be reached ({error or type(error).__name__})"
                continue
            if answer.status_code in (429, 500, 502, 503, 504):
                fault = f"answered {answer.status_code}"
                continue
            return self._read(answer)
        raise RemoteError(f"the server {self._settings.url} {fault}; try again when it is back")

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            found = dict(answer.json())
        except (ValueError, TypeError):
            raise RemoteError(f"what answers at {self._settings.url} is no InfraGod server; correct url") from None
        if answer.is_success:
            return found
        said = str(found.get("error", f"status {answer.status_code}"))
        if "refusal" in found:
            raise RefusedError(str(found["refusal"]), said)
        if answer.status_code in (401, 403):
            raise SetupError(f"the server {self._settings.url} refused the token: {said}")
        raise InputError(said)


def warn(text: str) -> None:
    """A line of ours between Terraform's."""
    print(f"infragod: {text}", file=sys.stderr, flush=True)
