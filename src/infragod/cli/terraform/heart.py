"""Signs of life of an apply: a process beside it tells the gate that it goes on, as long as it does.

It is told by a pipe whose other end the wrapper and the real program hold. While one of them lives, the pipe is open:
so it goes on where the wrapper alone was killed or stopped, and ends when nothing is left that could change anything.
"""

from __future__ import annotations

import pickle
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from infragod.cli.terraform import gates
from infragod.errors import InfragodError
from infragod.settings import Settings

SECONDS = 60.0
_PATIENCE: Final = 5.0


@contextmanager
def beating(settings: Settings, held: gates.Held) -> Iterator[tuple[int, ...]]:
    """The heart beats inside the block, and as long as somebody holds the descriptor that it gives."""
    command = [sys.executable, "-P", "-m", "infragod.cli.terraform.heart"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
    assert process.stdin is not None  # noqa: S101  # as it was asked for
    pipe = process.stdin
    try:
        with suppress(BrokenPipeError):
            pickle.dump((settings, held, SECONDS), pipe)
            pipe.flush()
        yield (pipe.fileno(),)
    finally:
        with suppress(BrokenPipeError):
            pipe.close()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.terminate()  # a program that the apply left running holds the pipe
            process.wait()


def beat(settings: Settings, held: gates.Held, seconds: float, pipe: int) -> None:
    """Tell that the apply goes on, at once and every so often, until the pipe ends or nobody wants to know."""
    gate = gates.gate(settings)
    while True:
        try:
            gate.beat(held)
        except gates.RefusedError:
            return
        except InfragodError:
            pass  # what could not be told now, the next beat tells
        if select.select([pipe], [], [], seconds)[0]:
            return


def main() -> None:
    """Beat for the wrapper that started this process, by what it says first."""
    settings, held, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301  # only the wrapper and its apply hold it
    beat(settings, held, seconds, sys.stdin.fileno())


if __name__ == "__main__":
    main()
