"""Coverage: what of a month's new spend passed the gate; the rest by owner, account and creator, and one by one."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from infragod.focus import Period
from infragod.report import coverage
from infragod.web.access import site_of, viewer
from infragod.web.figures import Rows, Wanted
from infragod.web.pages.choice import Choice, choice
from infragod.web.site import Site

PAGE: Final = 50
TOP: Final = 10
GROUPS: Final = (
    # title, column, who it is where nobody is known
    ("Owner", "x_team", "Unowned"),
    ("Account", "SubAccountId", "No account"),
    ("Creator", "x_creator", "Unknown"),
    ("Service", "ServiceName", "No service"),
    ("Region", "RegionId", "No region"),
)
RESOURCE: Final = (
    *("ResourceId", "ResourceName", "ResourceType", "x_team", "SubAccountId", "RegionId", "x_creator"),
    *("x_standing", "x_terraform_workspace"),
)
TITLES: Final = {
    "grant": "passed, applied under a grant",
    "decision": "passed, by a decision from before it was there",
    "break-glass": "passed, by broken glass",
    "not let pass": "judged, and not let pass",
    "never checked": "in a state, never checked",
    "in no state": "in no Terraform state",
}
NEW: Final = "new, "

router = APIRouter(prefix="/coverage", include_in_schema=False, dependencies=[Depends(viewer)])


@router.get("")
def covered(
    request: Request,
    chosen: Annotated[Choice, Depends(choice)],
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """One month's new spend; what did not pass the gate a page at a time, the dearest first."""
    site = site_of(request)
    if chosen.month is None:
        return site.page(request, "coverage.html", {"chosen": chosen})
    whole, *groups, found = _figures(site, chosen, chosen.month, (page - 1) * PAGE)
    rows = [row for row in whole if row["currency"] == chosen.currency]
    share = next(iter(coverage.shares(rows)), coverage.Share(chosen.currency, coverage.ZERO, coverage.ZERO))
    context = {
        "chosen": chosen,
        "share": share,
        "percent": None if share.percent is None else coverage.percent(share.percent),
        "lines": [(TITLES.get(row["line"].removeprefix(NEW), row["line"]), row) for row in rows],
        "groups": [_group(*group) for group in zip(GROUPS, groups, strict=True)],
        "resources": found[:PAGE],
        "more": len(found) > PAGE,
        "page": page,
        "titles": TITLES,
    }
    return site.page(request, "coverage.html", context)


def _figures(site: Site, chosen: Choice, month: Period, offset: int) -> list[Rows]:
    """The lines of the bill, the rest by each of ``GROUPS``, and a page of its resources."""
    asked = coverage.asked(month, chosen.basis, site.settings.creator_tags)
    groups = [_rest(chosen, (column,), TOP + 1) for _, column, _ in GROUPS]
    return site.figures.gated(
        site.database, asked, ("coverage", ()), *groups, _rest(chosen, RESOURCE, PAGE + 1, offset)
    )


def _rest(chosen: Choice, by: tuple[str, ...], limit: int, offset: int = 0) -> Wanted:
    return "ungated", (("by", by), ("currency", chosen.currency), ("limit", limit), ("offset", offset))


def _group(named: tuple[str, str, str], rows: Rows) -> dict[str, Any]:
    title, column, nobody = named
    return {"title": title, "column": column, "nobody": nobody, "rows": rows[:TOP], "more": len(rows) > TOP}
