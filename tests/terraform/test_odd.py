"""Odd things that real plans hold."""

from __future__ import annotations

import json
from typing import Any

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
