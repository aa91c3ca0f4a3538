"""Parameters of rules: their types, how settings become values, how values reach SQL, and which value is tighter.

A scalar is bound as `$name`. A list or a table of lists becomes the SQL table `p_<name>`; nothing is pasted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

Columns = dict[str, list[Any]]
Value = Any
"""None, bool, int, Decimal, str, a tuple of texts, or a dictionary of them: what `parse` gave."""

LIKE_ESCAPE: Final = "!"
TABLE_TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "list": {"value": "VARCHAR"},
    "patterns": {"value": "VARCHAR", "pattern": "VARCHAR"},
    "table": {"key": "VARCHAR", "value": "VARCHAR"},
    "pattern-table": {"key": "VARCHAR", "value": "VARCHAR", "pattern": "VARCHAR"},
    "limits": {"key": "VARCHAR", "pattern": "VARCHAR", "value": "DECIMAL(38,12)"},
}
SCALAR_TYPES: Final[Mapping[str, str]] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(38,12)",
    "boolean": "BOOLEAN",
}
DIRECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "less": ("integer", "decimal", "limits"),
    "more": ("integer", "decimal"),
    "true": ("boolean",),
    "false": ("boolean",),
    "subset": ("list", "patterns", "table", "pattern-table"),
    "fewer": ("list", "patterns"),
    "superset": ("list", "patterns"),
}
EXPECTED: Final[Mapping[str, str]] = {
    "text": "text in quotes",
    "integer": "a whole number",
    "decimal": 'a number, or its text such as "500.00"',
    "boolean": "true or false",
    "list": 'a list of texts, such as ["a", "b"]',
    "patterns": 'a list of texts in which * and ? stand for anything, such as ["t3.*"]',
    "table": 'a table of lists, such as {environment = ["prod", "dev"]}',
    "pattern-table": 'a table of lists of patterns, such as {service = ["shop-*"]}',
    "limits": 'a table of numbers, such as {"aws_instance" = 50}',
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as a rule's header declares it; `tighter` is empty where no change counts as tighter."""

    name: str
    type: str
    default: Value
    tighter: str
    help: str

    @property
    def table(self) -> Mapping[str, str] | None:
        """Columns of `p_<name>`, or None for a scalar."""
        return TABLE_TYPES.get(self.type)

    def parse(self, given: Any) -> Value:
        """The value of `given`, as TOML holds it; ``ValueError`` says what was expected."""
        try:
            return _PARSERS[self.type](given)
        except (TypeError, ValueError, InvalidOperation):
            raise ValueError(EXPECTED[self.type]) from None

    def columns(self, value: Value) -> Columns:
        """The rows of `p_<name>`, as columns."""
        rows = _rows(self.type, value)
        names = list(TABLE_TYPES[self.type])
        return {name: [row[i] for row in rows] for i, name in enumerate(names)}

    def not_looser(self, new: Value, old: Value) -> bool:
        """True if `new` lets nothing pass that `old` did not; without a direction only an equal value does."""
        return new == old or (bool(self.tighter) and _COMPARE[self.tighter](new, old))


def like(glob: str) -> str:
    """The LIKE pattern (escape character `!`) of a pattern in which `*` and `?` stand for anything."""
    escaped = "".join(LIKE_ESCAPE + c if c in "%_!" else c for c in glob)
    return escaped.replace("*", "%").replace("?", "_")


def covers(wide: str, narrow: str) -> bool:
    """True if whatever matches the pattern `narrow` matches `wide` too; never wrongly true."""
    reach = {0}
    for c in narrow:
        reach = _closed(reach, wide)
        reach = {i if wide[i] == "*" else i + 1 for i in reach if i < len(wide) and _takes(wide[i], c)}
    return len(wide) in _closed(reach, wide)


def shown(value: Value) -> str:
    """A value as settings write it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}" = {shown(v)}' for k, v in value.items()) + "}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _takes(wide: str, c: str) -> bool:
    return wide in ("*", c) or (wide == "?" and c != "*")


def _closed(reach: set[int], wide: str) -> set[int]:
    """`reach`, with the places behind each `*` that may stand for nothing."""
    out = set()
    for start in reach:
        i = start
        out.add(i)
        while i < len(wide) and wide[i] == "*":
            i += 1
            out.add(i)
    return out


def _text(given: Any) -> str:
    if not isinstance(given, str) or "\0" in given:
        raise ValueError(given)
    return given


def _boolean(given: Any) -> bool:
    if not isinstance(given, bool):
        raise TypeError(given)
    return given


def _integer(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or abs(given) >= 2**63:
        raise TypeError(given)
    return given


def _decimal(given: Any) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        raise TypeError(given)
    value = Decimal(str(given))
    if not value.is_finite() or abs(value) >= Decimal(10) ** 26 or value != round(value, 12):
        raise ValueError(given)
    return value


def _list(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        raise TypeError(given)
    return tuple(dict.fromkeys(_text(v) for v in given))


def _table(given: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, Mapping):
        raise TypeError(given)
    return {key: _list(values if isinstance(values, list | tuple) else [values]) for key, values in given.items()}


def _limits(given: Any) -> dict[str, Decimal]:
    if not isinstance(given, Mapping):
        raise TypeError(given)
    return {key: _decimal(value) for key, value in given.items()}


_PARSERS: Final[Mapping[str, Callable[[Any], Value]]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "list": _list,
    "patterns": _list,
    "table": _table,
    "pattern-table": _table,
    "limits": _limits,
}


def _rows(kind: str, value: Value) -> Sequence[tuple[Any, ...]]:
    if kind == "list":
        return [(v,) for v in value]
    if kind == "patterns":
        return [(v, like(v)) for v in value]
    if kind == "limits":
        return [(key, like(key), limit) for key, limit in value.items()]
    pairs = [(key, v) for key, values in value.items() for v in values]
    return pairs if kind == "table" else [(key, v, like(v)) for key, v in pairs]


def _less(new: Value, old: Value) -> bool:
    """None is no limit; of two limits of one name the lower is tighter, and a new name is a new limit."""
    if isinstance(old, dict):
        return all(key in new and new[key] <= limit for key, limit in old.items())
    return old is None or (new is not None and new <= old)


def _more(new: Value, old: Value) -> bool:
    return old is None or (new is not None and new >= old)


def _subset(new: Value, old: Value) -> bool:
    """An empty list allows everything; a pattern is within another one if that one covers it."""
    if isinstance(old, dict):
        return all(_subset(new.get(key, ()), allowed) for key, allowed in old.items())
    return not old or (bool(new) and all(any(covers(o, n) for o in old) for n in new))


def _fewer(new: Value, old: Value) -> bool:
    """Of exceptions each one less is tighter, and none is tightest."""
    return all(any(covers(o, n) for o in old) for n in new)


def _superset(new: Value, old: Value) -> bool:
    return set(new) >= set(old)


_COMPARE: Final[Mapping[str, Callable[[Value, Value], bool]]] = {
    "less": _less,
    "more": _more,
    "true": lambda new, old: new is True or old is not True,
    "false": lambda new, old: new is False or old is not False,
    "subset": _subset,
    "fewer": _fewer,
    "superset": _superset,
}
