"""Every benchmark, one after the other, by `python -m benchmarks`.

Each prints the machine and its own table; the figures of docs/benchmarks.md come from here.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = ("startup", "plan", "check", "load", "join", "showback", "server", "pages", "prices", "allocation")


def main() -> int:
    """Run them all; the exit code is the worst."""
    codes = []
    for name in BENCHMARKS:
        print(f"\n== {name}", flush=True)
        codes.append(subprocess.run([sys.executable, str(HERE / f"{name}.py"), *sys.argv[1:]], check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
