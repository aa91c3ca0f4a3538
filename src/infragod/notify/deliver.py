"""Delivering: what waits in the outbox goes to its target, in order, at least once, until it is taken or given up.

A target that fails is asked again after 1, 2, 4 … seconds (at most ten minutes, and a little less by chance, so that
many deliverers don't come at once), and the events behind wait: order is kept. After ``TRIES`` an event is dead:
listed, and sent again only when somebody asks for it. An event that a deliverer sent just before it died is sent twice;
its id tells.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from infragod import __version__
from infragod.errors import InfragodError
from infragod.notify import message, signature, store
from infragod.notify.channel import NOTHING, Briefing, Refusal, unbriefed
from infragod.notify.webhooks import Target

if TYPE_CHECKING:
    import httpx

    from infragod.db.connection import Database

TRIES: Final = 20
LONGEST_PAUSE: Final = 600.0
SECONDS: Final = 10.0
"""How long a target may take to answer; well below the lease."""
_LONGEST_ASKED: Final = 3600.0
_BUSY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
Sending = Callable[[store.Delivery], Refusal | None]
_log = logging.getLogger("infragod.notify")
_chance = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass did for one target."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


def register(database: Database, targets: Iterable[Target]) -> None:
    """Make targets known; each gets the events from now on."""
    wanted = [target.name for target in targets]
    with database.read() as connection:
        new = [name for name in wanted if not store.is_known(connection, name)]
    if new:
        with database.begin() as connection:
            for name in new:
                store.register(connection, name)


def deliver(
    database: Database,
    target: Target,
    base_url: str,
    stop: threading.Event | None = None,
    brief: Briefing = unbriefed,
) -> Outcome:
    """One pass over one target: everything that is due, in order; nothing if another deliverer has it."""
    me = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
    with database.read() as connection:
        if not store.has_work(connection, target.name, _now()):
            return Outcome()
    with database.begin() as connection:
        if not store.claim(connection, target.name, me, _now()):
            return Outcome()
    try:
        with _sending(database, target, base_url, brief) as send:
            return _pass(database, target, send, me, stop or threading.Event())
    finally:
        with contextlib.suppress(Exception), database.begin() as connection:
            store.release(connection, target.name, me)


def pause(attempts: int) -> float:
    """Seconds until the next try, after so many tries that failed."""
    return min(LONGEST_PAUSE, 2.0 ** min(attempts - 1, 20)) * _chance.uniform(0.75, 1)


def _pass(database: Database, target: Target, send: Sending, me: str, stop: threading.Event) -> Outcome:
    _read(database, target, me)
    delivered = failed = dead = 0
    while not stop.is_set() and not failed and (item := _next(database, target, me)):
        refusal = _attempt(send, item)
        if refusal is None:
            delivered += 1
            with database.begin() as connection:
                store.delivered(connection, item.number, _now())
        elif _failed(database, target, item, refusal):
            dead += 1
        else:
            failed += 1
    return Outcome(delivered, failed, dead)


def _attempt(send: Sending, item: store.Delivery) -> Refusal | None:
    """Send; what of our own set-up is in the way, such as a broken approvals.toml, is a failed attempt too."""
    try:
        return send(item)
    except InfragodError as error:
        return Refusal(str(error))


@contextlib.contextmanager
def _sending(database: Database, target: Target, base_url: str, brief: Briefing) -> Iterator[Sending]:
    """How an event is sent to the target: by mail, or by a POST."""
    import httpx

    if (box := target.mail) is not None:
        from infragod.notify import mail

        yield lambda item: mail.send(database, box, item, brief, base_url, links=target.links)
        return
    agent = {"User-Agent": f"InfraGod/{__version__}", "Content-Type": "application/json; charset=utf-8"}
    with httpx.Client(timeout=SECONDS, follow_redirects=False, headers=agent) as client:
        yield lambda item: _send(client, target, item, base_url, brief)


def _read(database: Database, target: Target, me: str) -> None:
    """Bring the outbox up to the log's head, some hundred entries at a time."""
    read = 1
    while read:
        with database.begin() as connection:
            mine = store.claim(connection, target.name, me, _now())
            read = store.enqueue(connection, target.name, target.wants, _now()) if mine else 0
    with database.begin() as connection:
        store.forget(connection, _now())


def _next(database: Database, target: Target, me: str) -> store.Delivery | None:
    """The event to send now, under a lease that lasts longer than the attempt may."""
    with database.begin() as connection:
        if not store.claim(connection, target.name, me, _now()):
            return None
        return store.due(connection, target.name, _now())


def _send(client: httpx.Client, target: Target, item: store.Delivery, base_url: str, brief: Briefing) -> Refusal | None:
    import httpx

    known = brief(item.entry, True) if target.links else NOTHING  # noqa: FBT003 - as ``Briefing`` is called
    body = message.body(target.kind, item.entry, base_url, known)
    headers = {signature.EVENT: item.entry.kind, signature.DELIVERY: message.event_id(item.entry)}
    if target.secret:
        now = int(_now().timestamp())
        headers[signature.TIMESTAMP] = str(now)
        headers[signature.SIGNATURE] = signature.sign(target.secret, now, body)
    try:
        with client.stream("POST", target.url, content=body, headers=headers) as response:
            return _refusal(response)  # what else it says is not read: it may be endless
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Refusal(f"cannot be reached ({type(error).__name__})")


def _refusal(response: httpx.Response) -> Refusal | None:
    if response.is_success:
        return None
    status = response.status_code
    asked = response.headers.get("retry-after", "") if status in _BUSY else ""
    wait = min(float(asked), _LONGEST_ASKED) if asked.isascii() and asked.isdigit() else None
    return Refusal(f"answered {status}", final=status == HTTPStatus.GONE, wait=wait)


def _failed(database: Database, target: Target, item: store.Delivery, refusal: Refusal) -> bool:
    """Note the failure; True if the event is given up."""
    now, tries = _now(), item.attempts + 1
    dead = refusal.final or tries >= TRIES
    wait = max(refusal.wait or 0, pause(tries))
    with database.begin() as connection:
        store.failed(
            connection,
            item.number,
            refusal.fault,
            next_at=now + timedelta(seconds=wait),
            dead_at=now if dead else None,
        )
    said = "given up; `infragod notify retry` sends it again" if dead else f"next try in {wait:.0f} s"
    _log.warning("webhook %s: event %s: %s; %s", target.name, message.event_id(item.entry), refusal.fault, said)
    return dead


def _now() -> datetime:
    return datetime.now(UTC)
