"""The audit log as the gate calls it; it lives in `infragod.db.audit`, below every store that appends to it."""

from __future__ import annotations

from infragod.db.audit import Entry, Verification, append, entries, verify

__all__ = ["Entry", "Verification", "append", "entries", "verify"]
