"""The decisions of the gate: the list, and one of them."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from infragod.db.connection import Connection
from infragod.errors import InputError
from infragod.finance.accuracy import Outcome, render
from infragod.finance.accuracy import store as followups
from infragod.incidents import store as incidents
from infragod.policy import store
from infragod.policy.grants import listing
from infragod.policy.grants import store as grants
from infragod.policy.render.advice import advice_lines
from infragod.policy.render.commitments import commitment_lines
from infragod.policy.render.fold import counted, folds, siblings_line
from infragod.resource import Verdict
from infragod.web.access import approver, site_of, viewer
from infragod.web.errors import RequestError
from infragod.web.pages import approvals

PAGE: Final = 50
SHOWN: Final = 200
LISTED: Final = 20
ADVICE: Final = 10
PATIENCE: Final = 0.12
"""Seconds that a list is searched for; what it has not come to, the next page goes on with."""
_NOTHING: Final = ("no-op", "read")

router = APIRouter(prefix="/decisions", include_in_schema=False, dependencies=[Depends(viewer)])


@router.get("")
def listed(
    request: Request,
    verdict: Annotated[str, Query(max_length=20)] = "",
    workspace: Annotated[str, Query(max_length=300)] = "",
    team: Annotated[str, Query(max_length=200)] = "",
    rule: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The decisions that the filters let through, newest first."""
    if verdict and verdict not in list(Verdict):
        raise InputError(f"{verdict!r} is no verdict; it is one of {', '.join(Verdict)}")
    filters = {"verdict": verdict, "workspace": workspace.strip(), "team": team.strip(), "rule": rule.strip()}
    site = site_of(request)
    asked = {name: value or None for name, value in filters.items()}
    with site.database.read() as connection:
        found = store.search(connection, asked, before=before, limit=PAGE + 1, seconds=PATIENCE)
    lines = found.lines
    context = {
        "filters": filters,
        "given": {name: value for name, value in filters.items() if value},
        "lines": lines[:PAGE],
        "later": before is not None,
        "next": lines[PAGE - 1].number if len(lines) > PAGE else None,
        "searched": found,
        "verdicts": list(Verdict),
    }
    return site.page(request, "decisions.html", context)


@router.get("/{name}")
def one(request: Request, name: Annotated[str, Path(max_length=40)]) -> Response:
    """One decision as it was made."""
    site = site_of(request)
    with site.database.read() as connection:
        found = store.get(connection, name)
        if found is None:
            raise RequestError(
                HTTPStatus.NOT_FOUND, "There is no decision of that id; the list shows those that are kept."
            )
        asked = approvals.shown(request, connection, found, approver(request)) | _after(connection, found["decision"])
    return site.page(request, "decision.html", {"decision": found, **asked, **_prepared(found)})


def _after(connection: Connection, name: str) -> dict[str, Any]:
    """What came of the decision: grants on it, incidents about it, and its estimate against the bill."""
    at = datetime.now(UTC)
    taken = grants.recent(connection, decision=name, limit=LISTED, at=at)
    return {
        "grants": listing.rows(connection, taken, at),
        "incidents": incidents.about(connection, decision=name, limit=LISTED),
        "billed": _billed(connection, name),
    }


def _billed(connection: Connection, name: str) -> dict[str, Any] | None:
    """The estimate of an applied plan against the bill of its first full month; None where it was not applied."""
    found = next(iter(followups.listed(connection, decision=name)), None)
    if found is None:
        return None
    currency = found.applied.currency
    resources = followups.resources(connection, found.number)
    compared = [r for r in resources if r["outcome"] == Outcome.COMPARED]
    shown = sorted(compared, key=lambda r: (-abs(r["figures"].error), r["address"]))[:SHOWN]
    return {
        "said": render.state_line(found),
        "figures": render.cents(found.figures) if found.compared else None,
        "resources": [r | {"figures": render.cents(r["figures"])} for r in shown],
        "more": len(compared) - len(shown),
        "left_out": render.left_out(found.left_out, currency),
        "apart": render.apart(found.apart, currency),
    }


def _prepared(found: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a document that may name many thousand resources."""
    changed = [r for r in found["resources"] if r["action"] not in _NOTHING]
    return {
        "folds": folds(found["findings"]),
        "counted": counted(found["counts"]),
        "advice": list(advice_lines(found, ADVICE)),
        "commitments": list(commitment_lines(found, ADVICE)),
        "siblings": siblings_line(found),
        "changed": changed[:SHOWN],
        "changed_count": len(changed),
        "same": len(found["resources"]) - len(changed),
        "shown": SHOWN,
    }
