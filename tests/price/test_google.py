"""Google Cloud's own arithmetic: sizes in words, licences by size, dates of support, what can't be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from infragod.price import usage
from infragod.price.estimate import estimate
from infragod.price.recipes.gcp.google_cloud_run_service import LEAST
from infragod.price.recipes.gcp.google_sql_database_instance import shape_of
from infragod.price.recipes.gcp.machines import vcpus
from infragod.price.recipes.gcp.run import cores, gigabytes
from infragod.price.sheet import Prices
from infragod.resource import UNKNOWN, Action, Change, Component, Plan, PricedResource, Resource

DAY = date(2026, 11, 22)


def priced(kind: str, values: dict[str, Any], expected: str = "", day: date = DAY) -> PricedResource:
    """The estimate of one resource in us-central1."""
    after = Resource(f"{kind}.x", kind, "google", "us-central1", values)
    change = Change(after.address, "", "managed", kind, "x", None, "google", Action.CREATE, None, after)
    plan = Plan("1.2", "1.11.4", (change,), {}, "digest", by_address={change.address: change})
    known = usage.parse(expected, "usage.toml")
    return estimate(plan, Prices(), known, currency="USD", as_of=day).resources[0]


def named(resource: PricedResource, name: str) -> Component:
    """The component whose name begins so."""
    return next(component for component in resource.components if component.name.startswith(name))


@pytest.mark.parametrize(
    ("text", "size"),
    [("512Mi", "0.5"), ("1Gi", "1"), ("2048Mi", "2"), (None, "0.5"), ("1073741824", "1"), ("much", None)],
)
def test_memory_in_words(text: str | None, size: str | None) -> None:
    assert gigabytes(text) == (None if size is None else Decimal(size))


@pytest.mark.parametrize(("text", "number"), [("1", "1"), ("1000m", "1"), ("250m", "0.25"), (None, "1"), ("x", None)])
def test_cores_in_words(text: str | None, number: str | None) -> None:
    assert cores(text) == (None if number is None else Decimal(number))


def test_sizes_after_the_apply() -> None:
    assert gigabytes(UNKNOWN) is None
    assert cores(UNKNOWN) is None
    assert vcpus(UNKNOWN) is None


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("n1-standard-4", 4),
        ("c3-standard-8-lssd", 8),
        ("custom-6-20480", 6),
        ("n2-custom-4-8192-ext", 4),
        ("e2-medium", 2),
        ("f1-micro", 1),
        ("nonsense", None),
    ],
)
def test_vcpus_by_name(kind: str, number: int | None) -> None:
    assert vcpus(kind) == number


def test_shapes_of_databases() -> None:
    assert shape_of("db-custom-2-7680") == (Decimal(2), Decimal("7.5"))
    assert shape_of("db-highmem-4") == (Decimal(4), Decimal(26))
    assert shape_of("db-perf-optimized-N-8") == (Decimal(8), Decimal(64))
    assert shape_of("db-f1-micro") is None


@pytest.mark.parametrize(
    ("image", "kind", "cost"),
    [
        ("windows-cloud/windows-2022", "n1-standard-2", "67.16"),
        ("rhel-cloud/rhel-9", "n1-standard-8", "84.096"),
        ("rhel-cloud/rhel-9", "n1-standard-16", "126.144"),
        ("rhel-sap-cloud/rhel-9-sap", "n1-standard-16", "189.8"),
        ("suse-cloud/sles-15", "n1-standard-96", "80.3"),
        ("suse-sap-cloud/sles-15-sap", "n1-standard-4", "248.2"),
        ("https://www.googleapis.com/compute/v1/projects/windows-cloud/global/images/w", "e2-medium", "67.16"),
    ],
)
def test_licences(image: str, kind: str, cost: str) -> None:
    values = {"machine_type": kind, "boot_disk": [{"initialize_params": [{"image": image}]}]}
    assert named(priced("google_compute_instance", values), "Licence").monthly_cost == Decimal(cost)


def test_no_licence_for_a_free_system() -> None:
    values = {"machine_type": "e2-medium", "boot_disk": [{"initialize_params": [{"image": "debian-cloud/debian-12"}]}]}
    found = priced("google_compute_instance", values)
    assert [c.name for c in found.components if "Licence" in c.name] == []


def test_extended_support_begins_on_its_day() -> None:
    values = {"database_version": "MYSQL_8_0_37", "settings": [{"tier": "db-n1-standard-2"}]}
    before, after = (
        priced("google_sql_database_instance", values, day=date(2026, month, day)) for month, day in ((6, 30), (7, 1))
    )
    assert [c.name for c in before.components if c.name == "Extended support"] == []
    assert named(after, "Extended support").monthly_quantity == 2 * 730
    assert before.monthly_cost == after.monthly_cost


def test_a_database_without_a_public_address() -> None:
    public: dict[str, Any] = {"tier": "db-f1-micro"}
    private = {**public, "ip_configuration": [{"ipv4_enabled": False}]}
    with_address, without = (
        priced("google_sql_database_instance", {"settings": [settings]}).monthly_cost for settings in (public, private)
    )
    assert with_address is not None
    assert without is not None
    assert with_address - without == Decimal("7.30")


def test_idle_hours_of_an_address_by_usage() -> None:
    values = {"settings": [{"tier": "db-f1-micro"}]}
    told = "[google_sql_database_instance]\nmonthly_idle_ip_hours = 0\n"
    assert named(priced("google_sql_database_instance", values, told), "IP").monthly_cost == 0


def test_a_nat_gateway_is_billed_for_32_machines_at_most() -> None:
    told = "[google_compute_router_nat]\nmonthly_assigned_vm_hours = {}\n"
    costs = [
        named(priced("google_compute_router_nat", {}, told.format(hours)), "Assigned").monthly_cost
        for hours in (730, 32 * 730, 100 * 730)
    ]
    assert costs == [Decimal("1.022"), Decimal("32.704"), Decimal("32.704")]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("google_spanner_instance", {"config": "regional-us-central1", "num_nodes": -1}),
        ("google_redis_cluster", {"shard_count": -3}),
        ("google_cloud_run_service", {"template": [{"metadata": [{"annotations": {LEAST: "many"}}]}]}),
    ],
)
def test_what_cannot_be_is_unknown_with_its_reason(kind: str, values: dict[str, Any]) -> None:
    found = priced(kind, values)
    assert found.monthly_cost is None
    assert len(found.components) == 1
    assert found.components[0].note
