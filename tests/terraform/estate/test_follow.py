"""The estate follows the state backend: every version, in order, once, whatever is killed between."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any

import pytest
from tests.terraform.test_backend import Open

from infragod.db import audit
from infragod.db.connection import Connection, Database
from infragod.errors import SetupError
from infragod.settings import Settings
from infragod.terraform import history
from infragod.terraform.backend import APPLY, READ, WRITE, Backend, Caller, LockInfo
from infragod.terraform.estate import follow, store
from infragod.terraform.estate.store import Learned
from infragod.terraform.repository import repository_of
from infragod.terraform.store import Version

WRITER = Caller("writer", "token:1", frozenset({WRITE, APPLY}))
READER = Caller("reader", "token:2", frozenset({READ}))


@pytest.fixture
def backend(where: Settings, database: Database) -> Backend:
    return Backend(where, database, Open())


def state(serial: int, *ids: str, address: str = "a", **attributes: Any) -> bytes:
    instances = [{"index_key": n, "attributes": {"id": name, **attributes}} for n, name in enumerate(ids)]
    block = {"mode": "managed", "type": "aws_instance", "name": address, "module": "module.web", "instances": instances}
    provider = {"provider": 'provider["registry.terraform.io/hashicorp/aws"]'}
    return json.dumps({"version": 4, "serial": serial, "lineage": "l", "resources": [block | provider]}).encode()


def post(backend: Backend, *states: bytes, workspace: str = "shop") -> None:
    backend.lock(WRITER, workspace, LockInfo("lock", "OperationTypeOther"))
    for data in states:
        backend.post(WRITER, workspace, "lock", data)
    backend.unlock(WRITER, workspace, "lock")


def caught_up(where: Settings, database: Database, repository: str | None = None) -> list[Learned]:
    return list(follow.follow(where, database, lambda *_: repository))


def seen(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        made = store.columns(connection)
    gone = [g is not None for g in made["gone_at"]]
    return list(zip(made["workspace"], made["module"], made["address"], made["ids"], gone, strict=True))


def test_every_version_is_learned_in_its_order(where: Settings, database: Database, backend: Backend) -> None:
    post(backend, state(1, "i-1"), state(2, "i-1", "i-2"), state(3, "i-1"))
    post(backend, state(1, "i-9"), workspace="data")
    learned = caught_up(where, database)
    assert sorted((x.workspace, x.resources, x.new, x.gone) for x in learned) == [
        ("data", 1, 1, 0),
        ("shop", 1, 0, 1),
        ("shop", 1, 1, 0),
        ("shop", 2, 1, 0),
    ]
    assert ("shop", "module.web", "module.web.aws_instance.a[1]", '["i-2"]', True) in seen(database)
    assert caught_up(where, database) == []
    post(backend, state(4, "i-1", "i-3"))
    assert [x.new for x in caught_up(where, database)] == [1]


def test_the_time_of_a_change_is_that_of_its_version(where: Settings, database: Database, backend: Backend) -> None:
    post(backend, state(1, "i-1"), state(2))
    caught_up(where, database)
    with database.read() as connection:
        made = store.columns(connection)
    assert made["first_seen"][0] < made["gone_at"][0]


def test_what_is_kept_aside_was_never_there(where: Settings, database: Database, backend: Backend) -> None:
    post(backend, state(1, "i-1"))
    backend.post(READER, "shop", "", state(2, "i-2"))
    post(backend, state(3, "i-1"))
    caught_up(where, database)
    assert [row[3] for row in seen(database)] == ['["i-1"]']


def test_a_state_brought_back_is_there_again(where: Settings, database: Database, backend: Backend) -> None:
    post(backend, state(1, "i-1"), state(2))
    history.restore(where, database, "shop", 1, "somebody")
    caught_up(where, database)
    assert [row[3:] for row in seen(database)] == [('["i-1"]', True), ('["i-1"]', False)]


def test_a_state_that_cannot_be_read_stops_nothing(where: Settings, database: Database, backend: Backend) -> None:
    post(backend, state(1, "i-1"))
    odd = json.loads(state(2, "i-1"))
    odd["resources"][0]["instances"][0]["sensitive_attributes"] = "none"
    post(backend, json.dumps(odd).encode(), state(3, "i-1", "i-2"))
    assert [x.new for x in caught_up(where, database)] == [1, 1]
    with database.read() as connection:
        told = [e for e in audit.entries(connection) if e.kind == "states.unread"]
    assert [e.details["workspace"] for e in told] == ["shop"]
    assert "the state backend's version 2 of shop is no Terraform state" in told[0].details["reason"]


def test_the_repository_is_told_once(where: Settings, database: Database, backend: Backend) -> None:
    def known() -> str | None:
        with database.read() as connection:
            return store.repository(connection, "shop")

    post(backend, state(1, "i-1"))
    caught_up(where, database)
    assert known() is None
    post(backend, state(2, "i-1"))
    caught_up(where, database, "github.com/example/infra")
    assert known() == "github.com/example/infra"
    post(backend, state(3, "i-1"))
    caught_up(where, database, "another/place")
    assert known() == "github.com/example/infra"


def test_whoever_sent_a_version_is_asked_for_its_repository(
    where: Settings, database: Database, backend: Backend
) -> None:
    asked = []

    def ask(_: Connection, version: Version) -> None:
        asked.append((version.workspace, version.version, version.lock_id))

    post(backend, state(1, "i-1"))
    list(follow.follow(where, database, ask))
    assert asked == [("shop", 1, "lock")]


def test_several_at_once_learn_everything_once(where: Settings, database: Database, backend: Backend) -> None:
    for n in range(6):
        post(backend, *(state(s, *(f"i-{n}-{k}" for k in range(s))) for s in range(1, 4)), workspace=f"w{n}")
    with ThreadPoolExecutor(4) as pool:
        found = [x for part in pool.map(lambda _: caught_up(where, database), range(4)) for x in part]
    assert sorted((x.workspace, x.resources, x.new) for x in found) == [
        (f"w{n}", s, 1) for n in range(6) for s in range(1, 4)
    ]
    assert len(seen(database)) == 18


def test_without_the_key_nothing_is_passed_over(where: Settings, database: Database, backend: Backend) -> None:
    post(backend, state(1, "i-1"))
    key = where.home / "keys" / "state.key"
    moved = key.rename(key.with_name("elsewhere"))
    with pytest.raises(SetupError):
        caught_up(where, database)
    moved.rename(key)
    assert [x.new for x in caught_up(where, database)] == [1]


KILLED = """
import os, signal, sys
from pathlib import Path
from infragod.db.connection import Database
from infragod.settings import Settings
from infragod.terraform.estate import follow, store
settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], state_key=sys.argv[3])
real = store.learn
calls = 0
def learn(*given):
    global calls
    calls += 1
    made = real(*given)
    if calls == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return made
store.learn = learn
with Database.open(settings) as database:
    list(follow.follow(settings, database, lambda *_: None))
"""


def test_killed_in_the_midst_it_goes_on_where_it_was(where: Settings, database: Database, backend: Backend) -> None:
    post(backend, state(1, "i-1"), state(2, "i-1", "i-2"), state(3, "i-2"))
    given = {f.name: getattr(where, f.name) for f in fields(Settings)}
    command = [sys.executable, "-c", KILLED, str(where.home), given["database_url"], given["state_key"]]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert len(seen(database)) == 1  # the first version is kept, the second not at all
    assert [(x.new, x.gone) for x in caught_up(where, database)] == [(1, 0), (1, 2)]
    assert [row[2:] for row in seen(database)] == [
        ("module.web.aws_instance.a[0]", '["i-1"]', True),
        ("module.web.aws_instance.a[1]", '["i-2"]', True),
        ("module.web.aws_instance.a[0]", '["i-2"]', False),
    ]


@pytest.mark.parametrize(
    ("change_request", "repository"),
    [
        ("https://github.com/example/infra/pull/7", "github.com/example/infra"),
        ("https://github.com/example/infra/pull/7/files#diff", "github.com/example/infra"),
        ("https://git.example.com:8443/a/b/c/-/merge_requests/12", "git.example.com:8443/a/b/c"),
        ("https://bitbucket.org/team/infra/pull-requests/3", "bitbucket.org/team/infra"),
        ("https://dev.azure.com/org/project/_git/infra/pullrequest/9", "dev.azure.com/org/project/_git/infra"),
        ("https://gitea.example.com/a/infra/pulls/4", "gitea.example.com/a/infra"),
        ("https://user:word@git.example.com/a/infra/pulls/4", "git.example.com/a/infra"),
        ("example/infra#7", "example/infra"),
        ("group/sub/infra!7", "group/sub/infra"),
        ("", None),
        ("7", None),
        ("a change", None),
        ("https://github.com/example/infra", None),
        ("infra#7", None),
    ],
)
def test_the_repository_of_a_change_request(change_request: str, repository: str | None) -> None:
    assert repository_of(change_request) == repository
