"""Hand-made bills: a row is written as the columns that matter, all others are empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from infragod.finance.allocation.allocate import allocate
from infragod.finance.allocation.plan import parse
from infragod.finance.allocation.usage import Usage
from infragod.focus import BASES, COST_COLUMNS
from infragod.lake.engine import Engine
from infragod.org.organisation import Organisation, Service, Team

COMPANY = Organisation(
    (Team("checkout", "CC-1"), Team("payments", "CC-2"), Team("platform", "CC-3")),
    (Service("cart", "checkout"), Service("card-vault", "payments"), Service("clusters", "platform")),
)
USUAL = {"x_billing_period": "2026-10", "BillingCurrency": "USD", "ChargeCategory": "Usage", "ServiceName": "Compute"}


def put(engine: Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make `rows` the table `cost`; a row's `cost` is on all four bases where it does not say otherwise."""
    full = []
    for row in rows:
        costs = dict.fromkeys(BASES.values(), row.get("cost"))
        full.append(USUAL | costs | dict(row))
    columns = {c.name: [row.get(c.name) for row in full] for c in COST_COLUMNS if c.name != "Tags"}
    engine.load("cost_without_tags", {c.name: c.sql_type for c in COST_COLUMNS if c.name != "Tags"}, columns)
    engine.load("tags", {"value": "VARCHAR"}, {"value": [row.get("shared") for row in full]})
    engine.make(
        "cost",
        "SELECT c.*, CASE WHEN t.value IS NULL THEN NULL ELSE MAP {'shared': t.value} END AS \"Tags\" "
        "FROM cost_without_tags AS c POSITIONAL JOIN tags AS t",
    )


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine.scratch() as opened:
        yield opened


def _shown(cost: Decimal | None) -> str:
    return "-" if cost is None else str(cost.normalize())


Give = Callable[..., dict[str, str]]


@pytest.fixture
def give(engine: Engine) -> Give:
    """Allocate `rows` by the file `text`: what each owner has, by team, service and how."""

    def run(
        text: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        organisation: Organisation | None = COMPANY,
        usage: Usage | None = None,
        basis: str = "EffectiveCost",
        by: str = "x_team",
        **months: str,
    ) -> dict[str, str]:
        put(engine, rows)
        allocate(engine, parse(text), organisation, usage, **months)
        found = engine.run(f"SELECT {by}, SUM({basis}) FROM allocated GROUP BY ALL ORDER BY ALL")
        return {" ".join(str(name) for name in row[:-1]): _shown(row[-1]) for row in found}

    return run
