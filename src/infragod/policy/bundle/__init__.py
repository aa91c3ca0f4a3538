"""The bundle: the company's rules as published, versioned, with a digest that every decision names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from infragod.approval import authority_file
from infragod.approval.authority import Authority
from infragod.errors import SetupError
from infragod.settings import Settings

DOCUMENTS: Final = ("ownership.toml", "usage.toml", "approvals.toml", "allocation.toml")
"""Files that a bundle holds besides the rules, where they are there."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a bundle holds.

    `tables` are the settings `[rules.<id>]`, `files` the company's rule files by name, `built_in` the rule files of the
    InfraGod that published it (an upgrade changes no verdict by itself), `documents` the other files by name.
    """

    tables: Mapping[str, Any]
    files: Mapping[str, str]
    built_in: Mapping[str, str]
    documents: Mapping[str, str]

    @property
    def canonical(self) -> str:
        """JSON in one way only: the same content has the same text."""
        return json.dumps(
            {name: getattr(self, name) for name in Content.__slots__},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical text."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @classmethod
    def parse(cls, text: str) -> Content:
        """The content of a canonical text."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Bundle:
    """A published bundle; `commit` and `branch` are empty where it came from no git repository."""

    number: int
    digest: str
    created_at: datetime
    created_by: str
    commit: str
    branch: str
    content: Content

    @property
    def label(self) -> str:
        """How people call it."""
        return f"bundle {self.number}"

    @property
    def tables(self) -> Mapping[str, Any]:
        """The settings `[rules.<id>]`."""
        return self.content.tables

    @property
    def files(self) -> Mapping[str, str]:
        """The company's rule files."""
        return self.content.files

    @property
    def built_in(self) -> Mapping[str, str]:
        """The built-in rule files as they were when it was published."""
        return self.content.built_in


def ownership(settings: Settings, bundle: Bundle | None) -> str | None:
    """The text of ownership.toml in force, None if there is none; with a bundle only the bundle's counts."""
    return _in_force(settings.beside(settings.ownership), "ownership.toml", "who owns what", bundle)


def authority(settings: Settings, bundle: Bundle | None) -> Authority:
    """What approvals.toml says, of the bundle or, where none is published, of the working folder."""
    path = settings.beside(Path("approvals.toml"))
    text = _in_force(path, path.name, "who may approve what", bundle)
    where = str(path) if bundle is None else f"approvals.toml of {bundle.label}"
    return Authority() if text is None else authority_file.parse(text, where)


def _in_force(path: Path, name: str, what: str, bundle: Bundle | None) -> str | None:
    try:
        mine = path.read_text(encoding="utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"cannot read {path}: {error}; check its rights and encoding") from None
    if bundle is None:
        return mine
    theirs = bundle.content.documents.get(name)
    if mine is not None and mine != theirs:
        raise SetupError(
            f"{path} is not the {name} of {bundle.label}; {what} is decided by the bundle: "
            f"remove the file, or have it published by infragod bundle publish"
        )
    return theirs
