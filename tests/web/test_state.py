"""The protocol of the state backend, without Terraform: bad input, tokens, and what is kept."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infragod.cli.main import main
from infragod.db import audit
from infragod.incidents import store as incidents
from infragod.terraform import store
from infragod.terraform.decoy import LINEAGE
from tests.web.conftest import settings_of
from tests.web.state_server import WORKSPACE, Server, serving

SECRET = "correct-horse-battery"
PLAN = json.dumps(
    {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": [
            {
                "address": "terraform_data.a",
                "mode": "managed",
                "type": "terraform_data",
                "name": "a",
                "provider_name": "terraform.io/builtin/terraform",
                "change": {"actions": ["create"], "before": None, "after": {}, "after_unknown": {}},
            }
        ],
        "configuration": {"root_module": {}},
    }
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(settings_of(tmp_path_factory.mktemp("states"))) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """The server, with a workspace of its own for each test."""
    Named.count += 1
    return running


class Named:
    count = 0


def name() -> str:
    return f"workspace/{Named.count}"


def state(serial: int = 1, lineage: str = "one", **more: Any) -> bytes:
    resource = {
        "mode": "managed",
        "type": "terraform_data",
        "name": "a",
        "provider": 'provider["terraform.io/builtin/terraform"]',
        "instances": [{"schema_version": 0, "attributes": {"id": "x", "input": SECRET}}],
    }
    top = {"version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": lineage, "outputs": {}}
    return json.dumps(top | {"resources": [resource]} | more).encode()


def info(operation: str = "state-push", id_: str = "lock-1") -> bytes:
    lock = {"ID": id_, "Operation": operation, "Info": "", "Who": "me@here", "Version": "1.11.4"}
    return json.dumps(lock | {"Created": "2026-11-22T10:00:00Z", "Path": ""}).encode()


def stored(server: Server, data: bytes, *, code: int = 200, **how: Any) -> dict[str, Any]:
    """POST under a lock for surgery; the answer's JSON."""
    secret = server.token("state-write")
    assert server.ask("LOCK", secret, name(), content=info()).status_code == 200
    done = server.ask("POST", secret, name(), content=data, params={"ID": "lock-1"}, **how)
    assert done.status_code == code, done.text
    assert server.ask("UNLOCK", secret, name(), content=info()).status_code == 200
    return dict(done.json()) if done.content else {}


def versions(server: Server) -> list[store.Version]:
    with server.database.read() as connection:
        return store.versions(connection, name())


def open_incidents(server: Server) -> list[str]:
    with server.database.read() as connection:
        return [str(i.details["reason"]) for i in incidents.recent(connection) if i.subject == name()]


def test_empty_stored_and_fetched(server: Server) -> None:
    secret = server.token("state")
    assert server.ask("GET", secret, name()).status_code == 204
    stored(server, state())
    got = server.ask("GET", secret, name())
    assert (got.status_code, got.content) == (200, state())
    assert got.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic " + base64.b64encode(b"nocolon").decode(),
                                    "Basic " + base64.b64encode(b"x:igt_forged").decode(), "Digest x",
                                    "Basic " + base64.b64encode(b"x:igg_forged").decode(),
                                    "Basic " + base64.b64encode(b"x:\xff\xfe").decode()])  # fmt: skip
@pytest.mark.parametrize("verb", ["GET", "POST", "LOCK", "UNLOCK"])
def test_who_is_unknown_gets_nothing(server: Server, header: str, verb: str) -> None:
    import httpx

    answer = httpx.request(
        verb, f"{server.url}/v1/state/{name()}", headers={"authorization": header} if header else {}, content=state()
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="InfraGod"'
    assert "\n" not in answer.json()["error"]
    assert versions(server) == []


def test_a_token_of_other_scopes(server: Server) -> None:
    answer = server.ask("GET", server.token("check,read"), name())
    assert (answer.status_code, "may not use states" in answer.text) == (403, True)


def test_a_revoked_token(server: Server) -> None:
    from infragod.approval import store as tokens

    with server.database.begin() as connection:
        secret = tokens.create(connection, name(), ("state",), actor="test")
    assert server.ask("GET", secret, name()).status_code == 204
    with server.database.begin() as connection:
        tokens.revoke(connection, name(), actor="test")
    answer = server.ask("GET", secret, name())
    assert (answer.status_code, "this token is revoked" in answer.text) == (401, True)


def test_another_lineage_an_older_serial_another_content(server: Server) -> None:
    stored(server, state(5))
    assert "its lineage is two" in stored(server, state(6, "two"), code=409)["error"]
    assert "its serial 4 is older than 5" in stored(server, state(4), code=409)["error"]
    assert "stored already with another content" in stored(server, state(5, outputs={"x": {}}), code=409)["error"]
    stored(server, state(5))  # the same once more
    assert [v.serial for v in versions(server)] == [5]
    assert open_incidents(server) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no Terraform state"),
        (b"[1]", "no Terraform state"),
        (b"{", "no Terraform state"),
        (b'{"a": 1}', "no Terraform state"),
        (b"\xff\xfe", "no Terraform state"),
        (state(version=3), "is a state of format 3, and format 4 is stored here"),
        (state(lineage=""), "no usable lineage and serial"),
        (state(serial=-1), "no usable lineage and serial"),
        (state(serial=2**63), "no usable lineage and serial"),
        (b"[" * 100_000, "no Terraform state"),
    ],
)
def test_what_is_no_state(server: Server, data: bytes, said: str) -> None:
    answer = stored(server, data, code=400)
    assert said in answer["error"]
    assert "\n" not in answer["error"]
    assert versions(server) == []


def test_content_md5(server: Server) -> None:
    right = base64.b64encode(hashlib.md5(state()).digest()).decode()  # noqa: S324
    wrong = base64.b64encode(bytes(16)).decode()
    assert (
        "does not match its Content-MD5" in stored(server, state(), code=400, headers={"content-md5": wrong})["error"]
    )
    stored(server, state(), headers={"content-md5": right})
    assert len(versions(server)) == 1


def test_a_state_of_200_megabytes(server: Server) -> None:
    import random

    large = state(outputs={"x": {"value": random.Random(1).randbytes(50_000_000).hex() * 2, "type": "string"}})
    assert len(large) > 200_000_000
    stored(server, large)
    assert server.ask("GET", server.token("state"), name()).content == large


def test_a_state_that_is_too_large(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infragod.web.api.state.LARGEST", 1024 * 1024)
    answer = stored(server, state(outputs={"x": {"value": "y" * 1024 * 1024}}), code=413)
    assert answer["error"].startswith("the state is larger than 1 MiB")


def test_nothing_readable_is_stored(server: Server) -> None:
    stored(server, state())
    with server.database.read() as connection:
        (found,) = store.versions(connection, name())
        sealed = store.content(connection, found)
        log = str([e.details for e in audit.entries(connection)])
    assert SECRET.encode() not in sealed
    assert SECRET not in log
    home = server.settings.home
    assert not [p for p in home.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]
    key = home / "keys" / "state.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def applying(server: Server) -> tuple[str, str]:
    """A grant of this workspace, and its lock, held."""
    secret = server.grant(PLAN, name())
    answer = server.ask("LOCK", secret, name(), content=info("OperationTypeApply", "apply-1"))
    assert answer.status_code == 200, answer.text
    return secret, "apply-1"


def test_what_an_apply_sends_is_always_kept(server: Server) -> None:
    stored(server, state(5))
    secret, lock = applying(server)
    for number, (data, code) in enumerate(
        [(state(6, "two"), 200), (state(4), 200), (state(5, outputs={"x": {}}), 200), (b"no state", 400)], 2
    ):
        answer = server.ask("POST", secret, name(), content=data, params={"ID": lock})
        assert answer.status_code == code
        assert versions(server)[0].version == number
        assert versions(server)[0].aside
    assert len(open_incidents(server)) == 4
    with server.database.read() as connection:
        current = store.current(connection, name())
    assert current is not None
    assert current.version == 1
    assert server.ask("POST", secret, name(), content=state(6), params={"ID": lock}).status_code == 200
    assert server.ask("UNLOCK", secret, name(), content=info(id_=lock)).status_code == 200


def test_the_grant_gets_the_state_under_its_own_lock_only(server: Server) -> None:
    stored(server, state(5))
    secret = server.grant(PLAN, name())
    assert server.ask("GET", secret, name()).json()["lineage"] == LINEAGE
    assert server.ask("GET", secret, "another").status_code == 403
    other = server.token("state-write")
    assert server.ask("LOCK", other, name(), content=info("OperationTypePlan")).status_code == 200
    assert server.ask("GET", secret, name()).json()["lineage"] == LINEAGE
    server.ask("UNLOCK", other, name(), content=info())
    server.ask("LOCK", secret, name(), content=info("OperationTypeApply", "a"))
    assert server.ask("GET", server.token("apply"), name()).json()["lineage"] == LINEAGE
    assert server.ask("GET", secret, name()).content == state(5)
    assert server.ask("GET", secret, name()).content == state(5)
    assert server.ask("GET", secret, name()).json()["lineage"] == LINEAGE
    server.ask("UNLOCK", secret, name(), content=info(id_="a"))
    assert server.ask("GET", secret, name()).json()["lineage"] == LINEAGE


def test_a_grant_may_not_plan(server: Server) -> None:
    answer = server.ask("LOCK", server.grant(PLAN, name()), name(), content=info("OperationTypePlan"))
    assert answer.status_code == 423
    assert "this token may only apply" in answer.json()["ID"]
    assert answer.json()["ID"] == answer.json()["Info"]
    assert answer.json()["ID"].startswith("\n")
    assert all(len(line) < 70 for line in answer.json()["ID"].splitlines())


def test_locks(server: Server) -> None:
    secret = server.token("state-write")
    assert server.ask("LOCK", secret, name(), content=info()).status_code == 200
    assert server.ask("LOCK", secret, name(), content=info()).status_code == 200  # the answer was lost
    other = server.ask("LOCK", server.token("state"), name(), content=info("OperationTypePlan", "lock-2"))
    assert (other.status_code, other.json()["ID"], other.json()["Who"]) == (423, "lock-1", "me@here")
    wrong = server.ask("UNLOCK", secret, name(), content=info(id_="lock-2"))
    assert (wrong.status_code, "is not held" in wrong.text) == (409, True)
    assert server.ask("UNLOCK", server.token("state"), name()).status_code == 409
    assert server.ask("UNLOCK", secret, name()).status_code == 200
    assert server.ask("UNLOCK", secret, name(), content=info()).status_code == 200
    for body in (b"", b"{}", b"nonsense", info(id_=""), info(id_="x" * 201), b"x" * 100_000):
        assert server.ask("LOCK", secret, name(), content=body).status_code in (400, 413)


def test_without_a_lock(server: Server) -> None:
    secret = server.token("state-write")
    assert server.ask("POST", secret, name(), content=state(1)).status_code == 200
    server.ask("LOCK", server.token("state"), name(), content=info("OperationTypePlan"))
    assert server.ask("POST", secret, name(), content=state(2)).status_code == 200
    assert server.ask("POST", server.token("state"), name(), content=state(3)).status_code == 403
    server.ask("UNLOCK", secret, name())
    assert [(v.serial, bool(v.aside)) for v in versions(server)] == [(3, True), (2, True), (1, False)]
    assert len(open_incidents(server)) == 3


def test_names_of_workspaces(server: Server) -> None:
    secret = server.token("state")
    assert server.ask("GET", secret, "a/b%20c/ü").status_code == 204
    assert server.ask("GET", secret, "a%07b").status_code == 400
    assert server.ask("GET", secret, "x" * 301).status_code == 422


def test_the_commands(
    server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INFRAGOD_HOME", str(server.settings.home))
    monkeypatch.chdir(tmp_path)

    def said(*arguments: str, code: int = 0) -> str:
        assert main(["state", *arguments]) == code
        out, err = capsys.readouterr()
        return out + err

    stored(server, state(1))
    stored(server, state(2, outputs={"x": {"value": 12345678901234567890.5, "type": "number"}}))
    assert f"{name():<30}        2       2          1" in said("list")
    assert json.loads(said("list", "--format", "json"))
    assert "state-push (current)" in said("versions", name())
    assert [v["version"] for v in json.loads(said("versions", name(), "--format", "json"))] == [2, 1]
    shown = said("show", name(), "1")
    assert "terraform_data.a" in shown
    assert SECRET not in shown
    assert json.loads(said("show", name(), "--format", "json"))["addresses"] == ["terraform_data.a"]
    out = tmp_path / "state.json"
    assert "with its secrets" in said("export", name(), "1", "--out", str(out))
    assert out.read_bytes() == state(1)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "is there already" in said("export", name(), "--out", str(out), code=2)
    assert "cannot write" in said("export", name(), "--out", str(tmp_path / "no" / "x"), code=2)
    assert "as version 3" in said("restore", name(), "1")
    assert "as version 4" in said("restore", name(), "2")
    got = server.ask("GET", server.token("state"), name())
    assert got.json()["serial"] == 4
    assert b"12345678901234567890.5" in got.content or b"1.2345678901234567e+19" in got.content
    assert "has no version 9" in said("restore", name(), "9", code=2)
    assert "has no version 9" in said("show", name(), "9", code=2)
    assert "no state of 'nobody' is stored" in said("show", "nobody", code=2)
    assert "no state of 'nobody' is stored" in said("versions", "nobody", code=2)
    server.ask("LOCK", server.token("state"), name(), content=info("OperationTypePlan"))
    assert "me@here holds the lock" in said("restore", name(), "1", code=2)
    server.ask("UNLOCK", server.token("state"), name(), content=info())
    assert WORKSPACE not in said("list")


def test_what_is_stored_the_estate_knows_soon(server: Server) -> None:
    from infragod.terraform.estate import store as estate

    workspace = name()
    block = {"mode": "managed", "type": "aws_instance", "name": "a", "provider": "provider.aws"}
    body = state(resources=[block | {"instances": [{"attributes": {"id": "learned-1"}}]}])
    assert server.ask("POST", server.token("state-write"), workspace, content=body).status_code == 200

    def known() -> bool:
        with server.database.read() as connection:
            found = estate.columns(connection)
        return (workspace, '["learned-1"]') in zip(found["workspace"], found["ids"], strict=True)

    end = time.monotonic() + 120
    while not known():
        assert time.monotonic() < end
        time.sleep(0.05)
