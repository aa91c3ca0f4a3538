"""Everything that InfraGod has put down somewhere, unpacked as far as it goes, to look for what must not be there."""

from __future__ import annotations

import base64
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote


def spellings(value: str) -> tuple[bytes, ...]:
    """The ways in which a text may stand in a file."""
    whole = base64.b64encode(value.encode()).rstrip(b"=")
    return value.encode(), quote(value, safe="").encode(), whole[: len(whole) // 4 * 4], value.encode().hex().encode()


def where(value: str, *folders: Path) -> list[str]:
    """Places in the files of `folders` that hold `value` in any spelling."""
    looked_for = spellings(value)
    return [place for place, data in every(*folders) if any(spelling in data for spelling in looked_for)]


def every(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Each file, each cell of each database, each value of each Parquet file; what is packed unpacked beside it."""
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        yield from _unpacked(str(path), data)
        if data.startswith(b"SQLite format 3"):
            yield from _cells(path)
        if data.startswith(b"PAR1"):
            yield from _rows(path)


def _unpacked(place: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield place, data
    for kind in (zlib.MAX_WBITS, zlib.MAX_WBITS | 16):
        unpacker = zlib.decompressobj(kind)
        try:
            yield f"{place}, unpacked", unpacker.decompress(data)
        except zlib.error:
            continue


def _cells(path: Path) -> Iterator[tuple[str, bytes]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    data = cell if isinstance(cell, bytes) else str(cell).encode()
                    yield from _unpacked(f"{path}, table {table}", data)


def _rows(path: Path) -> Iterator[tuple[str, bytes]]:
    import duckdb

    for row in duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall():
        yield f"{path}, row", repr(row).encode()
