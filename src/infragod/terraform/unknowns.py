"""Merge `after_unknown` into `after`: what only the apply will tell becomes ``UNKNOWN``, at any depth."""

from __future__ import annotations

from typing import Any

from infragod.resource import UNKNOWN

Path = tuple[str | int, ...]


class AllUnknown(dict[str, Any]):
    """The attributes of a resource of which nothing is known: whichever is asked for is ``UNKNOWN``."""

    def __missing__(self, _name: str) -> Any:
        return UNKNOWN

    def get(self, name: str, _default: Any = None) -> Any:
        """``UNKNOWN``, whatever is asked for."""
        return dict.get(self, name, UNKNOWN)


def merge(values: dict[str, Any], unknown: Any) -> tuple[dict[str, Any], list[Path]]:
    """`values` with the unknown ones in place (changed where it stands), and the paths of those."""
    if unknown is True:
        return AllUnknown(values), [()]
    paths: list[Path] = []
    if isinstance(unknown, dict):
        _merge_map(values, unknown, (), paths)
    return values, paths


def holds_unknown(value: Any) -> bool:
    """Whether any part of `value` is known only after the apply."""
    if isinstance(value, dict):
        return isinstance(value, AllUnknown) or any(map(holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return value is UNKNOWN


def any_true(marks: Any) -> bool:
    """Whether a tree of marks (`after_unknown`, `after_sensitive`) marks anything."""
    if isinstance(marks, dict):
        return any(map(any_true, marks.values()))
    if isinstance(marks, list):
        return any(map(any_true, marks))
    return marks is True


def _merge_map(values: dict[str, Any], unknown: dict[str, Any], path: Path, paths: list[Path]) -> None:
    for name, mark in unknown.items():
        if mark is True:
            values[name] = UNKNOWN
            paths.append((*path, name))
        elif mark and any_true(mark):
            values[name] = _merged(values.get(name), mark, (*path, name), paths)


def _merge_list(values: list[Any], unknown: list[Any], path: Path, paths: list[Path]) -> None:
    for i, mark in enumerate(unknown):
        if not any_true(mark):
            continue
        while len(values) <= i:
            values.append(None)
        if mark is True:
            values[i] = UNKNOWN
            paths.append((*path, i))
        else:
            values[i] = _merged(values[i], mark, (*path, i), paths)


def _merged(value: Any, mark: Any, path: Path, paths: list[Path]) -> Any:
    """`value` with the marks below it; what does not have the marks' shape (absent, or masked whole) is unknown."""
    if isinstance(mark, dict) and isinstance(value, dict):
        _merge_map(value, mark, path, paths)
        return value
    if isinstance(mark, list) and isinstance(value, list):
        _merge_list(value, mark, path, paths)
        return value
    paths.append(path)
    return UNKNOWN
