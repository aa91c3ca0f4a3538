"""Parameters: values from settings, values in SQL, and the laws of what is tighter."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.lake import scratch
from infragod.policy.parameter import Parameter, covers, like, shown

WORD = st.text(alphabet="ab*?", max_size=6)
PLAIN = st.text(alphabet="ab", max_size=6)
NASTY = st.text(alphabet="ab%_!'\"\\*?-;$[{", max_size=8)


def parameter(kind: str, tighter: str = "") -> Parameter:
    return Parameter("x", kind, None, tighter, "help")


@pytest.mark.parametrize(
    ("kind", "given_", "value"),
    [
        ("text", "a", "a"),
        ("integer", 5, 5),
        ("decimal", 0.1, Decimal("0.1")),
        ("decimal", "500.00", Decimal("500.00")),
        ("boolean", True, True),
        ("list", ["a", "b", "a"], ("a", "b")),
        ("table", {"k": "a", "l": ["b"]}, {"k": ("a",), "l": ("b",)}),
        ("limits", {"aws_*": 5}, {"aws_*": Decimal(5)}),
    ],
)
def test_values(kind: str, given_: Any, value: Any) -> None:
    assert parameter(kind).parse(given_) == value


@pytest.mark.parametrize(
    ("kind", "given_"),
    [
        ("text", 5),
        ("text", "a\0"),
        ("integer", 1.5),
        ("integer", True),
        ("integer", 2**63),
        ("decimal", "many"),
        ("decimal", True),
        ("decimal", "NaN"),
        ("decimal", "1e30"),
        ("decimal", "0.0000000000001"),
        ("boolean", 1),
        ("list", "a"),
        ("list", [1]),
        ("patterns", {"a": 1}),
        ("table", ["a"]),
        ("limits", {"a": "b"}),
        ("limits", 5),
        ("decimal", date(2026, 1, 1)),
    ],
)
def test_wrong_types(kind: str, given_: Any) -> None:
    with pytest.raises(ValueError, match=r"^(a|true|text)"):
        parameter(kind).parse(given_)


@given(NASTY.filter(lambda s: "*" not in s and "?" not in s), NASTY)
def test_a_pattern_without_wildcards_matches_only_itself(pattern: str, text: str) -> None:
    assert _matches(pattern, pattern)
    assert _matches(pattern, text) == (pattern == text)


@given(WORD, PLAIN)
def test_patterns_match_as_shells_do(pattern: str, text: str) -> None:
    assert _matches(pattern, text) == fnmatchcase(text, pattern)


@given(WORD, WORD, PLAIN)
def test_what_covers_covers(wide: str, narrow: str, text: str) -> None:
    if covers(wide, narrow) and fnmatchcase(text, narrow):
        assert fnmatchcase(text, wide)


@given(WORD)
def test_a_pattern_covers_itself_and_a_star_covers_all(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert covers("*", pattern)


@given(st.lists(WORD, max_size=3), st.lists(WORD, max_size=3), PLAIN)
def test_a_tighter_allowed_list_allows_nothing_new(new: list[str], old: list[str], text: str) -> None:
    p = parameter("patterns", "subset")
    if p.not_looser(tuple(new), tuple(old)) and _allows(new, text):
        assert _allows(old, text)


@given(st.lists(WORD, max_size=3), st.lists(WORD, max_size=3), PLAIN)
def test_fewer_exceptions_except_nothing_new(new: list[str], old: list[str], text: str) -> None:
    p = parameter("patterns", "fewer")
    if p.not_looser(tuple(new), tuple(old)) and any(fnmatchcase(text, n) for n in new):
        assert any(fnmatchcase(text, o) for o in old)


LIMITS = st.dictionaries(PLAIN, st.decimals(0, 9, places=1), max_size=3)


@given(LIMITS, LIMITS, PLAIN, st.decimals(0, 9, places=1))
def test_tighter_limits_let_nothing_new_pass(
    new: dict[str, Decimal], old: dict[str, Decimal], key: str, amount: Decimal
) -> None:
    if parameter("limits", "less").not_looser(new, old) and (key not in new or amount <= new[key]):
        assert key not in old or amount <= old[key]


TABLES = st.dictionaries(st.sampled_from("kl"), st.lists(PLAIN, max_size=2).map(tuple), max_size=2)


@given(TABLES, TABLES, st.sampled_from("kl"), PLAIN)
def test_tighter_tables_allow_nothing_new(
    new: dict[str, tuple[str, ...]], old: dict[str, tuple[str, ...]], key: str, text: str
) -> None:
    if parameter("table", "subset").not_looser(new, old) and (not new.get(key) or text in new[key]):
        assert not old.get(key) or text in old[key]


@pytest.mark.parametrize(
    ("kind", "tighter", "new", "old", "allowed"),
    [
        ("decimal", "less", Decimal(1), None, True),
        ("decimal", "less", None, Decimal(1), False),
        ("integer", "more", 2, 1, True),
        ("integer", "more", 1, 2, False),
        ("integer", "more", None, 2, False),
        ("boolean", "true", True, False, True),
        ("boolean", "true", False, True, False),
        ("boolean", "false", False, True, True),
        ("boolean", "false", True, False, False),
        ("list", "superset", ("a", "b"), ("a",), True),
        ("list", "superset", ("b",), ("a",), False),
        ("text", "", "a", "a", True),
        ("text", "", "a", "b", False),
        ("patterns", "subset", (), ("a",), False),
    ],
)
def test_directions(kind: str, tighter: str, new: Any, old: Any, allowed: Any) -> None:
    assert parameter(kind, tighter).not_looser(new, old) is allowed


def test_values_are_shown_as_settings_write_them() -> None:
    value = {"a": ("x", "y")}
    assert [shown(v) for v in (value, None, True, "t", Decimal("1.50"), 5)] == [
        '{"a" = ["x", "y"]}',
        "none",
        "true",
        '"t"',
        "1.50",
        "5",
    ]


def _allows(patterns: list[str], text: str) -> bool:
    return not patterns or any(fnmatchcase(text, p) for p in patterns)


ENGINE = scratch.scratch()


def _matches(pattern: str, text: str) -> bool:
    (row,) = ENGINE.run("SELECT $text LIKE $pattern ESCAPE '!'", {"text": text, "pattern": like(pattern)})
    return bool(row[0])
