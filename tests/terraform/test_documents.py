"""What `check` and `estimate` print as JSON is what docs/reference says it is."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infragod.cli.main import main
from infragod.resource import Action, Basis, Level, Result, Verdict

from .conftest import plan_files

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return found


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(arguments) in (0, 1, 3)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize("path", plan_files(), ids=lambda p: p.stem)
def test_check(path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(capsys, "check", str(path), "--format", "json", "--no-record")
    Draft202012Validator(schema("check")).validate(document)
    assert document["findings"]
    assert re.fullmatch("[0-9a-f]{64}", document["plan_digest"])


@pytest.mark.parametrize("path", plan_files(), ids=lambda p: p.stem)
def test_estimate(path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(capsys, "estimate", str(path), "--format", "json")
    Draft202012Validator(schema("estimate")).validate(document)
    known = [Decimal(r["monthly_cost"]) for r in document["resources"] if r["monthly_cost"] is not None]
    assert sum(known) == Decimal(document["monthly_cost"])


def test_the_schemas_allow_every_word_and_no_other() -> None:
    check = schema("check")
    parts = check["$defs"]
    words = {
        "verdict": (check["properties"]["verdict"], Verdict),
        "effect": (parts["finding"]["properties"]["effect"], Verdict),
        "level": (parts["finding"]["properties"]["level"], Level),
        "result": (parts["finding"]["properties"]["result"], Result),
        "action": (parts["resource"]["properties"]["action"], Action),
        "basis": (parts["component"]["properties"]["basis"], Basis),
    }
    assert {n: set(s["enum"]) for n, (s, _) in words.items()} == {
        n: {w.value for w in e} for n, (_, e) in words.items()
    }
    of_check, of_estimate = parts["resource"], schema("estimate")["$defs"]["resource"]
    assert of_check["properties"].pop("team")  # an estimate knows no owners
    assert [name for name in of_check["required"] if name != "team"] == of_estimate["required"]
    assert of_check["properties"] == of_estimate["properties"]


def test_a_document_with_too_much_is_refused() -> None:
    assert list(Draft202012Validator(schema("estimate")).iter_errors({"currency": "usd", "more": 1}))
