"""Allocation: who pays for what is shared, as `allocation.toml` says.

    allocation.toml → plan.py → the nouns below
    cost → sql/allocate → cells → pools and direct owners → weights → flow → the table `allocated`

Each row of the bill is in one place: an override's target, a pool, its owner, or nobody's. Pools give what they hold to
pools, services and teams; whatever goes in comes out, to the twelfth decimal, which is the lake's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

METHODS: Final = ("even", "fixed", "proportional", "usage", "keep")
TARGETS: Final = ("team", "service", "pool")
UNTAGGED: Final = "untagged"

Match = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Pool:
    """What is shared: which rows it is made of (`match`), and how it is given away.

    `to` are targets (`team:checkout`, `service:*`, `pool:cluster`) without those of `but`; `percent` is the method
    fixed's; `of` narrows the cost that proportional goes by; `key` names the usage; `zero` is what is done where all
    keys are zero: refuse, even or suspense.
    """

    name: str
    method: str
    match: Match = field(default_factory=dict)
    to: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    percent: Mapping[str, Decimal] = field(default_factory=dict)
    of: Match = field(default_factory=dict)
    key: str = ""
    zero: str = "refuse"
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that go to one target; an override has a reason and a date, and may be for some months alone."""

    match: Match
    to: str
    reason: str = ""
    dated: date | None = None
    first: str = ""
    last: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Commitments:
    """Who pays for what of a commitment nobody used, and who has what it saved: buyer, users or a pool."""

    unused: str = "buyer"
    savings: str = "users"


@dataclass(frozen=True)
class Allocation:
    """What one `allocation.toml` means; nothing of it: every row is its owner's, and the rest in suspense."""

    pools: tuple[Pool, ...] = ()
    overrides: tuple[Rule, ...] = ()
    rules: tuple[Rule, ...] = ()
    commitments: Commitments = field(default_factory=Commitments)
    untagged: Pool = field(default_factory=lambda: Pool(UNTAGGED, "keep"))
    renamed: Mapping[str, str] = field(default_factory=dict)
    cycles: str = "refuse"
    suspense: str = "suspense"
    usage: str = ""

    @cached_property
    def version(self) -> str:
        """A hash of what the file means; layout, comments and the order of keys do not count."""
        meaning = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(meaning.encode()).hexdigest()[:12]
