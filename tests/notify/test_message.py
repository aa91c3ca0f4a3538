"""What a chat shows of an event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from infragod.db.audit import Entry
from infragod.notify import message

BASE = "https://cost.example.com"
AT = datetime(2026, 11, 22, tzinfo=UTC)


def entry(kind: str, **details: Any) -> Entry:
    return Entry(7, AT, kind, "ci <!channel>", details, "a" * 64)


def test_a_decision_is_one_line_with_its_money_and_its_link() -> None:
    made = entry(
        "decision", decision="7F3K-9Q2M", verdict="deny", workspace="shop-prod", monthly_delta="667.45", currency="USD"
    )
    assert message.slack(made, BASE) == (
        "*denied* shop-prod · +$667.45 a month · <https://cost.example.com/decisions/7F3K-9Q2M|7F3K-9Q2M>"
        " · by ci &lt;!channel&gt;"
    )


def test_an_older_decision_without_money_and_without_an_address() -> None:
    made = entry("decision", decision="7F3K-9Q2M", verdict="allow", workspace="<http://x|y>\n*b*")
    assert message.slack(made, "") == "*allowed* &lt;http://x|y&gt; *b* · 7F3K-9Q2M · by ci &lt;!channel&gt;"


def test_any_other_event_says_what_it_holds() -> None:
    made = entry("token.create", name="ci", scopes=["check"], expires_at=None, note="x" * 400)
    said = message.slack(made, BASE)
    assert said.startswith("*token.create* name ci, scopes ['check'], note xxx")
    assert len(said) < 400
    assert json.loads(message.body("slack", made, BASE)) == {"text": said}
    assert message.payload(made, BASE)["url"] is None
