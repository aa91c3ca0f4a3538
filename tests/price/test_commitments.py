"""What unused Savings Plans and reservations could cover: a range beside the estimate, no cent of it twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.price.conftest import text_of
from tests.price.test_measured import gateway, learnt, measured, month_rows, priced

from infragod.focus import Period
from infragod.policy.decision import estimate_document
from infragod.policy.render.commitments import commitment_lines
from infragod.price.measured import commitments, file, unused
from infragod.price.measured.commitments import Left, cover
from infragod.resource import Action, Basis, Component, PricedResource

PLAN = "arn:aws:savingsplans::1:savingsplan/sp-1"
COMPUTE = Left(PLAN, "Compute SP", "aws", ("ec2", "fargate", "lambda"), "", (), Decimal(50), Decimal(70))
MACHINE = ("aws", "ec2", "us-east-1", "m5.large/linux")


def row(status: str, **more: Any) -> dict[str, Any]:
    """One row of a month's commitments."""
    return {
        "id": PLAN,
        "name": None,
        "type": "Savings Plan",
        "status": status,
        "provider": "AWS",
        "service": "AWS Savings Plans",
        "region": None,
        "meter": "ComputeSP:1yrNoUpfront",
        "description": "",
        "effective": Decimal(30),
        "contracted": Decimal(0),
        **more,
    }


def reservation(service: str, meter: str, **more: Any) -> dict[str, Any]:
    """The unused row of a reservation."""
    return row("Unused", type="Reserved", service=service, meter=meter, region="us-east-1", **more)


def resource(
    address: str, *parts: tuple[tuple[str, str, str, str], int], action: Action = Action.CREATE
) -> PricedResource:
    """A resource with a component of each price and cost."""
    made = tuple(
        Component("Use", "hours", Decimal(1), Decimal(cost), Decimal(cost), Basis.FIXED, priced=name)
        for name, cost in parts
    )
    return PricedResource(address, "aws_instance", action, Decimal(1), Decimal(0), made)


def test_what_unused_money_is_worth_is_what_the_used_one_saved() -> None:
    used = row("Used", meter="BoxUsage:m5.large", effective=Decimal(100), contracted=Decimal(140))
    (found,) = unused.left([row("Unused"), used])
    assert (found.unused, found.worth) == (Decimal(30), Decimal(42))
    assert found.services == ("ec2", "fargate", "lambda")
    (alone,) = unused.left([row("Unused")])
    assert alone.worth == Decimal(30), "nothing tells what it saves"
    assert unused.left([used]) == [], "all of it is used"


@pytest.mark.parametrize(
    ("billed", "name", "covers"),
    [
        (row("Unused"), MACHINE, True),
        (row("Unused"), ("aws", "ec2", "eu-west-1", "c7g.large/linux"), True),
        (row("Unused"), ("aws", "ec2", "us-east-1", "cpu-credits/t3/linux"), False),
        (row("Unused"), ("aws", "fargate", "us-east-1", "vcpu/arm"), True),
        (row("Unused"), ("aws", "lambda", "us-east-1", "arm/1"), True),
        (row("Unused"), ("aws", "lambda", "us-east-1", "requests"), False),
        (row("Unused"), ("aws", "rds", "us-east-1", "db.m5.large/mysql/single-az"), False),
        (row("Unused", meter="EC2SP:m5.1yrNoUpfront", region="us-east-1"), MACHINE, True),
        (row("Unused", meter="EC2SP:m5.1yrNoUpfront", region="eu-west-1"), MACHINE, False),
        (row("Unused", meter="EC2SP:c5.1yrNoUpfront", region="us-east-1"), MACHINE, False),
        (row("Unused", meter="USE1-EC2SP:m5.1yrNoUpfront"), ("aws", "fargate", "us-east-1", "vcpu"), False),
        (reservation("Amazon Elastic Compute Cloud", "HeavyUsage:m5.large"), MACHINE, True),
        (reservation("Amazon Elastic Compute Cloud", "HeavyUsage:r5.large"), MACHINE, False),
        (
            reservation("Amazon Relational Database Service", "HeavyUsage:db.m5.large"),
            ("aws", "rds", "us-east-1", "db.m5.xlarge/mysql/single-az"),
            True,
        ),
        (
            reservation("Amazon Relational Database Service", "HeavyUsage:db.m5.large"),
            ("aws", "rds", "us-east-1", "storage/gp3"),
            False,
        ),
        (
            reservation("Amazon ElastiCache", "HeavyUsage:cache.r6g.large"),
            ("aws", "elasticache", "us-east-1", "cache.r6g.xlarge"),
            True,
        ),
        (
            row("Unused", provider="Google Cloud", service="Compute Engine", type="Flexible CUD", meter=None),
            ("google", "compute", "us-central1", "n2-standard-8"),
            True,
        ),
        (
            row("Unused", provider="Google Cloud", service="Compute Engine", type="Flexible CUD", meter=None),
            ("google", "compute", "us-central1", "disk/pd-ssd"),
            False,
        ),
    ],
)  # fmt: skip
def test_what_a_commitment_is_for(billed: dict[str, Any], name: tuple[str, str, str, str], *, covers: bool) -> None:
    (found,) = unused.left([billed])
    assert found.covers(name) is covers
    assert Left.of_json(found.as_json()) == found


def test_the_used_rows_tell_the_family_where_the_unused_ones_do_not() -> None:
    used = row("Used", type="Reserved", service="Amazon ElastiCache", meter="NodeUsage:cache.r6g.large")
    (found,) = unused.left([reservation("Amazon ElastiCache", "HeavyUsage:cache"), used])
    assert found.families == ("r6g",)


@pytest.mark.parametrize(
    "billed",
    [
        row("Unused", meter="NobodyKnowsSP:1yr"),
        row("Unused", type="Reserved", service="Amazon Quantum", meter="HeavyUsage:q1.large"),
        row("Unused", effective=Decimal(0)),
        row("Unused", effective=None),
    ],
    ids=["plan", "service", "nothing", "unknown"],
)
def test_what_is_not_understood_is_not_promised(billed: dict[str, Any]) -> None:
    assert unused.left([billed]) == []


def test_only_what_is_created_is_covered_and_no_cent_twice() -> None:
    reserved = replace(COMPUTE, id="ri", services=("ec2",), families=("m5",), region="us-east-1", worth=Decimal(25))
    plan = [
        resource("a", (MACHINE, 60)),
        resource("b", (MACHINE, 40)),
        resource("c", (MACHINE, 9), action=Action.UPDATE),
    ]
    first, second = cover(plan, [COMPUTE, reserved], "2026-10")
    assert (first.id, [(c.address, c.up_to) for c in first.covers]) == ("ri", [("a", Decimal(25))])
    assert [(c.address, c.up_to) for c in second.covers] == [("a", Decimal(35)), ("b", Decimal(35))]
    assert second.could_cover == Decimal(70)
    assert cover([resource("d", (("aws", "s3", "us-east-1", "standard/gb"), 5))], [COMPUTE], "2026-10") == ()


@given(
    st.lists(st.integers(0, 500), max_size=6),
    st.lists(st.tuples(st.integers(1, 900), st.sampled_from(["", "m5", "c5"])), max_size=5),
)
def test_covered_is_at_most_what_it_costs_and_what_is_unused(costs: list[int], pools: list[tuple[int, str]]) -> None:
    plan = [resource(f"r{n}", (MACHINE, cost)) for n, cost in enumerate(costs)]
    held = [
        replace(COMPUTE, id=f"p{n}", worth=Decimal(worth), families=(family,) if family else (), services=("ec2",))
        for n, (worth, family) in enumerate(pools)
    ]
    found = cover(plan, held, "2026-10")
    for one in found:
        assert 0 < one.could_cover <= next(left.worth for left in held if left.id == one.id)
    for number, cost in enumerate(costs):
        assert sum(c.up_to for one in found for c in one.covers if c.address == f"r{number}") <= cost


def test_a_bill_tells_and_the_estimate_says_it_beside_the_total(tmp_path: Path) -> None:
    shared = {
        "CommitmentDiscountId": PLAN,
        "ServiceName": "AWS Savings Plans",
        "ResourceId": "",
        "SkuMeter": "ComputeSP:1yr",
    }
    rows = month_rows(
        "2026-10",
        {"ResourceId": gateway(1), "PricingQuantity": "10"},
        {**shared, "CommitmentDiscountStatus": "Unused", "EffectiveCost": "20"},
        {**shared, "CommitmentDiscountStatus": "Used", "EffectiveCost": "100", "ContractedCost": "150"},
        {**shared, "ChargeCategory": "Purchase", "EffectiveCost": "0"},
    )
    home = learnt(tmp_path, rows, {1: ("shop", "aws_nat_gateway.main")})
    held = file.read(file.path_of(home, Period(2026, 10)), commitments.PART)
    assert [(one["unused"], one["worth"]) for one in held] == [("20.00", "30.00")]
    without = priced(None)
    assert priced(measured(home)).commitments == (), "no Savings Plan covers a NAT gateway"
    told = replace(without, commitments=measured(home).cover([resource("aws_instance.a", (MACHINE, 50))]))
    assert told.monthly_cost == without.monthly_cost
    (document,) = estimate_document(told)["commitments"]
    assert (document["unused"], document["could_cover"]) == ("20.00", "30.00")
    shown = text_of(told, "plan.json")
    assert "Unused    commitments left unused in October 2026 could cover up to $30.00 a month of this\n" in shown
    assert "          $0.00 to $30.00: commitment sp-1, aws_instance.a\n" in shown
    assert "Unused" not in text_of(without, "plan.json")


def test_many_commitments_are_told_in_few_lines() -> None:
    held = [
        {
            "title": f"plan {n}",
            "month": "2026-10",
            "could_cover": "1.00",
            "components": [{"address": "a"}, {"address": "b"}],
        }
        for n in range(5)
    ]
    lines = list(commitment_lines({"currency": "USD", "commitments": held}))
    assert lines[1] == "$0.00 to $1.00: plan 0, a and 1 more"
    assert lines[-1] == "and 2 more; --format json lists them all"
    assert list(commitment_lines({"currency": "USD"})) == []
