"""Plans of our own, and all that is read from each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.terraform.mask import redact
from infragod.terraform.plan import parse, read

from .conftest import KEY, described, plan_files


@pytest.mark.parametrize("path", plan_files(), ids=lambda p: p.stem)
def test_plan(path: Path, golden: Callable[[str, str], None]) -> None:
    golden(f"{path.stem}.txt", described(read(path, KEY)))


@pytest.mark.parametrize("path", plan_files(), ids=lambda p: p.stem)
def test_redacted_plan_reads_equal(path: Path) -> None:
    data = path.read_bytes()
    masked = redact(data, str(path), KEY)
    assert parse(masked, "masked", KEY) == parse(data, "raw", KEY)
    assert redact(masked, "masked", KEY) == masked
