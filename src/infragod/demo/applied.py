"""Plans of the past that were applied: resources of the bills that began in the course of the year, planned before.

Each plan is of the day on which its first resource was charged, and says what its engineers knew then: the machine's
type, a disk's size in whole gigabytes, nothing of what runs through a gateway. What the bills say since is the bills'.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from infragod.demo import states
from infragod.demo.bill import Line
from infragod.demo.history import Past
from infragod.demo.plan_json import Entry, Layout, Values, document
from infragod.demo.plans import cache, database, instance
from infragod.demo.states import Placed
from infragod.focus import Period

Make = Callable[[Line, re.Match[str]], Values]
_MADE: Final[Mapping[str, Make]] = {  # by meter: what a plan says of such a resource
    r"BoxUsage:(.+)": lambda line, m: {**instance(m[1], 30), "availability_zone": f"{line.region}a"},
    r"EBS:VolumeUsage\.(.+)": lambda line, m: {
        "availability_zone": f"{line.region}a",
        "size": int(line.size),
        "type": m[1],
    },
    r"InstanceUsage:(db\..+)": lambda _, m: database(m[1], 100),
    r"NodeUsage:(cache\..+)": lambda line, m: cache(line.name, m[1]),
    r"LoadBalancerUsage": lambda line, _: {"name": line.name, "load_balancer_type": "application"},
    r"AmazonEKS-Hours:perCluster": lambda line, _: {"name": line.name},
    r"NatGateway-.+": lambda _, __: {"connectivity_type": "public"},
    r"SSD-Provisioned": lambda line, _: {
        "name": line.name,
        "zone": f"{line.region}-b",
        "size": int(line.size),
        "type": "pd-ssd",
    },
}
A_MONTH: Final = 3
"""Plans a month, at most; each of some resources of one service."""
RESOURCES: Final = 4
REPOSITORY: Final = "https://github.com/example-company/{landing}-infrastructure/pull/{number}"
_UNPRICED: Final = ("eu-central-1",)  # the built-in sheet has no price for it; they come last
_EARLY: Final = time(6, 30)


def plans(lines: Sequence[Line], today: date) -> list[Past]:
    """The plans, oldest first; the same for the same day."""
    groups: defaultdict[tuple[Period, str, str], list[Placed]] = defaultdict(list)
    begin = min((line.starts for line in lines), default=today)  # when these began nobody knows
    for resource in states.placed(lines):
        line = resource.line
        if _values(line) is not None and line.starts > begin and _lasted(line, today):
            groups[Period.of(line.starts), resource.workspace, line.region].append(resource)
    by_month: defaultdict[Period, list[list[Placed]]] = defaultdict(list)
    for (month, _, _), members in sorted(
        groups.items(), key=lambda g: (g[0][0], g[0][2] in _UNPRICED, -len(g[1]), g[0][1:])
    ):
        by_month[month].append(members[:RESOURCES])
    made = [_plan(members, today) for found in by_month.values() for members in found[:A_MONTH]]
    return sorted(made, key=lambda past: (past.at, past.workspace))


def _lasted(line: Line, today: date) -> bool:
    """Whether its first full month is over, and it ran to its end."""
    end = Period.of(line.starts).plus(2).first_day
    return end <= today and line.ends >= end


def _plan(members: Sequence[Placed], today: date) -> Past:
    first = min(members, key=lambda m: (m.line.starts, m.line.line)).line
    applied = datetime.combine(first.starts, _EARLY, UTC)
    entries = list(entries_of(members, applied.date(), today))
    regions = {entry.provider: first.region for entry in entries}
    at = applied - timedelta(minutes=25)
    layout = Layout(regions, {}, at.isoformat().replace("+00:00", "Z"))
    number = 100 + (first.starts - date(2020, 1, 1)).days % 800
    request = REPOSITORY.format(landing=first.landing, number=number)
    return Past(at, members[0].workspace, document(entries, layout), request, applied)


def entries_of(members: Sequence[Placed], day: date, today: date) -> Iterator[Entry]:
    """What a plan of that day says of them."""
    written = states.days(today)
    moved = written[min(states.MOVED, len(written)) - 1]  # what began later no state has seen under the old address
    for resource in members:
        line = resource.line
        old = resource.old_module if day < moved else None
        name = f"{line.service.replace('-', '_')}_{resource.name}" if old else resource.name
        module = (old or resource.module).removeprefix("module.")
        tags = {"team": line.team, "service": line.service, "environment": line.environment}
        if line.environment != "production":
            tags["expires"] = (day + timedelta(days=80)).isoformat()
        values = _values(line) or {}
        yield Entry(resource.type, name, values, tags=tags, index=resource.index, module=module)


def _values(line: Line) -> Values | None:
    """What the plan says of the line's resource; None for what nobody plans here."""
    found = ((make, re.fullmatch(pattern, line.meter)) for pattern, make in _MADE.items())
    return next((make(line, match) for make, match in found if match is not None), None)
