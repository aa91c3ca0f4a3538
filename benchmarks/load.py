"""Load of FOCUS Parquet against DuckDB's own COPY: `python benchmarks/load.py [--rows N] [--ceiling RATIO]`.

Both run in processes of their own, on two threads, over the same files. The peer copies the columns that the file has,
in the lake's types and with its compression and row groups, and does nothing else: no owners, no checks, no mends.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LOAD = """
import resource, sys, time
from pathlib import Path
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.pipeline import load
from infragod.progress import SILENT
began = time.perf_counter()
load(Lake(Path(sys.argv[2])), [Path(sys.argv[1])], "bench", Ownership.read(Path("missing.toml")), SILENT)
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""

COPY = """
import resource, sys, time
import duckdb
from infragod.focus import COST_COLUMNS
from pathlib import Path
connection = duckdb.connect(config={"threads": 2})
connection.execute("SET TimeZone = 'UTC'")
connection.execute("SET enable_progress_bar = false")
began = time.perf_counter()
for number, folder in enumerate(sorted(Path(sys.argv[1]).iterdir())):
    files = f"read_parquet('{folder}/*.parquet', hive_partitioning = false)"
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()}
    columns = ", ".join(f'CAST("{c.name}" AS {c.sql_type}) AS "{c.name}"' for c in COST_COLUMNS if c.name in there)
    connection.execute(
        f"COPY (SELECT {columns} FROM {files}) TO '{sys.argv[2]}/{number}.parquet' "
        "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
    )
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


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


def measured(code: str, *arguments: Path) -> tuple[float, float]:
    """Seconds and MiB of `code` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def main() -> int:
    """Measure both, print a table, and fail above the ceiling."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=4)
    parser.add_argument("--ceiling", type=float, default=1.5, help="greatest ratio of load to copy")
    parser.add_argument("--bills", type=Path, help="folder of billing_period=… folders to load instead of made ones")
    args = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="infragod-load-"))
    try:
        source = args.bills or bills(work / "bills", args.rows, args.months)
        (work / "copy").mkdir()
        copied = measured(COPY, source, work / "copy")
        loaded = measured(LOAD, source, work / "lake")
    finally:
        shutil.rmtree(work)
    ratio = loaded[0] / copied[0]
    print(f"{'':<16}{'seconds':>10}{'MiB':>10}")
    print(f"{'DuckDB COPY':<16}{copied[0]:>10.2f}{copied[1]:>10.0f}")
    print(f"{'infragod load':<16}{loaded[0]:>10.2f}{loaded[1]:>10.0f}")
    print(f"ratio {ratio:.2f} (at most {args.ceiling})")
    return int(ratio > args.ceiling)


if __name__ == "__main__":
    sys.exit(main())
