"""Terraform's `backend "http"`: fetch, store, lock and unlock the state of a workspace.

    plan     LOCK → GET → UNLOCK                  with a token that may read states
    apply    LOCK → GET (twice if saved) → POST… → UNLOCK     with a grant, or a token that may take one
    others   LOCK → GET → POST → UNLOCK           with a token that may write states

The lock of an apply is where the gate stands: the ``Keeper`` admits it or says why not. Whoever may only apply is
served the state under the very lock that its own grant took, and no more often than one apply needs it; everywhere
else it gets the ``decoy``. What an apply sends is never turned away (``succession``).
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, Protocol

import msgspec

from infragod.db import audit
from infragod.db.connection import Connection, Database
from infragod.errors import InfragodError, InputError
from infragod.settings import Settings
from infragod.terraform import history, state_document, store
from infragod.terraform.crypt import Vault
from infragod.terraform.decoy import decoy
from infragod.terraform.history import ConflictError
from infragod.terraform.refusal import HeldError, RefusalError
from infragod.terraform.state_document import StateDocument
from infragod.terraform.store import Lock, Version
from infragod.terraform.succession import Fate, Outcome, Under, judge

READ: Final = "state"
WRITE: Final = "state-write"
APPLY: Final = "apply"
SCOPES: Final = (READ, WRITE, APPLY)

LARGEST: Final = 512 * 1024 * 1024
READS: Final = 2  # what the apply of a saved plan fetches, the second at once after the first
READ_SECONDS: Final = 10  # then there is nothing left for another shell with the same token
_BYTES_A_SECOND: Final = 1_000_000
_OF_PLANS: Final = ("OperationTypePlan", "OperationTypeInvalid")  # the latter are `console` and `import`
_OF_APPLIES: Final = ("OperationTypeApply",)
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a name for the record, the token or grant that came, and what it may do."""

    name: str
    holder: str
    may: frozenset[str]
    token: str = field(default="", repr=False)

    @property
    def reads(self) -> bool:
        """Whether every state is open to it."""
        return bool(self.may & {READ, WRITE})


class LockInfo(msgspec.Struct, frozen=True):
    """What Terraform says of a lock."""

    ID: str
    Operation: str = ""
    Who: str = ""
    Version: str = ""
    Created: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """An apply that wants the lock. `decision` is the one that the address names, if it does."""

    caller: Caller
    workspace: str
    lock_id: str
    decision: str
    current: Version | None


@dataclass(frozen=True, slots=True)
class Applied:
    """An apply that has ended: the objects before and after it, None where there was no state."""

    lock: Lock
    before: StateDocument | None
    after: StateDocument | None


class Keeper(Protocol):
    """The gate, as the backend asks it; each call is part of the caller's transaction."""

    def admit(self, connection: Connection, ask: Ask) -> str:
        """Leave to apply: the id of the decision it rests on; ``RefusalError`` says why there is none."""

    def finish(self, connection: Connection, applied: Applied) -> None:
        """An admitted apply has ended: compare, and close its grant."""

    def incident(self, connection: Connection, workspace: str, details: Mapping[str, Any], actor: str) -> None:
        """Somebody must look at what happened to this state."""


class Backend:
    """The states of one database."""

    def __init__(self, settings: Settings, database: Database, keeper: Keeper) -> None:
        self._settings = settings
        self._database = database
        self._keeper = keeper
        self._vault: Vault | None = None
        self._noted: deque[tuple[str, str, str]] = deque(maxlen=1000)

    def get(self, caller: Caller, workspace: str) -> bytes | None:
        """The current state; None if there is none; the decoy for whom it is not."""
        if caller.reads:
            with self._database.read() as connection:
                return self._current(connection, workspace)
        with self._database.begin() as connection:
            store.hold(connection, workspace)
            lock = store.held(connection, workspace)
            current = store.current(connection, workspace)
            if not _serves(lock, caller, current):
                return decoy()
            store.count(connection, workspace, reads=1)
            if lock is not None and current is None:
                return state_document.empty(lock.id)
            return None if current is None else self.content(connection, current)

    def post(self, caller: Caller, workspace: str, lock_id: str, data: bytes, digest: str = "") -> Outcome:
        """Keep a state that Terraform sends; ``InputError`` if it is none, or may not follow the one that is stored."""
        try:
            _check(data, digest)
            sent = state_document.parse(data, "what was sent")
        except InputError as error:
            self._keep_damaged(caller, workspace, lock_id, data, str(error))
            raise
        new = _version(workspace, sent, len(data), caller, lock_id)
        sealed = self._seal(new, data)
        with self._database.begin() as connection:
            outcome = self._keep(connection, caller, new, sent, data, sealed)
        if outcome.fate is Fate.REFUSED:
            raise ConflictError(
                f"the state of {workspace} was not stored: {outcome.reason}; fetch the current one first"
            )
        return outcome

    def lock(self, caller: Caller, workspace: str, info: LockInfo, decision: str = "") -> None:
        """Give the lock; ``HeldError`` or ``RefusalError`` if not."""
        if not 0 < len(info.ID) <= _LONGEST:
            raise InputError(f"the lock has no ID of 1 to {_LONGEST} characters; lock by Terraform")
        try:
            with self._database.begin() as connection:
                self._lock(connection, caller, workspace, info, decision)
        except RefusalError as error:
            self._note(caller, workspace, info, error)
            raise

    def unlock(self, caller: Caller, workspace: str, lock_id: str) -> None:
        """End the lock `lock_id`; an empty one, as `force-unlock` sends it, breaks whatever lock is held."""
        with self._database.begin() as connection:
            store.hold(connection, workspace)
            lock = store.held(connection, workspace)
            if lock is None:
                return
            _refuse_unlock(lock, caller, lock_id)
            store.release(connection, workspace)
            if lock.operation in _OF_APPLIES:
                self._finish(connection, lock)
            if lock.operation not in _OF_PLANS or not lock_id:
                told = _told(lock) | {"forced": not lock_id}
                audit.append(connection, "state.unlock", caller.name, told)

    def content(self, connection: Connection, version: Version) -> bytes:
        """The state that was stored as `version`."""
        return history.unseal(self._keys(connection), connection, version)

    def _lock(self, connection: Connection, caller: Caller, workspace: str, info: LockInfo, decision: str) -> None:
        store.hold(connection, workspace)
        held = store.held(connection, workspace)
        if held is not None:
            if held.id == info.ID and held.holder == caller.holder:
                return  # asked again, because the answer was lost
            raise HeldError(held)
        current = store.current(connection, workspace)
        rests_on = self._admitted(connection, Ask(caller, workspace, info.ID, decision, current), info)
        new = _lock(workspace, info, caller, rests_on, current)
        store.take(connection, new)
        if info.Operation not in _OF_PLANS:
            audit.append(connection, "state.lock", caller.name, _told(new))

    def _note(self, caller: Caller, workspace: str, info: LockInfo, error: RefusalError) -> None:
        """The refusal goes into the log once, however often Terraform asks again with the same lock."""
        key = (workspace, info.ID, str(error))
        if key in self._noted:
            return
        self._noted.append(key)
        details = {"workspace": workspace, "id": info.ID[:_LONGEST], "operation": info.Operation[:_LONGEST]}
        said = {"who": info.Who[:_LONGEST], "said": " ".join(error.sentences), "waiting": error.waiting}
        with self._database.begin() as connection:
            audit.append(connection, "state.refuse", caller.name, details | said)

    def _current(self, connection: Connection, workspace: str) -> bytes | None:
        current = store.current(connection, workspace)
        return None if current is None else self.content(connection, current)

    def _admitted(self, connection: Connection, ask: Ask, info: LockInfo) -> str:
        caller = ask.caller
        if info.Operation in _OF_APPLIES:
            return self._keeper.admit(connection, ask)
        if WRITE in caller.may or (READ in caller.may and info.Operation in _OF_PLANS):
            return ""
        if READ in caller.may:
            raise RefusalError(
                (
                    f"InfraGod: this token may read the state of {ask.workspace}, and not change it.",
                    f"For {info.Operation} use a token with the scope {WRITE}.",
                )
            )
        raise RefusalError(
            (
                "InfraGod: this token may only apply.",
                f"For {info.Operation} use a token with the scope {READ} or {WRITE}.",
            )
        )

    def _keep(
        self, connection: Connection, caller: Caller, new: Version, sent: StateDocument, data: bytes, sealed: bytes
    ) -> Outcome:
        store.hold(connection, new.workspace)
        lock = store.held(connection, new.workspace)
        under = _under(lock, caller, new.lock_id)
        current = store.current(connection, new.workspace)
        same = current is not None and current.serial == new.serial and self.content(connection, current) == data
        outcome = judge(current, sent, under, same=same)
        if under in (Under.APPLY, Under.EDIT):
            store.count(connection, new.workspace, writes=1)
        if outcome.fate in (Fate.CURRENT, Fate.ASIDE):
            self._add(connection, _placed(connection, new, lock, under, outcome), sealed, outcome)
        return outcome

    def _add(self, connection: Connection, new: Version, sealed: bytes, outcome: Outcome) -> None:
        store.add(connection, new, sealed)
        audit.append(connection, "state.store", new.actor, history.told(new))
        if self._settings.state_versions > 0 and not new.aside:
            store.prune(connection, new.workspace, self._settings.state_versions)
        if outcome.incident:
            what = "is kept aside" if new.aside else "is the current state"
            details = history.told(new) | {"reason": outcome.reason, "what": f"version {new.version} {what}"}
            self._keeper.incident(connection, new.workspace, details, new.actor)

    def _keep_damaged(self, caller: Caller, workspace: str, lock_id: str, data: bytes, fault: str) -> None:
        """What comes damaged from a running apply may be all there is of it: it is kept as it came."""
        with self._database.begin() as connection:
            store.hold(connection, workspace)
            lock = store.held(connection, workspace)
            if _under(lock, caller, lock_id) is not Under.APPLY:
                return
            sent = StateDocument("", 0, "", {})
            new = _version(workspace, sent, len(data), caller, lock_id)
            outcome = Outcome(Fate.ASIDE, fault, incident=True)
            self._add(
                connection,
                _placed(connection, new, lock, Under.APPLY, outcome),
                self._seal(new, data, connection),
                outcome,
            )

    def _finish(self, connection: Connection, lock: Lock) -> None:
        """Close the apply; what stands in the way of that is an incident, and never in the way of the unlock."""
        try:
            with connection.begin_nested():
                self._keeper.finish(connection, self._applied(connection, lock))
        except InfragodError as error:
            details = _told(lock) | {"reason": f"its apply could not be compared with its decision: {error}"}
            self._keeper.incident(connection, lock.workspace, details, lock.actor)

    def _applied(self, connection: Connection, lock: Lock) -> Applied:
        before = store.get(connection, lock.workspace, lock.before) if lock.before else None
        after = store.current(connection, lock.workspace)
        return Applied(lock, *(self._document(connection, version) for version in (before, after)))

    def _document(self, connection: Connection, version: Version | None) -> StateDocument | None:
        if version is None:
            return None
        return state_document.parse(self.content(connection, version), f"version {version.version}")

    def _seal(self, new: Version, data: bytes, connection: Connection | None = None) -> bytes:
        if connection is not None:
            return history.seal(self._keys(connection), new, data)
        with self._database.read() as reading:
            keys = self._keys(reading)
        return history.seal(keys, new, data)

    def _keys(self, connection: Connection) -> Vault:
        if self._vault is None:
            self._vault = history.vault(self._settings, connection)
        return self._vault


def _serves(lock: Lock | None, caller: Caller, current: Version | None) -> bool:
    """Whether this is an apply's own fetch: under its lock, before it sends anything, and not more than it needs."""
    if lock is None or lock.operation not in _OF_APPLIES or lock.holder != caller.holder or lock.writes:
        return False
    if lock.reads == 0:
        return True
    patience = READ_SECONDS + (current.size if current else 0) / _BYTES_A_SECOND
    return lock.reads < READS and store.now() - lock.taken_at <= timedelta(seconds=patience)


def _under(lock: Lock | None, caller: Caller, lock_id: str) -> Under:
    if not caller.may & {WRITE, APPLY}:
        return Under.READ_ONLY
    if lock is None:
        return Under.NOTHING
    if lock.id != lock_id or lock.holder != caller.holder:
        return Under.ANOTHERS
    return Under.APPLY if lock.operation in _OF_APPLIES else Under.EDIT


def _refuse_unlock(lock: Lock, caller: Caller, lock_id: str) -> None:
    if lock_id and lock_id != lock.id:
        raise ConflictError(f"the lock {lock_id} is not held: {HeldError(lock)} with the lock {lock.id}")
    own = lock.holder == caller.holder
    if own or WRITE in caller.may or (READ in caller.may and lock.operation in _OF_PLANS):
        return
    raise ConflictError(f"{HeldError(lock)}; a token with the scope {WRITE} breaks it by `terraform force-unlock`")


def _check(data: bytes, digest: str) -> None:
    found = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    if digest and digest.strip() != found:
        raise InputError("the state does not match its Content-MD5: it was damaged on the way; send it again")


def _lock(workspace: str, info: LockInfo, caller: Caller, decision: str, current: Version | None) -> Lock:
    return Lock(
        workspace=workspace,
        id=info.ID,
        operation=info.Operation[:_LONGEST],
        who=info.Who[:_LONGEST],
        program=info.Version[:_LONGEST],
        created=info.Created[:_LONGEST],
        taken_at=store.now(),
        actor=caller.name,
        holder=caller.holder,
        decision=decision,
        before=current.version if current else 0,
    )


def _version(workspace: str, sent: StateDocument, size: int, caller: Caller, lock_id: str) -> Version:
    return Version(
        workspace=workspace,
        version=0,
        lineage=sent.lineage,
        serial=sent.serial,
        terraform_version=sent.terraform_version,
        resources=len(sent.objects),
        size=size,
        created_at=store.now(),
        actor=caller.name,
        operation="",
        lock_id=lock_id[:_LONGEST],
    )


def _placed(connection: Connection, new: Version, lock: Lock | None, under: Under, outcome: Outcome) -> Version:
    """The version with its number, and with what it was sent by."""
    own = lock is not None and under in (Under.APPLY, Under.EDIT)
    return replace(
        new,
        version=store.newest(connection, new.workspace) + 1,
        operation=lock.operation if lock and own else "without a lock",
        aside=outcome.reason if outcome.fate is Fate.ASIDE else "",
    )


def _told(lock: Lock) -> dict[str, Any]:
    told: tuple[str, ...] = ("workspace", "id", "operation", "who", "decision")
    return {name: getattr(lock, name) for name in told} | {"holder": lock.holder}
