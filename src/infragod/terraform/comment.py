"""One comment a request and subject: found by its marker, put in place of the old one, never posted twice.

The marker is the comment's first line, invisible on both hosts: the subject, hashed, since a workspace's name may hold
anything. Whoever can comment can write one too; so nothing that a comment says is believed, it is only written over.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from infragod.errors import RemoteError
from infragod.terraform.forge import Comment, Forge, RefusedError, UncertainError

LIMIT: Final = 65_000
"""Bytes of a comment. GitHub documents 65,536 characters and GitLab a million; one text serves both."""
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of the comment: `posted`, `updated` or `unchanged`."""

    id: int
    did: str


def marker(subject: str) -> str:
    """The comment's first line."""
    return f"<!-- infragod {hashlib.sha256(subject.encode()).hexdigest()[:16]} -->"


def place(forge: Forge, subject: str, text: str) -> Placed:
    """Let the request have exactly this comment on `subject`."""
    line = marker(subject)
    body = f"{line}\n{text}"
    for _ in range(TRIES):
        try:
            return _put(forge, line, body)
        except UncertainError:  # it may be there by now: look again
            continue
    raise RemoteError(f"{forge.request.host} did not take the comment on {forge.request.name}; try again later")


def shortened(text: str, limit: int, url: str | None) -> str:
    """`text` in at most `limit` bytes: whole lines from its beginning, its last line, and where the rest is."""
    if len(text.encode()) <= limit:
        return text
    *lines, last = text.rstrip("\n").split("\n")
    where = f"[the whole decision]({url})" if url else "`infragod check` prints it whole"
    notice = f"\n*Shortened to fit: {where}.*\n"
    last = last if len(last.encode()) < limit // 4 else ""
    left = limit - len(f"\n{notice}\n{last}\n".encode())
    kept: list[str] = []
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join([*kept, notice, last]).rstrip("\n") + "\n"


def _put(forge: Forge, line: str, body: str) -> Placed:
    ours = _ours(forge, line)
    placed = _replace(forge, ours, body)
    if placed is None:
        made = forge.create(body)
        ours = _ours(forge, line)  # another run may have posted at the same time: the first one stays
        if not ours or ours[0].id == made.id:
            placed = Placed(made.id, "posted")
        else:
            placed = _replace(forge, ours, body) or Placed(made.id, "posted")
    _remove(forge, [comment for comment in ours if comment.id != placed.id])
    return placed


def _ours(forge: Forge, line: str) -> list[Comment]:
    """The comments on the subject of `line`, oldest first; one that only quotes ours does not begin with it."""
    return sorted((c for c in forge.comments() if c.body.startswith(line)), key=lambda c: c.id)


def _replace(forge: Forge, ours: list[Comment], body: str) -> Placed | None:
    """The first of `ours` that we may change now says `body`; None if there is none."""
    for comment in ours:
        if _same(comment.body, body):
            return Placed(comment.id, "unchanged")
        try:
            return Placed(forge.update(comment, body).id, "updated")
        except RefusedError:
            continue
    return None


def _remove(forge: Forge, others: list[Comment]) -> None:
    for comment in others:
        try:
            forge.delete(comment)
        except RefusedError:
            continue


def _same(one: str, other: str) -> bool:
    """Equal but for line ends and blanks, which hosts change."""
    return one.replace("\r\n", "\n").strip() == other.strip()
