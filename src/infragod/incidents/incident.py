"""The noun of incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong or round the gate; `details` are what is known of it, by name."""

    number: int
    kind: str
    subject: str
    details: Mapping[str, Any]
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    resolution: str
