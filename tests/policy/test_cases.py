"""The tests of rules test themselves: what is missing, what is too much, what is written wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.cli.main import main
from infragod.errors import InputError
from infragod.policy import cases, rules
from infragod.settings import Settings

Folder = Callable[..., Settings]


def written(settings: Settings, text: str) -> Path:
    path = settings.folder / "rules" / "tests" / "no-deletes.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_rules_test_passes_and_fails(
    folder: Folder, rule_text: str, case_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = folder("", no_deletes=rule_text)
    assert main(["rules", "test"]) == 0
    assert capsys.readouterr().out == (
        "no tests found: write them in rules/tests/<id>.toml\nwithout a test: no-deletes\n"
    )
    written(settings, case_text)
    assert main(["rules", "test"]) == 0
    assert capsys.readouterr().out == "passed  no-deletes.toml, case 1 (a database is deleted)\n\n1 tests, 0 failed\n"
    written(settings, case_text.replace("keep aws", "hold aws"))
    assert main(["rules", "test", "rules"]) == 1
    out = capsys.readouterr().out
    assert "expected, and did not come: aws_db_instance.a | violation" in out
    assert "came, and is not expected: aws_db_instance.a | violation" in out
    assert main(["rules", "test", "nowhere"]) == 2
    assert "nowhere is no folder" in capsys.readouterr().err


def test_rules_test_names_every_problem_of_the_lint(
    folder: Folder, rule_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder("", no_deletes=rule_text.replace("r.action =", "r.action GLOB 'a' AND r.name ~"))
    assert main(["rules", "test"]) == 1
    out = capsys.readouterr().out
    assert "line 13: uses GLOB" in out
    assert out.endswith("2 problems; no test was run\n")


def test_rules_list_and_explain(folder: Folder, rule_text: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder("[rules.cost-of-change]\nlimit = 5\nenabled = false", no_deletes=rule_text)
    assert main(["rules", "list", "--format", "json"]) == 0
    by_id = {rule["id"]: rule for rule in json.loads(capsys.readouterr().out)}
    assert by_id["cost-of-change"]["parameters"] == {"limit": "5"}
    assert by_id["cost-of-change"]["enabled"] is False
    assert main(["rules", "list"]) == 0
    assert "\noff        cost         cost-of-change " in capsys.readouterr().out
    assert main(["rules", "explain", "no-deletes"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "no-deletes: Nothing of a type is deleted\n\nwhy      Somebody needs it.\npack     own\nlevel    approval\n"
    )
    assert 'types = ["aws_db_*"]   (the default)' in out
    assert main(["rules", "explain", "cost-of-change", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["sql"].startswith("WITH unpriced")
    assert main(["rules", "explain", "cost"]) == 2
    assert "there is no rule 'cost'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("= 5", "is not valid TOML"),
        ("", "holds no tests"),
        ("[[case]]\n", "has no name"),
        ("[[case]]\nname = 'n'\nexpected = ''", "unknown key 'expected'; did you mean 'expect'"),
        ("[[case]]\nname = 'n'\ngiven.resources = 'address'", "there is no 'resources'; did you mean 'resource'"),
        ("[[case]]\nname = 'n'\ngiven.resource = \"addr\\na\"", "there is no 'addr'"),
        ("[[case]]\nname = 'n'\ngiven.resource = \"address|type\\na\"", "has 1 cells, not 2"),
        ("[[case]]\nname = 'n'\ngiven.resource = 5", "is no text"),
        ("[[case]]\nname = 'n'\nexpect = \"adress\\na\"", "there is no 'adress'; did you mean 'address'"),
    ],
)
def test_wrong_test_files_are_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        cases.read(path)


def test_a_missing_test_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read the test file"):
        cases.read(tmp_path / "none.toml")


def test_a_finding_that_comes_twice_and_a_rule_that_fails(tmp_path: Path, rule_text: str) -> None:
    path = tmp_path / "no-deletes.toml"
    path.write_text(
        "[[case]]\nname = 'n'\ngiven.resource = '''\naddress | type | action\na | aws_db_a | delete\n"
        "a | aws_db_a | delete\n'''\nexpect = '''\naddress\na\n'''"
    )
    (case,) = cases.read(path)
    assert cases.judge(rules.read(rule_text, "x", tmp_path), case).faults == ("came more than once: a",)
    failing = rules.read(rule_text.replace("r.action =", "CAST(r.name AS INT) > 5 OR r.action ="), "x", tmp_path)
    path.write_text("[[case]]\nname = 'n'\ngiven.resource = '''\naddress | type | name\na | aws_db_a | b\n'''")
    (case,) = cases.read(path)
    assert cases.judge(failing, case).faults[0].startswith("x failed: Conversion Error")
