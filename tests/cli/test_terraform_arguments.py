"""Calls of Terraform taken apart as Terraform itself would; backends and workspaces of a folder."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from infragod.cli.terraform import backend
from infragod.cli.terraform.arguments import duration, parse
from infragod.cli.terraform.gates import Remote
from infragod.cli.terraform.grant import takes_variables
from infragod.errors import InputError, RemoteError
from infragod.settings import Settings
from infragod.terraform.planfile import PlanFile


def test_ours_stand_anywhere() -> None:
    call = parse(["--wait", "1h30m", "-chdir=a/b", "apply", "--workspace=shop", "-no-color", "my.tfplan"])
    assert (call.command, call.folder, call.rest) == ("apply", Path("a/b"), ("my.tfplan",))
    assert (call.wait, call.own["workspace"]) == (timedelta(hours=1, minutes=30), "shop")
    assert call.is_on("no-color")
    assert not call.is_on("json")


def test_a_value_may_be_the_next_word() -> None:
    call = parse(["apply", "-var", "a=apply", "-target", "x.y", "-parallelism=3", "-lock-timeout", "9s", "plan.out"])
    assert call.rest == ("plan.out",)
    assert call.plan_words() == ["-var", "a=apply", "-target", "x.y", "-parallelism=3", "-lock-timeout", "9s"]
    assert call.apply_words(variables=False) == ["-parallelism=3", "-lock-timeout", "9s"]
    assert call.apply_words(variables=True)[:2] == ["-var", "a=apply"]


def test_what_only_an_apply_takes_is_kept_from_the_plan() -> None:
    call = parse(["apply", "-auto-approve", "-backup=b", "-out=x", "-refresh=false"])
    assert call.plan_words() == ["-refresh=false"]
    assert call.apply_words(variables=False) == ["-backup=b"]
    assert call.is_on("auto-approve")


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CLI_ARGS_apply", "-var-file='a b.tfvars' -auto-approve")
    monkeypatch.setenv("TF_CLI_ARGS", "-no-color")
    call = parse(["apply", "-auto-approve=false"])
    assert call.plan_words() == ["-var-file=a b.tfvars"]
    assert (call.is_on("auto-approve"), call.is_on("no-color")) == (False, True)
    monkeypatch.setenv("TF_CLI_ARGS_apply", "'")
    with pytest.raises(InputError, match="a quote is open"):
        call.plan_words()


def test_odd_words() -> None:
    assert parse(["plan", "--", "x"]).rest == ("x",)
    assert parse(["-version"]).command == ""
    assert parse(["state", "mv", "-x"]).rest == ("mv", "-x")
    assert parse(["apply", "-help"]).asks_for_help()
    with pytest.raises(InputError, match="--wait needs a value"):
        parse(["apply", "--wait"])


@pytest.mark.parametrize("text", ["", "soon", "1", "1d", "m"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InputError, match="is no time to wait"):
        duration(text)


def noted(folder: Path, kind: str, **config: str | None) -> None:
    (folder / ".terraform").mkdir()
    content = {"backend": {"type": kind, "config": config}}
    (folder / ".terraform" / "terraform.tfstate").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://cost.example/v1/state/shop%2Fprod", "shop/prod"),
        ("https://cost.example/v1/state/", None),
        ("https://cost.example/other/shop", None),
        ("https://cost.example.evil/v1/state/shop", None),
        ("http://cost.example/v1/state/shop", None),
        ("https://gitlab.example/api/v4/projects/1/terraform/state/x", None),
    ],
)
def test_the_grant_goes_to_our_own_backend_alone(tmp_path: Path, address: str, name: str | None) -> None:
    noted(tmp_path, "http", address=address, password=None)
    found = backend.backend(tmp_path)
    assert (found.kind, found.fixed_password) == ("http", False)
    assert backend.own_workspace(found, Settings(url="https://cost.example/")) == name


def test_other_backends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert backend.backend(tmp_path).kind == "local"
    noted(tmp_path, "s3", bucket="b")
    assert backend.backend(tmp_path).kind == "s3"
    assert backend.own_workspace(backend.backend(tmp_path), Settings()) is None
    assert backend.cli_workspace(tmp_path) == ""
    monkeypatch.setenv("TF_WORKSPACE", "prod")
    assert backend.cli_workspace(tmp_path) == "prod"


def test_variables_beside_a_plan_file() -> None:
    assert takes_variables(b'{"terraform_version": "1.15.0-beta1"}')
    assert not takes_variables(b'{"terraform_version": "1.9.8"}')
    assert not takes_variables(b"[]")


def test_a_server_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infragod.cli.terraform.gates.PAUSE", 0.0)
    gate = Remote(Settings(url="http://127.0.0.1:9", token="igt_x"))
    with pytest.raises(RemoteError, match="cannot be reached"):
        gate.take("X", PlanFile("", 0, "d"), "")
