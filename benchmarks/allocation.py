"""A month of ten million rows, 300 shared pools in five levels: `python benchmarks/allocation.py`.

The rows are 2,000 resources of 30 teams and 300 services in two currencies, one row in ten of a shared pool and one in
nine of nobody. Pools of a level give to ten of the next and to services by turns: evenly, by fixed shares, by cost and
by usage. Made with DuckDB as Parquet, measured in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

POOLS, LEVELS, SERVICES, TEAMS = 300, 5, 300, 30
ROWS = """
SELECT
  '2026-10' AS x_billing_period,
  CASE WHEN r % 10 = 0 THEN 'EUR' ELSE 'USD' END AS BillingCurrency,
  CASE WHEN r % 9 = 0 THEN NULL ELSE 'team-' || (r % 30) END AS x_team,
  CASE WHEN r % 10 = 1 THEN 'shared-' || (hash(r) % 300) ELSE 'service-' || (hash(r) % 300) END AS x_service,
  'CC-' || (r % 30) AS x_cost_centre,
  'resource-' || (hash(r) % 2000) AS ResourceId,
  CASE WHEN r % 50 = 0 THEN 'Tax' ELSE 'Usage' END AS ChargeCategory,
  ['Compute', 'Storage', 'Network', 'Database'][1 + r % 4] AS ServiceCategory,
  CASE WHEN r % 7 = 0 THEN 'sp-' || (r % 40) END AS CommitmentDiscountId,
  CASE WHEN r % 7 <> 0 THEN NULL WHEN r % 70 = 0 THEN 'Unused' ELSE 'Used' END AS CommitmentDiscountStatus,
  CAST(((hash(r) >> 7) % 1000000007) / 100000 AS DECIMAL(38, 12)) AS EffectiveCost,
  CAST(((hash(r) >> 9) % 1000000007) / 100000 AS DECIMAL(38, 12)) AS BilledCost,
  CAST(((hash(r) >> 7) % 1000000007) / 90000 AS DECIMAL(38, 12)) AS ContractedCost,
  CAST(((hash(r) >> 7) % 1000000007) / 80000 AS DECIMAL(38, 12)) AS ListCost
FROM range({rows}) AS t(r)
"""


def plan() -> str:
    """An allocation.toml of 300 pools in five levels."""
    lines = ['[commitments]\nunused = "users"\nsavings = "pool:pool-299"']
    size = POOLS // LEVELS
    for i in range(POOLS):
        level, at = divmod(i, size)
        after = [(level + 1) * size + (at * 7 + j) % size for j in range(10)] if level + 1 < LEVELS else []
        to = [*(f"pool:pool-{n}" for n in after), *(f"service:service-{(i * 3 + j) % SERVICES}" for j in range(30))]
        lines.append(f'[[pool]]\nname = "pool-{i}"\nmatch.x_service = "shared-{i}"')
        lines.append(_method(i, to))
    return "\n".join([*lines, '[untagged]\nmethod = "proportional"\nto = "team:*"'])


def _method(i: int, to: list[str]) -> str:
    if i % 4 == 0:
        return f'method = "even"\nto = {to}'
    if i % 4 == 1:
        share = Decimal(100) / 50
        rest = 100 - share * (len(to) - 1)
        given = ", ".join(f'"{target}" = {share if n else rest}' for n, target in enumerate(to))
        return f'method = "fixed"\npercent = {{{given}}}'
    if i % 4 == 2:
        return f'method = "proportional"\nto = {to}\nof.ServiceCategory = "Compute"'
    return f'method = "usage"\nkey = "requests-{i}"'


def measured(path: Path) -> int:
    """Allocate the rows of `path`, and say what it took."""
    from infragod.finance.allocation.allocate import allocate
    from infragod.finance.allocation.plan import parse
    from infragod.focus import BASES
    from infragod.lake.engine import Engine
    from infragod.org.organisation import Organisation, Service, Team

    company = Organisation(
        tuple(Team(f"team-{i}", f"CC-{i}") for i in range(TEAMS)),
        tuple(Service(f"service-{i}", f"team-{i % TEAMS}") for i in range(SERVICES)),
    )
    targets = {f"service:service-{i}": Decimal(i + 1) for i in range(100)}
    usage = {("2026-10", f"requests-{i}"): targets | _later(i) for i in range(POOLS)}
    began, cpu = time.perf_counter(), time.process_time()
    with Engine.files() as engine:
        engine.run(f"CREATE VIEW cost AS SELECT * FROM read_parquet('{path}')")
        allocate(engine, parse(plan()), company, usage)
        took, worked = time.perf_counter() - began, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        count = engine.run("SELECT COUNT(*) FROM allocated")[0][0]
        sums = ", ".join(f"SUM({c})" for c in BASES.values())
        equal = len({*engine.run(f"SELECT {sums} FROM allocated"), *engine.run(f"SELECT {sums} FROM cost")}) == 1
    print(f"{took:.1f} s by the clock, {worked:.1f} s of processor time, {peak} MiB, {count:,} rows, equal: {equal}")
    return int(not equal)


def _later(i: int) -> dict[str, Decimal]:
    size = POOLS // LEVELS
    level = i // size
    return {f"pool:pool-{(level + 1) * size + j}": Decimal(5) for j in range(10)} if level + 1 < LEVELS else {}


def main() -> int:
    """Make the rows, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--measured", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measured:
        return measured(args.measured)
    with tempfile.TemporaryDirectory(prefix="infragod-allocation-") as work:
        from infragod.lake.engine import Engine

        path = Path(work) / "month.parquet"
        with Engine.files() as engine:
            engine.write(ROWS.format(rows=args.rows), None, path)
        command = [sys.executable, __file__, "--measured", str(path)]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
