"""Tokens for pipelines: how they look, what they may do, and what is kept of them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from infragod.errors import InputError

PREFIX: Final = "igt_"
SCOPES: Final[dict[str, str]] = {
    "check": "post plans to be decided",
    "read": "read decisions, reports and budgets",
    "approve": "approve what approvals.toml lets the person of that token approve",
    "state": "fetch states, and lock them for a plan",
    "state-write": "move, remove and push states, and break locks; no apply",
    "apply": "take grants, and apply what a grant allows",
}


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What is known of a token; the token itself is kept nowhere."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None

    def state(self, at: datetime) -> str:
        """`valid`, `expired` or `revoked` at the moment `at`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= at else "valid"


def mint() -> str:
    """A new token: 256 random bits behind a prefix that secret scanners can find."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token. One round is enough: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def parse_scopes(text: str) -> tuple[str, ...]:
    """The scopes of `check,read`; ``InputError`` names one that is none."""
    scopes = tuple(sorted({part.strip() for part in text.split(",") if part.strip()}))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InputError(f"{(unknown or [text])[0]!r} is no scope of a token; the scopes are {', '.join(SCOPES)}")
    return scopes
