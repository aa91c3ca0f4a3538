"""What another `allocation.toml` would have moved: each team's cost by both, month by month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from infragod.finance.allocation.places_sql import statement
from infragod.lake.engine import Engine


@dataclass(frozen=True, slots=True)
class Moved:
    """One team in one month: what it bears by the file in force, and what by the other."""

    month: str
    currency: str
    team: str
    before: Decimal
    after: Decimal

    @property
    def moved(self) -> Decimal:
        """What the change brings it; the sum over all teams of a month is 0."""
        return self.after - self.before


def simulate(engine: Engine, before: Callable[[], None], after: Callable[[], None], basis: str) -> list[Moved]:
    """Every team that either gives something; both make the table `allocated`."""
    before()
    engine.make("allocated_before", "SELECT * FROM allocated")
    after()
    return [Moved(*row) for row in engine.run(statement("moved").replace("{basis}", f'"{basis}"'))]
