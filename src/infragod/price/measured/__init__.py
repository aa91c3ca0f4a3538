"""Measured usage: where `usage.toml` says nothing, the bills say how much a resource uses, or its siblings.

`learn` writes one file for each month that is loaded. A resource that stands already is asked for by its workspace and
address: the average of the last full months, three at most. One that is created has siblings alone: the median of those
of its type that serve the same service (else the same team) in the same environment. What the whole company's resources
of that type use tells a range, and no quantity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from infragod.focus import Period
from infragod.price import own
from infragod.price.measured import commitments, file
from infragod.price.measured.commitments import Left
from infragod.price.measured.siblings import Circle, Owned, Thing
from infragod.price.usage import Measure, Name, Siblings
from infragod.resource import Action, Commitment, Plan, PricedResource

_STEP: Final = Decimal("1e-9")
WORKSPACE: Final = "workspace "
Found = tuple[str, Siblings, bool]  # whose siblings, what they use, and whether they are near enough for a quantity


@dataclass(slots=True)
class Measured:
    """What is measured, as one plan asks for it: of its workspace, its owners, and what of it stands already.

    `standing` is the address in the bills of each resource that the plan did not just think of.
    """

    home: Path
    today: date
    workspace: str
    owners: Mapping[str, Owned]
    standing: Mapping[str, str]
    _months: list[Period] | None = None
    _past: dict[str, dict[Thing, tuple[Decimal, str]]] | None = None
    _parts: dict[str, dict[tuple[str, Thing], Siblings]] = field(default_factory=dict)

    def find(self, address: str, kind: str, name: Name) -> Measure | None:
        """How much of what the price `name` is of the resource uses: by its own bills, else by its siblings."""
        thing = (name[0], name[1], name[3])
        past = self._of_past().get(self.standing.get(address, ""), {}).get(thing)
        if past is not None:
            return Measure(past[0], past[1])
        found = self._of_siblings(self.owners.get(address, Owned()), kind, thing)
        if found is None:
            return None
        whose, siblings, is_near = found
        if not is_near:
            return Measure(None, "", siblings)
        return Measure(siblings.p50, f"median of {siblings.count} siblings ({whose}), {self.months[0].title}", siblings)

    def cover(self, resources: Sequence[PricedResource]) -> tuple[Commitment, ...]:
        """What the commitments that the last full month left unused could cover of the resources."""
        if not self.months:
            return ()
        month = self.months[0]
        held = file.read(file.path_of(self.home, month), commitments.PART) or []
        return commitments.cover(resources, [Left.of_json(one) for one in held], str(month))

    @property
    def months(self) -> list[Period]:
        """The full months that are known, the newest first."""
        if self._months is None:
            self._months = [m for m in own.months(self.today) if file.path_of(self.home, m).is_file()]
        return self._months

    def _of_past(self) -> dict[str, dict[Thing, tuple[Decimal, str]]]:
        if self._past is None:
            months = self.months if self.workspace and self.standing else []
            name = f"{WORKSPACE}{self.workspace}"
            read = [(month, file.read(file.path_of(self.home, month), name) or {}) for month in months]
            wanted = set(self.standing.values())
            self._past = {address: _average(address, read) for address in wanted}
        return self._past

    def _of_siblings(self, owned: Owned, kind: str, thing: Thing) -> Found | None:
        for circle, part in owned.parts:
            siblings = self._part(part).get((kind, thing))
            if siblings is not None:
                who = owned.service if circle is Circle.SERVICE else f"team {owned.team}"
                return f"{who}, {owned.environment or 'no environment'}", siblings, circle is not Circle.COMPANY
        return None

    def _part(self, name: str) -> dict[tuple[str, Thing], Siblings]:
        if name not in self._parts:
            months = self.months[:1]
            body: dict[str, list[Any]] = (file.read(file.path_of(self.home, months[0]), name) if months else None) or {}
            self._parts[name] = {
                (kind, (provider, service, key)): Siblings(count, Decimal(p50), Decimal(p90))
                for kind, rows in body.items()
                for provider, service, key, count, p50, p90 in rows
            }
        return self._parts[name]


def stands(plan: Plan) -> dict[str, str]:
    """What of a plan stands already, and the address by which bills know it; what is created has no past of its own."""
    return {
        change.address: change.previous_address or change.address
        for change in plan.changes
        if change.before is not None and change.action is not Action.CREATE
    }


def _average(
    address: str, read: Sequence[tuple[Period, Mapping[str, list[list[str]]]]]
) -> dict[Thing, tuple[Decimal, str]]:
    """What the resource used in an average month of those in which it was billed, and which those are."""
    months = [(month, body[address]) for month, body in read if address in body]
    sums: dict[Thing, Decimal] = {}
    for _, rows in months:
        for provider, service, key, quantity in rows:
            thing = (provider, service, key)
            sums[thing] = sums.get(thing, Decimal(0)) + Decimal(quantity)
    note = f"measured, {_span([month for month, _ in months])}"
    return {thing: ((total / len(months)).quantize(_STEP).normalize(), note) for thing, total in sums.items()}


def _span(months: Sequence[Period]) -> str:
    """`October 2026`, or `average of August 2026 to October 2026`; the newest month comes first in `months`."""
    if len(months) <= 1:
        return "".join(month.title for month in months)
    if months[-1].plus(len(months) - 1) == months[0]:
        return f"average of {months[-1].title} to {months[0].title}"
    return f"average of {' and '.join(month.title for month in reversed(months))}"
