"""The work behind a run task: fetch the plan, decide, tell HCP Terraform, and wait where somebody has to approve.

Requests are answered at once and worked on in the background, a bounded number of them. The token that came with a
request is held in memory alone, and is sent to configured hosts alone; a redirect to a store of theirs goes without it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import urljoin

import httpx
from starlette.concurrency import run_in_threadpool

from infragod.approval import requests
from infragod.approval.requests.record import State
from infragod.db.connection import Database
from infragod.errors import InfragodError, InputError, RemoteError
from infragod.gate import CheckRequest
from infragod.policy.render.fold import Fold, folds
from infragod.policy.render.markdown import escaped, markdown
from infragod.terraform.run_task import MEDIA_TYPE, Outcome, Request, Status, allowed, callback, store
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
_TIMEOUT: Final = 60
_REDIRECTS: Final = 3
_OUTCOMES: Final = 50
_IN_MEMORY: Final = 1024 * 1024
_LEVELS: Final = {"deny": "error", "needs_approval": "warning", "warn": "warning", "allow": "info"}
_LABELS: Final = {"deny": "Denied", "needs_approval": "Approval", "warn": "Warned", "allow": "Allowed"}
_log = logging.getLogger("infragod.web")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is told in the end."""

    status: Status
    message: str
    document: Mapping[str, Any] | None = None


class RunTasks:
    """The run tasks that are being worked on."""

    def __init__(self, site: Site, desk: Desk, hosts: tuple[str, ...]) -> None:
        self.hosts = hosts
        self._site = site
        self._desk = desk
        self._running: set[asyncio.Task[None]] = set()

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

    def take(self, request: Request) -> None:
        """Work on a request in the background."""
        task = asyncio.create_task(self._work(request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _work(self, request: Request) -> None:
        async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as client:
            try:
                answer = await self._answer(client, request)
            except (InfragodError, RequestError) as error:
                answer = _Answer(Status.FAILED, f"InfraGod could not decide: {error}")
            except Exception:  # noqa: BLE001  # whatever it is, HCP Terraform is told
                _log.exception("the run task %a failed", request.task_result_id)
                answer = _Answer(Status.FAILED, "InfraGod could not decide; the fault is in its log")
            await self._end(client, request, answer)

    async def _answer(self, client: httpx.AsyncClient, request: Request) -> _Answer:
        if not request.has_plan:
            return _Answer(Status.PASSED, f"There is nothing to decide at the stage {request.stage}.")
        await self._tell(client, request, callback(Status.RUNNING, "InfraGod prices and judges the plan."))
        plan = await _fetched(client, request, self.hosts)
        document = self._site.linked(await self._desk.decide(_asked(request, plan)))
        if document["verdict"] == "needs_approval":
            return await self._waited(client, request, document)
        passed = document["verdict"] != "deny"
        return _Answer(Status.PASSED if passed else Status.FAILED, _message(document), document)

    async def _waited(self, client: httpx.AsyncClient, request: Request, document: Mapping[str, Any]) -> _Answer:
        """Wait until somebody approves or refuses, and say every few minutes that this is so."""
        name, said = document["decision"], 0.0
        for passed in _steps(POLL, LONGEST):
            state = await run_in_threadpool(self._approval, name)
            if state.passes:
                return _Answer(Status.PASSED, f"Decision {name} is approved.", document)
            if state.value != "pending":
                return _Answer(Status.FAILED, f"The approval of decision {name} is {state.value}.", document)
            if passed == 0 or passed - said >= PROGRESS:
                said = passed
                waits = callback(Status.RUNNING, f"Decision {name} waits for approval.", document["url"] or "")
                await self._tell(client, request, waits)
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
    )


async def _fetched(client: httpx.AsyncClient, request: Request, hosts: tuple[str, ...]) -> bytes:
    """The plan's JSON; the token goes to the address of the request, and to no other."""
    address, headers = request.plan_json_api_url or "", {"authorization": f"Bearer {request.access_token}"}
    for _ in range(_REDIRECTS):
        try:
            async with client.stream("GET", address, headers=headers) as answer:
                if not answer.has_redirect_location:
                    return await _read(answer)
                address, headers = urljoin(address, answer.headers["location"]), {}
                allowed(address, hosts)
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


def _steps(step: float, end: float) -> list[float]:
    return [step * number for number in range(int(end / step))]
