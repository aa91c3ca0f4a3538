"""When a month is complete, and what a broken lake says."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from infragod.errors import StoreError
from infragod.focus import Period
from infragod.lake.lake import Lake, is_complete

OCTOBER = Period(2026, 10)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "now", "complete"),
    [
        ("2026-11-01", "2026-11-02", True),
        ("2026-10-31T00:00:01", "2026-11-01", True),
        ("2026-10-31", "2026-11-02", False),
        ("2026-11-01", "2026-10-31T23:59:59", False),
        (None, "2026-11-02", False),
    ],
)
def test_a_month_is_complete(last: str | None, now: str, *, complete: bool) -> None:
    assert is_complete(OCTOBER, [None, at(last) if last else None], at(now)) is complete


def test_sources_are_read_from_the_log_alone(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv"), source="b")
    load_bill(write_bill("b.csv", [{}] * 3), source="a")
    shutil.rmtree(lake.root / "cost" / "x_source=a")
    states = Lake(lake.root).sources(at("2026-12-01"))
    assert [(s.source, s.periods, s.rows, s.complete) for s in states] == [
        ("a", (OCTOBER,), 3, True),
        ("b", (OCTOBER,), 1, True),
    ]
    assert all(abs(time.time() - s.loaded_at.timestamp()) < 60 for s in states)


def test_a_log_that_cannot_be_read(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv"))
    (lake.root / "cost" / "_delta_log" / "00000000000000000000.json").write_text("{nonsense", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot read the lake's table"):
        Lake(lake.root).sources()


def test_an_empty_log_is_an_empty_table(lake: Lake) -> None:
    (lake.root / "cost" / "_delta_log").mkdir(parents=True)
    assert lake.sources() == []
    with lake.engine() as engine:
        assert engine.run("SELECT count(*) FROM cost") == [(0,)]


def test_the_engine_opens_quickly(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv"))
    lake.engine().run("SELECT 1")
    times = []
    for _ in range(5):
        began = time.process_time()
        with lake.engine() as engine:
            engine.run("SELECT count(*) FROM cost")
        times.append(time.process_time() - began)
    assert min(times) < 0.1
