"""Price lists from an address: index, regions, a download that breaks off and goes on, errors in one sentence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.price.importers import lists

from infragod.cli.main import main
from infragod.price import imported

INDEX = "/offers/v1.0/aws/index.json"
REGIONS = "/offers/v1.0/aws/AmazonEC2/current/region_index.json"
LIST = "/offers/v1.0/aws/AmazonEC2/20261101000000/us-east-1/index.json"


class Address:
    """A server of price lists that can break off in the middle of one, and that writes down what it was asked."""

    def __init__(self, content: dict[str, bytes]) -> None:
        self.content = content
        self.breaks: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        span = request.headers.get("range", "")
        self.asked.append((request.path, span))
        body = self.content.get(request.path)
        if body is None:
            request.send_error(404)
            return
        begin = int(span.removeprefix("bytes=").rstrip("-")) if span else 0
        request.send_response(206 if span else 200)
        request.send_header("etag", '"one"')
        request.send_header("content-length", str(len(body) - begin))
        request.end_headers()
        request.wfile.write(body[begin : begin + self.breaks.get(request.path, len(body))])
        request.close_connection = True


@pytest.fixture
def address(tmp_path: Path) -> Iterator[Address]:
    path = tmp_path / "list.json"
    lists.write(path, 1)
    content = {
        INDEX: json.dumps({"offers": {"AmazonEC2": {"currentRegionIndexUrl": REGIONS}}}).encode(),
        REGIONS: json.dumps(
            {"regions": {"us-east-1": {"regionCode": "us-east-1", "currentVersionUrl": LIST}}}
        ).encode(),
        LIST: path.read_bytes(),
    }
    served = Address(content)
    thread = threading.Thread(target=served.server.serve_forever, daemon=True)
    thread.start()
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INFRAGOD_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_lists_come_from_the_index(address: Address, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "import", "aws", "--from", address.url, "--region", "us-east-1"]) == 0
    assert "AWS price list AmazonEC2, us-east-1, 2026-11-01: 252 prices, 0 refused" in capsys.readouterr().out
    assert [path for path, _ in address.asked] == [INDEX, REGIONS, LIST]
    assert imported.number(home) == 1


def test_a_download_that_broke_off_goes_on_where_it_was(
    address: Address, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = len(address.content[LIST]) // 5
    address.breaks = {LIST: part}
    assert main(["prices", "import", "aws", "--from", address.url]) == 2
    assert "broke off" in (said := capsys.readouterr().err)
    assert "run the same command again" in said
    assert imported.number(home) == 0, "nothing came into use"

    address.breaks = {}
    address.asked.clear()
    assert main(["prices", "import", "aws", "--from", address.url]) == 0
    assert address.asked[-1] == (LIST, f"bytes={3 * part}-"), "each of three attempts got a fifth"
    assert "252 prices" in capsys.readouterr().out
    assert imported.number(home) == 1
    assert not list((home / "prices").rglob("*.part")), "nothing is left of it"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--region", "mars-north-1"], "no price list is of mars-north-1; there are some of us-east-1"),
        (["--offer", "AmazonEC3"], "AmazonEC3: no such price list is read; choose of "),
    ],
    ids=["region", "offer"],
)
def test_what_is_not_listed(
    address: Address, home: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main(["prices", "import", "aws", "--from", address.url, *options]) == 2
    assert message in capsys.readouterr().err
    assert imported.number(home) == 0


def test_an_address_where_nobody_answers(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "import", "aws", "--from", "http://127.0.0.1:9"]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert imported.number(home) == 0


def test_an_address_without_an_index(address: Address, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "import", "aws", "--from", f"{address.url}/x"]) == 2
    assert "answers 404" in capsys.readouterr().err
    assert not (home / "prices" / "current").exists()
