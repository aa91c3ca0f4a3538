"""Signs of life of an apply: the wrapper is killed or stopped while the real program goes on, on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infragod.db.connection import Database
from infragod.policy.grants import DEAD_AFTER, Grant, State, store
from tests.cli.wrapped import configuration, database, issued, shop, terraform, wrapped
from tests.postgres import new_postgres, postgres

__all__ = ["database", "postgres", "shop", "terraform"]

BUSY = '  provisioner "local-exec" {\n    command = "touch begun; until test -e go; do sleep 0.05; done"\n  }\n'
WRAPPER = """
from infragod.cli.main import main
from infragod.cli.terraform import heart
heart.SECONDS = 0.1
raise SystemExit(main(["terraform", "apply", "-auto-approve", "-no-color"]))
"""


@pytest.fixture(params=["sqlite", "postgresql"], autouse=True)
def where(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "postgresql":
        monkeypatch.setenv("INFRAGOD_DATABASE_URL", new_postgres(request.getfixturevalue("postgres")))


@pytest.fixture
def applying(where: None, shop: Path, database: Database) -> Iterator[subprocess.Popen[bytes]]:
    """The wrapper in the midst of an apply that goes on until there is a file `go`."""
    configuration(shop, "fine", BUSY)
    with Path("said").open("wb") as said:
        command = [sys.executable, "-c", WRAPPER]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    wait(lambda: Path("begun").exists() and issued(database)[0].alive_at is not None)
    try:
        yield process
    finally:
        Path("go").touch()
        process.kill()
        process.wait()
        wait(lambda: not hearts())


def wait(true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(f"it never came about; {Path('said').read_text()}")


def hearts() -> list[int]:
    """The processes of this folder that give signs of life."""
    return [int(p.name) for p in Path("/proc").glob("[0-9]*") if _is_heart(p)]


def _is_heart(process: Path) -> bool:
    try:
        here = (process / "cwd").readlink() == Path.cwd()
        return here and b"infragod.cli.terraform.heart" in (process / "cmdline").read_bytes()
    except OSError:
        return False


def beats(database: Database, more: int = 2) -> Grant:
    """The grant after so many more signs of life."""
    for _ in range(more):
        last = issued(database)[0].alive_at
        wait(lambda last=last: issued(database)[0].alive_at != last)  # type: ignore[misc]
    return issued(database)[0]


def abandoned(database: Database, at: datetime) -> list[str]:
    with database.begin() as connection:
        return [grant.id for grant in store.abandon(connection, at)]


def test_killed_the_wrapper_leaves_a_grant_that_ends_after_its_apply(
    applying: subprocess.Popen[bytes], database: Database
) -> None:
    applying.kill()
    applying.wait()
    grant = beats(database)  # the real program goes on, and so do its signs
    assert grant.state_at(datetime.now(UTC)) is State.CLAIMED
    Path("go").touch()
    wait(lambda: not hearts())
    wait(lambda: "terraform_data" in Path("terraform.tfstate").read_text(encoding="utf-8"))
    grant = issued(database)[0]
    assert grant.alive_at is not None
    assert abandoned(database, grant.alive_at + DEAD_AFTER - timedelta(seconds=1)) == []
    assert abandoned(database, grant.alive_at + DEAD_AFTER) == [grant.id]
    assert issued(database)[0].state is State.ABANDONED
    configuration(Path.cwd(), "fine")
    again = wrapped("apply", "-auto-approve")
    assert again.returncode == 0, again.stderr
    assert [g.state for g in issued(database)] == [State.USED, State.ABANDONED]


def test_a_wrapper_that_is_stopped_lives(applying: subprocess.Popen[bytes], database: Database) -> None:
    applying.send_signal(signal.SIGSTOP)
    beats(database)
    applying.send_signal(signal.SIGCONT)
    Path("go").touch()
    assert applying.wait(60) == 0, Path("said").read_text()
    assert issued(database)[0].state is State.USED


def test_stopped_with_all_it_has_it_is_given_up_and_what_it_says_later_counts(
    applying: subprocess.Popen[bytes], database: Database
) -> None:
    (heart,) = hearts()
    for process in (heart, applying.pid):
        os.kill(process, signal.SIGSTOP)
    assert abandoned(database, datetime.now(UTC) + 2 * DEAD_AFTER) == [issued(database)[0].id]
    for process in (heart, applying.pid):
        os.kill(process, signal.SIGCONT)
    wait(lambda: not [h for h in hearts() if _runs(h)])  # nobody waits to hear of it
    Path("go").touch()
    assert applying.wait(60) == 0, Path("said").read_text()
    grant = issued(database)[0]
    assert (grant.state, grant.note) == (State.USED, "applied")


def _runs(process: int) -> bool:
    """Whether it is more than a zombie that the wrapper has not asked for."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
