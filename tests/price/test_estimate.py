"""What counts in an estimate: both sides of a change, what is unknown, what is free."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.errors import InputError
from infragod.price.estimate import FORGOTTEN, estimate
from infragod.price.sheet import Prices
from infragod.price.usage import Usage, parse
from infragod.resource import UNKNOWN, Action, Change, Estimate, Plan, PricedResource, Resource

DAY = date(2026, 11, 22)
VOLUME = {"type": "gp2", "size": 100}


def side(
    kind: str, values: dict[str, Any] | None, region: str | None = "us-east-1", name: str = "x"
) -> Resource | None:
    provider = kind.partition("_")[0]
    return None if values is None else Resource(f"{kind}.{name}", kind, provider, region, values)


def change(
    kind: str,
    after: dict[str, Any] | None,
    before: dict[str, Any] | None = None,
    action: Action = Action.CREATE,
    **more: Any,
) -> Change:
    region = more.pop("region", "us-east-1")
    name = more.pop("name", "x")
    sides = (side(kind, before, region, name), side(kind, after, region, name))
    mode = more.pop("mode", "managed")
    return Change(f"{kind}.{name}", "", mode, kind, name, None, kind.partition("_")[0], action, *sides, **more)


def plan_of(*changes: Change) -> Plan:
    return Plan("1.2", "1.11.4", changes, {}, "digest", by_address={c.address: c for c in changes})


def priced(*changes: Change, usage: Usage | None = None) -> Estimate:
    return estimate(plan_of(*changes), Prices(), usage or Usage(), currency="USD", as_of=DAY)


def one(*args: Any, **kwargs: Any) -> PricedResource:
    return priced(change(*args, **kwargs)).resources[0]


def test_an_update_has_both_sides() -> None:
    result = priced(change("aws_ebs_volume", VOLUME, {"type": "gp2", "size": 10}, Action.UPDATE))
    assert (result.monthly_cost, result.monthly_cost_before) == (Decimal(10), Decimal(1))
    assert result.monthly_delta == 9
    assert result.complete


def test_a_no_op_counts_on_both_sides() -> None:
    result = priced(change("aws_ebs_volume", VOLUME, VOLUME, Action.NO_OP))
    assert (result.monthly_cost, result.monthly_delta) == (Decimal(10), Decimal(0))


def test_a_deletion_costs_nothing_after() -> None:
    found = one("aws_ebs_volume", None, VOLUME, Action.DELETE)
    assert (found.monthly_cost, found.monthly_cost_before, found.components) == (Decimal(0), Decimal(10), ())


def test_a_deposed_object_is_a_deletion() -> None:
    found = one("aws_ebs_volume", VOLUME, VOLUME, Action.DELETE, deposed="abc")
    assert (found.monthly_cost, found.monthly_cost_before) == (Decimal(0), Decimal(10))


def test_a_forgotten_resource_goes_on_costing() -> None:
    found = one("aws_ebs_volume", None, VOLUME, Action.FORGET)
    assert (found.monthly_cost, found.monthly_cost_before) == (Decimal(10), Decimal(10))
    assert [component.note for component in found.components] == [FORGOTTEN]


def test_a_resource_forgotten_and_made_again_costs_twice() -> None:
    assert one("aws_ebs_volume", VOLUME, VOLUME, Action.FORGET).monthly_cost == 20


def test_a_forgotten_unknown_stays_unknown() -> None:
    found = one("aws_quantum_ledger", None, {}, Action.FORGET)
    assert (found.monthly_cost, found.complete) == (None, False)


def test_what_was_unknown_before_is_none() -> None:
    found = one("aws_ebs_volume", VOLUME, {"type": "gp9", "size": 1}, Action.UPDATE)
    assert (found.monthly_cost_before, found.complete_before, found.complete) == (None, False, True)


def test_a_type_without_recipe_is_unknown_and_named() -> None:
    result = priced(change("aws_quantum_ledger", {}), change("aws_ebs_volume", VOLUME))
    assert (result.unknown, result.monthly_cost, result.complete) == (("aws_quantum_ledger.x",), Decimal(10), False)


@pytest.mark.parametrize("kind", ["null_resource", "random_id", "tls_private_key", "time_sleep", "local_file"])
def test_providers_that_cost_nothing(kind: str) -> None:
    found = one(kind, {})
    assert (found.monthly_cost, found.components, found.complete) == (Decimal(0), (), True)


def test_a_free_type_costs_zero() -> None:
    assert one("aws_iam_role", {}).monthly_cost == Decimal(0)
    assert one("google_compute_network", {}).monthly_cost == Decimal(0)


def test_a_provider_that_nobody_knows_is_unknown() -> None:
    assert one("acme_machine", {}).monthly_cost is None


def test_data_sources_are_no_spend() -> None:
    assert priced(change("aws_ebs_volume", VOLUME, mode="data")).resources == ()


def test_an_unknown_region_has_no_price() -> None:
    found = one("aws_ebs_volume", VOLUME, region=None)
    assert found.monthly_cost is None
    assert found.components[0].note == "the plan does not tell the region; set it in the provider block"


def test_an_unknown_attribute_keeps_the_unit_price() -> None:
    (component,) = one("aws_ebs_volume", {"type": "gp3", "size": UNKNOWN}).components
    assert (component.unit_price, component.monthly_cost, component.note) == (
        Decimal("0.08"),
        None,
        "known after apply",
    )


@pytest.mark.parametrize("size", [-1, "many", float("nan")])
def test_a_size_that_cannot_be_makes_the_resource_unknown(size: object) -> None:
    found = one("aws_ebs_volume", {"type": "gp2", "size": size})
    assert found.monthly_cost is None
    assert found.components[0].note.startswith("size is ")


def test_another_currency_is_refused() -> None:
    with pytest.raises(InputError, match="prices are in USD and the currency is set to EUR"):
        estimate(plan_of(), Prices(), Usage(), currency="EUR", as_of=DAY)


def test_equal_resources_are_priced_alike_and_usage_tells_them_apart() -> None:
    usage = parse('["aws_nat_gateway.busy"]\nmonthly_data_processed_gb = 100\n', "usage.toml")
    result = priced(*(change("aws_nat_gateway", {}, name=name) for name in ("a", "busy", "b")), usage=usage)
    assert [resource.monthly_cost for resource in result.resources] == [
        Decimal("32.85"),
        Decimal("37.35"),
        Decimal("32.85"),
    ]
    assert result.unknown == ("aws_nat_gateway.a", "aws_nat_gateway.b")


def test_true_and_one_are_different_answers() -> None:
    result = priced(
        change("aws_sqs_queue", {"fifo_queue": 1}, name="a"), change("aws_sqs_queue", {"fifo_queue": True}, name="b")
    )
    assert [resource.components[0].unit_price for resource in result.resources][1] == Decimal("0.5")


SIZES = st.integers(0, 20_000)


@given(st.sampled_from(["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"]), SIZES, SIZES, SIZES, SIZES)
def test_more_of_a_volume_never_costs_less(kind: str, size: int, more: int, iops: int, extra: int) -> None:
    values = {"type": kind, "size": size, "iops": iops}
    larger = {"type": kind, "size": size + more, "iops": iops + extra}
    smaller, bigger = one("aws_ebs_volume", values), one("aws_ebs_volume", larger)
    assert smaller.monthly_cost is not None
    assert bigger.monthly_cost is not None
    assert bigger.monthly_cost >= smaller.monthly_cost


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 500), st.integers(0, 500))
def test_more_nodes_never_cost_less(count: int, more: int, disk: int, larger: int) -> None:
    costs = [
        one("aws_eks_node_group", {"scaling_config": [{"desired_size": n}], "disk_size": gb}).monthly_cost
        for n, gb in ((count, disk), (count + more, disk + larger))
    ]
    assert costs[0] is not None
    assert costs[1] is not None
    assert costs[0] <= costs[1]


def test_what_a_reference_leaves_unknown_is_not_the_default() -> None:
    """An unknown value is the provider's default only where nothing refers to something."""
    values = {"load_balancer_type": UNKNOWN}
    plan = plan_of(change("aws_lb", values))
    referring = Plan(
        "1.2", "1.11.4", plan.changes, {"aws_lb.x": {"load_balancer_type": ("aws_s3_object.kind",)}}, "digest"
    )
    default = estimate(plan, Prices(), Usage(), currency="USD", as_of=DAY).resources[0]
    unknown = estimate(referring, Prices(), Usage(), currency="USD", as_of=DAY).resources[0]
    assert default.components[0].name == "Application load balancer"
    assert (unknown.monthly_cost, unknown.components[0].note) == (None, "known after apply")


def test_an_internal_global_address_and_one_on_a_rule_cost_nothing() -> None:
    internal = change("google_compute_global_address", {"address_type": "INTERNAL"}, name="a")
    used = change("google_compute_global_address", {}, name="b")
    rule = change("google_compute_global_forwarding_rule", {}, name="rule")
    references = {rule.address: {"ip_address": (used.address,)}}
    plan = Plan("1.2", "1.11.4", (internal, used, rule), references, "digest")
    found = estimate(plan, Prices(), Usage(), currency="USD", as_of=DAY)
    assert [resource.monthly_cost for resource in found.resources] == [Decimal(0), Decimal(0), Decimal("7.30")]


@pytest.mark.parametrize(
    ("kind", "vcpus"),
    [("t2.micro", 1), ("t2.medium", 2), ("t3.micro", 2), ("m3.medium", 1), ("m5.large", 2), ("db.r5.4xlarge", 16)],
)
def test_vcpus_by_size(kind: str, vcpus: int) -> None:
    from infragod.price.recipes.aws.compute import vcpus as counted

    assert counted(kind) == vcpus


def test_a_reservation_that_the_sheet_has_not_is_unknown() -> None:
    usage = parse('[aws_instance]\nreserved_instance_term = "3_year"\n', "usage.toml")
    (resource,) = priced(change("aws_instance", {"instance_type": "m5.large"}), usage=usage).resources
    hours = resource.components[0]
    assert hours.name == "Instance usage (Linux/UNIX, reserved, m5.large)"
    why = "no price for us-east-1 in the built-in sheet; infragod prices import aws"
    assert hours.note == f"m5.large, linux (reserved/standard/3_year/no_upfront): {why}"


def test_an_instance_without_type_is_unknown() -> None:
    assert one("aws_instance", {}).components[0].note == "the plan names no instance type"


def test_an_address_from_an_own_pool_costs_nothing() -> None:
    assert one("aws_eip", {"public_ipv4_pool": "ipv4pool-ec2-1"}).monthly_cost == Decimal(0)


def test_the_prices_line_is_short_and_each_component_names_its_source() -> None:
    one_source = priced(change("aws_ebs_volume", VOLUME))
    assert one_source.prices == "built-in sheet of 2024-07 (1 source; --format json names it)"
    assert one_source.resources[0].components[0].price_source == "list prices in published examples, 2024-07-01"
    several = priced(change("aws_instance", {"instance_type": "m5.large"}))
    assert several.prices == "built-in sheet of 2022-03 to 2024-07 (2 sources; --format json names each)"
    assert priced(change("aws_quantum_ledger", {})).prices == "the built-in sheet"
