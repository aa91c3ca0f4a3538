"""Showback: who cost what, from the owner down to the service, the resource and its charges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from infragod.errors import InputError
from infragod.focus import Period
from infragod.web import spend
from infragod.web.access import site_of, viewer
from infragod.web.errors import RequestError
from infragod.web.figures import WINDOW, Figures
from infragod.web.pages.choice import Choice, choice
from infragod.web.pages.overview import Owner, owners_of, scale

PAGE: Final = 100
CHARGES: Final = 500
NO_SERVICE: Final = "No service"
FACTS: Final = (
    ("Name", "ResourceName"),
    ("Type", "ResourceType"),
    ("Service of the provider", "ServiceName"),
    ("Provider", "ServiceProviderName"),
    ("Account", "SubAccountName"),
    ("Account number", "SubAccountId"),
    ("Region", "RegionId"),
    ("Environment", "x_environment"),
    ("Terraform address", "x_terraform_address"),
    ("Owner found by", "x_owner_by"),
)
_T = TypeVar("_T")
Chosen = Annotated[Choice, Depends(choice)]
Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]
Name = Annotated[str, Query(max_length=500)]

router = APIRouter(prefix="/showback", include_in_schema=False, dependencies=[Depends(viewer)])


@router.get("")
def owners(
    request: Request, chosen: Chosen, sort: Annotated[str, Query(max_length=20)] = "-cost", page: Number = 1
) -> Response:
    """Every owner's month."""
    site = site_of(request)
    if chosen.month is None:
        return site.page(request, "showback/owners.html", {"chosen": chosen})
    rows = _in_currency(site.figures, chosen, chosen.month)
    lines = _sorted(owners_of(site, chosen, rows), sort, _OWNER_KEYS)
    shown, more = _page(lines, page)
    context = {
        "chosen": chosen,
        "trend": spend.trend(rows, "x_team"),
        "lines": shown,
        "count": len(lines),
        "total": sum((line.cost for line in lines), spend.ZERO),
        "scale": scale(lines),
        "sort": sort,
        "page": page,
        "more": more,
    }
    return site.page(request, "showback/owners.html", context)


@router.get("/services")
def services(
    request: Request,
    chosen: Chosen,
    team: Name = "",
    sort: Annotated[str, Query(max_length=20)] = "-cost",
    page: Number = 1,
) -> Response:
    """The services of one owner; without a team, of what nobody owns."""
    site = site_of(request)
    month = _month(chosen)
    rows = [r for r in _in_currency(site.figures, chosen, month) if r["x_team"] == (team or None)]
    _found(rows, f"There is no owner {team!r} in the twelve months up to {month.title}.")
    lines = _sorted(spend.lines(rows, "x_service", month), sort, _LINE_KEYS)
    shown, more = _page(lines, page)
    context = {
        "chosen": chosen,
        "team": team,
        "trend": spend.trend(rows, "x_service", NO_SERVICE),
        "lines": shown,
        "count": len(lines),
        "total": sum((line.cost for line in lines), spend.ZERO),
        "resources": _resource_counts(site.figures, chosen, team),
        "sort": sort,
        "page": page,
        "more": more,
    }
    return site.page(request, "showback/services.html", context)


@router.get("/resources")
def resources(request: Request, chosen: Chosen, team: Name = "", service: Name = "", page: Number = 1) -> Response:
    """The resources of one service of one owner, the dearest first."""
    site = site_of(request)
    month = _month(chosen)
    rows = [
        r
        for r in _in_currency(site.figures, chosen, month)
        if r["x_team"] == (team or None) and r["x_service"] == (service or None)
    ]
    _found(rows, f"There is no service {service!r} of that owner in the twelve months up to {month.title}.")
    found = site.figures.rows(
        "resources",
        month=month,
        team=team or None,
        service=service or None,
        basis=chosen.basis,
        limit=PAGE + 1,
        offset=(page - 1) * PAGE,
    )
    context = {
        "chosen": chosen,
        "team": team,
        "service": service,
        "trend": spend.plain(rows, service or NO_SERVICE),
        "lines": [r for r in found[:PAGE] if r["currency"] == chosen.currency],
        "total": sum((r["cost"] for r in rows if r["month"] == str(month)), spend.ZERO),
        "page": page,
        "more": len(found) > PAGE,
    }
    return site.page(request, "showback/resources.html", context)


@router.get("/resource")
def resource(
    request: Request, chosen: Chosen, name: Annotated[str, Query(alias="id", min_length=1, max_length=2000)]
) -> Response:
    """One resource: what is known of it, its months and its charges."""
    site = site_of(request)
    month = _month(chosen)
    history = site.figures.rows("resource", resource=name, first=month.plus(1 - WINDOW), last=month, basis=chosen.basis)
    rows = [row for row in history if row["currency"] == chosen.currency]
    _found(rows, f"Nothing was charged for that resource in the twelve months up to {month.title}.")
    charges = site.figures.rows("charges", month=month, resource=name, basis=chosen.basis, limit=CHARGES + 1)
    latest = rows[-1]
    context = {
        "chosen": chosen,
        "name": name,
        "latest": latest,
        "facts": [(title, latest[column]) for title, column in FACTS if latest[column]],
        "trend": spend.plain(rows, latest["ResourceName"] or name),
        "charges": [c for c in charges[:CHARGES] if c["currency"] == chosen.currency],
        "more": len(charges) > CHARGES,
        "total": sum((r["cost"] for r in rows if r["month"] == str(month)), spend.ZERO),
    }
    return site.page(request, "showback/resource.html", context)


def _in_currency(figures: Figures, chosen: Choice, month: Period) -> list[spend.Row]:
    return [row for row in figures.by_service(month, chosen.basis) if row["currency"] == chosen.currency]


def _resource_counts(figures: Figures, chosen: Choice, team: str) -> dict[str | None, int]:
    found = figures.rows("services", month=_month(chosen), team=team or None, basis=chosen.basis)
    return {row["x_service"]: row["resources"] for row in found if row["currency"] == chosen.currency}


def _month(chosen: Choice) -> Period:
    if chosen.month is None:
        raise RequestError(HTTPStatus.NOT_FOUND, "No bill is loaded yet; the overview says how to load one.")
    return chosen.month


def _found(rows: Sequence[Any], sentence: str) -> None:
    if not rows:
        raise RequestError(HTTPStatus.NOT_FOUND, sentence)


def _page(lines: Sequence[_T], page: int) -> tuple[Sequence[_T], bool]:
    """The lines of the page, and whether others follow."""
    return lines[(page - 1) * PAGE : page * PAGE], len(lines) > page * PAGE


def _growth(line: Owner | spend.Line) -> Any:
    after = line.expected if isinstance(line, Owner) else line.cost
    return (line.cost if after is None else after) - (line.before or spend.ZERO)


_LINE_KEYS: Final[dict[str, Callable[[Any], Any]]] = {
    "name": lambda line: (line.name is None, line.name or ""),
    "cost": lambda line: line.cost,
    "change": _growth,
}
_OWNER_KEYS: Final[dict[str, Callable[[Any], Any]]] = {
    **_LINE_KEYS,
    "budget": lambda line: line.budget if line.budget is not None else spend.ZERO,
    "forecast": lambda line: line.forecast if line.forecast is not None else spend.ZERO,
}


def _sorted(lines: Sequence[_T], sort: str, keys: dict[str, Callable[[Any], Any]]) -> list[_T]:
    """The lines by the column `sort`, from its end with a dash before it."""
    key = keys.get(sort.removeprefix("-"))
    if key is None:
        raise InputError(f"{sort!r} is no column to sort by; it is one of {', '.join(keys)}")
    return sorted(lines, key=key, reverse=sort.startswith("-"))
