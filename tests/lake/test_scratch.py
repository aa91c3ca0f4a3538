"""Engines for rules that are used again hold nothing of the plan before."""

from __future__ import annotations

import duckdb
import pytest

from infragod.lake import scratch


def tables(resources: int) -> list[tuple[object, ...]]:
    with scratch.borrowed(resources) as engine:
        return engine.run("SELECT table_name FROM information_schema.tables")


def use(resources: int) -> int:
    with scratch.borrowed(resources) as engine:
        engine.load("resource", {"address": "VARCHAR"}, {"address": ["aws_instance.web"]})
        assert engine.run("SELECT percent_text(1, 2) FROM resource") == [("50 %",)]
        return id(engine.connection)


@pytest.mark.parametrize("resources", [1, scratch.SMALL + 1])
def test_nothing_of_a_plan_stays(resources: int) -> None:
    use(resources)
    assert tables(resources) == []


def test_a_small_plans_engine_is_used_again() -> None:
    scratch._IDLE.clear()
    assert use(1) == use(1)


def test_an_engine_in_which_something_failed_is_not() -> None:
    scratch._IDLE.clear()
    with pytest.raises(duckdb.Error), scratch.borrowed(1) as engine:
        engine.run("SELECT no_such_column")
    assert scratch._IDLE == []
    assert tables(1) == []


def test_no_more_than_two_stay_open() -> None:
    scratch._IDLE.clear()
    with scratch.borrowed(1), scratch.borrowed(1), scratch.borrowed(1):
        pass
    assert len(scratch._IDLE) == 2


def test_it_stays_locked() -> None:
    with pytest.raises(duckdb.Error), scratch.borrowed(1) as engine:
        engine.run("SET enable_external_access = true")
    with pytest.raises(duckdb.Error), scratch.borrowed(1) as engine:
        engine.run("SELECT * FROM read_csv('/etc/passwd')")
