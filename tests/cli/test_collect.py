"""`infragod collect states`: what a person sees from the first state to a bill whose rows have owners."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infragod.cli.main import main
from tests.cli.test_load import bill

AWS = 'provider["registry.terraform.io/hashicorp/aws"]'


def state(path: str, serial: int, *names: str, **more: Any) -> Path:
    instances = [
        {"index_key": n, "attributes": {"id": f"i-0000000{n}", "tags": {"team": "network"}, "user_data": "hunter2-no"}}
        for n in range(len(names))
    ]
    resources = [
        {"mode": "managed", "type": "aws_instance", "name": n, "provider": AWS, "instances": [i]}
        for n, i in zip(names, instances, strict=True)
    ]
    top = {"version": 4, "serial": serial, "lineage": "l", "resources": resources, **more}
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(top), encoding="utf-8")
    os.utime(file, (1_790_000_000 + serial * 86400,) * 2)
    return file


def test_a_state_from_first_to_last(
    home: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    said: list[str] = []

    def run(command: str, code: int = 0) -> None:
        assert main(command.split()) == code
        out = capsys.readouterr()
        assert out.err == ""
        said.append(f"$ infragod {command}\n{out.out}")

    bill("a.csv", 3, ResourceId="i-00000000", Tags="{}", EffectiveCost="4")
    state("infra/net/terraform.tfstate", 1, "web", "old")
    run("collect states infra --repository core")
    run("load focus a.csv --source cloud")
    run("report showback --by x_terraform_workspace x_terraform_address x_team x_owner_by")
    run("collect states infra")
    state("infra/net/terraform.tfstate", 2, "renamed")
    state("infra/secret.tfstate", 2, encrypted_data="x")
    run("collect states infra", 2)
    (Path("infra") / "secret.tfstate").unlink()
    state("infra/net/terraform.tfstate", 1, "web")
    run("collect states infra --no-owners")
    run("report workspaces")
    golden("collect.txt", "\n".join(said))
    assert not [f for f in home.rglob("*") if f.is_file() and b"hunter2-no" in f.read_bytes()]
    assert main(["audit", "verify"]) == 0


def test_a_wrong_place_is_one_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collect", "states", "nowhere"]) == 2
    assert capsys.readouterr().err == "infragod: nowhere does not exist; check the path\n"
