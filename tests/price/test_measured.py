"""Usage that the bills know: of the resource itself, of its siblings; what the text says of it, and what counts."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.price.conftest import PLANS, text_of
from tests.price.test_own import ROW

from infragod import pipeline
from infragod.errors import SetupError
from infragod.focus import Period
from infragod.lake.join import Estate
from infragod.lake.lake import Lake
from infragod.org.ownership import DEFAULT, Ownership
from infragod.price import usage
from infragod.price.estimate import estimate
from infragod.price.measured import WORKSPACE, Measured, file, stands
from infragod.price.measured.learn import type_of
from infragod.price.measured.siblings import Families, Owned, siblings
from infragod.price.sheet import Prices
from infragod.progress import SILENT
from infragod.resource import Basis, Component, Estimate
from infragod.terraform.estate.store import RESOURCE_COLUMNS
from infragod.terraform.plan import read

TODAY = date(2026, 11, 22)
NAT = "aws_nat_gateway.main"
GB = ("aws", "vpc", "nat-gateway/gb")
NAME = ("aws", "vpc", "us-east-1", "nat-gateway/gb")
SHOP = Owned("checkout", "checkout-api", "production")


def month_rows(month: str, *rows: Mapping[str, str]) -> list[dict[str, str]]:
    """Rows of NAT gateways in one month."""
    period = Period.parse(month)
    begin, end = period.first_day, period.plus(1).first_day
    base = {
        **ROW,
        "BillingPeriodStart": f"{begin}T00:00:00Z",
        "BillingPeriodEnd": f"{end}T00:00:00Z",
        "ChargePeriodStart": f"{begin}T00:00:00Z",
        "ChargePeriodEnd": f"{end}T00:00:00Z",
        "ChargeDescription": "$0.045 per GB Data Processed by NAT Gateways",
        "PricingUnit": "GB",
        "ServiceName": "Amazon Virtual Private Cloud",
        "SkuMeter": "NatGateway-Bytes",
        "Tags": '{"team": "checkout", "service": "checkout-api", "environment": "production"}',
    }
    return [{**base, **row} for row in rows]


def gateway(number: int) -> str:
    """The id of a gateway, as a bill has it."""
    return f"nat-{number:017x}"


def learnt(home: Path, rows: Sequence[Mapping[str, str]], known: Mapping[int, tuple[str, str]]) -> Path:
    """A home that has loaded the bills, joined with states that know the gateways by (workspace, address)."""
    path = home / "bill.csv"
    home.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(ROW))
        writer.writeheader()
        writer.writerows(rows)
    resources: list[dict[str, Any]] = [
        {
            "number": number,
            "workspace": workspace,
            "repository": None,
            "address": address,
            "module": "",
            "type": "aws_nat_gateway",
            "provider": "aws",
            "ids": json.dumps([gateway(number)]),
            "held": "[]",
            "tags": "{}",
            "first_seen": None,
            "gone_at": None,
        }
        for number, (workspace, address) in known.items()
    ]
    estate = Estate(RESOURCE_COLUMNS, {name: [row[name] for row in resources] for name in RESOURCE_COLUMNS})
    lake = Lake(home / "lake")
    loaded = pipeline.load(lake, [path], "aws", Ownership.parse(DEFAULT), SILENT, estate=estate)
    pipeline.rates(lake, home, [p.period for p in loaded.periods], TODAY)
    return home


def measured(home: Path, owned: Owned = SHOP, **more: Any) -> Measured:
    """What that home knows for a plan of workspace `shop` with one gateway."""
    standing: dict[str, str] = more.get("standing", {})
    return Measured(home, TODAY, "shop", {NAT: owned}, standing)


def priced(known: Measured | None, expected: str = "") -> Estimate:
    """The estimate of the plan that creates one gateway."""
    plan = read(PLANS / "aws_nat_gateway.json", b"key")
    used = replace(usage.parse(expected, "usage.toml"), measured=known)
    return estimate(plan, Prices(), used, currency="USD", as_of=TODAY)


def processed(result: Estimate) -> Component:
    return result.resources[0].components[1]


def siblings_of(*quantities: str) -> tuple[list[dict[str, str]], dict[int, tuple[str, str]]]:
    """Rows of October of so many gateways of checkout, and where they are."""
    rows = month_rows(
        "2026-10",
        *({"ResourceId": gateway(n), "PricingQuantity": quantity} for n, quantity in enumerate(quantities, 1)),
    )
    known = {n: ("other", f"module.a.aws_nat_gateway.b[{n}]") for n in range(1, len(quantities) + 1)}
    return rows, known


def test_the_resources_own_months_are_averaged(tmp_path: Path) -> None:
    rows = [
        *month_rows("2026-10", {"ResourceId": gateway(1), "PricingQuantity": "300"}),
        *month_rows("2026-09", {"ResourceId": gateway(1), "PricingQuantity": "100"}),
        *month_rows("2026-06", {"ResourceId": gateway(1), "PricingQuantity": "9000"}),
    ]
    home = learnt(tmp_path, rows, {1: ("shop", NAT)})
    found = measured(home, standing={NAT: NAT}).find(NAT, "aws_nat_gateway", NAME)
    assert found == usage.Measure(Decimal(200), "measured, average of September 2026 to October 2026")
    assert measured(home).find(NAT, "aws_nat_gateway", NAME) is None, "what is created has no past"
    elsewhere = Measured(home, TODAY, "other", {}, {NAT: NAT})
    assert elsewhere.find(NAT, "aws_nat_gateway", NAME) is None


def test_months_that_were_not_loaded_are_not_averaged(tmp_path: Path) -> None:
    rows = [
        *month_rows("2026-10", {"ResourceId": gateway(1), "PricingQuantity": "300"}),
        *month_rows("2026-08", {"ResourceId": gateway(1), "PricingQuantity": "100"}),
    ]
    found = measured(learnt(tmp_path, rows, {1: ("shop", NAT)}), standing={NAT: NAT}).find(NAT, "", NAME)
    assert found is not None
    assert found.note == "measured, average of August 2026 and October 2026"


def test_siblings_tell_the_median_and_the_span(tmp_path: Path) -> None:
    home = learnt(tmp_path, *siblings_of("100", "400", "200", "1000"))
    result = priced(measured(home))
    part = processed(result)
    assert (part.basis, part.monthly_quantity) == (Basis.ASSUMED, Decimal(300))
    assert part.note == "median of 4 siblings (checkout-api, production), October 2026"
    assert (part.monthly_cost_p50, part.monthly_cost_p90, part.siblings) == (Decimal("13.5"), Decimal(45), 4)
    shown = text_of(result, "plan.json")
    assert "    assumed: median of 4 siblings (checkout-api, production), October 2026\n" in shown
    assert "    siblings: $13.50–$45.00 a month (p50–p90 of 4)\n" in shown  # noqa: RUF001
    assert result.monthly_cost == Decimal("32.85") + Decimal("13.5")


def test_fewer_than_three_siblings_are_none(tmp_path: Path) -> None:
    home = learnt(tmp_path, *siblings_of("100", "400"))
    assert processed(priced(measured(home))).basis is Basis.UNKNOWN


def test_a_team_is_asked_where_its_service_is_too_small(tmp_path: Path) -> None:
    home = learnt(tmp_path, *siblings_of("100", "400", "200"))
    found = measured(home, Owned("checkout", "cart", "production")).find(NAT, "aws_nat_gateway", NAME)
    assert found is not None
    assert found.note == "median of 3 siblings (team checkout, production), October 2026"


def test_the_company_tells_a_span_and_no_quantity(tmp_path: Path) -> None:
    home = learnt(tmp_path, *siblings_of("100", "400", "200"))
    result = priced(measured(home, Owned("search", "index", "production")))
    part = processed(result)
    assert (part.basis, part.monthly_cost, part.siblings) == (Basis.UNKNOWN, None, 3)
    assert (part.monthly_cost_p50, part.monthly_cost_p90) == (Decimal(9), Decimal(18))
    assert result.monthly_cost == Decimal("32.85"), "a span is never in the total"
    assert "unknown usage of siblings: +$9.00 to +$18.00 a month (p50 to p90)" in text_of(result, "plan.json")
    other = measured(home, Owned("search", "index", "staging")).find(NAT, "aws_nat_gateway", NAME)
    assert other is None, "another environment is another world"


def test_a_usage_file_wins(tmp_path: Path) -> None:
    home = learnt(tmp_path, *siblings_of("100", "400", "200"))
    part = processed(priced(measured(home), f'["{NAT}"]\nmonthly_data_processed_gb = 7'))
    assert (part.monthly_quantity, part.note, part.siblings) == (Decimal(7), "usage.toml", None)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({"CommitmentDiscountId": "sp-1", "CommitmentDiscountStatus": "Used"}, True),
        ({"ContractedUnitPrice": "0"}, True),
        ({"CommitmentDiscountId": "sp-1", "CommitmentDiscountStatus": "Unused"}, False),
        ({"ChargeCategory": "Credit"}, False),
        ({"ChargeCategory": "Purchase"}, False),
        ({"ChargeClass": "Correction"}, False),
        ({"SkuMeter": "Unheard-Of"}, False),
        ({"PricingUnit": "Elephants"}, False),
    ],
    ids=["covered", "free", "unused", "credit", "purchase", "correction", "unknown meter", "unknown unit"],
)
def test_what_was_metered_counts_once(tmp_path: Path, row: dict[str, str], *, counts: bool) -> None:
    rows = month_rows(
        "2026-10",
        {"ResourceId": gateway(1), "PricingQuantity": "300"},
        {"ResourceId": gateway(1), "PricingQuantity": "50", **row},
    )
    home = learnt(tmp_path, rows, {1: ("shop", NAT)})
    found = measured(home, standing={NAT: NAT}).find(NAT, "aws_nat_gateway", NAME)
    assert found is not None
    assert found.quantity == (350 if counts else 300)


def test_what_no_state_knows_is_nobodys(tmp_path: Path) -> None:
    home = learnt(tmp_path, month_rows("2026-10", {"ResourceId": gateway(9)}), {1: ("shop", NAT)})
    assert file.read(file.path_of(home, Period(2026, 10)), f"{WORKSPACE}shop") is None


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_sums_stay_within_the_bill_and_the_order_of_rows_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    amounts = st.tuples(st.integers(1, 4), st.decimals("0.000001", "99999", places=6))
    bought = data.draw(st.lists(amounts, min_size=1, max_size=12))
    rows = month_rows("2026-10", *({"ResourceId": gateway(n), "PricingQuantity": f"{q:f}"} for n, q in bought))
    known = {n: ("shop", f"aws_nat_gateway.n[{n}]") for n in range(1, 5)}
    seen = []
    for given_rows in (rows, data.draw(st.permutations(rows))):
        home = learnt(tmp_path_factory.mktemp("home"), given_rows, known)
        path = file.path_of(home, Period(2026, 10))
        seen.append((file.read(path, f"{WORKSPACE}shop"), file.read(path, SHOP.parts[0][1])))
    assert seen[0] == seen[1]
    total = sum(Decimal(row[3]) for rows in seen[0][0].values() for row in rows)
    assert total == sum(quantity for _, quantity in bought)


@given(st.lists(st.decimals("0", "1e9", places=3), min_size=1), st.randoms())
def test_quantiles_are_of_what_there_is(quantities: list[Decimal], random: Any) -> None:
    found = siblings(quantities)
    mixed = list(quantities)
    random.shuffle(mixed)
    assert siblings(mixed) == found
    assert found.p90 in quantities
    assert sum(q <= found.p90 for q in quantities) * 10 >= len(quantities) * 9
    assert sum(q <= found.p50 for q in quantities) * 2 >= len(quantities)
    assert found.p50 <= found.p90 or len(quantities) == 1


def test_moved_and_created() -> None:
    plan = read(PLANS / "aws_nat_gateway.json", b"key")
    assert stands(plan) == {}
    change = replace(plan.changes[0], before=plan.changes[0].after, previous_address="aws_nat_gateway.old")
    assert stands(replace(plan, changes=[replace(change, action=type(change.action).UPDATE)])) == {
        NAT: "aws_nat_gateway.old"
    }


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("aws_lb.main", "aws_lb"),
        ('module.a["x.y"].aws_s3_bucket.b["c.d[0]"]', "aws_s3_bucket"),
        ("module.m[3].module.n.google_sql_database_instance.x[2]", "google_sql_database_instance"),
        ("nonsense", ""),
    ],
)
def test_the_type_in_an_address(address: str, kind: str) -> None:
    assert type_of(address) == kind


def test_a_broken_file_says_how_to_mend_it(tmp_path: Path) -> None:
    path = file.path_of(tmp_path, Period(2026, 10))
    path.parent.mkdir(parents=True)
    path.write_text("nonsense", encoding="utf-8")
    with pytest.raises(SetupError, match="infragod prices rates --renew"):
        measured(tmp_path).find(NAT, "aws_nat_gateway", NAME)


def test_a_home_without_bills_knows_nothing(tmp_path: Path) -> None:
    known = measured(tmp_path, standing={NAT: NAT})
    assert known.find(NAT, "aws_nat_gateway", NAME) is None
    assert known.cover([]) == ()


def test_nobodys_siblings_are_the_companys() -> None:
    families = Families()
    for quantity in (1, 2, 3):
        families.add(Owned(), "aws_nat_gateway", GB, Decimal(quantity))
    assert [name for name, _ in families.parts()] == ['["company", "", ""]']
