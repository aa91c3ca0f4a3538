"""The work behind a run task: fetch the plan, decide, tell HCP Terraform, and wait where somebody has to approve.

Requests are answered at once and worked on in the background, a bounded number of them. The token that came with a
request is sent to configured hosts alone; a redirect to a store of theirs goes without it. It is kept, encrypted, until
the work has ended, so that a server that starts goes on with what another, or itself before, had begun.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import urljoin

import httpx
import msgspec
from starlette.concurrency import run_in_threadpool

from infragod.approval import requests
from infragod.approval.requests.record import State
from infragod.db.connection import Connection, Database
from infragod.errors import InfragodError, InputError, RemoteError
from infragod.gate import CheckRequest
from infragod.policy import store as decisions
from infragod.policy.render.fold import Fold, folds
from infragod.policy.render.markdown import escaped, markdown
from infragod.policy.store import Key
from infragod.terraform import store as states
from infragod.terraform.crypt import Vault
from infragod.terraform.run_task import MEDIA_TYPE, Outcome, Request, Status, allowed, callback, hosts, store
from infragod.web.api.body import LIMIT
from infragod.web.api.checks import Desk
from infragod.web.errors import RequestError
from infragod.web.site import Site, today

AT_ONCE: Final = 64
TRIES: Final = 3
PAUSE: Final = 1.0
POLL: Final = 5.0
PROGRESS: Final = 240.0
"""Seconds after which it is said again that the answer is awaited: they give up after ten minutes of silence."""
LONGEST: Final = 55 * 60.0
"""Seconds after which we give up: they do after an hour."""
_NO_TOKEN: Final = 0
_KEY: Final = 200
_TIMEOUT: Final = 60
_REDIRECTS: Final = 3
_OUTCOMES: Final = 50
_IN_MEMORY: Final = 1024 * 1024
_LEVELS: Final = {"deny": "error", "needs_approval": "warning", "warn": "warning", "allow": "info"}
_LABELS: Final = {"deny": "Denied", "needs_approval": "Approval", "warn": "Warned", "allow": "Allowed"}
_log = logging.getLogger("infragod.web")


@dataclass(frozen=True, slots=True)
class Task:
    """A request that is worked on: since when, and the decision where it was made already."""

    request: Request
    began: datetime
    decision: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is told in the end."""

    status: Status
    message: str
    document: Mapping[str, Any] | None = None


class RunTasks:
    """The run tasks that are being worked on."""

    def __init__(self, site: Site, desk: Desk) -> None:
        self.hosts = hosts(site.settings.run_task_hosts)
        self._site = site
        self._desk = desk
        self._running: set[asyncio.Task[None]] = set()
        self._me = secrets.token_hex(16)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """What was begun is gone on with inside the block, and left to others at its end."""
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            for task in (keeping, *self._running):
                task.cancel()
            await asyncio.gather(keeping, *self._running, return_exceptions=True)
            with contextlib.suppress(InfragodError):
                await run_in_threadpool(self._let_go)

    @property
    def database(self) -> Database:
        """Where it is noted what was asked for."""
        return self._site.database

    def refuse_too_many(self) -> None:
        """``RequestError`` if too many are under way."""
        if len(self._running) >= AT_ONCE:
            raise RequestError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too many run tasks are under way; try again soon",
                {"retry-after": "30"},
            )

    def begin(self, request: Request) -> None:
        """Keep the request until its work has ended; ``SeenError`` if it came before."""
        with self.database.begin() as connection:
            sealed = self._vault(connection).seal(msgspec.json.encode(request), _context(request.task_result_id))
            named = (request.task_result_id, request.workspace_name, request.run_id)
            store.begin(connection, *named, request=sealed, by=self._me)

    def take(self, task: Task) -> None:
        """Work on a request in the background."""
        working = asyncio.create_task(self._work(task))
        self._running.add(working)
        working.add_done_callback(self._running.discard)

    async def _keep(self) -> None:
        """Hold what is worked on, and take up what nobody holds any more."""
        while True:
            try:
                for task in await run_in_threadpool(self._left):
                    _log.info("the run task %a is taken up again", task.request.task_result_id)
                    self.take(task)
            except Exception:  # noqa: BLE001  # whatever it is, the server goes on
                _log.exception("run tasks that were left could not be taken up; it will be tried again")
            await asyncio.sleep(store.LEASE.total_seconds() / 3)

    def _left(self) -> list[Task]:
        with self.database.read() as connection:
            if not self._running and not store.anything_left(connection):
                return []
        with self.database.begin() as connection:
            store.renew(connection, self._me)
            found = [(left, self._opened(connection, left)) for left in store.left(connection, self._me)]
            for left, request in found:
                if request is None:
                    store.end(connection, left.id, "lost", left.decision, "its request is not kept, or its key is gone")
        return [Task(request, left.received_at, left.decision) for left, request in found if request is not None]

    def _opened(self, connection: Connection, left: store.Left) -> Request | None:
        if left.request is None:
            return None
        try:
            return msgspec.json.decode(self._vault(connection).unseal(left.request, _context(left.id)), type=Request)
        except (InfragodError, msgspec.MsgspecError) as error:
            _log.error("the run task %a cannot be taken up: %s", left.id, error)
            return None

    def _vault(self, connection: Connection) -> Vault:
        return Vault.open(self._site.settings, sealed=states.anything(connection) or store.sealed(connection))

    def _let_go(self) -> None:
        with self.database.begin() as connection:
            store.let_go(connection, self._me)

    async def _work(self, task: Task) -> None:
        request = task.request
        async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as client:
            try:
                answer = await self._answer(client, task)
            except (InfragodError, RequestError) as error:
                answer = _Answer(Status.FAILED, f"InfraGod could not decide: {error}")
            except Exception:  # noqa: BLE001  # whatever it is, HCP Terraform is told
                _log.exception("the run task %a failed", request.task_result_id)
                answer = _Answer(Status.FAILED, "InfraGod could not decide; the fault is in its log")
            await self._end(client, request, answer)

    async def _answer(self, client: httpx.AsyncClient, task: Task) -> _Answer:
        request = task.request
        if not request.has_plan:
            return _Answer(Status.PASSED, f"There is nothing to decide at the stage {request.stage}.")
        await self._tell(client, request, callback(Status.RUNNING, "InfraGod prices and judges the plan."))
        document = await self._decided(client, task)
        if document["verdict"] == "needs_approval":
            return await self._waited(client, task, document)
        passed = document["verdict"] != "deny"
        return _Answer(Status.PASSED if passed else Status.FAILED, _message(document), document)

    async def _decided(self, client: httpx.AsyncClient, task: Task) -> dict[str, Any]:
        """The decision on the run's plan; the one of before where the work was begun before."""
        known = await run_in_threadpool(self._known, task.decision) if task.decision else None
        if known is not None:
            return self._site.linked(known)
        plan = await _fetched(client, task.request, self.hosts)
        document = await self._desk.decide(_asked(task.request, plan))
        await run_in_threadpool(self._note_decision, task.request.task_result_id, document["decision"])
        return self._site.linked(document)

    def _known(self, name: str) -> dict[str, Any] | None:
        with self.database.read() as connection:
            return decisions.get(connection, name)

    def _note_decision(self, name: str, decision: str) -> None:
        with self.database.begin() as connection:
            store.decided(connection, name, decision)

    async def _waited(self, client: httpx.AsyncClient, task: Task, document: Mapping[str, Any]) -> _Answer:
        """Wait until somebody approves or refuses, and say every few minutes that this is so."""
        name, said = document["decision"], -PROGRESS
        while (passed := (datetime.now(UTC) - task.began).total_seconds()) < LONGEST:
            state = await run_in_threadpool(self._approval, name)
            if state.passes:
                return _Answer(Status.PASSED, f"Decision {name} is approved.", document)
            if state.value != "pending":
                return _Answer(Status.FAILED, f"The approval of decision {name} is {state.value}.", document)
            if passed - said >= PROGRESS:
                said = passed
                waits = callback(Status.RUNNING, f"Decision {name} waits for approval.", document["url"] or "")
                await self._tell(client, task.request, waits)
            await asyncio.sleep(POLL)
        return _Answer(
            Status.FAILED, f"Nobody approved decision {name} in time; approve it and start the run again.", document
        )

    def _approval(self, name: str) -> State:
        with self.database.read() as connection:
            return requests.state(connection, name)

    async def _end(self, client: httpx.AsyncClient, request: Request, answer: _Answer) -> None:
        document = answer.document
        wanted = document is not None and request.capabilities.outcomes
        outcomes = _outcomes(document) if document is not None and wanted else []
        url = (document["url"] or "") if document else ""
        try:
            await self._tell(client, request, callback(answer.status, answer.message, url, outcomes))
        except RemoteError as error:
            _log.error("run task %a: %s", request.task_result_id, error)
        await run_in_threadpool(self._note, request, answer)

    def _note(self, request: Request, answer: _Answer) -> None:
        decision = str((answer.document or {}).get("decision") or "")
        with self.database.begin() as connection:
            store.end(connection, request.task_result_id, answer.status.value, decision, answer.message)

    async def _tell(self, client: httpx.AsyncClient, request: Request, document: Mapping[str, Any]) -> None:
        """PATCH the callback; tried again where their server is busy or out of reach."""
        headers = {"authorization": f"Bearer {request.access_token}", "content-type": MEDIA_TYPE}
        fault = ""
        for attempt in range(TRIES):
            try:
                answer = await client.patch(request.task_result_callback_url, json=document, headers=headers)
            except httpx.HTTPError as error:
                fault = type(error).__name__
            else:
                if answer.is_success:
                    return
                fault = f"status {answer.status_code}"
                if (
                    answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
                    and answer.status_code != HTTPStatus.TOO_MANY_REQUESTS
                ):
                    break
            await asyncio.sleep(PAUSE * 2**attempt)
        raise RemoteError(f"the callback of HCP Terraform did not take the answer ({fault})")


def _asked(request: Request, plan: bytes) -> CheckRequest:
    return CheckRequest(
        document=plan,
        where="the run's plan",
        workspace=request.workspace_name,
        actor="HCP Terraform",
        today=today(),
        requester=request.run_created_by or "",
        change_request=request.vcs_pull_request_url or "",
        key=Key(_NO_TOKEN, f"run task {request.task_result_id}"[:_KEY], hashlib.sha256(plan).hexdigest()),
    )


def _context(name: str) -> str:
    return f"run task {name}"


async def _fetched(client: httpx.AsyncClient, request: Request, trusted: tuple[str, ...]) -> bytes:
    """The plan's JSON; the token goes to the address of the request, and to no other."""
    address, headers = request.plan_json_api_url or "", {"authorization": f"Bearer {request.access_token}"}
    for _ in range(_REDIRECTS):
        try:
            async with client.stream("GET", address, headers=headers) as answer:
                if not answer.has_redirect_location:
                    return await _read(answer)
                address, headers = urljoin(address, answer.headers["location"]), {}
                allowed(address, trusted)
        except httpx.HTTPError as error:
            raise RemoteError(f"the plan could not be fetched ({type(error).__name__}); start the run again") from None
    raise RemoteError("the plan's address leads in circles; start the run again")


async def _read(answer: httpx.Response) -> bytes:
    if answer.status_code != HTTPStatus.OK:
        raise RemoteError(f"the plan could not be fetched (status {answer.status_code}); start the run again")
    size = 0
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        async for part in answer.aiter_bytes():
            size += len(part)
            if size > LIMIT:
                raise InputError(f"the plan is larger than {LIMIT // (1024 * 1024)} MiB; split the workspace")
            file.write(part)
        file.seek(0)
        return await run_in_threadpool(file.read)


def _message(document: Mapping[str, Any]) -> str:
    counts: dict[str, int] = {}
    for fold in folds(document["findings"]):
        counts[fold.label] = counts.get(fold.label, 0) + 1
    found = ", ".join(f"{count} {label}" for label, count in counts.items()) or "no finding"
    word = "Denied" if document["verdict"] == "deny" else "Allowed"
    return f"{word}: {found}; decision {document['decision']}."


def _outcomes(document: Mapping[str, Any]) -> list[Outcome]:
    """The decision as a whole, then a line for each finding, the gravest first."""
    verdict, url = document["verdict"], document["url"] or ""
    whole = Outcome("decision", "Money, budgets and rules", markdown(document), _LABELS[verdict], _LEVELS[verdict], url)
    found = folds(document["findings"])[:_OUTCOMES]
    return [whole, *(_finding(number, fold, url) for number, fold in enumerate(found, 1))]


def _finding(number: int, fold: Fold, url: str) -> Outcome:
    waived = fold.result == "waived"
    where = "\n".join(f"- {escaped(address)}" for address in fold.addresses[:_OUTCOMES])
    mend = f"\n\nMend: {escaped(fold.mend)}" if fold.mend else ""
    more = len(fold.addresses) - _OUTCOMES
    rest = f"\n- and {more:,} more" if more > 0 else ""
    return Outcome(
        f"{fold.rule}-{number}",
        f"{fold.rule}: {fold.message}",
        f"{escaped(fold.message)}\n\n{where}{rest}{mend}\n",
        "Waived" if waived else _LABELS[fold.effect],
        "info" if waived else _LEVELS[fold.effect],
        url,
    )
