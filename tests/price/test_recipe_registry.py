"""The registry: each recipe can be imported, says its dimensions, and its page is what the recipes say."""

from __future__ import annotations

from pathlib import Path

import pytest

from infragod.price.recipes import RECIPES, dimensions_of, free_types, is_free, recipe_of, usage_keys

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("kind", RECIPES)
def test_each_recipe_is_there(kind: str) -> None:
    assert callable(recipe_of(kind))
    assert dimensions_of(kind)
    assert not is_free(kind.partition("_")[0], kind)


def test_no_recipe_for_what_nobody_knows() -> None:
    assert recipe_of("aws_quantum_ledger") is None


def test_free_types_of_a_strange_provider() -> None:
    assert free_types("../aws") == frozenset()
    assert "azurerm_resource_group" in free_types("azurerm")


def test_usage_keys_and_their_choices() -> None:
    keys = usage_keys()
    assert keys["monthly_data_processed_gb"] == ()
    assert "windows" in keys["operating_system"]


@pytest.mark.parametrize(
    ("kind", "free"),
    [
        ("aws_iam_role_policy_attachment", True),
        ("google_organization_iam_policy", True),
        ("google_secret_manager_secret_iam_member", True),
        ("google_secret_manager_secret", False),
        ("aws_iamlike_thing", False),
        ("aws_vpc", True),
        ("aws_ecs_task_definition", True),
        ("google_compute_subnetwork", True),
    ],
)
def test_free_types_by_name_and_by_pattern(kind: str, *, free: bool) -> None:
    assert is_free(kind.partition("_")[0], kind) is free
