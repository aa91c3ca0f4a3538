"""A cold process measured: processor time and peak memory of it alone, with compiled bytecode; and what ran it."""

from __future__ import annotations

import compileall
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "infragod"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process took: processor seconds (user and system), peak MiB, exit code."""

    seconds: float
    mebibytes: float
    code: int


def compiled() -> None:
    """Compile our code, as an installation does: a cold start reads bytecode."""
    compileall.compile_dir(str(SOURCE), quiet=2)


def measure(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None, times: int = 5) -> Measured:
    """The least processor time and the largest peak of `times` runs of `command` in `folder`."""
    runs = [_once(command, folder, {**_environment(), **(env or {})}) for _ in range(times)]
    return Measured(min(r.seconds for r in runs), max(r.mebibytes for r in runs), runs[0].code)


def python(*arguments: str) -> list[str]:
    """The command line of this Python."""
    return [sys.executable, *arguments]


def infragod(*arguments: str) -> list[str]:
    """The command line of infragod, as its script starts it."""
    return python("-c", "import sys; from infragod.cli.main import main; sys.exit(main())", *arguments)


def machine() -> str:
    """The machine in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {_processor()}, Python {platform.python_version()}, {platform.system()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _environment() -> dict[str, str]:
    return {n: v for n, v in os.environ.items() if not n.startswith("INFRAGOD_") and n != "PYTHONDONTWRITEBYTECODE"}


def _once(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> Measured:
    process = subprocess.Popen(command, cwd=folder, env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(used.ru_utime + used.ru_stime, _peak(used), process.returncode)


def _peak(used: resource.struct_rusage) -> float:
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return used.ru_maxrss / unit
