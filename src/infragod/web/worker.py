"""A process that decides on plans for the server: requests come by standard input, documents go to standard output.

Python runs one thread at a time, so a server that decided by itself would use one processor. All else (pages, sessions,
webhooks, run tasks) stays in the server's own process. A worker ends when its input ends, so also with the server.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import traceback
from contextlib import closing
from typing import IO, Any, Final

import msgspec

from infragod.errors import InfragodError
from infragod.gate import CheckRequest, House, check
from infragod.policy.decision import document
from infragod.settings import Settings

_LENGTH: Final = struct.Struct(">Q")


def send(stream: IO[bytes], content: bytes) -> None:
    """Write one message."""
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read one message; None where the other side has ended."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = stream.read(length)
    return content if len(content) == length else None


def packed(content: Any) -> bytes:
    """A message between the server and its own workers."""
    return pickle.dumps(content, pickle.HIGHEST_PROTOCOL)


def unpacked(content: bytes) -> Any:
    """The message again: it comes by a pipe that only the server and its worker hold."""
    return pickle.loads(content)  # noqa: S301


Answer = bytes | InfragodError | None
"""A decision's document as JSON, or why there is none; None where the fault is ours, and in the log."""


class Checker:
    """Decides with a house that is opened once; as often as that fails, it is tried again with the next request."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._house: House | None = None

    def answer(self, request: CheckRequest) -> Answer:
        """What becomes of a request."""
        try:
            self._house = self._house or House.open(self._settings)
            return msgspec.json.encode(document(check(request, self._house)))
        except InfragodError as error:
            return error
        except Exception:  # noqa: BLE001  # whatever it is, the next plan is decided
            traceback.print_exc()
            return None

    def close(self) -> None:
        """Let go of the stores."""
        if self._house is not None:
            self._house.database.close()


def work(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Decide until no more requests come."""
    first = receive(requests)
    if first is None:
        return
    with closing(Checker(unpacked(first))) as checker:
        while (content := receive(requests)) is not None:
            send(answers, packed(checker.answer(unpacked(content))))


def main() -> None:
    """Work for the server that started this process; what is printed by mistake goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the server's matter: it lets requests under way finish
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    work(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
