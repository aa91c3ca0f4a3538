"""A load joined with Terraform's states against the same load without: `python benchmarks/join.py [--narrow]`.

The rows are those of `bills.sql`, wide (57 columns) or narrow (the 21 that a bill cannot do without), and name
`--resources` resources by ARN, id, or Google's full name. The states hold them all, in 400 workspaces, by the ids that
Terraform keeps; one in fifty was renamed in the midst of the time. Each load runs in a process of its own that has
imported what it needs and has the estate in memory as the database gives it. The best of `--times` runs each, in turn;
what counts is processor time.
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

HERE = Path(__file__).parent
NARROW = """
    BilledCost, BillingAccountId, BillingAccountName, BillingCurrency, BillingPeriodEnd, BillingPeriodStart,
    ChargeCategory, ChargeClass, ChargeDescription, ChargePeriodEnd, ChargePeriodStart, ContractedCost, EffectiveCost,
    InvoiceIssuerName, ListCost, PricingQuantity, PricingUnit, ProviderName, ResourceId, ServiceCategory, ServiceName
"""
PLAIN = "'arn:example:machine:' || md5(r::VARCHAR) AS \"ResourceId\""
ID = """
    CASE hash(r, 'form') % 10
        WHEN 0 THEN '//compute.googleapis.com/projects/p-' || (r % 40) || '/zones/europe-west1-b/instances/'
            || left(md5(r::VARCHAR), 12)
        WHEN 1 THEN 'arn:aws:rds:us-east-1:123456789012:db:db-' || r
        WHEN 2 THEN 'bucket-' || left(md5(r::VARCHAR), 16)
        WHEN 3 THEN 'arn:aws:ec2:us-east-1:123456789012:volume/vol-0' || left(md5(r::VARCHAR), 16)
        ELSE 'i-0' || left(md5(r::VARCHAR), 16)
    END AS "ResourceId"
"""

LOAD = """
import resource, sys, time
from pathlib import Path
import duckdb, deltalake
from infragod.lake.join import Estate
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.pipeline import load
from infragod.progress import SILENT
from infragod.terraform.estate.store import RESOURCE_COLUMNS
known = None
if len(sys.argv) > 3:
    reader = duckdb.connect()
    reader.execute("SET enable_progress_bar = false")
    rows = reader.execute(f"SELECT {', '.join(RESOURCE_COLUMNS)} FROM '{sys.argv[3]}'").fetchall()
    known = Estate(RESOURCE_COLUMNS, dict(zip(RESOURCE_COLUMNS, map(list, zip(*rows)))))
began, used = time.perf_counter(), time.process_time()
load(Lake(Path(sys.argv[2])), [Path(sys.argv[1])], "bench", Ownership.read(Path("missing.toml")), SILENT, estate=known)
print(time.perf_counter() - began, time.process_time() - used)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds by the clock, seconds of the processor, greatest MiB."""

    seconds: float
    processor: float
    memory: float


def bills(folder: Path, rows: int, months: int, resources: int, *, narrow: bool) -> Path:
    """Rows of `bills.sql` whose ids are in as many forms as real bills have them, a folder a month."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    template = (HERE / "bills.sql").read_text(encoding="utf-8").replace("50000", str(resources))
    template = template.replace(PLAIN, ID)
    columns = NARROW if narrow else "*"
    for month in range(months):
        target = folder / f"billing_period=2025-{month + 1:02d}"
        target.mkdir(parents=True)
        select = template.replace(":month", str(month)).replace(":rows", str(rows // months))
        select = f"WITH bill AS ({select}) SELECT {columns} FROM bill"
        connection.execute(f"COPY ({select}) TO '{target}/part-0.parquet' (FORMAT parquet, COMPRESSION zstd)")
    return folder


def estate(path: Path, resources: int) -> Path:
    """What the states know of them, as columns in a Parquet file."""
    import duckdb

    select = (HERE / "states.sql").read_text(encoding="utf-8").replace(":resources", str(resources))
    duckdb.connect(config={"threads": 2}).execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def compare(source: Path, known: Path, work: Path, times: int) -> tuple[Run, Run]:
    """The best load without and with the states, in turn, so that both meet the same machine."""
    plain, joined = [], []
    for _ in range(times):
        plain.append(_measured(source, work / "plain"))
        joined.append(_measured(source, work / "joined", known))
    return _best(plain), _best(joined)


def _measured(source: Path, lake: Path, *known: Path) -> Run:
    command = [sys.executable, "-c", LOAD, *map(str, (source, lake, *known))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    shutil.rmtree(lake)
    return Run(*map(float, done.stdout.split()))


def _best(runs: Sequence[Run]) -> Run:
    return Run(min(r.seconds for r in runs), min(r.processor for r in runs), max(r.memory for r in runs))


def main() -> int:
    """Measure both, print a table, and fail above the ceiling."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--months", type=int, default=4)
    parser.add_argument("--resources", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=3, help="runs of each; the best counts")
    parser.add_argument("--narrow", action="store_true", help="rows of 21 columns; without it, of 57")
    parser.add_argument("--ceiling", type=float, default=1.5, help="greatest ratio of processor time")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="infragod-join-") as folder:
        work = Path(folder)
        source = bills(work / "bills", args.rows, args.months, args.resources, narrow=args.narrow)
        plain, joined = compare(source, estate(work / "estate.parquet", args.resources), work, args.times)
    ratio = joined.processor / plain.processor
    width = "narrow" if args.narrow else "wide"
    print(f"{args.rows:,} {width} rows, {args.resources:,} resources")
    print(f"{'':<16}{'seconds':>10}{'processor':>11}{'MiB':>10}")
    for name, run in (("load", plain), ("load and join", joined)):
        print(f"{name:<16}{run.seconds:>10.2f}{run.processor:>11.2f}{run.memory:>10.0f}")
    print(f"ratio of processor time {ratio:.2f} (at most {args.ceiling})")
    return int(ratio > args.ceiling)


if __name__ == "__main__":
    sys.exit(main())
