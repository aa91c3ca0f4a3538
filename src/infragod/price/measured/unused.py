"""Which commitments a month's bills show unused: what is left of each, what that is worth, what it may be spent on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from infragod.price.importers.selector import PREFIX
from infragod.price.measured.commitments import Left
from infragod.price.own.measure import provider_of

_CENT: Final = Decimal("0.01")
_UNUSED: Final = "Unused"
_COMPUTE: Final = ("ec2", "fargate", "lambda")
_DATABASES: Final = ("rds", "elasticache", "dynamodb", "docdb", "neptune", "memorydb")
_PRODUCTS: Final = {  # by a word of the bill's service: what a reservation of it covers
    "elastic compute cloud": ("ec2",),
    "relational database service": ("rds",),
    "elasticache": ("elasticache",),
    "memorydb": ("memorydb",),
    "opensearch": ("opensearch",),
    "elasticsearch": ("opensearch",),
    "redshift": ("redshift",),
    "compute engine": ("compute",),
    "cloud sql": ("sql",),
}
_PLANS: Final = (  # by the meter or the name of a Savings Plan
    (re.compile(r"ComputeSP\b|\bCompute Savings Plan|\bCompute SP\b", re.IGNORECASE), _COMPUTE),
    (re.compile(r"EC2(?:Instance)?SP\b|EC2 Instance Savings Plan", re.IGNORECASE), ("ec2",)),
    (re.compile(r"DatabaseSP\b|Database Savings Plan", re.IGNORECASE), _DATABASES),
    (re.compile(r"SageMaker(?: AI)? ?(?:SP\b|Savings Plan)|MachineLearningSP", re.IGNORECASE), ("sagemaker",)),
)
_FAMILY: Final = re.compile(r"(?:^|[:/])(?:(?:db|cache|dms)\.)?([a-z]+\d[a-z0-9-]*)(?:\.[a-z0-9-]+)?(?:$|[:/.])")
_FLEXIBLE_PLAN: Final = re.compile(r"EC2(?:Instance)?SP:([a-z]+\d[a-z0-9-]*)", re.IGNORECASE)


def left(rows: Iterable[Mapping[str, Any]]) -> list[Left]:
    """The commitments that were not wholly used, from the rows of a month, ordered by their id."""
    found = []
    for _, group in groupby(rows, key=itemgetter("id")):
        held = list(group)
        unused = [row for row in held if row["status"] == _UNUSED and (row["effective"] or 0) > 0]
        if unused:
            made = _left(unused, [row for row in held if row["status"] != _UNUSED])
            if made is not None:
                found.append(made)
    return found


def _left(unused: Sequence[Mapping[str, Any]], used: Sequence[Mapping[str, Any]]) -> Left | None:
    row = unused[0]
    services, is_plan = _services(row)
    if not services:
        return None
    money = sum((one["effective"] for one in unused), Decimal(0))
    paid = sum((one["effective"] or 0 for one in used), Decimal(0))
    without = sum((one["contracted"] or 0 for one in used), Decimal(0))
    worth = money * without / paid if 0 < paid < without else money
    meters = [one["meter"] or "" for one in (unused if _families(unused, is_plan=is_plan) else used)]
    families = _families([{"meter": meter} for meter in meters], is_plan=is_plan) if services != _COMPUTE else ()
    regions = {one["region"] or "" for one in unused}
    bound = services != _COMPUTE and (not is_plan or bool(families))
    return Left(
        id=row["id"],
        title=row["name"] or f"{row['type'] or 'commitment'} {row['id'].rpartition('/')[2]}",
        provider=provider_of(row["provider"]),
        services=services,
        region=regions.pop() if bound and len(regions) == 1 else "",
        families=families,
        unused=money.quantize(_CENT, ROUND_DOWN),
        worth=worth.quantize(_CENT, ROUND_DOWN),
    )


def _services(row: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    """The services of our sheets that a commitment covers, and whether it is a plan of money rather than of things."""
    said = " ".join(str(row[name] or "") for name in ("meter", "name", "type", "description", "service"))
    for pattern, services in _PLANS:
        if pattern.search(said):
            return services, True
    if "savings plan" in said.lower():
        return (), True
    is_flexible = "flexible" in said.lower() or "spend-based" in said.lower()
    service = str(row["service"] or "").lower()
    found = next((services for word, services in _PRODUCTS.items() if word in service), ())
    return found, is_flexible


def _families(rows: Sequence[Mapping[str, Any]], *, is_plan: bool) -> tuple[str, ...]:
    """The families of machines that meters name: of a plan as it names its own, of a reservation the machine's."""
    pattern = _FLEXIBLE_PLAN if is_plan else _FAMILY
    found = (pattern.search(PREFIX.sub("", row["meter"] or "", count=1)) for row in rows)
    return tuple(sorted({match[1].lower() for match in found if match}))
