"""A killed load leaves each month whole, old or new; two loads at once end well.

`INFRAGOD_KILLS=200 pytest tests/lake/test_kill.py` is the long version.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from infragod.lake.lake import Lake

KILLS = int(os.environ.get("INFRAGOD_KILLS", "12"))
ROWS = 4000

LOAD = """
import sys
from pathlib import Path
from infragod.errors import InfragodError
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.pipeline import load
from infragod.progress import SILENT
try:
    load(Lake(Path(sys.argv[1])), [Path(sys.argv[2])], "test", Ownership(()), SILENT)
except InfragodError as error:
    sys.exit(str(error))
"""


def _bills(write_bill: Any) -> list[Path]:
    """Two states of the same two months, told apart by what every row costs."""
    september = {"BillingPeriodStart": "2026-09-01", "BillingPeriodEnd": "2026-10-01"}
    return [
        write_bill(f"{cost}.csv", [{"BilledCost": str(cost), **(september if n % 2 else {})} for n in range(ROWS)])
        for cost in (1, 2)
    ]


def _start(lake: Lake, bill: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", LOAD, str(lake.root), str(bill)], stderr=subprocess.PIPE, text=True)


def _months(lake: Lake) -> list[tuple[Any, ...]]:
    with lake.engine() as engine:
        return engine.run('SELECT x_billing_period, count(*), sum("BilledCost") FROM cost GROUP BY 1 ORDER BY 1')


def _whole(cost: int) -> list[tuple[Any, ...]]:
    return [(month, ROWS // 2, Decimal(cost * ROWS // 2)) for month in ("2026-09", "2026-10")]


def test_a_killed_load_leaves_whole_months(lake: Lake, write_bill: Any) -> None:
    bills = _bills(write_bill)
    began = time.monotonic()
    assert _start(lake, bills[0]).wait() == 0
    duration = time.monotonic() - began
    chance = random.Random(2026)
    state, changes = 1, 0
    for _ in range(KILLS):
        process = _start(lake, bills[2 - state])
        time.sleep(duration * chance.uniform(0.2, 1.1))
        process.kill()
        process.communicate()
        seen = _months(Lake(lake.root))
        assert seen in (_whole(1), _whole(2))
        changes += seen != _whole(state)
        state = 1 if seen == _whole(1) else 2
    process = _start(lake, bills[2 - state])
    assert (process.communicate()[1], process.returncode) == ("", 0)
    assert _months(Lake(lake.root)) == _whole(3 - state)
    assert list((lake.root / ".staging").iterdir()) == []


def test_two_first_loads_at_once_leave_one_of_them_whole(lake: Lake, write_bill: Any) -> None:
    bills = _bills(write_bill)
    processes = [_start(lake, bill) for bill in bills]
    results = [(p.communicate()[1], p.returncode) for p in processes]
    assert results == [("", 0), ("", 0)]
    assert _months(lake) in (_whole(1), _whole(2))


def test_orphans_of_killed_loads_go_with_the_retention(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    bills = _bills(write_bill)
    load_bill(bills[0])
    folder = lake.files("cost")[0].parent
    old, young = folder / "0-old.parquet", folder / "0-young.parquet"
    for path in (old, young):
        path.write_bytes(b"PAR1")
    long_ago = time.time() - 40 * 86_400
    os.utime(old, (long_ago, long_ago))
    load_bill(bills[1])
    assert (old.exists(), young.exists()) == (False, True)
    assert _months(lake) == _whole(2)


def test_a_foreign_writer_is_met_with_one_retry(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    """A program that does not share our lock commits between our reading of the log and our commit."""
    import pytest
    from deltalake import DeltaTable

    from infragod.errors import StoreError
    from infragod.lake.delta import DeltaLog

    bills = _bills(write_bill)
    load_bill(bills[0])
    commit = DeltaLog._commit
    tries: list[int] = []

    def interfered(log: DeltaLog, delta: Any, *rest: Any) -> bool:
        tries.append(1)
        if len(tries) == 1:
            DeltaTable(log.folder).delete("x_billing_period = '2026-09'")
        return commit(log, delta, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeltaLog, "_commit", interfered)
        load_bill(bills[1])
    assert _months(lake) == _whole(2)
    assert len(tries) == 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeltaLog, "_commit", lambda *_: False)
        with pytest.raises(StoreError, match="another program keeps committing"):
            load_bill(bills[0])
    assert _months(lake) == _whole(2)
