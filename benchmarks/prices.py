"""Import of one of AWS's price lists, as large as EC2's: seconds, MB a second, peak memory.

usage: python benchmarks/prices.py [--families N]

Goals: at least 20 MB a second, at most 200 MiB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from process import compiled, infragod, machine, measure

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.price.importers import lists

GOALS: Final = {"MB a second": 20, "MiB": 200}


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser()
    options.add_argument("--families", type=int, default=65, help="instance families of the list; 65 make 456 MB")
    given = options.parse_args()
    compiled()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "list.json"
        size = lists.write(path, given.families) / 1e6
        command = infragod("prices", "import", "aws", "--from", str(path))
        run = measure(command, Path(name), {"INFRAGOD_HOME": f"{name}/home"}, times=1)
    print(f"{machine()}\n\n{size:.0f} MB: exit {run.code}, {run.seconds:.1f} s of processor time, ", end="")
    print(f"{size / run.seconds:.0f} MB a second (goal {GOALS['MB a second']}), {run.mebibytes:.0f} MiB", end="")
    print(f" (goal {GOALS['MiB']})")


if __name__ == "__main__":
    main()
