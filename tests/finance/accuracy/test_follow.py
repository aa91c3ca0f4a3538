"""From the grant to the comparison: real plans, states, bills, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.finance.accuracy.world import APPLIED, IDS, NOW, OCTOBER, World, machine, server, usage
from tests.gate import plans

from infragod.cli.followup_text import lines_of
from infragod.db import audit
from infragod.finance.accuracy import Outcome, Parts, State, store
from infragod.finance.accuracy.render import state_line

WEB = "aws_instance.web"
ROWS = [
    usage(IDS["web"], "BoxUsage:m6i.xlarge", "Hours", "744", "0.18048", "134.27712"),
    usage(IDS["web"], "EBS:VolumeUsage.gp3", "GB-Months", "110", "0.0752", "8.272"),
    usage(IDS["web"], "DataTransfer-Out-Bytes", "GB", "50", "0.09", "4.5"),
]
FIGURES = Parts(Decimal("148.16"), Decimal("147.04912"), Decimal("-9.09888"), Decimal("3.488"), Decimal("4.5"))


def events(world: World) -> list[dict[str, Any]]:
    with world.database.read() as connection:
        return [entry.details for entry in audit.entries(connection, kind=store.EVENT)]


def test_an_applied_plan_is_compared_with_its_first_full_month(
    world: World, golden: Callable[[str, str], None]
) -> None:
    decision = world.apply(server())
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.bill(ROWS)
    (told,) = world.compare()
    assert (told.window.month, told.window.state, told.figures) == (OCTOBER, State.COMPLETE, FIGURES)
    found = world.followed(decision)
    text = "\n".join(lines_of(found, list(world.resources(decision).values()))).replace(decision, "7F3K-9Q2M")
    golden("show.txt", text + "\n")
    (event,) = events(world)
    assert event == {
        "decision": decision,
        "workspace": "shop",
        "change_request": "example/shop#7",
        "month": "2026-10",
        "currency": "USD",
        "estimated": "148.16",
        "billed": "147.04912",
        "error": "-1.11088",
        "rate": "-9.09888",
        "quantity": "3.488",
        "unknown": "4.50",
        "left_out": 0,
    }


def test_the_same_bill_says_nothing_twice_and_a_restated_one_says_it_anew(world: World) -> None:
    decision = world.apply(server())
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.bill(ROWS)
    assert len(world.compare()) == 1
    assert world.compare() == []
    world.bill(ROWS[:2])
    assert len(world.compare()) == 1
    assert world.followed(decision).figures.unknown == 0
    assert len(events(world)) == 2


def test_a_month_that_is_under_way_is_partial_and_pro_rata(world: World) -> None:
    decision = world.apply(server())
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    days = [usage(IDS["web"], "BoxUsage:m6i.xlarge", "Hours", "24", "0.192", "4.608", day=d) for d in range(1, 13)]
    world.bill(days)
    assert world.compare(datetime(2026, 10, 13, 8, tzinfo=UTC)) == []
    found = world.followed(decision)
    assert (found.state, found.days) == (State.PARTIAL, 10)  # the newest two days are not whole yet
    assert found.figures.billed == Decimal("46.08")
    assert found.figures.estimated == Decimal("47.793548387096")
    assert state_line(found) == (
        "partial, 10 of 31 days of October 2026: estimated $47.79, billed $46.08, the estimate pro rata"
    )
    assert events(world) == []


def test_a_month_waits_for_each_source_that_was_billed_before(world: World) -> None:
    decision = world.apply(server())
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.compare()
    assert state_line(world.followed(decision)) == "its first full month is October 2026, of which no bill is known yet"
    world.bill([usage("x", "N2", "Hours", "1", "1", "1", month=OCTOBER.plus(-1))], "gcp")
    world.bill(ROWS)
    world.compare()
    found = world.followed(decision)
    assert (found.state, found.missing) == (State.PARTIAL, ("gcp",))
    assert state_line(found).endswith("waits for the bill of gcp")
    world.bill([usage("x", "N2", "Hours", "1", "1", "1")], "gcp")
    assert [c.figures for c in world.compare()] == [FIGURES]


def test_an_apply_in_the_first_moment_of_a_month_has_that_month(world: World) -> None:
    decision = world.apply(server(), at=datetime(2026, 10, 1, tzinfo=UTC))
    world.compare()
    assert world.followed(decision).month == OCTOBER


def test_what_is_no_usage_is_kept_apart_by_its_name(world: World) -> None:
    decision = world.apply(server())
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    web = IDS["web"]
    world.bill(
        [
            usage(
                web, "BoxUsage:m6i.xlarge", "Hours", "744", "0.192", "142.848", BilledCost="0", EffectiveCost="102.85"
            ),
            usage(web, "tax", "", "", "", "11.43", ChargeCategory="Tax", EffectiveCost="11.43"),
            usage(web, "credit", "", "", "", "-3", ChargeCategory="Credit", EffectiveCost="-3"),
            usage(web, "refund", "Hours", "-10", "0.192", "-1.92", ChargeClass="Correction", EffectiveCost="-1.92"),
        ]
    )
    world.compare()
    found = world.followed(decision)
    assert found.figures.billed == Decimal("142.848")
    assert found.apart == {
        "commitments": Decimal("-39.998"),
        "corrections": Decimal("-1.92"),
        "credits": Decimal(-3),
        "taxes": Decimal("11.43"),
    }
    with world.lake.engine() as engine:
        effective = engine.run("SELECT SUM(EffectiveCost) FROM cost WHERE x_terraform_address = 'aws_instance.web'")
    assert found.figures.billed + sum(found.apart.values()) == effective[0][0]


def test_an_update_is_compared_as_it_is_after_the_change(world: World) -> None:
    tags = {"tags": {"team": "checkout", "service": "cart", "environment": "production"}}
    change = plans.change(WEB, ["update"], machine("m6i.large", 50) | tags, machine("m6i.xlarge", 100) | tags)
    decision = world.apply(change)
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.bill(ROWS)
    world.compare()
    assert world.followed(decision).figures == FIGURES


def left_out(world: World, decision: str) -> dict[str, str]:
    return {address: r["outcome"] for address, r in world.resources(decision).items()}


def test_what_cannot_be_compared_is_left_out_and_counted(world: World) -> None:
    names = ("web", "gone", "again", "absent", "never", "euro", "open")
    decision = world.apply(*(server(name) for name in names))
    later = datetime(2026, 10, 10, tzinfo=UTC)
    tags = {"tags": {"team": "checkout", "service": "cart", "environment": "production"}}
    world.apply(
        plans.change(
            "aws_instance.again", ["update"], machine("m6i.xlarge", 100) | tags, machine("m6i.2xlarge", 100) | tags
        ),
        at=later,
    )
    ids = {f"aws_instance.{n}": f"i-0{place:016x}" for place, n in enumerate(names) if n != "never"} | {WEB: IDS["web"]}
    world.state("shop", ids, APPLIED)
    world.state("shop", {a: i for a, i in ids.items() if a != "aws_instance.gone"}, later)
    price = ("BoxUsage:m6i.xlarge", "Hours", "744", "0.192", "142.848")
    world.bill(
        [
            *ROWS,
            usage(ids["aws_instance.gone"], *price, day=3),
            usage(ids["aws_instance.again"], *price),
            usage(ids["aws_instance.euro"], *price, BillingCurrency="EUR", BillingAccountId="2"),
            usage(ids["aws_instance.open"], *price, ContractedCost="", EffectiveCost=""),
        ]
    )
    world.compare()
    assert left_out(world, decision) == {
        WEB: "compared",
        "aws_instance.gone": "destroyed",
        "aws_instance.again": "changed",
        "aws_instance.absent": "absent",
        "aws_instance.never": "withdrawn",
        "aws_instance.euro": "currency",
        "aws_instance.open": "unpriced",
    }
    found = world.followed(decision)
    assert found.figures == FIGURES
    assert found.left_out == {
        outcome: (1, Decimal("148.16")) for outcome in Outcome if outcome not in (Outcome.COMPARED, Outcome.FREE)
    }


def test_a_deletion_by_a_later_plan_is_a_destruction_also_without_a_state(world: World) -> None:
    decision = world.apply(server())
    world.apply(plans.change(WEB, ["delete"], machine("m6i.xlarge", 100)), at=datetime(2026, 10, 20, tzinfo=UTC))
    world.bill(ROWS)
    world.compare()
    assert left_out(world, decision) == {WEB: "destroyed"}


def test_a_renamed_resource_is_followed_under_both_names(world: World) -> None:
    decision = world.apply(server())
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.state("shop", {"aws_instance.front": IDS["web"]}, datetime(2026, 10, 16, tzinfo=UTC))
    half = ("BoxUsage:m6i.xlarge", "Hours", "372", "0.192", "71.424")
    world.bill([usage(IDS["web"], *half, day=2), usage(IDS["web"], *half)])
    world.compare()
    assert left_out(world, decision) == {WEB: "compared"}
    assert world.followed(decision).figures.billed == Decimal("142.848")


def test_a_resource_made_anew_under_its_address_is_one(world: World) -> None:
    decision = world.apply(server())
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.state("shop", {WEB: IDS["job"]}, datetime(2026, 10, 16, tzinfo=UTC))
    half = ("BoxUsage:m6i.xlarge", "Hours", "372", "0.192", "71.424")
    world.bill([usage(IDS["web"], *half, day=2), usage(IDS["job"], *half)])
    world.compare()
    assert world.followed(decision).figures.billed == Decimal("142.848")


def test_what_is_free_and_not_billed_is_no_error(world: World) -> None:
    group = plans.change("aws_security_group.web", ["create"], None, {"name": "web"}, {"id": True})
    decision = world.apply(server(), group)
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.bill(ROWS)
    world.compare()
    assert left_out(world, decision) == {WEB: "compared", "aws_security_group.web": "free"}
    assert world.followed(decision).left_out == {}


def test_figures_are_kept_exactly(world: World) -> None:
    decision = world.apply(server())
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.bill([usage(IDS["web"], "BoxUsage:m6i.xlarge", "Hours", "744.000000000000001", "0.18", "133.920000000001")])
    world.compare()
    figures = world.followed(decision).figures
    assert figures.billed == Decimal("133.920000000001")
    assert figures.error == figures.rate + figures.quantity + figures.unknown
    resource = world.resources(decision)[WEB]
    assert resource["figures"] == figures
    json.dumps({k: v for k, v in resource.items() if k != "figures"})


@pytest.mark.parametrize("hours", [1, 30])
def test_an_apply_that_is_told_of_late_is_followed(world: World, hours: int) -> None:
    world.apply(server())
    world.compare()
    late = world.apply(server("late"), at=datetime(2026, 9, 13, 12 - (hours % 12), tzinfo=UTC))
    world.compare(NOW)
    assert world.followed(late).state is State.WAITING
