"""The gate as the state backend asks it: grants admit an apply, the approved plan is held against what it did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from infragod import incidents
from infragod.db.connection import Connection
from infragod.gate import House
from infragod.policy import grants
from infragod.policy import store as decisions
from infragod.policy.grants import Asked, Reason, RefusedError
from infragod.policy.grants import store as grant_store
from infragod.resource import Action
from infragod.terraform.backend import Applied, Ask
from infragod.terraform.differences import Planned, differences
from infragod.terraform.refusal import RefusalError

KIND: Final = "state"
_LISTED: Final = 20


class Gatekeeper:
    """Admits, compares, and opens incidents, with the grants and decisions of one house."""

    def __init__(self, house: House, base_url: str) -> None:
        self._house = house
        self._base_url = base_url

    def admit(self, connection: Connection, ask: Ask) -> str:
        """The decision that the apply rests on; ``RefusalError`` says why it may not begin."""
        try:
            token = ask.caller.token or self._take(connection, ask)
            _refuse_ended(connection, token, ask)
            current = ask.current
            return grant_store.claim(
                connection,
                token,
                workspace=ask.workspace,
                lineage=current.lineage if current else "",
                serial=current.serial if current else 0,
                lock_id=ask.lock_id,
            ).decision
        except RefusedError as error:
            raise self._refusal(connection, ask, error) from None

    def finish(self, connection: Connection, applied: Applied) -> None:
        """Close the apply's grant; what nobody approved is an incident."""
        lock = applied.lock
        before = applied.before.objects if applied.before else {}
        after = applied.after.objects if applied.after else {}
        found = differences(_planned(connection, lock.decision), before, after)
        ids = {address: thing.id or None for address, thing in after.items()}
        grant_store.finish(connection, lock.id, grants.Summary(not found.missing, ids))
        if found.unapproved:
            details = {
                "decision": lock.decision,
                "lock": lock.id,
                "reason": f"the apply did what decision {lock.decision} does not hold",
                "unapproved": list(found.unapproved[:_LISTED]),
                "more": max(0, len(found.unapproved) - _LISTED),
            }
            self.incident(connection, lock.workspace, details, lock.actor)

    def incident(self, connection: Connection, workspace: str, details: Mapping[str, Any], actor: str) -> None:
        """Open an incident about the state of `workspace`."""
        incidents.open(connection, KIND, workspace, details, actor)

    def _take(self, connection: Connection, ask: Ask) -> str:
        """The token of a grant taken for this very apply, on the decision that it names or the workspace's latest."""
        if "apply" not in ask.caller.may:
            raise RefusedError(
                Reason.UNKNOWN, "an apply needs a grant, or a token with the scope apply; this one only serves states"
            )
        name = ask.decision or _latest(connection, ask.workspace)
        found = decisions.get(connection, name) if name else None
        if found is None:
            missing = f"there is no decision {name}" if name else "no plan of this workspace was checked yet"
            raise RefusedError(Reason.UNKNOWN, missing)
        _refuse_other(ask, found)
        current = ask.current
        asked = Asked(
            decision=found["decision"],
            lineage=current.lineage if current else "",
            serial=current.serial if current else 0,
            actor=ask.caller.name,
        )
        return grant_store.issue(connection, asked, self._house.terms(datetime.now(UTC).date())).token

    def _refusal(self, connection: Connection, ask: Ask, error: RefusedError) -> RefusalError:
        waiting = error.reason is Reason.APPROVAL
        verb = "waits with" if waiting else "refuses"
        said = str(error)
        sentences = [f"InfraGod {verb} this apply of {ask.workspace}.", f"{said[:1].upper()}{said[1:]}."]
        name = self._decision(connection, ask)
        if name and self._base_url:
            sentences.append(f"See {self._base_url}/decisions/{name}")
        if waiting:
            sentences.append("Terraform waits for the approval with -lock-timeout=30m.")
        elif not name:
            sentences.append("Check the plan: infragod check PLAN")
            sentences.append("or apply with all of it: infragod terraform apply")
        return RefusalError(sentences, waiting=waiting)

    def _decision(self, connection: Connection, ask: Ask) -> str:
        """The decision that the refused apply would rest on."""
        if ask.caller.token:
            held = grant_store.holder(connection, ask.caller.token)
            return held.decision if held else ""
        name = ask.decision or _latest(connection, ask.workspace)
        found = decisions.get(connection, name) if name else None
        return str(found["decision"]) if found else ""


def _latest(connection: Connection, workspace: str) -> str:
    found = decisions.recent(connection, workspace=workspace, limit=1)
    return found[0].id if found else ""


def _refuse_ended(connection: Connection, token: str, ask: Ask) -> None:
    """A grant that was used is bound to a state that is no more; that it was used is what its holder needs to know."""
    found = grant_store.holder(connection, token)
    state = found.state_at(datetime.now(UTC)) if found else grants.State.ISSUED
    if found is None or state is grants.State.ISSUED or found.lock_id == ask.lock_id:
        return
    raise RefusedError(
        Reason.STATE, f"grant {found.id} is {state.value} already; make the plan again, check it and take a new one"
    )


def _refuse_other(ask: Ask, found: Mapping[str, Any]) -> None:
    """A decision on another workspace, or on a plan that was made before the state became what it is."""
    name = found["decision"]
    if found["workspace"] != ask.workspace:
        raise RefusedError(Reason.BINDING, f"decision {name} is on {found['workspace']}, and not on {ask.workspace}")
    current = ask.current
    if current is not None and datetime.fromisoformat(found["created_at"]) < current.created_at:
        raise RefusedError(
            Reason.BINDING,
            f"decision {name} is older than the state, which {current.actor} changed at "
            f"{current.created_at:%F %H:%M} UTC; make the plan again and check it",
        )


def _planned(connection: Connection, decision: str) -> list[Planned]:
    found = decisions.get(connection, decision) or {"resources": []}
    return [Planned(r["address"], r["type"], Action(r["action"])) for r in found["resources"]]
