"""The file of a month's measured usage: named parts, of which a plan reads the few that it needs.

It is one SQLite table, so that a part is found without reading the others, and a month is put in place whole.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from infragod.errors import SetupError, StoreError
from infragod.focus import Period

FOLDER: Final = "prices/measured"
_MADE: Final = "CREATE TABLE part (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"


def path_of(home: Path, month: Period) -> Path:
    """The file of a month."""
    return home / FOLDER / f"{month}.sqlite"


def write(path: Path, parts: Iterable[tuple[str, Any]]) -> None:
    """Put the file in place, whole; a part is any JSON value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(half)) as connection, connection:
            connection.execute(_MADE)
            connection.executemany("INSERT INTO part VALUES (?, ?)", ((name, _packed(body)) for name, body in parts))
        half.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"cannot write {path}: {error}; nothing was changed, make room and try again") from None
    finally:
        half.unlink(missing_ok=True)


def read(path: Path, name: str) -> Any:
    """The part of that name, or None."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            found = connection.execute("SELECT body FROM part WHERE name = ?", (name,)).fetchone()
        return None if found is None else json.loads(zlib.decompress(found[0]))
    except (sqlite3.Error, zlib.error, ValueError) as error:
        raise SetupError(f"{path} cannot be read ({error}); write it anew: infragod prices rates --renew") from None


def _packed(body: Any) -> bytes:
    return zlib.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
