"""A cold `infragod check` of 100 and of 10,000 changes, with the built-in rules and prices, beside parsing the JSON.

usage: python benchmarks/check.py [PLAN.json] [--json]

PLAN.json is the plan that is grown; without it, the plans of the example company are.
"""

from __future__ import annotations

import copy
import json
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from infragod.demo.plans import plans
from process import Measured, compiled, infragod, machine, measure, python

COUNTS = (100, 10_000)
GOALS = {100: "1 s", 10_000: "2 s, 250 MiB"}
RULES = """
[rules.mandatory-tags]
keys = ["team", "service", "environment"]
[rules.allowed-instance-types]
types = ["t3.*", "m5.*", "m6i.*", "m7i.*", "db.*", "cache.*"]
[rules.allowed-regions]
regions = ["us-east-1", "us-central1"]
"""


def main() -> None:
    """Print one line a plan, or JSON."""
    compiled()
    given = [a for a in sys.argv[1:] if not a.startswith("-")]
    plan = json.loads(Path(given[0]).read_bytes()) if given else example()
    found = {count: check(plan, count) for count in COUNTS}
    if "--json" in sys.argv:
        rows = [
            {"changes": c, "seconds": m.seconds, "mebibytes": m.mebibytes, "parsing": p.seconds}
            for c, (m, p) in found.items()
        ]
        print(json.dumps({"machine": machine(), "plan": given[0] if given else "example company", "rows": rows}))
        return
    print(f"{machine()}\n\n{'changes':>8}{'check':>10}{'peak':>10}{'json alone':>12}   goal")
    for count, (whole, parsing) in found.items():
        row = f"{count:>8}{whole.seconds:>8.2f} s{whole.mebibytes:>6.0f} MiB{parsing.seconds:>10.2f} s"
        print(f"{row}   {GOALS[count]}")


def check(plan: dict[str, Any], count: int, times: int = 3) -> tuple[Measured, Measured]:
    """What the check of `plan` grown to `count` changes takes, and what parsing its JSON takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "infragod.toml").write_text(f'home = "{folder / "home"}"\n{RULES}', encoding="utf-8")
        path = folder / "plan.json"
        path.write_text(json.dumps(grown(plan, count)), encoding="utf-8")
        measure(infragod("check", "plan.json", "--no-record"), folder, times=1)  # makes the database
        whole = measure(infragod("check", "plan.json", "--no-record"), folder, times=times)
        if whole.code not in (0, 1, 3):
            raise SystemExit(f"the check ended with {whole.code}: no figure")
        read = "import json, sys; json.load(open(sys.argv[1], 'rb'))"
        return whole, measure(python("-c", read, str(path)), folder, times=times)


def grown(plan: dict[str, Any], count: int) -> dict[str, Any]:
    """`plan` with `count` changes: its own, again and again under modules of their own."""
    changes = plan["resource_changes"]
    more = []
    for n in range(count):
        change = copy.copy(changes[n % len(changes)])
        module = f"module.grown_{n // len(changes)}"
        inner = change.get("module_address")
        change["address"] = f"{module}.{change['address']}"
        change["module_address"] = f"{module}.{inner}" if inner else module
        more.append(change)
    return {**plan, "resource_changes": more}


def example() -> dict[str, Any]:
    """The changes of the example company's plans in one."""
    documents = [plan.document for plan in plans(date(2026, 11, 22))]
    return {**documents[0], "resource_changes": [c for d in documents for c in d["resource_changes"]]}


if __name__ == "__main__":
    main()
