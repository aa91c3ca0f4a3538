"""GitHub's and GitLab's comments as their documentation describes them, on a real server on loopback."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

GITHUB = re.compile(r"/repos/[\w.-]+/[\w.-]+/issues/(?:7/comments|comments/(?P<id>\d+))")
GITLAB = re.compile(r"/projects/group%2Fshop/merge_requests/7/notes(?:/(?P<id>\d+))?")
TOKEN = "token-of-the-test"


@dataclass
class Host:
    """A host with one request, number 7; `script` answers come first, whatever is asked."""

    kind: str
    url: str = ""
    page_size: int = 100
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    script: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    foreign: set[int] = field(default_factory=set)
    lose_answer: bool = False
    """The next POST is carried out, but its answer is an error."""
    rival: str = ""
    """Posted by somebody else at the moment of our next POST, just before it."""

    def add(self, body: str, *, foreign: bool = False) -> int:
        number = 1000 + len(self.comments)
        self.comments[number] = {"id": number, "body": body, "user": {"login": "x"}, "system": False}
        if foreign:
            self.foreign.add(number)
        return number

    def answer(self, verb: str, target: str, token: str, body: Any) -> tuple[int, dict[str, str], Any]:
        self.asked.append((verb, target))
        if self.script:
            return self.script.pop(0)
        parts = urlsplit(target)
        found = (GITHUB if self.kind == "github" else GITLAB).fullmatch(parts.path)
        if token != TOKEN:
            return 401, {}, {"message": "Bad credentials"}
        if found is None:
            return 404, {}, {"message": "Not Found"}
        number = int(found["id"]) if found["id"] else None
        return self._page(parts.query) if verb == "GET" else self._change(verb, number, body)

    def _page(self, query: str) -> tuple[int, dict[str, str], Any]:
        asked = {key: int(values[0]) for key, values in parse_qs(query).items() if values[0].isdigit()}
        size = min(asked["per_page"], self.page_size)
        page = asked["page"]
        everything = sorted(self.comments.values(), key=lambda c: int(c["id"]))
        shown = everything[(page - 1) * size : page * size]
        more = page * size < len(everything)
        if self.kind == "gitlab":
            return 200, {"x-next-page": str(page + 1) if more else ""}, shown
        link = f'<{self.url}/elsewhere?page={page + 1}>; rel="next", <{self.url}/x?page=9>; rel="last"'
        return 200, {"link": link} if more else {}, shown

    def _change(  # noqa: PLR0911 - a table of answers
        self, verb: str, number: int | None, body: Any
    ) -> tuple[int, dict[str, str], Any]:
        if verb == "POST":
            if self.rival:
                self.add(self.rival)
                self.rival = ""
            made = self.comments[self.add(body["body"].replace("\n", "\r\n"))]
            if self.lose_answer:
                self.lose_answer = False
                return 502, {}, {}
            return 201, {}, made
        if number not in self.comments:
            return 404, {}, {"message": "Not Found"}
        if number in self.foreign:
            return 403, {}, {"message": "403 Forbidden"}
        if verb == "DELETE":
            del self.comments[number]
            return 204, {}, None
        if verb != ("PATCH" if self.kind == "github" else "PUT"):
            return 405, {}, {}
        self.comments[number]["body"] = body["body"]
        return 200, {}, self.comments[number]


@contextmanager
def serving(host: Host) -> Iterator[Host]:
    """`host`, listening on a free port of this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            token = self.headers.get("private-token") or self.headers.get("authorization", "").removeprefix("Bearer ")
            status, headers, answer = host.answer(self.command, self.path, token, body)
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - the base class finds them so

        def log_message(self, *_: object) -> None:
            """The test's output stays clean."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    host.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
