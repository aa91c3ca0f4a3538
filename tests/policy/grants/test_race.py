"""Processes that take grants at the same moment: the last dollar is given once, and so is each token."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.policy.grants.decisions import budget, decide, held, resource, take

from infragod.db.connection import Database
from infragod.policy.grants import store as grants
from infragod.settings import Settings

ROOT = Path(__file__).parents[3]
PROCESSES = 8

TAKE = """
import sys
from pathlib import Path
from infragod.db.connection import Database
from infragod.policy.grants import RefusedError
from infragod.settings import Settings
from tests.policy.grants.decisions import take
with Database.open(Settings(home=Path(sys.argv[1]), database_url=sys.argv[2])) as database:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        take(database, sys.argv[3])
        print("taken")
    except RefusedError as error:
        print(error.reason.value)
"""
CLAIM = """
import sys
from pathlib import Path
from infragod.db.connection import Database
from infragod.policy.grants import RefusedError
from infragod.policy.grants import store
from infragod.settings import Settings
from tests.policy.grants.decisions import NOW
with Database.open(Settings(home=Path(sys.argv[1]), database_url=sys.argv[2])) as database:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        with database.begin() as connection:
            store.claim(
                connection, sys.argv[3], workspace="shop", lineage="l", serial=7, lock_id=sys.argv[4], at=NOW
            )
        print("taken")
    except RefusedError as error:
        print(error.reason.value)
"""


def at_once(script: str, where: Settings, arguments: list[list[str]]) -> list[str]:
    """What processes say that all are told to begin when the last of them is ready."""
    command = [sys.executable, "-c", script, str(where.home), where.database_url]
    running = [
        subprocess.Popen([*command, *own], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for own in arguments
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[0].strip() for process in running]


def test_the_last_dollar_is_given_once(database: Database, where: Settings) -> None:
    budget(database, "100")
    names = [decide(database, resource("web", "80.00"), workspace=f"shop-{n}") for n in range(PROCESSES)]
    said = at_once(TAKE, where, [[name] for name in names])
    assert sorted(said) == ["budget"] * (PROCESSES - 2) + ["taken"] * 2  # forty each, of a hundred
    assert sum(held(database).values()) == 80


def test_of_many_who_hold_a_token_one_uses_it(database: Database, where: Settings) -> None:
    issued = take(database, decide(database, resource("web", "80.00")))
    said = at_once(CLAIM, where, [[issued.token, f"lock-{n}"] for n in range(PROCESSES)])
    assert sorted(said) == ["state"] * (PROCESSES - 1) + ["taken"]
    with database.read() as connection:
        (found,) = grants.recent(connection)
    assert found.lock_id.startswith("lock-")
