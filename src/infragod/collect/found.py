"""An object that was found in a folder or a bucket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Found:
    """An object: its path below what was searched, its whole place, when it was written, how its bytes are got."""

    path: str
    place: str
    written_at: datetime
    read: Callable[[], bytes]
