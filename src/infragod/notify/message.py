"""What is sent of an event: JSON for programs, or one line for Slack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from infragod.db.audit import Entry
from infragod.focus import money
from infragod.notify.channel import NOTHING, Brief

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


def payload(entry: Entry, base_url: str, brief: Brief = NOTHING) -> dict[str, Any]:
    """The event as JSON-ready data; `url` leads to its page, `links` let those who are named answer."""
    links = [{"person": one.person, "url": one.link} for one in brief.invited if one.link]
    return {
        "id": event_id(entry),
        "event": entry.kind,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "details": entry.details,
        "url": address(entry.details, base_url),
    } | ({"links": links} if links else {})


def body(kind: str, entry: Entry, base_url: str, brief: Brief = NOTHING) -> bytes:
    """The bytes of the request to a target of `kind`."""
    content = payload(entry, base_url, brief) if kind == "json" else {"text": slack(entry, base_url, brief)}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def slack(entry: Entry, base_url: str, brief: Brief = NOTHING) -> str:
    """The event in one line of Slack's mark-up; what others named cannot make links or call people."""
    details = entry.details
    said = _decision(details) if entry.kind == "decision" else _anything(details)
    url = address(details, base_url)
    name = _safe(details.get("decision") or "page")
    answers = "".join(f" · <{one.link}|answer as {_safe(one.person)}>" for one in brief.invited if one.link)
    link = f" · <{url}|{name}>" if url else (f" · {name}" if details.get("decision") else "")
    head = (
        f"*{VERDICTS.get(str(details.get('verdict')), 'decided')}*" if entry.kind == "decision" else f"*{entry.kind}*"
    )
    return f"{head} {said}{link}{answers} · by {_safe(entry.actor)}"


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


def plain(entry: Entry) -> str:
    """The event in one line of plain text."""
    shown = (f"{key} {value}" for key, value in entry.details.items() if value not in (None, "") and key not in _DULL)
    text = f"{entry.kind}: {', '.join(shown)} (by {entry.actor})"
    return " ".join(text.split())[: 4 * _LONGEST]


def address(details: Mapping[str, Any], base_url: str) -> str | None:
    """The page that tells more of it: the incident's, the decision's, or that of the waivers."""
    if not base_url:
        return None
    if incident := details.get("incident"):
        return f"{base_url}/incidents/{incident}"
    if waiver := details.get("waiver"):
        return f"{base_url}/waivers#{waiver}"
    name = details.get("decision")
    return f"{base_url}/decisions/{name}" if name else None
