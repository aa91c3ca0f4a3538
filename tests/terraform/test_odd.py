"""Odd things that real plans hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infragod.resource import UNKNOWN, Plan
from infragod.terraform.plan import parse
from infragod.terraform.unknowns import holds_unknown

from .conftest import KEY


def plan(kind: str, provider: str = "aws", **change: Any) -> Plan:
    entry = {"address": f"{kind}.x", "type": kind, "name": "x", "provider_name": provider, "change": change}
    return parse(json.dumps({"format_version": "0.1", "resource_changes": [entry]}).encode(), "odd", KEY)


def test_all_of_a_resource_is_unknown() -> None:
    found = plan("aws_instance", actions=["create"], after=None, after_unknown=True).changes[0]
    assert found.resource.get("instance_type") is UNKNOWN
    assert found.resource.values["ami"] is UNKNOWN
    assert holds_unknown(found.resource.values)
    assert (found.tags_known, found.taggable, found.resource.region_state) == (False, None, "unknown")


def test_unknown_parts_that_are_missing_from_the_value() -> None:
    after = {"short": ["a"], "scalar": "b"}
    unknown = {
        "short": [False, True, {"x": True}],
        "scalar": {"x": True},
        "gone": {"x": {"y": True}},
        "no": [{}, False],
    }
    values = plan("a", "a", actions=["create"], after=after, after_unknown=unknown).changes[0].resource.values
    assert values == {"short": ["a", UNKNOWN, UNKNOWN], "scalar": UNKNOWN, "gone": UNKNOWN}


def test_null_marks_and_missing_fields() -> None:
    found = plan(
        "aws_instance", actions=["update"], before={"tags": None}, after={"tags": {"a": 1}}, after_unknown=None
    )
    assert found.changes[0].tags == {"a": "1"}
    assert found.changes[0].module_address == ""


def test_a_huge_text_is_kept() -> None:
    text = "x" * 3_000_000
    assert plan("a", "a", actions=["create"], after={"policy": text}).changes[0].resource.values["policy"] == text


def test_numbers_keep_their_value() -> None:
    after = {"big": 2**80, "small": 0.1, "whole": 3}
    assert plan("a", "a", actions=["create"], after=after).changes[0].resource.values == after


def test_an_unknown_text_and_a_text_that_reads_like_it_differ() -> None:
    said = plan("a", "a", actions=["create"], after={"x": "known after apply"})
    unknown = plan("a", "a", actions=["create"], after={}, after_unknown={"x": True})
    assert said.digest != unknown.digest


# (type, values, provider's region and zone) → region, and whether the plan tells
GOOGLE_PLACES = [
    ("google_compute_address", {}, {"region": "europe-west1"}, ("europe-west1", "known")),
    ("google_compute_address", {"region": "us-east1"}, {"region": "europe-west1"}, ("us-east1", "known")),
    ("google_redis_instance", {}, {"zone": "europe-west3-a"}, ("europe-west3", "known")),
    ("google_compute_disk", {}, {"region": "us-east1", "zone": "us-west1-b"}, ("us-west1", "known")),
    ("google_compute_disk", {"zone": None}, {"region": "us-east1"}, ("us-east1", "known")),
    ("google_compute_instance_template", {}, {"region": "us-east1", "zone": "us-west1-b"}, ("us-east1", "known")),
    ("google_container_cluster", {"location": "asia-east1-c"}, {"region": "us-east1"}, ("asia-east1", "known")),
    ("google_sql_database_instance", {}, {}, (None, "unknown")),
    ("google_compute_region_disk", {}, {"region": None}, (None, "unknown")),
    ("google_project_iam_member", {}, {"region": "europe-west1"}, (None, "absent")),
    ("google_compute_network", {}, {"region": "europe-west1"}, (None, "absent")),
    ("google_dns_managed_zone", {}, {"region": "europe-west1"}, (None, "absent")),
]


@pytest.mark.parametrize(("kind", "values", "provider", "expected"), GOOGLE_PLACES)
def test_where_google_resources_are(
    kind: str, values: dict[str, Any], provider: dict[str, str | None], expected: tuple[str | None, str]
) -> None:
    expressions = {name: {"constant_value": value} if value else {} for name, value in provider.items()}
    found = google(kind, {"after": values}, expressions, {})
    assert (found.changes[0].resource.region, found.changes[0].resource.region_state) == expected


def test_an_unknown_google_location_is_the_providers_only_where_the_configuration_sets_none() -> None:
    change = {"after": {}, "after_unknown": {"location": True}}
    provider = {"region": {"constant_value": "us-east1"}}
    left = google("google_container_node_pool", change, provider, {"cluster": {"references": ["a.b"]}})
    chosen = google("google_container_node_pool", change, provider, {"location": {"references": ["random_shuffle.x"]}})
    assert [p.changes[0].resource.region for p in (left, chosen)] == ["us-east1", None]
    assert chosen.changes[0].resource.region_state == "unknown"


def google(kind: str, change: dict[str, Any], provider: dict[str, Any], expressions: dict[str, Any]) -> Plan:
    entry = {"address": f"{kind}.x", "type": kind, "name": "x", "provider_name": "google"}
    block = {"address": f"{kind}.x", "provider_config_key": "google", "expressions": expressions}
    document = {
        "format_version": "1.2",
        "resource_changes": [entry | {"change": {"actions": ["create"], **change}}],
        "configuration": {
            "provider_config": {"google": {"name": "google", "expressions": provider}},
            "root_module": {"resources": [block]},
        },
    }
    return parse(json.dumps(document).encode(), "odd", KEY)
