"""Plans of the last months that a pipeline checked and nobody applied behind a grant: most of what else was made.

One group in six was never checked: what went round the gate, beside what was made by hand.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from infragod.demo import states
from infragod.demo.applied import REPOSITORY, entries_of
from infragod.demo.bill import Line
from infragod.demo.history import Past
from infragod.demo.plan_json import Layout, document
from infragod.demo.states import Placed

DAYS: Final = 130
"""Days back from today; what is older was before the pipelines checked."""
ROUND_ONE_IN: Final = 6
_MORNING: Final = time(9, 40)


def plans(lines: Sequence[Line], today: date, applied: Sequence[Past]) -> list[Past]:
    """The plans, oldest first, of what is not in those that were `applied`; the same for the same day."""
    planned = {(past.workspace, change["address"]) for past in applied for change in past.plan["resource_changes"]}
    oldest = max(today - timedelta(days=DAYS), min(line.starts for line in lines) + timedelta(days=1))
    groups: defaultdict[tuple[date, str, str], list[Placed]] = defaultdict(list)
    for resource in states.placed(lines):
        if resource.line.starts >= oldest and (resource.workspace, resource.address) not in planned:
            groups[resource.line.starts, resource.workspace, resource.line.service].append(resource)
    return [_plan(members, today) for _, members in sorted(groups.items(), key=lambda g: g[0]) if _checked(members)]


def _checked(members: Sequence[Placed]) -> bool:
    return hashlib.sha256(f"checked {members[0].line.line}".encode()).digest()[0] % ROUND_ONE_IN != 0


def _plan(members: Sequence[Placed], today: date) -> Past:
    first = members[0].line
    at = datetime.combine(first.starts, _MORNING, UTC)
    made = list(entries_of(members, first.starts, today))
    regions = {entry.provider: first.region for entry in made}
    layout = Layout(regions, {}, at.isoformat().replace("+00:00", "Z"))
    number = 900 + (first.starts - date(2020, 1, 1)).days % 800
    return Past(
        at, members[0].workspace, document(made, layout), REPOSITORY.format(landing=first.landing, number=number)
    )
