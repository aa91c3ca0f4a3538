"""When a month is complete, and what a broken lake says."""

from __future__ import annotations

import resource
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infragod.errors import StoreError
from infragod.focus import Period
from infragod.lake.delta import DeltaLog
from infragod.lake.engine import Engine
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
        with lake.engine():
            times.append(time.process_time() - began)
    assert min(times) < 0.02


def test_an_open_engine_keeps_its_version_and_the_next_has_the_new(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv"))
    with lake.engine() as before:
        load_bill(write_bill("b.csv", [{}, {}]))
        with lake.engine() as after:
            assert after.run("SELECT count(*) FROM cost") == [(2,)]
        assert before.run("SELECT count(*) FROM cost") == [(1,)]


def test_engines_of_many_threads_do_not_see_each_other(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv"))

    def ask(number: int) -> list[Any]:
        with lake.engine() as engine:
            engine.load("mine", {"n": "INTEGER"}, {"n": [number]})
            return engine.run("SELECT n, (SELECT count(*) FROM cost) FROM mine")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(64))) == [[(number, 1)] for number in range(64)]


@pytest.mark.parametrize("name", ["old.parquet", "old.csv.gz"])
def test_a_full_disk_leaves_the_old_file(name: str, tmp_path: Path) -> None:
    """A limit of the file's size is how a full disk is made here."""
    path = tmp_path / name
    path.write_text("old", encoding="utf-8")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with Engine.files() as engine, pytest.raises(StoreError) as caught:
            engine.write("SELECT md5(CAST(i AS VARCHAR)) AS x FROM range(50000) t(i)", None, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(caught.value) == f"cannot write {path}: File too large; nothing was changed, give another file"
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert path.read_text(encoding="utf-8") == "old"


def test_a_commit_on_a_full_disk_changes_nothing(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    """The data fit, the log's new entry does not: the old month stays, and no file is left behind."""
    load_bill(write_bill("a.csv"))
    before = sorted(lake.root.rglob("*.parquet"))
    commit = DeltaLog._commit

    def full(log: DeltaLog, *arguments: Any) -> bool:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
        try:
            return commit(log, *arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeltaLog, "_commit", full)
        with pytest.raises(StoreError, match=r"cannot commit to .*; nothing was changed") as caught:
            load_bill(write_bill("b.csv", [{}, {}]))
    assert "\n" not in str(caught.value)
    assert sorted(lake.root.rglob("*.parquet")) == before
    fresh = Lake(lake.root)
    assert (fresh.version("cost"), fresh.sources()[0].rows) == (1, 1)
