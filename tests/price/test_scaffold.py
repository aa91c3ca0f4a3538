"""The scaffold: a recipe that runs from the first minute, registered in its place, with a plan to test it by."""

from __future__ import annotations

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from tests.price.conftest import DAY

from infragod.price.item import Item
from infragod.price.joins import Joins
from infragod.price.recipes import scaffold
from infragod.price.sheet import Prices
from infragod.price.usage import Usage
from infragod.terraform.plan import read

KIND = "aws_quantum_ledger"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with a registry and nothing else."""
    for folder in (scaffold.RECIPES / "aws", scaffold.RECIPES / "gcp", scaffold.PLANS):
        (tmp_path / folder).mkdir(parents=True)
    registry = scaffold.RECIPES / "__init__.py"
    shutil.copy(scaffold.ROOT / registry, tmp_path / registry)
    return tmp_path


def test_a_new_recipe_can_be_run(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scaffold.main([KIND], tree) == 0
    assert "update-golden" in capsys.readouterr().out
    path = tree / scaffold.RECIPES / "aws" / f"{KIND}.py"
    spec = spec_from_file_location(KIND, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    plan = read(tree / scaffold.PLANS / f"{KIND}.json", b"key")
    item = Item(plan.changes[0].resource, Joins(plan), Prices(), Usage(), DAY)
    (component,) = module.price(item)
    assert component.note == "hours: no price in the built-in sheet; infragod prices import aws"


@pytest.mark.parametrize(("kind", "before"), [(KIND, '"aws_rds_cluster":'), ("google_zzz", "}\n")])
def test_the_registry_stays_in_order(tree: Path, kind: str, before: str) -> None:
    assert scaffold.main([kind], tree) == 0
    text = (tree / scaffold.RECIPES / "__init__.py").read_text()
    compile(text, "registry", "exec")
    assert 0 < text.index(f'"{kind}":') < text.index(before, text.index(f'"{kind}":'))
    kinds = [match[1] for match in map(scaffold.ENTRY.match, text.splitlines()) if match]
    assert kinds == sorted(kinds)


@pytest.mark.parametrize("arguments", [[], ["aws"], ["aws_Quantum"], ["../aws_x"], ["aws_instance"], ["azurerm_x"]])
def test_what_is_no_new_type_is_refused(tree: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert scaffold.main(arguments, tree) == 2
    assert capsys.readouterr().err.startswith("error: ")
