"""How Terraform is told no: the one place of a reply that its user reads.

Up to 1.14 only the field `ID` of the lock reaches the user, from 1.15 the whole lock: so the reason stands in both `ID`
and `Info`, begins on a line of its own, and has lines that Terraform does not break again.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any, Final

from infragod.terraform.store import Lock

WIDTH: Final = 68
WHO: Final = "InfraGod"


class RefusalError(Exception):
    """A lock that is refused: sentences for the user, the first says what; `waiting` if asking again may help."""

    def __init__(self, sentences: Sequence[str], *, waiting: bool = False) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = tuple(sentences)
        self.waiting = waiting


class HeldError(Exception):
    """Somebody else holds the lock."""

    def __init__(self, lock: Lock) -> None:
        super().__init__(f"{lock.who} holds the lock of {lock.workspace} since {lock.taken_at:%F %H:%M} UTC")
        self.lock = lock


def text(sentences: Sequence[str]) -> str:
    """The sentences as lines that fit between Terraform's own; an address stays in one piece."""
    lines = [
        line
        for sentence in sentences
        for line in textwrap.wrap(_printable(sentence), WIDTH, break_long_words=False, break_on_hyphens=False)
    ]
    return "\n" + "\n".join(lines)


def refused(error: RefusalError, workspace: str, created: str) -> bytes:
    """The lock that stands in the way of one that is refused."""
    said = text(error.sentences)
    return _encoded(said, "refused" if not error.waiting else "waiting", WHO, created, workspace, said)


def held(error: HeldError) -> bytes:
    """The lock that somebody else holds, as Terraform sent it: its ID is what `force-unlock` wants."""
    lock = error.lock
    info = f"decision {lock.decision}, by {lock.actor}" if lock.decision else f"by {lock.actor}"
    return _encoded(lock.id, lock.operation, lock.who, lock.created, lock.workspace, info, lock.program)


def _encoded(id_: str, operation: str, who: str, created: str, path: str, info: str, program: str = "") -> bytes:
    shown: dict[str, Any] = {
        "ID": id_, "Operation": operation, "Info": info, "Who": who, "Version": program, "Created": created,
        "Path": path,
    }  # fmt: skip
    return json.dumps(shown, ensure_ascii=False).encode()


def _printable(sentence: str) -> str:
    """Without what could move a terminal's cursor: names of workspaces and rules are others' words."""
    return "".join(c if c.isprintable() else " " for c in sentence)
