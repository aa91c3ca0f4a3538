"""What is sent of an event: JSON for programs, or one line for Slack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from infragod.db.audit import Entry
from infragod.focus import money

VERDICTS: Final = {
    "allow": "allowed",
    "warn": "allowed with warnings",
    "needs_approval": "needs approval",
    "deny": "denied",
}
_LONGEST: Final = 300
_DULL: Final = ("sha256", "plan_digest", "decision", "currency")


def event_id(entry: Entry) -> str:
    """The event's id: its place in the audit log and the beginning of its hash, the same at each try."""
    return f"{entry.number}-{entry.hash[:16]}"


def payload(entry: Entry, base_url: str) -> dict[str, Any]:
    """The event as JSON-ready data; `url` leads to its decision where there is one."""
    return {
        "id": event_id(entry),
        "event": entry.kind,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "details": entry.details,
        "url": _url(entry.details, base_url),
    }


def body(kind: str, entry: Entry, base_url: str) -> bytes:
    """The bytes of the request to a target of `kind`."""
    content = payload(entry, base_url) if kind == "json" else {"text": slack(entry, base_url)}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def slack(entry: Entry, base_url: str) -> str:
    """The event in one line of Slack's mark-up; what others named cannot make links or call people."""
    details = entry.details
    said = _decision(details) if entry.kind == "decision" else _anything(details)
    url = _url(details, base_url)
    name = _safe(details.get("decision") or "")
    link = f" · <{url}|{name}>" if url else (f" · {name}" if name else "")
    head = (
        f"*{VERDICTS.get(str(details.get('verdict')), 'decided')}*" if entry.kind == "decision" else f"*{entry.kind}*"
    )
    return f"{head} {said}{link} · by {_safe(entry.actor)}"


def _decision(details: Mapping[str, Any]) -> str:
    delta = details.get("monthly_delta")
    change = f" · {money(Decimal(delta), details['currency'], plus=True)} a month" if delta is not None else ""
    return f"{_safe(details.get('workspace', ''))}{change}"


def _anything(details: Mapping[str, Any]) -> str:
    shown = (f"{key} {_safe(value)}" for key, value in details.items() if value not in (None, "") and key not in _DULL)
    return ", ".join(shown)


def _safe(value: object) -> str:
    """Text in which Slack sees neither links nor mentions, on one line, not too long."""
    text = " ".join(str(value).split())
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _url(details: Mapping[str, Any], base_url: str) -> str | None:
    name = details.get("decision")
    return f"{base_url}/decisions/{name}" if base_url and name else None
