"""The home of the example company is known again, and no other folder is ever touched."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from infragod.demo import home
from infragod.errors import SetupError

DAY = date(2026, 11, 22)


def test_a_new_home_is_made_and_known_again(folder: Path) -> None:
    assert home.read(folder) is None
    home.begin(folder, DAY, 2_000)
    begun = home.read(folder)
    assert begun is not None
    assert not begun.same(DAY, 2_000)
    home.end(folder, DAY, 2_000)
    made = home.read(folder)
    assert made is not None
    assert made.same(DAY, 2_000)
    assert not made.same(date(2026, 11, 23), 2_000)


def test_a_home_begun_again_is_empty(folder: Path) -> None:
    home.begin(folder, DAY, 2_000)
    (folder / "lake").mkdir()
    (folder / "lake" / "part.parquet").write_text("old")
    (folder / "infragod.db").write_text("old")
    (folder / "link").symlink_to(Path(__file__).parent)
    home.begin(folder, DAY, 2_000)
    assert [p.name for p in folder.iterdir()] == [home.MARKER]
    assert Path(__file__).is_file()


def test_a_folder_of_somebody_else_is_refused_and_kept(folder: Path) -> None:
    folder.mkdir()
    (folder / "infragod.db").write_text("real")
    with pytest.raises(SetupError, match="holds files that are not the example company's"):
        home.begin(folder, DAY, 2_000)
    assert (folder / "infragod.db").read_text() == "real"


@pytest.mark.parametrize("text", ["no json", '{"wrong": 1}'])
def test_a_broken_marker_is_one_sentence(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / home.MARKER).write_text(text)
    with pytest.raises(SetupError, match="remove the folder"):
        home.read(folder)


def test_a_file_is_no_home(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(SetupError, match="--home"):
        home.begin(folder, DAY, 2_000)


def test_a_home_that_cannot_be_made_is_one_sentence(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(SetupError, match="--home"):
        home.begin(folder / "below", DAY, 2_000)
