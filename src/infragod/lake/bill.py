"""Billing files as one relation: CSV is staged as Parquet text once, so that all that follows reads columns.

Files of the same columns and types form a ``Shape``; `bill` is the union of all shapes, typed and mended, with
`x_file` and `file_row_number` to say where a row comes from.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from infragod.errors import InputError
from infragod.focus import Period
from infragod.lake import normalise
from infragod.lake.headers import Header, csv_layout, header_of
from infragod.lake.staging import Staging, folder_errors, read_error
from infragod.lake.tables import literal, quote
from infragod.progress import SILENT, Progress

_NULLS = "['', 'NULL', 'null']"
_AT_LINE = re.compile(r"Line: (\d+)")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to load: where it lies, whether it is CSV, the hash of its bytes, the period its folder claims."""

    path: Path
    is_csv: bool
    digest: str
    period: Period | None


@dataclass(frozen=True, slots=True)
class Shape:
    """Files with the same columns and types; `staged` are the Parquet files to read, in the order of `files`.

    `starts` are the texts that the files hold as BillingPeriodStart, by the period that each of them means.
    """

    header: Header
    types: Mapping[str, str]
    files: list[SourceFile] = field(default_factory=list)
    staged: list[Path] = field(default_factory=list)
    starts: dict[Period, set[str]] = field(default_factory=dict)

    def raw(self, only: Collection[Path] | None = None, period: Period | None = None) -> str:
        """A relation of the files' own columns, of all files or of some; of one period, as far as the type tells."""
        files = [f for f in self.staged if only is None or f in only]
        relation = (
            f"read_parquet([{', '.join(literal(str(f)) for f in files)}], "
            "filename = 'x_file', file_row_number = true, hive_partitioning = false)"
        )
        return f"(FROM {relation} WHERE {self._within(period)})" if period else relation

    def typed(
        self,
        only: Collection[Path] | None = None,
        extra: str = "x_file, file_row_number",
        period: Period | None = None,
    ) -> str:
        """A SELECT of the lake's columns in their types."""
        return normalise.typed(self.header.columns, self.types, self.raw(only, period), extra)

    def _within(self, period: Period) -> str:
        """A condition on the file's own column, so that nothing of another month is read, or at least not converted."""
        name = self.header.columns["BillingPeriodStart"]
        kind = self.types[name]
        if not kind.startswith(("TIMESTAMP", "DATE")):
            texts = ", ".join(literal(text) for text in sorted(self.starts.get(period, ())))
            return f"{normalise.as_read(name, kind)} IN ({texts})" if texts else "false"
        column, first, next_first = quote(name), period.first_day, period.plus(1).first_day
        return f"{column} >= CAST('{first}' AS {kind}) AND {column} < CAST('{next_first}' AS {kind})"


@dataclass(frozen=True, slots=True)
class Bill:
    """What one load reads."""

    place: Staging
    shapes: tuple[Shape, ...]

    def original(self, staged: str) -> SourceFile:
        """The file that was given, by the Parquet file that is read for it."""
        return next(f for s in self.shapes for f, p in zip(s.files, s.staged, strict=True) if str(p) == staged)

    def rows(
        self, mends: Sequence[Collection[str]], files: Collection[Path] | None = None, period: Period | None = None
    ) -> str:
        """A relation of the mended rows of the staged `files` (all of them without); of one `period` where given.

        `mends` are the titles of those that each shape needs: an expression that changes no row is not free.
        """
        parts = [
            normalise.mended(f"({shape.typed(files, 'x_file', period)})", needed)
            for shape, needed in zip(self.shapes, mends, strict=True)
            if files is None or any(f in files for f in shape.staged)
        ]
        where = f" WHERE strftime(\"BillingPeriodStart\", '%Y-%m') = '{period}'" if period else ""
        return f"(FROM ({' UNION ALL '.join(parts)}){where})"


def read(place: Staging, files: Sequence[SourceFile], progress: Progress = SILENT) -> Bill:
    """Stage `files`; ``InputError`` for what is no bill, naming file and line."""
    place.engine.connection.execute(normalise.macros())
    shapes: dict[tuple[object, ...], Shape] = {}
    progress.start("staging", len(files), "files")
    try:
        for number, file in enumerate(files):
            staged = _stage_csv(place, file, number) if file.is_csv else file.path
            types = _types(place, file, staged)
            header = header_of(file.path, list(types))
            _demand_types(file, header, types)
            shape = shapes.setdefault((*types.items(),), Shape(header, types))
            shape.files.append(file)
            shape.staged.append(staged)
            progress.advance(1)
    finally:
        progress.finish()
    return Bill(place, tuple(shapes.values()))


def _types(place: Staging, file: SourceFile, staged: Path) -> dict[str, str]:
    try:
        rows = place.engine.connection.execute(
            "DESCRIBE SELECT * FROM read_parquet($file, hive_partitioning = false)", {"file": str(staged)}
        ).fetchall()
    except duckdb.Error as error:
        raise read_error(file.path, error) from None
    return {row[0]: row[1] for row in rows}


def _demand_types(file: SourceFile, header: Header, types: Mapping[str, str]) -> None:
    for column in normalise.READ:
        name = header.columns.get(column.name)
        if name is not None and not normalise.family(column.kind, types[name]):
            raise InputError(
                f"{file.path} holds {column.name} as {types[name]}, which is no {column.kind}; export it as FOCUS says"
            )


def _stage_csv(place: Staging, file: SourceFile, number: int) -> Path:
    names, delimiter = csv_layout(file.path)
    header_of(file.path, names)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    staged = place.path(f"{number}.parquet")
    sql = (
        f"COPY (SELECT * FROM read_csv({literal(str(file.path))}, auto_detect = false, header = true, "  # noqa: S608
        "hive_partitioning = false, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', nullstr = {_NULLS}, columns = {{{columns}}})) "
        f"TO {literal(str(staged))} (FORMAT parquet)"
    )
    with folder_errors(place.folder.parent.parent):
        try:
            place.engine.connection.execute(sql)
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.BinderException) as error:
            raise _csv_error(file.path, error) from None
    return staged


def _csv_error(path: Path, error: duckdb.Error) -> InputError:
    text = str(error)
    line = _AT_LINE.search(text)
    where = f", line {int(line[1]):,}" if line else ""
    if "Expected Number of Columns" in text:
        what = "the number of fields is not that of the header"
    elif "not utf-8" in text.lower():
        what = "the text is not UTF-8"
    elif "unterminated quote" in text:
        what = "a quoted field does not end"
    else:
        what = text.strip().splitlines()[0].rstrip(".")
    return InputError(f"{path}{where}: {what}; fetch the file again from the provider")


def raw_value(name: str) -> str:
    """The file's column `name` as text."""
    return f"CAST({quote(name)} AS VARCHAR)"
