"""Run the real program as if it had been called itself: its streams, its terminal, its signals, its exit code."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from infragod.errors import InputError, SetupError
from infragod.terraform import binary

_FORWARDED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_FROM_THE_TERMINAL: Final = (signal.SIGINT, signal.SIGQUIT)
_SIGNALLED: Final = 128
_STEP: Final = 1 << 16


def program(name: str) -> str:
    """The path of the program; ``SetupError`` if there is none."""
    found = shutil.which(name)
    if found is None:
        raise SetupError(f"{name} is not on PATH; install it, or call the one that is there")
    return found


def run(words: Sequence[str], environment: Mapping[str, str] | None = None, kept: Sequence[int] = ()) -> int:
    """Run it to its end and give its exit code; signals that we get, it gets, once; it keeps the files `kept`.

    In a terminal it shares our process group, so that Ctrl+C reaches it from there and Ctrl+Z stops both; elsewhere it
    has a group of its own, so that a signal to our whole group reaches it through us alone: a second interrupt would
    make Terraform let go of everything at once.
    """
    _flush()
    terminal = _has_terminal()
    running: list[subprocess.Popen[bytes]] = []
    missed: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        if terminal and number in _FROM_THE_TERMINAL:
            return  # the terminal has told it already
        if running:
            running[0].send_signal(number)
        else:
            missed.append(number)

    with _handling(forward):
        process = subprocess.Popen(
            list(words),
            env=os.environ if environment is None else environment,
            process_group=None if terminal else 0,
            pass_fds=kept,
        )
        running.append(process)
        for number in missed:
            process.send_signal(number)
        code = process.wait()
    return code if code >= 0 else _SIGNALLED - code


def replace(words: Sequence[str]) -> NoReturn:
    """Become the program: nothing of ours is left between it and its caller."""
    _flush()
    os.execv(words[0], list(words))  # noqa: S606 - no shell is wanted


def output(words: Sequence[str], environment: Mapping[str, str], limit: int) -> bytes:
    """What it prints to standard output; ``InputError`` with its own words if it fails, or prints more than `limit`."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complaint:
        process = subprocess.run(
            list(words), env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=complaint, check=False
        )
        if process.returncode:
            complaint.seek(0)
            why = binary.sentence(complaint.read(_STEP).decode(errors="replace"), process.returncode)
            raise InputError(f"{Path(words[0]).name} cannot show what is to be checked: {why}")
        if said.tell() > limit:
            raise InputError(f"{Path(words[0]).name} shows {said.tell():,} bytes, and a plan may have {limit:,}")
        said.seek(0)
        return said.read()


@contextmanager
def _handling(handler: object) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _FORWARDED}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _has_terminal() -> bool:
    """Whether we are in the foreground of a terminal."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
