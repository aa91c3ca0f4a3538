"""Twelve months of bills of the example company, as files of the shape that AWS and Google Cloud deliver.

The steps are the SQL files in `bill/`, in order. The same `today` gives the same rows on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from infragod.demo import company
from infragod.focus import Period
from infragod.lake.engine import Engine
from infragod.progress import SILENT, Progress

ROWS: Final = 330_000
DAYS: Final = 365
PRESENCE: Final = 0.95  # of a line's days, those on which it runs: some start late, end early or rest at weekends
STEPS: Final = ("1_lines", "2_usage", "3_other", "4_bill")
EXPORT: Final = "example-focus"  # the name of the AWS export

_SETTING = {"first_day": "DATE", "today": "DATE", "lines": "BIGINT", "services": "BIGINT"}
_SERVICE = dict.fromkeys(("team", "service", "profile", "landing"), "VARCHAR") | {"n": "BIGINT"}
_ACCOUNT = dict.fromkeys(("cloud", "landing", "production", "staging"), "VARCHAR")
_NUMBERS: Mapping[str, str] = {
    "n": "BIGINT",
    "weight": "BIGINT",
    "price": "DECIMAL(16,12)",
    "low": "DOUBLE",
    "high": "DOUBLE",
    "size": "DOUBLE",
    "began": "INTEGER",
    "ended": "INTEGER",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What the bills charge day by day for one resource, from `starts` to before `ends`; the columns of `line`."""

    line: str
    story: str
    team: str
    service: str
    landing: str
    environment: str
    cloud: str
    account: str
    region: str
    name: str
    resource_id: str
    resource_type: str
    service_code: str
    meter: str
    size: float
    id16: str
    starts: date
    ends: date
    untagged: bool


@dataclass(frozen=True, slots=True)
class Bills:
    """Where the files are, the AWS export folder and Google Cloud's Parquet files; their rows; whom they charge for."""

    aws: Path
    gcp: Path
    rows: int
    lines: tuple[Line, ...]


def write(folder: Path, today: date, rows: int = ROWS, progress: Progress = SILENT) -> Bills:
    """Write the bills of the twelve whole months before `today` and of its month up to yesterday."""
    months = periods(today)
    progress.start("bills of the example company", len(STEPS) + 2 * len(months), "steps")
    try:
        with Engine.files() as engine:
            _facts(engine, today, rows)
            for step in STEPS:
                engine.run(company.text(f"bill/{step}.sql"))
                progress.advance(1)
            for month in months:
                _write_aws(engine, folder / "aws", month)
                _write_gcp(engine, folder / "gcp", month)
                progress.advance(2)
            count = engine.run("SELECT COUNT(*) FROM bill")[0][0]
            lines = _lines(engine)
    finally:
        progress.finish()
    return Bills(folder / "aws", folder / "gcp", int(count), lines)


def periods(today: date) -> list[Period]:
    """The twelve months before the month of `today`, and that month if a day of it is over."""
    current = Period.of(today)
    return [current.plus(n) for n in range(-12, 1 if today.day > 1 else 0)]


def _lines(engine: Engine) -> tuple[Line, ...]:
    names = ", ".join(field.name for field in fields(Line))
    return tuple(Line(*row) for row in engine.run(f"SELECT {names} FROM line ORDER BY line"))  # noqa: S608 - our own


def _facts(engine: Engine, today: date, rows: int) -> None:
    services = [(t.name, s, t.profile, t.landing) for t in company.teams() for s in t.services]
    setting = (periods(today)[0].first_day, today, max(1, round(rows / DAYS / PRESENCE)), len(services))
    _load(engine, "setting", _SETTING, [setting])
    _load(engine, "service", _SERVICE, [(*row, n) for n, row in enumerate(services)])
    _load(engine, "account", _ACCOUNT, list(company.accounts()))
    for table, name in (("sku", "skus"), ("story", "stories"), ("commitment_name", "commitments")):
        given = [row | ({"n": str(n)} if table == "sku" else {}) for n, row in enumerate(company.rows(name))]
        types = {column: _NUMBERS.get(column, "VARCHAR") for column in given[0]}
        _load(engine, table, types, [tuple(row.values()) for row in given])


def _load(engine: Engine, table: str, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    engine.load(table, types, dict(zip(types, zip(*rows, strict=True), strict=True)))


def _write_aws(engine: Engine, folder: Path, month: Period) -> None:
    name = f"{EXPORT}-00001.csv.gz"
    data = folder / EXPORT / "data" / f"BILLING_PERIOD={month}"
    data.mkdir(parents=True, exist_ok=True)
    engine.write(company.text("bill/aws.sql"), {"period": str(month)}, data / name)
    metadata = folder / EXPORT / "metadata" / f"BILLING_PERIOD={month}"
    metadata.mkdir(parents=True, exist_ok=True)
    files = [f"s3://example-billing/{EXPORT}/data/BILLING_PERIOD={month}/{name}"]
    manifest = {"exportArn": f"arn:aws:bcm-data-exports:us-east-1:402117350008:export/{EXPORT}", "dataFiles": files}
    (metadata / f"{EXPORT}-Manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def _write_gcp(engine: Engine, folder: Path, month: Period) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    engine.write(company.text("bill/gcp.sql"), {"period": str(month)}, folder / f"{month}.parquet")
