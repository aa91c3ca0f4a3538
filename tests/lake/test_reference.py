"""The reference page is what the code says; write it anew by `pytest tests/lake/test_reference.py --update-golden`."""

from __future__ import annotations

from pathlib import Path

import pytest

from infragod.focus import OUR_COLUMNS
from infragod.lake.reference import OURS, page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "lake.md"


def test_the_page_equals_the_code(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_column_of_ours_is_explained() -> None:
    assert set(OURS) == {c.name for c in OUR_COLUMNS}
