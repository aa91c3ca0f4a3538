from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from infragod.demo import bill
from infragod.demo.bill import Bills
from infragod.lake.engine import Engine

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Bills:
    """The bills of a small company on a fixed day."""
    return bill.write(tmp_path_factory.mktemp("bills"), TODAY, rows=45_000)


@pytest.fixture(scope="session")
def rows(bills: Bills) -> Iterator[Engine]:
    """An engine with the files' rows as the table `bill`, typed alike."""
    with Engine.files() as engine:
        engine.run(f"""
            CREATE TABLE aws AS SELECT * FROM read_csv('{bills.aws}/*/data/*/*.csv.gz', all_varchar = true);
            CREATE TABLE gcp AS SELECT * FROM read_parquet('{bills.gcp}/*.parquet');
            CREATE TABLE bill AS SELECT {_columns()} FROM aws UNION ALL SELECT {_columns()} FROM gcp;
        """)
        yield engine


TEXTS = """
    ChargeCategory ChargeClass ChargeFrequency ChargeDescription PricingCategory CommitmentDiscountId ServiceName
    CommitmentDiscountStatus ServiceCategory ResourceId RegionId SubAccountId Tags ProviderName PricingUnit
"""
COSTS = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ListUnitPrice", "ContractedUnitPrice"]
TIMES = ["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"]


def _columns() -> str:
    return ", ".join(
        [f"CAST({c} AS VARCHAR) AS {c}" for c in TEXTS.split()]
        + [f"CAST({c} AS DECIMAL(38, 12)) AS {c}" for c in COSTS]
        + ["CAST(PricingQuantity AS DECIMAL(18, 3)) AS PricingQuantity"]
        + [f"CAST(CAST({c} AS TIMESTAMPTZ) AS DATE) AS {c}" for c in TIMES]
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "company"
