"""States are found in folders, in S3 and in Google Cloud Storage, and each is of a workspace."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from infragod.collect.gcp import token
from infragod.collect.states import find, is_state, workspace_of
from infragod.errors import InputError, RemoteError, SetupError


@pytest.mark.parametrize(
    ("path", "workspace"),
    [
        ("terraform.tfstate", "root"),
        ("network/terraform.tfstate", "network"),
        ("network/prod.tfstate", "network/prod"),
        ("prod.tfstate", "prod"),
        ("terraform.tfstate.d/prod/terraform.tfstate", "root/prod"),
        ("network/terraform.tfstate.d/prod/terraform.tfstate", "network/prod"),
        ("env:/prod/network/terraform.tfstate", "network/prod"),
        ("env:/prod/terraform.tfstate", "root/prod"),
        ("network/default.tfstate", "network"),
    ],
)
def test_names_of_workspaces(path: str, workspace: str) -> None:
    assert workspace_of(path, "root") == workspace


@pytest.mark.parametrize(
    "path", ["a.tfstate.backup", ".terraform/terraform.tfstate", "a/errored.tfstate", "x.json", ".x.tfstate"]
)
def test_what_is_no_state(path: str) -> None:
    assert not is_state(path)


def put(path: Path, text: str = "{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_folder_and_a_file(tmp_path: Path) -> None:
    put(tmp_path / "infra/terraform.tfstate", "1")
    put(tmp_path / "infra/terraform.tfstate.backup")
    put(tmp_path / "infra/.terraform/terraform.tfstate")
    inner = put(tmp_path / "infra/net/terraform.tfstate.d/prod/terraform.tfstate")
    pulled = put(tmp_path / "pulled/state.json")
    found = find([str(tmp_path / "infra")])
    assert [(s.workspace, s.place.endswith(".tfstate")) for s in found] == [("net/prod", True), ("infra", True)]
    assert found[1].read() == b"1"
    assert [s.workspace for s in find([str(inner), str(pulled)])] == ["net/prod", "state"]
    assert [s.workspace for s in find([str(inner)], "mine")] == ["mine"]


def test_wrong_places_are_one_sentence(tmp_path: Path) -> None:
    put(tmp_path / "a/terraform.tfstate")
    put(tmp_path / "a.tfstate")
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="are both of the workspace 'a'; collect them one by one"):
        find([str(tmp_path)])
    with pytest.raises(InputError, match="--workspace names one state, and 2 were found"):
        find([str(tmp_path)], "x")
    with pytest.raises(InputError, match="holds no state"):
        find([str(tmp_path / "none")])
    with pytest.raises(InputError, match="does not exist"):
        find([str(tmp_path / "other")])
    for place in ("https://x/y", "s3://"):
        with pytest.raises(InputError, match=r"does not exist|is no place of states"):
            find([place])


# ---- S3, against moto's server


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    import boto3

    for name, value in (
        ("AWS_ENDPOINT_URL", s3_address),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="states")
    return client


def test_a_folder_of_s3(s3: Any) -> None:
    for key in (
        "infra/net/terraform.tfstate",
        "infra/env:/prod/net/terraform.tfstate",
        "infra/net/x.txt",
        "other.tfstate",
    ):
        s3.put_object(Bucket="states", Key=key, Body=key.encode())
    for n in range(1005):  # more than one page
        s3.put_object(Bucket="states", Key=f"many/{n:04d}.tfstate", Body=b"{}")
    found = find(["s3://states/infra"])
    assert [(s.workspace, s.place, s.read()) for s in found] == [
        ("net/prod", "s3://states/infra/env:/prod/net/terraform.tfstate", b"infra/env:/prod/net/terraform.tfstate"),
        ("net", "s3://states/infra/net/terraform.tfstate", b"infra/net/terraform.tfstate"),
    ]
    assert len(find(["s3://states/many/"])) == 1005
    assert [s.workspace for s in find(["s3://states/infra/net/terraform.tfstate"])] == ["net"]


def test_s3_that_refuses_is_one_sentence(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RemoteError, match=r"cannot read s3://no-such: there is no such bucket; check its name"):
        find(["s3://no-such/x"])
    s3.put_object(Bucket="states", Key="gone/a.tfstate", Body=b"{}")
    (state,) = find(["s3://states/gone"])
    s3.delete_object(Bucket="states", Key="gone/a.tfstate")
    with pytest.raises(RemoteError, match="it is gone; collect again"):
        state.read()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(SetupError, match="there are no AWS credentials"):
        find(["s3://states/x"])


# ---- Google Cloud Storage, against a server of the documented shape


class Google(BaseHTTPRequestHandler):
    """`storage/v1` objects.list and objects.get, two objects a page; the metadata server's token; OAuth's token."""

    objects: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []
    busy = 0

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        if url.path == "/computeMetadata/v1/instance/service-accounts/default/token":
            ok = self.headers.get("Metadata-Flavor") == "Google"
            self._json(200 if ok else 403, {"access_token": "by-metadata", "expires_in": 3600, "token_type": "Bearer"})
            return
        Google.asked.append(self.headers.get("Authorization", ""))
        if Google.busy:
            Google.busy -= 1
            self._json(503, {})
            return
        match = re.fullmatch(r"/storage/v1/b/states/o(?:/(.+))?", url.path)
        name = unquote(match[1]) if match and match[1] else ""
        if match is None or (name and name not in self.objects):
            self._json(404, {"error": {"code": 404}})
        elif name:
            assert query["alt"] == "media"
            self._send(200, self.objects[name])
        else:
            names = sorted(n for n in self.objects if n.startswith(query["prefix"]))
            at = int(query.get("pageToken", 0))
            items = [{"name": n, "updated": "2026-10-05T06:07:08.123Z"} for n in names[at : at + 2]]
            page: dict[str, Any] = {"items": items} if items else {}
            self._json(200, page | ({"nextPageToken": str(at + 2)} if at + 2 < len(names) else {}))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        kind = form["grant_type"][0].rpartition(":")[2]
        self._json(200 if kind in ("jwt-bearer", "refresh_token") else 400, {"access_token": kind, "expires_in": 3600})

    def _json(self, code: int, value: Any) -> None:
        self._send(code, json.dumps(value).encode())

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Google)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    Google.objects = {f"tf/net/{n}.tfstate": n.encode() for n in ("default", "prod", "a b%")} | {"tfx/x.tfstate": b""}
    Google.asked, Google.busy = [], 0
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN", "GCE_METADATA_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
    token._kept.clear()
    yield address
    server.shutdown()
    server.server_close()


def test_a_folder_of_google(google: str) -> None:
    Google.busy = 1
    found = find(["gs://states/tf"])
    assert [(s.workspace, s.read()) for s in found] == [
        ("net/a b%", b"a b%"),
        ("net", b"default"),
        ("net/prod", b"prod"),
    ]
    assert found[0].written_at.isoformat() == "2026-10-05T06:07:08.123000+00:00"
    assert set(Google.asked) == {""}
    with pytest.raises(RemoteError, match="cannot read gs://other: there is no such bucket or object; check the name"):
        find(["gs://other/tf"])


def test_tokens_of_google(google: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    monkeypatch.setattr("infragod.collect.gcp.storage._ADDRESS", f"http://{google}")
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    monkeypatch.setenv("GCE_METADATA_HOST", google)
    find(["gs://states/tf"])
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    uri = f"http://{google}/token"
    key = {"type": "service_account", "client_email": "a@b", "private_key": pem.decode(), "token_uri": uri}
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(put(tmp_path / "key.json", json.dumps(key))))
    find(["gs://states/tf"])
    monkeypatch.setattr(token, "_TOKEN_ADDRESS", uri)
    user = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(put(tmp_path / "user.json", json.dumps(user))))
    find(["gs://states/tf"])
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "given")
    find(["gs://states/tf"])
    assert list(dict.fromkeys(Google.asked)) == [
        "Bearer by-metadata",
        "Bearer jwt-bearer",
        "Bearer refresh_token",
        "Bearer given",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no file of Google's credentials"),
        ('{"type": "service_account"}', "is no file of Google's credentials"),
        ('{"type": "external_account"}', "credentials of the kind 'external_account', which are not known here"),
        (None, "cannot read"),
    ],
)
def test_credentials_that_are_none(
    google: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None, sentence: str
) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    path = tmp_path / "key.json"
    if text is not None:
        put(path, text)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    with pytest.raises(SetupError, match=sentence):
        find(["gs://states/tf"])


def test_nobody_gives_a_token(monkeypatch: pytest.MonkeyPatch, google: str) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    monkeypatch.setenv("GCE_METADATA_HOST", "127.0.0.1:1")
    with pytest.raises(SetupError, match="there are no credentials for Google Cloud"):
        find(["gs://states/tf"])
