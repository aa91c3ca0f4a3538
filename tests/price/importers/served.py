"""A server of pages that writes down what it was asked, and that can refuse, break off, or ask for patience."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Mapping[str, str], bytes]
Asked = tuple[str, dict[str, str], Mapping[str, str]]  # path, parameters, headers


class Pages:
    """The server; `answer` says what it answers to a path and its parameters."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Any]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.next: list[Answer] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.handle(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer as the list of next answers says, else as the pages are."""
        parts = urlsplit(request.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, parameters, dict(request.headers)))
        if self.next:
            status, headers, body = self.next.pop(0)
        else:
            page = self.answer(parts.path, parameters)
            status, headers, body = (404, {}, b"{}") if page is None else (200, {}, json.dumps(page).encode())
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if "content-length" not in headers:
            request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
        request.close_connection = True

    @property
    def paths(self) -> list[str]:
        """The paths that were asked, in their order."""
        return [path for path, _, _ in self.asked]


@contextmanager
def serving(answer: Callable[[str, dict[str, str]], Any]) -> Iterator[Pages]:
    """Serve pages while it lasts."""
    pages = Pages(answer)
    threading.Thread(target=pages.server.serve_forever, daemon=True).start()
    try:
        yield pages
    finally:
        pages.server.shutdown()
        pages.server.server_close()
