"""Cost lines whose quantity only usage tells: declared once, they are both the dimensions and the components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from infragod.price.item import Item, Rate
from infragod.price.recipes.dimension import Dimension
from infragod.price.sheet import GLOBAL
from infragod.price.tiers import tiered
from infragod.resource import Component

TB: Final = 1024
PB: Final = 1024 * TB


@dataclass(frozen=True, slots=True)
class Use:
    """One line: `per` things of the usage key are one unit; the prices of tiers are `<price>/1`, `<price>/2` and so on.

    A tier is (up to this many units in all, its name). An `extra` line is left out where its usage isn't given: it is
    a rare one, and a list of all that could be used would bury the everyday ones.
    """

    name: str
    unit: str
    usage: str
    service: str
    price: str
    per: int = 1
    free: int = 0
    tiers: tuple[tuple[int | None, str], ...] = ()
    extra: bool = False
    everywhere: bool = False

    @property
    def dimension(self) -> Dimension:
        """The line as the documentation lists it."""
        return Dimension(self.name, self.unit, (self.usage,))

    def components(self, item: Item) -> Iterator[Component]:
        """The line's component, or one for each tier that the usage reaches."""
        quantity = item.usage(self.usage)
        rate = self._rate(item, "" if not self.tiers else "/1")
        if self.extra and quantity is None and not is_measured(item, rate):
            return
        if not self.tiers:
            yield item.used(self.name, self.unit, self.usage, rate, per=self.per, free=self.free)
            return
        tiers = [
            (None if upto is None else Decimal(upto), self._rate(item, f"/{n}"), name)
            for n, (upto, name) in enumerate(self.tiers, start=1)
        ]
        units = None if quantity is None else max(quantity - self.free, Decimal(0)) / self.per
        yield from tiered(item, self.name, self.unit, self.usage, tiers, units, per=self.per, free=self.free)

    def _rate(self, item: Item, tier: str) -> Rate:
        return item.rate(self.service, f"{self.price}{tier}", region=GLOBAL if self.everywhere else item.region)


def is_measured(item: Item, rate: Rate) -> bool:
    """Whether the bills say how much of it is used, by the resource or by its siblings."""
    measure = item.measured(rate)
    return measure is not None and measure.quantity is not None


def dimensions(*lines: Use) -> tuple[Dimension, ...]:
    """The dimensions of the lines."""
    return tuple(line.dimension for line in lines)


def components(item: Item, lines: Iterable[Use]) -> Iterator[Component]:
    """The components of the lines, in their order."""
    for line in lines:
        yield from line.components(item)
