"""Advice: what would do the same for less. Each alternative is priced as the resource itself is, by its recipe.

Advice is no finding and changes no verdict. Of several alternatives for one resource each kind's best counts, and they
exclude one another: savings of one resource are never added up. An alternative whose price is not known is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from infragod.price.advice.families import near
from infragod.price.advice.variants import variants
from infragod.resource import Action, Advice, Basis, Change, Resource

if TYPE_CHECKING:
    from infragod.price.estimate import Pricer, Side

LEAST: Final = Decimal("1.00")
"""A month's saving below which nothing is said, in dollars."""
PLACES: Final = ("region", "location", "zone", "availability_zone")
"""Attributes that name where a resource is."""
CHANGED: Final = (Action.CREATE, Action.UPDATE, Action.REPLACE)


def advise(changes: Iterable[Change], pricer: Pricer) -> tuple[Advice, ...]:
    """The best alternative of each kind for each changed resource, the largest saving first; then other regions."""
    asked = [change for change in changes if change.action in CHANGED and change.after is not None]
    counsel = _Counsel(pricer)
    found = [one for change in asked for one in counsel.of(change)]
    found.sort(key=lambda one: (-one.monthly_saving, one.address))
    return (*found, *_regions(asked, pricer))


@dataclass(slots=True)
class _Counsel:
    """Advice by shape: resources that cost the same in all parts get the same."""

    pricer: Pricer
    known: dict[tuple[Any, ...], tuple[Advice, ...]]

    def __init__(self, pricer: Pricer) -> None:
        self.pricer = pricer
        self.known = {}

    def of(self, change: Change) -> Iterator[Advice]:
        """The advice for one change."""
        resource = change.after
        if resource is None:
            return
        side = self.pricer.side(resource)
        if not side.cost:
            return
        key = (id(side), resource.type, resource.region, _environment(change.tags))
        if key not in self.known:
            self.known[key] = tuple(_best(resource, change.tags, side, self.pricer))
        for one in self.known[key]:
            yield replace(one, address=change.address)


def _environment(tags: Mapping[str, Any]) -> tuple[Any, ...]:
    from infragod.price.advice.variants import ENVIRONMENTS

    return tuple(tags.get(name) for name in ENVIRONMENTS)


def _best(resource: Resource, tags: Mapping[str, Any], side: Side, pricer: Pricer) -> Iterator[Advice]:
    best: dict[str, Advice] = {}
    for variant in variants(resource, tags):
        saving = _saving(side, pricer.side(variant.resource))
        if saving is not None and saving >= LEAST:
            known = best.get(variant.kind)
            if known is None or saving > known.monthly_saving:
                best[variant.kind] = Advice(resource.address, variant.kind, variant.what, saving, variant.note)
    yield from best.values()


def _saving(now: Side, then: Side) -> Decimal | None:
    """What the other costs less; None where a part of it is unknown that is not as unknown, at that price, now."""
    if now.cost is None or then.cost is None or _open(then) - _open(now):
        return None
    return now.cost - then.cost


def _open(side: Side) -> Counter[tuple[str, Decimal | None]]:
    return Counter((part.unit, part.unit_price) for part in side.components if part.basis is Basis.UNKNOWN)


def _regions(changes: list[Change], pricer: Pricer) -> Iterator[Advice]:
    """Where the whole plan is of one region: the nearest region in which all of it is cheaper."""
    resources = [change.after for change in changes if change.after is not None]
    places = {(r.provider, r.region) for r in resources if r.region is not None and pricer.side(r).components}
    if len(places) != 1:
        return
    ((provider, region),) = places
    options = [(saving, other) for other in near(provider, str(region)) if (saving := _moved(resources, other, pricer))]
    if options:
        saving, other = max(options)
        note = "as near to the same users; moving what exists costs its transfer"
        yield Advice("plan", "region", f"{region} → {other}", saving, note)


def _moved(resources: list[Resource], region: str, pricer: Pricer) -> Decimal | None:
    """What all resources cost less in that region; None where one of them has no price there, or nothing is saved."""
    total = Decimal(0)
    known: dict[int, Decimal | None] = {}
    for resource in resources:
        if resource.region is None:
            continue
        side = pricer.side(resource)
        if id(side) not in known:
            known[id(side)] = (
                _saving(side, pricer.side(_in_region(resource, region))) if side.components else Decimal(0)
            )
        saving = known[id(side)]
        if saving is None:
            return None
        total += saving
    return total if total >= LEAST else None


def _in_region(resource: Resource, region: str) -> Resource:
    """The resource in another region, its zone the one of the same letter."""
    values = {
        name: f"{region}{value.removeprefix(str(resource.region))}"
        for name in PLACES
        if isinstance(value := resource.values.get(name), str) and value.startswith(str(resource.region))
    }
    return replace(resource, region=region, values={**resource.values, **values})
