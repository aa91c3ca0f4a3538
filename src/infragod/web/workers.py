"""The processes that decide on plans, one a processor, and the server's side of them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from queue import SimpleQueue
from typing import IO, Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool

from infragod.errors import InfragodError
from infragod.gate import CheckRequest
from infragod.settings import Settings
from infragod.web.errors import RequestError
from infragod.web.worker import Answer, packed, receive, send, unpacked

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a plan up to which it goes to a worker; a larger one would be held twice."""
_END_SECONDS: Final = 30
_ENVIRONMENT: Final = {"GLIBC_TUNABLES": "glibc.malloc.tcache_max=65536:glibc.malloc.mmap_threshold=67108864"}
"""DuckDB takes and gives back blocks of some kilobytes for each operator; kept by the thread they cost less."""


class Workers:
    """A number of workers; each is started when it is first needed, and anew after it died."""

    def __init__(self, settings: Settings, count: int) -> None:
        self.count = count
        self._settings = settings
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all = [_Worker(settings) for _ in range(count)]
        for worker in self._all:
            self._idle.put(worker)

    def decide(self, request: CheckRequest) -> dict[str, Any]:
        """The decision's document, as a worker made it; waits for one that is free."""
        worker = self._idle.get()
        try:
            found = worker.ask(request)
        finally:
            self._idle.put(worker)
        if found is None:
            raise RuntimeError("a plan could not be decided on; the fault is in this log, above")
        if isinstance(found, InfragodError):
            raise found
        document: dict[str, Any] = msgspec.json.decode(found)
        return document

    def start(self) -> None:
        """Start them all, so that the first request waits for none."""
        for worker in self._all:
            worker.start()

    def close(self) -> None:
        """Let each finish what it does, and end."""
        for worker in self._all:
            worker.close()


@asynccontextmanager
async def working(workers: Workers | None) -> AsyncIterator[None]:
    """The workers live as long as the block."""
    if workers is None:
        yield
        return
    await run_in_threadpool(workers.start)
    try:
        yield
    finally:
        await run_in_threadpool(workers.close)


class _Worker:
    """One process; used by one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._closed = False

    def ask(self, request: CheckRequest) -> Answer:
        with self._turn:
            try:
                requests, answers = self._pipes()
                send(requests, packed(request))
                content = receive(answers)
            except BrokenPipeError:
                content = None
            if content is None:
                self._end()
                raise RequestError(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    "the process that decided on the plan ended; send the plan again",
                    {"retry-after": "1"},
                )
        found: Answer = unpacked(content)
        return found

    def start(self) -> None:
        with self._turn:
            self._pipes()

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._end()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._closed:
            raise BrokenPipeError
        if self._process is None:
            command = [
                sys.executable,
                "-P",
                "-m",
                "infragod.web.worker",
            ]  # -P: the working folder is no place to import from
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**_ENVIRONMENT, **os.environ}
            )
            assert self._process.stdin is not None  # noqa: S101  # as it was asked for
            send(self._process.stdin, packed(self._settings))
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        return self._process.stdin, self._process.stdout

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(BrokenPipeError):
            process.communicate(timeout=_END_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
