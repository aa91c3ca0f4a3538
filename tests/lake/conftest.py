"""A small FOCUS bill that tests vary."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.pipeline import LoadResult, load
from infragod.progress import SILENT

Row = dict[str, str]
WriteBill = Callable[..., Path]
LoadBill = Callable[..., LoadResult]

ROW: Row = {
    "BilledCost": "1.25",
    "BillingAccountId": "1234567890123",
    "BillingAccountName": "Example",
    "BillingCurrency": "USD",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "a machine, by the hour",
    "ChargePeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-31T23:00:00Z",
    "ContractedCost": "1.25",
    "EffectiveCost": "1.00",
    "InvoiceIssuerName": "Example Cloud, Inc.",
    "ListCost": "1.50",
    "PricingQuantity": "1",
    "PricingUnit": "Hours",
    "ProviderName": "Example Cloud",
    "PublisherName": "Example Cloud",
    "ResourceId": "i-0001",
    "ServiceCategory": "Compute",
    "ServiceName": "Machines",
    "SubAccountId": "4711",
    "Tags": '{"team": "checkout", "service": "cart"}',
}


def month(text: str) -> Row:
    """The columns of a row of the billing period `text`, which is not December."""
    year, number = int(text[:4]), int(text[5:])
    end = f"{year}-{number + 1:02d}-01T00:00:00Z"
    return {
        "BillingPeriodStart": f"{text}-01T00:00:00Z",
        "BillingPeriodEnd": end,
        "ChargePeriodStart": f"{text}-28T00:00:00Z",
        "ChargePeriodEnd": end,
    }


@pytest.fixture
def write_bill(tmp_path: Path) -> WriteBill:
    """Write a CSV bill: `rows` are changes to ``ROW``; `without` columns are left out."""

    def write(name: str, rows: Iterable[Mapping[str, str]] = ({},), without: Iterable[str] = ()) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        full = [{**ROW, **row} for row in rows]
        names = [n for n in dict.fromkeys(k for r in full for k in r) if n not in set(without)]
        opener: Any = gzip.open if name.endswith(".gz") else open
        with opener(path, "wt", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, names or ["x"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(full)
        return path

    return write


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def load_bill(lake: Lake) -> LoadBill:
    """Load paths into the test's lake as `source`."""

    def run(*paths: Path, source: str = "test", ownership: str | None = None, yes: bool = False) -> LoadResult:
        rules = Ownership.read(Path("missing.toml")) if ownership is None else Ownership.parse(ownership)
        return load(lake, list(paths), source, rules, SILENT, yes=yes)

    return run
