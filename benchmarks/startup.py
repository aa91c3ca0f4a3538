"""A cold `infragod --help`, beside a Python that does nothing: processor time, with compiled bytecode.

usage: python benchmarks/startup.py [--json]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from process import compiled, infragod, machine, measure, python

GOAL = 0.25


def main() -> None:
    """Print one line a command, or JSON."""
    compiled()
    commands = {"python -c pass": python("-c", "pass"), "infragod --help": infragod("--help")}
    commands["infragod check --help"] = infragod("check", "--help")
    with tempfile.TemporaryDirectory() as folder:
        found = {name: measure(command, Path(folder), times=9) for name, command in commands.items()}
    if "--json" in sys.argv:
        rows = [{"command": n, "seconds": m.seconds, "mebibytes": m.mebibytes} for n, m in found.items()]
        print(json.dumps({"machine": machine(), "rows": rows}))
        return
    print(f"{machine()}\n")
    for name, measured in found.items():
        print(f"{name:<24}{measured.seconds:8.3f} s {measured.mebibytes:8.0f} MiB")
    print(f"\nGoal of infragod --help: {GOAL} s")


if __name__ == "__main__":
    main()
