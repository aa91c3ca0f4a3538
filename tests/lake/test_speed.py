"""A load in proportion to DuckDB's own COPY of the same files in the same run, never by the clock alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import join as join_benchmark
import load as load_benchmark

ROWS = 500_000
CEILING = 1.6  # measured: 1.3 to 1.45; by the clock, 1.5 is held at a million rows and more by benchmarks/load.py
MEMORY = 1536
RESOURCES = 25_000
JOIN_CEILING = 1.6


@pytest.mark.slow
def test_a_load_costs_little_more_than_a_copy(tmp_path: Path) -> None:
    """Processor time, the least of three runs in turn: a busy machine changes it little."""
    bills = load_benchmark.bills(tmp_path / "bills", ROWS, 4)
    copied, loaded = load_benchmark.compare(bills, tmp_path, times=3)
    assert loaded.processor <= CEILING * copied.processor
    assert loaded.memory <= MEMORY


@pytest.mark.slow
def test_a_join_with_states_costs_a_part_of_the_load(tmp_path: Path) -> None:
    """Wide rows as bills have them, five rows a resource and month."""
    bills = join_benchmark.bills(tmp_path / "bills", ROWS, 4, RESOURCES, narrow=False)
    known = join_benchmark.estate(tmp_path / "estate.parquet", RESOURCES)
    plain, joined = join_benchmark.compare(bills, known, tmp_path, times=3)
    assert joined.processor <= JOIN_CEILING * plain.processor
    assert joined.memory <= MEMORY
