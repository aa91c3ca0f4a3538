from __future__ import annotations

from pathlib import Path

import pytest

from infragod.db.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "database.md"


def test_the_page_says_what_the_tables_are(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
