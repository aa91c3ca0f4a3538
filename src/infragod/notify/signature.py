"""How a webhook proves where it comes from: HMAC-SHA256 over its time and its raw body."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

EVENT: Final = "X-InfraGod-Event"
DELIVERY: Final = "X-InfraGod-Delivery"
TIMESTAMP: Final = "X-InfraGod-Timestamp"
SIGNATURE: Final = "X-InfraGod-Signature"
TOLERANCE: Final = 300
"""Seconds that a receiver accepts between the signature's time and its own."""


def sign(secret: bytes, timestamp: int, body: bytes) -> str:
    """The value of ``SIGNATURE``: `sha256=` and the hex HMAC of `<timestamp>.<body>`."""
    return "sha256=" + hmac.new(secret, b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def verify(secret: bytes, timestamp: str, signature: str, body: bytes, *, now: float) -> bool:
    """Whether a request is genuine and fresh, as a receiver in Python may ask."""
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE:
        return False
    return hmac.compare_digest(sign(secret, int(timestamp), body).encode(), signature.encode())
