"""What of the company's Savings Plans and reservations was left unused, and what of a plan it could cover.

A promise of the past month is no promise of the next one, so it is a range beside the estimate, from nothing to the
whole of it, and never in the total. What one component takes is not promised to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from infragod.price.usage import Name
from infragod.resource import Action, Commitment, Covered, PricedResource

PART: Final = "commitments"
_INSTANCE: Final = re.compile(r"(?:(?:db|cache)\.)?([a-z]+\d[a-z0-9-]*)\.[a-z0-9-]+(?:/.*)?")
_KEYS: Final = {  # what of a service a commitment is for, where it is not machines by the type
    "lambda": re.compile(r"(?:x86|arm)/(?:\d|provisioned).*"),
    "fargate": re.compile(r"(?:vcpu|gb)(?:/(?:arm|windows))?"),
    "compute": re.compile(r"(?!address/|disk/|gpu/).*"),
    "sql": re.compile(r"(?:db-|vcpu/|memory/).*"),
}


@dataclass(frozen=True, slots=True)
class Left:
    """One commitment that was not wholly used: its unused money, what that buys, and what it may be spent on.

    `worth` is what the same would cost without the commitment. `region` and `families` are empty where it is for any.
    """

    id: str
    title: str
    provider: str
    services: tuple[str, ...]
    region: str
    families: tuple[str, ...]
    unused: Decimal
    worth: Decimal

    def as_json(self) -> dict[str, Any]:
        """The commitment as the file of its month holds it."""
        return asdict(self) | {"unused": f"{self.unused:f}", "worth": f"{self.worth:f}"}

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Left:
        """The commitment from the file of its month."""
        return cls(
            **{
                **held,
                "services": tuple(held["services"]),
                "families": tuple(held["families"]),
                "unused": Decimal(held["unused"]),
                "worth": Decimal(held["worth"]),
            }
        )

    def covers(self, name: Name) -> bool:
        """Whether it may be spent on what the price of that name is of."""
        provider, service, region, key = name
        if provider != self.provider or service not in self.services or (self.region and region != self.region):
            return False
        if service in _KEYS:
            return _KEYS[service].fullmatch(key) is not None
        kind = _INSTANCE.fullmatch(key)
        return kind is not None and (not self.families or kind[1] in self.families)


def cover(resources: Sequence[PricedResource], unused: Sequence[Left], month: str) -> tuple[Commitment, ...]:
    """What the unused commitments could cover of the resources that a plan creates.

    The narrowest commitment goes first, as the provider does it, and takes the plan's order.
    """
    open_costs = [
        _Open(resource.address, component.name, component.priced, component.monthly_cost)
        for resource in resources
        if resource.action is Action.CREATE
        for component in resource.components
        if component.priced is not None and component.monthly_cost
    ]
    made = []
    for one in sorted(unused, key=lambda u: (len(u.services), not u.families, not u.region, u.id)):
        covers = _take(one, open_costs)
        if covers:
            made.append(Commitment(one.id, one.title, month, one.unused, covers))
    return tuple(made)


@dataclass(slots=True)
class _Open:
    """What of a component no commitment has been promised to."""

    address: str
    component: str
    name: Name
    cost: Decimal


def _take(one: Left, open_costs: Iterable[_Open]) -> tuple[Covered, ...]:
    """What of the open costs the commitment could take; they are open for no other then."""
    rest = one.worth
    covers = []
    for cost in open_costs:
        part = min(rest, cost.cost) if one.covers(cost.name) else Decimal(0)
        if part > 0:
            rest -= part
            cost.cost -= part
            covers.append(Covered(cost.address, cost.component, part))
    return tuple(covers)
