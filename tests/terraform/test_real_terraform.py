"""Plans that real Terraform makes here, read as JSON and as binary plan files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.errors import InputError
from infragod.resource import UNKNOWN, Action, Plan
from infragod.terraform.mask import redact
from infragod.terraform.plan import parse, read

from .conftest import KEY

Run = Callable[..., str]

BEFORE = """
resource "terraform_data" "same" { input = 1 }
resource "terraform_data" "changed" { input = 1 }
resource "terraform_data" "gone" { input = 1 }
resource "terraform_data" "forgotten" { input = 1 }
resource "terraform_data" "there" { input = 1 }
resource "terraform_data" "renewed" { triggers_replace = ["v1"] }
resource "terraform_data" "renewed_first" {
  triggers_replace = ["v1"]
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "counted" {
  count = 2
  input = 1
}
module "m" {
  source   = "./m"
  for_each = toset(["a.b", "c[\\"d\\"]"])
}
"""
AFTER = """
variable "secret" {
  type      = string
  sensitive = true
  default   = "correct-horse"
}
resource "terraform_data" "same" { input = 1 }
resource "terraform_data" "changed" { input = 2 }
removed {
  from = terraform_data.forgotten
  lifecycle { destroy = false }
}
moved {
  from = terraform_data.there
  to   = terraform_data.here
}
resource "terraform_data" "here" { input = 1 }
resource "terraform_data" "renewed" { triggers_replace = ["v2"] }
resource "terraform_data" "renewed_first" {
  triggers_replace = ["v2"]
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "counted" {
  count = 1
  input = 1
}
import {
  to = terraform_data.imported
  id = "abc"
}
resource "terraform_data" "imported" { input = "zz" }
resource "terraform_data" "secret" {
  input = { open = "m5.large", hidden = var.secret, later = terraform_data.made.id }
}
resource "terraform_data" "made" { input = nonsensitive(var.secret) }
check "size" {
  assert {
    condition     = terraform_data.made.output == "x"
    error_message = "not x"
  }
}
module "m" {
  source   = "./m"
  for_each = toset(["a.b"])
}
output "secret" {
  value     = var.secret
  sensitive = true
}
"""


@pytest.fixture
def applied(terraform: Run, tmp_path: Path) -> Path:
    """A folder where BEFORE is applied and AFTER is written."""
    folder = tmp_path / "work"
    (folder / "m").mkdir(parents=True)
    (folder / "m" / "main.tf").write_text('resource "terraform_data" "in" { input = 1 }\n')
    (folder / "main.tf").write_text(BEFORE)
    terraform(folder, "init", "-no-color")
    terraform(folder, "apply", "-auto-approve", "-no-color")
    (folder / "main.tf").write_text(AFTER)
    return folder


def planned(terraform: Run, folder: Path, *arguments: str) -> Plan:
    terraform(folder, "plan", "-no-color", "-out=plan.tfplan", *arguments)
    return read(folder / "plan.tfplan", KEY)


def test_every_action(terraform: Run, applied: Path) -> None:
    plan = planned(terraform, applied)
    assert {c.address: c.action for c in plan.changes} == {
        "terraform_data.same": Action.NO_OP,
        "terraform_data.changed": Action.UPDATE,
        "terraform_data.gone": Action.DELETE,
        "terraform_data.forgotten": Action.FORGET,
        "terraform_data.here": Action.NO_OP,
        "terraform_data.renewed": Action.REPLACE,
        "terraform_data.renewed_first": Action.REPLACE,
        "terraform_data.counted[0]": Action.NO_OP,
        "terraform_data.counted[1]": Action.DELETE,
        "terraform_data.imported": Action.UPDATE,
        "terraform_data.secret": Action.CREATE,
        "terraform_data.made": Action.CREATE,
        'module.m["a.b"].terraform_data.in': Action.NO_OP,
        'module.m["c[\\"d\\"]"].terraform_data.in': Action.DELETE,
    }
    found = plan.by_address
    assert found["terraform_data.here"].previous_address == "terraform_data.there"
    assert found["terraform_data.imported"].importing
    assert found["terraform_data.counted[1]"].index == 1
    assert found["terraform_data.gone"].action_reason == "delete_because_no_resource_config"
    assert found["terraform_data.changed"].resource.values["output"] is UNKNOWN


def test_secrets_unknowns_and_references(terraform: Run, applied: Path) -> None:
    plan = planned(terraform, applied)
    values = plan.by_address["terraform_data.secret"].resource.values["input"]
    assert values["open"] == "m5.large"
    assert values["hidden"].startswith("hmac:")
    assert values["later"] is UNKNOWN
    # a value that is declared not sensitive, but equals a sensitive variable's
    assert plan.by_address["terraform_data.made"].resource.values["input"] == values["hidden"]
    assert [r.address for r in plan.referenced("terraform_data.secret", "input")] == ["terraform_data.made"]
    shown = terraform(applied, "show", "-json", "plan.tfplan").encode()
    assert b"correct-horse" in shown
    assert b"correct-horse" not in redact(shown, "plan", KEY) + repr(plan).encode()
    assert parse(redact(shown, "plan", KEY), "plan", KEY) == plan == parse(shown, "plan", KEY)


def test_two_plans_of_one_configuration_have_one_digest(terraform: Run, applied: Path) -> None:
    assert planned(terraform, applied).digest == planned(terraform, applied).digest
    assert planned(terraform, applied).digest != planned(terraform, applied, "-var=secret=other").digest


def test_target_leaves_the_rest_out(terraform: Run, applied: Path) -> None:
    (applied / "main.tf").write_text(BEFORE.replace('"changed" { input = 1 }', '"changed" { input = 2 }'))
    plan = planned(terraform, applied, "-target=terraform_data.changed")
    assert [(c.address, c.action) for c in plan.changes] == [("terraform_data.changed", Action.UPDATE)]


def test_destroy(terraform: Run, applied: Path) -> None:
    plan = planned(terraform, applied, "-destroy")
    assert {c.action for c in plan.changes if c.address != "terraform_data.forgotten"} == {Action.DELETE}
    assert all(c.after is None and c.before for c in plan.changes)


def test_deposed(terraform: Run, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "terraform_data" "x" { input = 1 }\n')
    terraform(tmp_path, "init", "-no-color")
    terraform(tmp_path, "apply", "-auto-approve", "-no-color")
    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    instances = state["resources"][0]["instances"]
    instances.append({**instances[0], "deposed": "a1b2c3d4"})  # as a replace leaves it whose destroy failed
    state["serial"] += 1
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state))
    plan = planned(terraform, tmp_path)
    assert sorted((c.address, c.action.value, c.deposed) for c in plan.changes) == [
        ("terraform_data.x", "delete", "a1b2c3d4"),
        ("terraform_data.x", "no-op", ""),
    ]
    assert plan.by_address["terraform_data.x"].action is Action.NO_OP


def test_a_binary_plan_on_standard_input(terraform: Run, applied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(terraform, applied)
    monkeypatch.chdir(applied)
    with (applied / "plan.tfplan").open() as file:
        monkeypatch.setattr("sys.stdin", file)
        assert read(None, KEY) == plan


def test_a_plan_below_the_working_folder(terraform: Run, applied: Path) -> None:
    plan = planned(terraform, applied)
    (applied / "out").mkdir()
    moved = (applied / "plan.tfplan").rename(applied / "out" / "plan.tfplan")
    assert read(moved, KEY) == plan


def test_a_damaged_plan_says_what_terraform_says(terraform: Run, applied: Path) -> None:
    import zipfile

    planned(terraform, applied)
    bad = applied / "bad.tfplan"
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("tfplan", b"nonsense")
    with pytest.raises(InputError) as caught:
        read(bad, KEY)
    text = str(caught.value)
    assert "bad.tfplan is a binary plan that cannot be read in" in text
    assert "terraform: " in text
    assert "plan" in text.partition("terraform: ")[2]
    assert "\n" not in text


def test_the_log_and_the_state_are_no_plan(terraform: Run, applied: Path) -> None:
    with pytest.raises(InputError, match="is the log of"):
        parse(terraform(applied, "plan", "-json").encode(), "log", KEY)
    with pytest.raises(InputError, match="prints for people"):
        parse(terraform(applied, "plan", "-no-color").encode(), "text", KEY)
    with pytest.raises(InputError, match="is a state"):
        parse((applied / "terraform.tfstate").read_bytes(), "state", KEY)
    with pytest.raises(InputError, match="is a state"):
        parse(terraform(applied, "show", "-json").encode(), "state", KEY)


def test_versions_are_two(terraform: Run, tmp_path: Path) -> None:
    """The two programs are two versions: what one wrote the other refuses, and says why."""
    (tmp_path / "main.tf").write_text('resource "terraform_data" "x" {}\n')
    terraform(tmp_path, "init", "-no-color")
    plan = planned(terraform, tmp_path)
    program = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, check=True).stdout
    assert f'"terraform_version": "{plan.terraform_version}"' in program
