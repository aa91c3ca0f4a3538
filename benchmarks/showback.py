"""Showback by month, team and service through the lake against the same SQL by hand: `python benchmarks/showback.py`.

By hand is DuckDB over the same Parquet files, its connection made anew as the lake's is; the best of several runs each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from load import bills

SELECT = (
    'SELECT x_billing_period, x_team, x_service, sum("EffectiveCost") AS cost FROM {cost} '
    "GROUP BY x_billing_period, x_team, x_service ORDER BY ALL"
)


def best(run: Callable[[], Any], times: int) -> tuple[float, Any]:
    """The least seconds of `times` runs, and what the last gave."""
    least, result = float("inf"), None
    for _ in range(times):
        began = time.perf_counter()
        result = run()
        least = min(least, time.perf_counter() - began)
    return least, result


def main() -> int:
    """Measure both, print a table, and fail above the ceiling or where the rows differ."""
    import duckdb

    from infragod.lake.lake import Lake
    from infragod.org.ownership import Ownership
    from infragod.pipeline import load
    from infragod.progress import SILENT

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=4)
    parser.add_argument("--ceiling", type=float, default=1.3, help="greatest ratio of the lake to the SQL by hand")
    parser.add_argument("--lake", type=Path, help="a lake that is loaded already")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="infragod-showback-") as work:
        root = args.lake or Path(work) / "lake"
        if args.lake is None:
            source = bills(Path(work) / "bills", args.rows, args.months)
            load(Lake(root), [source], "bench", Ownership.read(Path("missing.toml")), SILENT)
        files = [str(path) for path in Lake(root).files("cost")]

        def by_hand() -> list[Any]:
            with duckdb.connect(config={"threads": 2}) as connection:
                return connection.execute(SELECT.format(cost="read_parquet($files)"), {"files": files}).fetchall()

        def through_lake() -> list[Any]:
            with Lake(root).engine() as engine:
                return engine.run(SELECT.format(cost="cost"))

        hand, expected = best(by_hand, 5)
        lake, rows = best(through_lake, 5)
    print(f"{'by hand':<10}{hand:>8.3f} s")
    print(f"{'lake':<10}{lake:>8.3f} s")
    print(f"ratio {lake / hand:.2f} (at most {args.ceiling}), {len(rows):,} rows")
    return int(rows != expected or lake > hand * args.ceiling)


if __name__ == "__main__":
    sys.exit(main())
