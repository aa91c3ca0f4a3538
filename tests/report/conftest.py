"""A hand-made lake: two months, two teams, two currencies, and what nobody owns."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from infragod.focus import COST_COLUMNS
from infragod.lake.engine import Engine

ROWS = (
    # month, team, service, resource, currency, effective, billed, contracted, list
    ("2026-09", "checkout", "cart", "i-1", "USD", "10.000000000001", "9", "11", "12"),
    ("2026-10", "checkout", "cart", "i-1", "USD", "12.5", "10", "13", "14"),
    ("2026-10", "checkout", "cart", "i-2", "USD", "1.25", "1", "2", "3"),
    ("2026-10", "checkout", "checkout-api", "i-3", "USD", "20", "0", "20", "25"),
    ("2026-10", "payments", "pay", "i-4", "EUR", "7", "7", "7", "7"),
    ("2026-10", None, None, "i-5", "USD", "0.000000000004", "0", None, "0"),
    ("2026-10", None, None, None, "USD", "-3.5", "-3.5", "-3.5", "-3.5"),
)
NAMES = (
    *("x_billing_period", "x_team", "x_service", "ResourceId", "BillingCurrency"),
    *("EffectiveCost", "BilledCost", "ContractedCost", "ListCost"),
)


def load(engine: Engine, rows: tuple[tuple[str | None, ...], ...]) -> Engine:
    """Put `rows` of ``NAMES`` into the `cost` table."""
    values = {name: [row[i] for row in rows] for i, name in enumerate(NAMES)}
    columns = {c.name: values.get(c.name, [None] * len(rows)) for c in COST_COLUMNS}
    columns["ServiceName"] = ["compute"] * len(rows)
    engine.load("cost", {c.name: c.sql_type for c in COST_COLUMNS}, columns)
    return engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine.scratch() as opened:
        yield load(opened, ROWS)


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """The same as a FOCUS file that `infragod load focus` reads."""
    header = (
        "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,"
        "ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,"
        "InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,ProviderName,PublisherName,ServiceCategory,ServiceName,"
        "ResourceId,Tags"
    )
    lines = [header]
    for month, team, service, resource, _, effective, billed, contracted, price in ROWS:
        first, after = f"{month}-01 00:00:00", f"2026-{int(str(month)[5:]) + 1:02d}-01 00:00:00"
        tags = f'"{{""team"": ""{team}"", ""service"": ""{service}""}}"' if team else "NULL"
        lines.append(
            f"{billed},1,Example,USD,{after},{first},Usage,NULL,x,{after},{first},{contracted or 0},{effective},AWS,"
            f"{price},1,Hours,AWS,AWS,Compute,Compute Cloud,{resource or 'NULL'},{tags}"
        )
    path = tmp_path / "bill.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def total(index: int, currency: str = "USD") -> Decimal:
    """The plain sum over the rows."""
    return sum((Decimal(str(row[index])) for row in ROWS if row[4] == currency and row[index] is not None), Decimal(0))
