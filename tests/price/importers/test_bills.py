"""What bills say, as rates: the example company's products, and a public bill of FOCUS 1.0, which has no meters."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from infragod.price.own.measure import Known

SHARED: Final = Path(os.environ.get("INFRAGOD_TEST_SHARED", Path(__file__).parents[4] / "shared"))
NO_RATE: Final = {
    "SpotUsage:g5.2xlarge": "a spot price, which is of a minute",
    "Lambda-GB-Second": "one of three tiers: the row does not say which",
    "DataTransfer-Out-Bytes": "one of seven tiers, and of eight geographies",
    "InputTokenCount": "no resource type has it",
}
"""The example company's products of AWS that are no rate, and why."""
NOT_OURS: Final = {"vended logs": "logs that AWS writes itself; no recipe has them"}
"""What a public bill has beside what recipes price."""


def demo() -> Iterator[dict[str, str]]:
    text = (files("infragod.demo") / "skus.csv").read_text(encoding="utf-8")
    return (row for row in csv.DictReader(text.splitlines()) if row["cloud"] == "aws")


def row(**told: object) -> Mapping[str, object]:
    return {"provider": "AWS", "sku": "", "account": "1", "currency": "USD", "region": "us-east-1"} | told


@pytest.mark.parametrize("bought", list(demo()), ids=[one["meter"] for one in demo()])
def test_each_product_of_the_example_company_is_a_rate_or_there_is_a_reason(
    tmp_path: Path, bought: dict[str, str]
) -> None:
    told = {"service": bought["product"], "meter": bought["meter"], "description": bought["description"]}
    rates = list(Known(tmp_path).rates(row(**told, unit=bought["unit"], price=Decimal(bought["price"]))))
    assert bool(rates) != (bought["meter"] in NO_RATE), rates
    assert len({rate[1:4] for rate in rates}) == len(rates)


def test_a_public_bill_without_meters(tmp_path: Path) -> None:
    path = SHARED / "data" / "focus_1_0_sample.csv"
    if not path.is_file():
        pytest.skip("the public sample is not here")
    known = Known(tmp_path)
    found: set[str] = set()
    unknown: set[str] = set()
    with path.open(encoding="utf-8", newline="") as lines:
        for one in csv.DictReader(lines):
            price = Decimal(one["ContractedUnitPrice"].replace("NULL", "0") or 0)
            if one["ProviderName"] != "AWS" or one["ChargeCategory"] != "Usage" or price <= 0:
                continue
            told = {"service": one["ServiceName"], "meter": None, "description": one["ChargeDescription"]}
            rates = list(known.rates(row(**told, unit=one["PricingUnit"], region=one["RegionId"], price=price)))
            found.update(f"{rate[1]} {rate[2]} {rate[3]}" for rate in rates)
            if not rates and not any(text in one["ChargeDescription"] for text in NOT_OURS):
                unknown.add(one["ChargeDescription"])
    assert not unknown
    assert {"kms eu-central-1 key", "ec2 us-east-1 g5.4xlarge/linux", "waf us-west-2 web-acl"} <= found
