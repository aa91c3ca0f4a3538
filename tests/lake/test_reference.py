"""docs/reference/lake.md says of each column what it is."""

from __future__ import annotations

from infragod.focus import OUR_COLUMNS
from infragod.lake.reference import OURS


def test_every_column_of_ours_is_explained() -> None:
    assert set(OURS) == {c.name for c in OUR_COLUMNS}
