"""A report as its SQL file states it: the header's facts, its parameters, and the statement they make.

The header is the lines at the top that begin with `-- `, which hold TOML: id, title, columns (which of the result are
money), and a table per parameter: type, help, and a default unless it must be given. `{name}` in the SQL stands for
names of columns, which are checked against the `cost` table; `$name` for values, which go to the engine as values.
`tables` are those that have to be made before (`infragod.report.coverage`).
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from infragod.errors import InputError
from infragod.focus import BASES, COST_COLUMNS, Kind, Period

GROUPABLE: Final = tuple(c.name for c in COST_COLUMNS if c.kind in (Kind.TEXT, Kind.TIME))
_MOMENTS: Final = tuple(c.name for c in COST_COLUMNS if c.kind is Kind.TIME)
_FOLDER: Final = files("infragod") / "sql" / "report"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a report; `required` ones have no default, columns may be `among` other ones than the bill's."""

    name: str
    type: str
    help: str
    required: bool
    default: Any
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One report: what it is called, what it takes, which of its columns are money, and its SQL."""

    id: str
    title: str
    money: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    sql: str
    tables: tuple[str, ...] = ()

    def statement(self, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The SQL with the names of columns put in, and the values that go with it."""
        known = [p.name for p in self.parameters]
        for name in given:
            if name not in known:
                raise InputError(f"the report {self.id} has no parameter {name!r}; it has {', '.join(known)}")
        sql, values = self.sql, {}
        grouped: tuple[str, ...] = ()
        for parameter in self.parameters:
            value = self._value(parameter, given)
            if parameter.type == "columns":
                grouped = columns(value, parameter.among or GROUPABLE)
                value = grouped
            put = TYPES[parameter.type](value)
            if parameter.type in NAMES:
                sql = sql.replace(f"{{{parameter.name}}}", put)
            else:
                values[parameter.name] = put
        return _times_as_text(sql, grouped), values

    def _value(self, parameter: Parameter, given: Mapping[str, Any]) -> Any:
        value = given.get(parameter.name)
        if value is None and parameter.required:
            raise InputError(
                f"the report {self.id} needs {parameter.name}: {parameter.help}; give it by --{parameter.name}"
            )
        return parameter.default if value is None else value


def names() -> list[str]:
    """The reports there are."""
    return sorted(f.name.removesuffix(".sql") for f in _FOLDER.iterdir() if f.name.endswith(".sql"))


@cache
def load(name: str) -> Report:
    """The report named so; ``InputError`` names the nearest if there is none."""
    if name not in names():
        raise InputError(f"there is no report {name!r}{nearest(name, names())}; the reports are {', '.join(names())}")
    return parse((_FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


def parse(text: str) -> Report:
    """The report that the file's `text` states."""
    lines = text.splitlines()
    header = [line[2:].removeprefix(" ") for line in lines if line.startswith("--")]
    document = tomllib.loads("\n".join(header))
    return Report(
        document["id"],
        document["title"],
        tuple(document["money"]),
        tuple(_parameter(name, table) for name, table in document.get("parameters", {}).items()),
        "\n".join(line for line in lines if not line.startswith("--")).strip(),
        tuple(document.get("tables", ())),
    )


def nearest(name: str, known: list[str] | tuple[str, ...]) -> str:
    """`, did you mean …?` for people, or nothing."""
    folded = {k.casefold(): k for k in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f" (did you mean {folded[near[0]]}?)" if near else ""


def columns(given: Any, known: tuple[str, ...] = GROUPABLE) -> tuple[str, ...]:
    """Names of columns to group by, in the order given and each once; ``InputError`` names a wrong one."""
    some = _SOME_COLUMNS if known is GROUPABLE else f"they are {', '.join(known)}"
    wanted = given.split(",") if isinstance(given, str) else given
    chosen = tuple(dict.fromkeys(name.strip() for name in wanted if name.strip()))
    for name in chosen:
        if name not in known:
            raise InputError(f"{name!r} is no column to group by{nearest(name, known)}; {some}")
    if not chosen:
        raise InputError(f"a report needs a column to group by; {some}")
    return chosen


_SOME_COLUMNS: Final = "some are x_team, x_service, x_environment, x_cost_centre, ServiceName, SubAccountId, RegionId"


def _times_as_text(sql: str, grouped: tuple[str, ...]) -> str:
    """Moments among the columns as ISO 8601: the engine hands moments out only with a library of time zones."""
    moments = [name for name in grouped if name in _MOMENTS]
    if not moments:
        return sql
    texts = ", ".join(f'STRFTIME("{name}", \'%Y-%m-%dT%H:%M:%SZ\') AS "{name}"' for name in moments)
    return f"SELECT * REPLACE ({texts}) FROM ({sql}) AS report"  # noqa: S608 - names of our own columns


def _parameter(name: str, table: Mapping[str, Any]) -> Parameter:
    among = tuple(table.get("among", ()))
    return Parameter(name, table["type"], table["help"], table.get("required", False), table.get("default"), among)


def _basis(given: str) -> str:
    if given not in BASES:
        raise InputError(f"{given!r} is no basis of cost; it is one of {', '.join(BASES)}")
    return f'"{BASES[given]}"'


def _month(given: Period | str | None) -> str | None:
    return None if given is None else str(given if isinstance(given, Period) else Period.parse(given))


def _count(given: int) -> int:
    if given < 0:
        raise InputError(f"{given} is less than none; give a count of rows")
    return given


TYPES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "basis": _basis,
    "columns": lambda given: ", ".join(f'"{name}"' for name in given),
    "month": _month,
    "count": _count,
    "text": lambda given: given,
}
NAMES: Final = ("basis", "columns")
