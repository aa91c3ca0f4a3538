"""A company, a folder with a configuration, and the wrapper around a real Terraform."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infragod import settings as settings_module
from infragod.approval.requests import store as requests
from infragod.db.connection import Database
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Team
from infragod.policy.grants import Grant
from infragod.policy.grants import store as grants
from tests.terraform.conftest import terraform

__all__ = ["database", "shop", "terraform"]

RULE = """\
-- id = "{id}"
-- title = "Nothing is named {word}"
-- why = "A test needs a rule that looks at names."
-- level = "{level}"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "name it otherwise"
SELECT r.address, r.name = '{word}' AS violation, 'is named {word}' AS message FROM resource AS r
"""
TFVARS = 'variable "v" {\n  default = 1\n}\n'

Wrapper = Callable[..., subprocess.CompletedProcess[str]]


def configuration(folder: Path, name: str, more: str = "") -> None:
    (folder / "main.tf").write_text(
        f'{TFVARS}resource "terraform_data" "{name}" {{\n  input = var.v\n{more}}}\n', encoding="utf-8"
    )


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """The database of a company with a team."""
    with Database.open(settings_module.load()) as opened:
        with opened.begin() as connection:
            org_store.replace(connection, Organisation((Team("checkout", "cc-1", "lead of checkout"),), ()))
        yield opened


@pytest.fixture
def shop(database: Database, terraform: Callable[..., str]) -> Path:
    """An initialised folder; what is named `denied` is denied, and `asked` needs approval."""
    folder = Path.cwd()
    (folder / "rules").mkdir()
    for word, level in (("denied", "mandatory"), ("asked", "approval")):
        (folder / "rules" / f"no-{word}.sql").write_text(RULE.format(id=f"no-{word}", word=word, level=level))
    configuration(folder, "fine")
    terraform(folder, "init")
    return folder


def infragod(*words: str, said: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own in the working folder."""
    command = [sys.executable, "-m", "infragod", *words]
    env = {k: v for k, v in os.environ.items() if k != "TF_CLI_CONFIG_FILE"} | environment
    return subprocess.run(command, input=said, capture_output=True, text=True, check=False, timeout=120, env=env)


def wrapped(*words: str, said: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return infragod("terraform", *words, said=said, **environment)


def issued(database: Database) -> list[Grant]:
    """The grants, newest first."""
    with database.read() as connection:
        return grants.recent(connection)


def approve(database: Database) -> None:
    """Whatever waits for approval is approved."""
    with database.begin() as connection:
        for waiting in requests.recent(connection, ["pending"], limit=9):
            requests.change(connection, waiting.number, state="approved")
