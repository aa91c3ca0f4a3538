"""The home of the example company: made, known again by its marker, and never a home that holds real data."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from infragod import __version__
from infragod.errors import SetupError

MARKER: Final = "example-company.json"
DEFAULT: Final = Path("~/.infragod-demo")


@dataclass(frozen=True, slots=True)
class Made:
    """What a home was made from, and whether the making came to its end."""

    today: str
    rows: int
    version: str = __version__
    complete: bool = False

    def same(self, today: date, rows: int) -> bool:
        """True if making it again would give the same."""
        return self == Made(today.isoformat(), rows, __version__, complete=True)


def read(home: Path) -> Made | None:
    """What the home was made from; None if there is nothing; ``SetupError`` if it is not the example company's."""
    marker = home / MARKER
    try:
        if marker.is_file():
            return Made(**json.loads(marker.read_text(encoding="utf-8")))
        if not home.exists() or (home.is_dir() and not any(home.iterdir())):
            return None
    except (OSError, ValueError, TypeError) as error:
        raise SetupError(f"cannot read {marker}: {error}; remove the folder, or give another by --home") from None
    raise SetupError(
        f"{home} holds files that are not the example company's, and they stay as they are; "
        "give an empty or new folder by --home"
    )


def begin(home: Path, today: date, rows: int) -> None:
    """Make an empty home; what an earlier example company left in it goes."""
    if read(home) is not None:
        _empty(home)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"cannot make {home}: {error.strerror}; give another folder by --home") from None
    _mark(home, Made(today.isoformat(), rows))


def end(home: Path, today: date, rows: int) -> None:
    """Note that the home is complete."""
    _mark(home, Made(today.isoformat(), rows, complete=True))


def _mark(home: Path, made: Made) -> None:
    (home / MARKER).write_text(json.dumps(asdict(made)) + "\n", encoding="utf-8")


def _empty(home: Path) -> None:
    for path in home.iterdir():
        if path.name == MARKER:  # stays until the rest is gone: a home half emptied is still known as ours
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
