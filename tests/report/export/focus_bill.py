"""Bills of any size with every kind of charge: three providers, five accounts, four currencies, two months."""

from __future__ import annotations

from pathlib import Path

from infragod.lake.engine import Engine


def write(path: Path, rows: int) -> Path:
    """Write a bill of `rows` charges to `path` as Parquet."""
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("$rows", str(rows))
    with Engine.files() as engine:
        engine.run(statements)
        engine.write("SELECT * FROM priced", None, path)
    return path
