"""`infragod check` as a person and a pipeline call it: exit codes, formats, bad input, what is imported."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from infragod.cli.main import main
from tests.gate import plans

TAGS = {"team": "checkout", "service": "cart", "environment": "prod"}


def write(name: str, data: bytes) -> str:
    Path(name).write_bytes(data)
    return name


def rules_file(text: str) -> None:
    Path("infragod.toml").write_text(text, encoding="utf-8")


def test_an_allowed_plan_exits_0(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", write("plan.json", plans.plan(plans.server(**TAGS)))]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("ALLOWED")
    assert "LOCAL" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize(("level", "code"), [("advisory", 0), ("approval", 3), ("mandatory", 1)])
def test_the_level_of_a_rule_sets_the_exit_code(home: Path, level: str, code: int) -> None:
    rules_file(f'[rules.allowed-regions]\nlevel = "{level}"\nregions = ["eu-west-1"]\n')
    assert main(["check", write("plan.json", plans.plan(plans.server(**TAGS)))]) == code


def test_json_is_alone_on_standard_output(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--format", "json", write("plan.json", plans.plan(plans.server(**TAGS)))])
    document = json.loads(capsys.readouterr().out)
    (resource,) = document["resources"]
    assert document["verdict"] in ("allow", "warn")
    assert resource["address"] == "aws_instance.web"
    assert resource["monthly_cost"] == document["monthly_cost"]


def test_standard_input_and_the_folder_as_workspace(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(plans.plan())))
    assert main(["check", "-", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["workspace"] == Path.cwd().name
    assert document["counts"] == {}


def test_a_named_workspace_wins(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", write("plan.json", plans.plan()), "--workspace", "shop-prod", "--format", "json", "--no-record"])
    document = json.loads(capsys.readouterr().out)
    assert (document["workspace"], document["decision"]) == ("shop-prod", None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"hello", "plan.json"),
        (plans.plan(plans.server())[:-40], "plan.json"),
        (plans.plan().replace(b'"1.2"', b'"2.0"'), "2.0"),
        (b'{"a": 1}', "plan.json"),
    ],
)
def test_what_is_no_plan_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], data: bytes, said: str
) -> None:
    assert main(["check", write("plan.json", data)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.startswith("infragod: ")
    assert printed.err.count("\n") == 1


def test_a_missing_file_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "none.json"]) == 2
    assert "none.json" in capsys.readouterr().err


def test_a_wrong_rule_in_the_settings_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules_file("[rules.mandatory-tag]\n")
    assert main(["check", write("plan.json", plans.plan())]) == 2
    assert "did you mean 'mandatory-tags'" in capsys.readouterr().err


def test_usage_from_a_file_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gateway = plans.change("aws_nat_gateway.out", ["create"], None, {"tags_all": TAGS, "connectivity_type": "public"})
    Path("mine.toml").write_text('["aws_nat_gateway.out"]\nmonthly_data_processed_gb = 100\n', encoding="utf-8")
    main(["check", write("plan.json", plans.plan(gateway)), "--usage", "mine.toml", "--format", "json"])
    (resource,) = json.loads(capsys.readouterr().out)["resources"]
    assert {c["basis"] for c in resource["components"]} == {"fixed", "assumed"}
    assert resource["monthly_cost"] == "37.35"


def test_check_imports_neither_alembic_nor_sqlglot(home: Path) -> None:
    write("plan.json", plans.plan(plans.server(**TAGS)))
    code = (
        "import sys; from infragod.cli.main import main; code = main(['check', 'plan.json']);"
        "print([m for m in ('alembic', 'sqlglot', 'pyarrow', 'fastapi', 'httpx') if m in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_no_command_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "check" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom infragod.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('duckdb', 'sqlalchemy', 'msgspec', 'deltalake', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
