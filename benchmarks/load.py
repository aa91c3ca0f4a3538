"""Load of FOCUS Parquet against DuckDB's own COPY: `python benchmarks/load.py [--rows N] [--ceiling RATIO]`.

Both run on two threads over the same files, in processes of their own that have imported what they need. The peer is
the plainest statement that does the least: one COPY of all files into one, of the columns that the files have, in the
lake's types, with the lake's own compression and row groups, in no order. The load also hashes every file, checks every
row, mends, gives each row its owner, writes a file a month, commits, and reads the totals back.

The best of `--times` runs each, in turn. Processor seconds are printed too: they are what a busy machine changes least.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOAD = """
import resource, sys, time
from pathlib import Path
import duckdb, deltalake
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.pipeline import load
from infragod.progress import SILENT
began, used = time.perf_counter(), time.process_time()
load(Lake(Path(sys.argv[2])), [Path(sys.argv[1])], "bench", Ownership.read(Path("missing.toml")), SILENT)
print(time.perf_counter() - began, time.process_time() - used)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""

COPY = """
import resource, sys, time
import duckdb
from infragod.focus import COST_COLUMNS
from infragod.lake.replace import PARQUET
began, used = time.perf_counter(), time.process_time()
connection = duckdb.connect(config={"threads": 2})
connection.execute("SET TimeZone = 'UTC'")
connection.execute("SET enable_progress_bar = false")
connection.execute("SET preserve_insertion_order = false")
files = f"read_parquet('{sys.argv[1]}/**/*.parquet', hive_partitioning = false)"
there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()}
columns = ", ".join(f'CAST("{c.name}" AS {c.sql_type}) AS "{c.name}"' for c in COST_COLUMNS if c.name in there)
connection.execute(f"COPY (SELECT {columns} FROM {files}) TO '{sys.argv[2]}' ({PARQUET})")
print(time.perf_counter() - began, time.process_time() - used)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds by the clock, seconds of the processor, greatest MiB."""

    seconds: float
    processor: float
    memory: float


def bills(folder: Path, rows: int, months: int) -> Path:
    """FOCUS 1.2 rows in Parquet, a folder a month, alike for the same arguments."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    template = (Path(__file__).parent / "bills.sql").read_text(encoding="utf-8")
    for month in range(months):
        target = folder / f"billing_period=2025-{month + 1:02d}"
        target.mkdir(parents=True)
        select = template.replace(":month", str(month)).replace(":rows", str(rows // months))
        connection.execute(f"COPY ({select}) TO '{target}/part-0.parquet' (FORMAT parquet, COMPRESSION zstd)")
    return folder


def compare(source: Path, work: Path, times: int) -> tuple[Run, Run]:
    """The best COPY and the best load of the files in `source`, in turn, so that both meet the same machine."""
    copies, loads = [], []
    for number in range(times):
        copies.append(_measured(COPY, source, work / f"{number}.parquet"))
        loads.append(_measured(LOAD, source, work / f"lake-{number}"))
        (work / f"{number}.parquet").unlink()
        shutil.rmtree(work / f"lake-{number}")
    return _best(copies), _best(loads)


def _measured(code: str, *arguments: Path) -> Run:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    return Run(*map(float, done.stdout.split()))


def _best(runs: Sequence[Run]) -> Run:
    return Run(min(r.seconds for r in runs), min(r.processor for r in runs), max(r.memory for r in runs))


def main() -> int:
    """Measure both, print a table, and fail above the ceiling."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=4)
    parser.add_argument("--times", type=int, default=3, help="runs of each; the best counts")
    parser.add_argument("--ceiling", type=float, default=1.5, help="greatest ratio of load to copy")
    parser.add_argument("--bills", type=Path, help="folder of billing_period=… folders to load instead of made ones")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="infragod-load-") as folder:
        source = args.bills or bills(Path(folder) / "bills", args.rows, args.months)
        copied, loaded = compare(source, Path(folder), args.times)
    ratio = loaded.seconds / copied.seconds
    print(f"{'':<16}{'seconds':>10}{'processor':>11}{'MiB':>10}")
    for name, run in (("DuckDB COPY", copied), ("infragod load", loaded)):
        print(f"{name:<16}{run.seconds:>10.2f}{run.processor:>11.2f}{run.memory:>10.0f}")
    print(f"ratio {ratio:.2f} (at most {args.ceiling}); of processor time {loaded.processor / copied.processor:.2f}")
    return int(ratio > args.ceiling)


if __name__ == "__main__":
    sys.exit(main())
