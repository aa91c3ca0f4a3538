"""Real plans of Terraform 0.12 to 1.11, and facts that stand in them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from infragod.resource import UNKNOWN, Change, Plan
from infragod.terraform.mask import redact
from infragod.terraform.plan import parse, read

from .conftest import KEY

pytestmark = pytest.mark.shared

ACTIONS = {
    "aws_1000_changes": {"create": 788, "no-op": 98, "update": 51, "replace": 42, "delete": 21},
    "aws_default_tags": {"create": 4},
    "aws_example_tf1_0": {"create": 5},
    # a seventh no-op has neither before nor after: there is nothing
    "aws_four_actions_sensitive": {"no-op": 6, "create": 5, "delete": 2, "update": 1},
    "aws_modules_tf0_12": {"no-op": 13, "create": 12, "update": 1},
    "aws_modules_tf0_14": {"no-op": 13, "create": 12, "update": 1},
    "aws_replace": {"replace": 1},
    "aws_tags_unknown": {"create": 1},
    "aws_target_drift": {"update": 1},
    "aws_wrapper_text": {"create": 2},
    "gcp_cloud_sql": {"create": 4},
    "gcp_coverage_tf0_12": {"create": 15},
    "gcp_coverage_tf1_0": {"create": 15},
    "gcp_iam_sensitive": {"create": 3},
    "gcp_nothing_to_do": {"no-op": 10},
    "terraform_1_11_all_actions": {"create": 5, "delete": 3, "no-op": 3, "update": 2, "forget": 1, "replace": 1},
}


def plan(shared: Path, name: str) -> Plan:
    return read(shared / "plans" / f"{name}.json", KEY)


def change(read_plan: Plan, address: str) -> Change:
    return read_plan.by_address[address]


@pytest.mark.parametrize("name", ACTIONS)
def test_actions(shared: Path, name: str) -> None:
    assert Counter(c.action.value for c in plan(shared, name).changes) == ACTIONS[name]


def test_every_plan_is_listed(shared: Path) -> None:
    assert {p.stem for p in (shared / "plans").glob("*.json")} == set(ACTIONS)


@pytest.mark.parametrize("name", ACTIONS)
def test_redacted_reads_equal(shared: Path, name: str) -> None:
    data = (shared / "plans" / f"{name}.json").read_bytes()
    assert parse(redact(data, name, KEY), name, KEY) == parse(data, name, KEY)


@pytest.mark.parametrize("name", ACTIONS)
def test_no_secret_is_left(shared: Path, name: str) -> None:
    data = (shared / "plans" / f"{name}.json").read_bytes()
    seen = repr(parse(data, name, KEY)) + redact(data, name, KEY).decode()
    for secret in ("hunter2", "mock_access_key", "mock_secret_key"):
        assert secret not in seen


def test_default_tags(shared: Path) -> None:
    tags = [(c.tags, c.tags_known, c.taggable) for c in plan(shared, "aws_default_tags").changes]
    inherited = {"DefaultNotOverride": "defaultnotoverride", "DefaultOverride": "defaultoverride"}
    assert tags.count((inherited, True, True)) == 3
    assert all(known and taggable and "DefaultNotOverride" in found for found, known, taggable in tags)


def test_tags_all_unknown(shared: Path) -> None:
    for name in ("aws_example_tf1_0", "aws_replace", "aws_wrapper_text"):
        assert all((c.tags, c.tags_known, c.taggable) == ({}, False, True) for c in plan(shared, name).changes)


def test_regions(shared: Path) -> None:
    found = {
        name: Counter((c.resource.region, c.resource.region_state) for c in plan(shared, name).changes)
        for name in ("aws_1000_changes", "aws_modules_tf0_12", "aws_modules_tf0_14", "aws_replace", "aws_tags_unknown")
    }
    modules = {("us-east-1", "known"): 22, (None, "absent"): 4}  # through keys like db:aws and module.db:aws
    assert found == {
        "aws_1000_changes": {("us-east-1", "known"): 848, (None, "absent"): 148, ("us-west-1", "known"): 4},
        "aws_modules_tf0_12": modules,
        "aws_modules_tf0_14": modules,
        "aws_replace": {("us-west-2", "known"): 1},
        "aws_tags_unknown": {(None, "unknown"): 1},
    }


def test_google_zones_are_regions(shared: Path) -> None:
    regions = {c.resource.region for c in plan(shared, "gcp_coverage_tf1_0").changes}
    assert regions == {None, "us-central1", "eu"}


def test_the_same_plan_of_two_versions(shared: Path) -> None:
    assert plan(shared, "gcp_coverage_tf0_12").digest == plan(shared, "gcp_coverage_tf1_0").digest
    assert plan(shared, "aws_modules_tf0_12").digest != plan(shared, "aws_modules_tf0_14").digest


def test_drift_is_counted_apart(shared: Path) -> None:
    assert [plan(shared, n).drifted for n in ("aws_target_drift", "aws_four_actions_sensitive")] == [1, 15]


def test_marks_of_terraform_1_11(shared: Path) -> None:
    found = plan(shared, "terraform_1_11_all_actions")
    assert change(found, "terraform_data.imp").importing
    assert change(found, "terraform_data.new").previous_address == "terraform_data.old"
    assert change(found, "terraform_data.cnt[1]").action_reason == "delete_because_count_index"
    assert change(found, 'module.m["c"].terraform_data.in_mod').module_address == 'module.m["c"]'
    secret = change(found, "terraform_data.sec").resource.values["input"]
    assert secret["size"] == "m5.large"
    assert secret["tags"]["team"] == "a"
    assert secret["tags"]["owner"].startswith("hmac:")
    unknown = change(found, "terraform_data.unk").resource.values["input"]
    assert UNKNOWN in unknown["tags"].values()


def test_references(shared: Path) -> None:
    found = plan(shared, "aws_four_actions_sensitive")
    assert found.references["aws_lambda_function.lambda"]["role"] == ("aws_iam_role.lambda_execution_role",)
    assert found.referenced("aws_lambda_function.lambda", "role")[0].type == "aws_iam_role"
    assert found.referenced("aws_lambda_function.lambda", "environment") == []  # a data source
    assert sum(map(len, plan(shared, "aws_1000_changes").references.values())) == 735
