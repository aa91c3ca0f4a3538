"""Waivers, incidents, grants and states on pages: what is shown to whom, who may act, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from infragod.budget import store as budgets
from infragod.budget.holds import Item, Opening
from infragod.budget.holds import store as holds
from infragod.db.connection import Connection
from infragod.focus import Period
from infragod.incidents import store as incidents
from infragod.policy.grants import store as grants
from infragod.policy.waivers import Proposal, add
from infragod.policy.waivers import store as waivers
from infragod.resource import Level
from infragod.terraform import store as states
from infragod.web.app import create
from tests.approval.ask import TEXT
from tests.web.conftest import settings_of, token

URL = "https://cost.example.com"
ORIGIN = {"origin": URL}
NOW = datetime.now(UTC)
SCRIPT = "<script>alert(1)</script>"


class Gate:
    """A server, and a browser of somebody who logged in."""

    def __init__(self, browser: TestClient) -> None:
        self.browser = browser

    def write(self) -> Any:
        return self.browser.app.state.site.database.begin()  # type: ignore[attr-defined]  # a FastAPI application

    def login(self, name: str = "controller", *scopes: str) -> None:
        secret = token(self.browser, *(scopes or ("read", "approve")), name=name)
        self.browser.cookies.clear()
        self.browser.post("/login", data={"token": secret}, headers=ORIGIN)

    def get(self, path: str, status: int = 200) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == status, answer.text
        return str(answer.text)

    def post(self, path: str, headers: Any = None, **form: str) -> int:
        return int(self.browser.post(path, data=form, headers=headers or ORIGIN).status_code)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    (tmp_path / "approvals.toml").write_text(TEXT)
    settings = replace(settings_of(tmp_path), host="::", public_url=URL)
    with TestClient(create(settings), base_url=URL, follow_redirects=False) as browser:
        yield Gate(browser)


def waiver(connection: Connection, until: int, level: Level = Level.ADVISORY, **more: Any) -> str:
    day = NOW.date() + timedelta(days=until)
    given = {
        "rule": "old-generation",
        "address": "aws_*",
        "workspace": "shop-*",
        "reason": "moves",
        "owner": "checkout",
    }
    return add(connection, Proposal(**(given | more), author="engineer", until=day), level, NOW).id


def granted(connection: Connection, number: int, state: str = "issued", actor: str = "ci") -> str:
    name = f"AAAA-{number:04d}"
    row: dict[str, Any] = {
        "id": name,
        "hash": f"{number:064d}",
        "decision": "DDDD-0001",
        "workspace": "shop",
        "change_request": "",
    }
    row |= {
        "lineage": "",
        "serial": 0,
        "plan_digest": "d",
        "file_digest": "",
        "actor": actor,
        "state": state,
        "note": "",
    }
    times = {"issued_at": NOW, "expires_at": NOW + timedelta(hours=1)}
    connection.execute(grants.grant.insert().values(**row, **times))
    return name


PAGES = ("/approvals", "/waivers", "/incidents", "/grants", "/state")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_an_empty_state_and_needs_a_login(gate: Gate, page: str) -> None:
    assert gate.browser.get(page).status_code == 303
    gate.login("reader", "read")
    text = gate.get(page)
    assert 'class="empty"' in text
    assert f'href="{page}" aria-current="page"' in text


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("/incidents/7", 404),
        ("/state/nothing", 404),
        ("/incidents?state=odd", 422),
        ("/waivers?state=odd", 422),
        ("/waivers?after=odd", 422),
        ("/waivers?after=odd.1", 422),
        ("/grants?state=odd", 422),
        ("/grants?before=odd", 422),
        ("/approvals?state=odd", 422),
    ],
)
def test_what_is_not_there_is_one_sentence(gate: Gate, page: str, status: int) -> None:
    gate.login("reader", "read")
    assert "Traceback" not in gate.get(page, status)


def test_waivers_are_paged_by_their_last_day_and_ended_ones_are_behind_a_filter(gate: Gate) -> None:
    with gate.write() as connection:
        for number in range(60):
            waiver(connection, 60 - number)
        waivers.end(connection, "W3", "controller")
    gate.login("reader", "read")
    first = gate.get("/waivers")
    assert first.index("W60<") < first.index("W59<")
    assert ">W3<" not in first
    following = gate.get(f"/waivers?state=current&after={NOW.date() + timedelta(days=50)}.11")
    assert 'id="W10"' in following
    assert 'id="W11"' not in following
    everyone = gate.get("/waivers?state=all")
    assert 'rel="next"' in everyone
    assert "ended" in gate.get("/waivers?state=all&after=.11")


def test_a_waiver_is_proposed_agreed_to_and_ended_by_people_alone(gate: Gate) -> None:
    day = (NOW.date() + timedelta(days=30)).isoformat()
    form = {"rule": "stateful-delete", "address": SCRIPT, "workspace": "*", "reason": "why", "owner": "x", "until": day}
    gate.login("reader", "read")
    assert "Propose as" not in gate.get("/waivers")
    assert gate.post("/waivers", **form) == 403
    gate.login("stranger")
    assert gate.post("/waivers", **form) == 403
    gate.login("lead-checkout")
    assert gate.post("/waivers", {"origin": "https://evil.example"}, **form) == 403
    assert gate.post("/waivers", **form | {"until": "soon"}) == 422
    assert gate.post("/waivers", **form | {"until": "2020-01-01"}) == 422
    assert gate.post("/waivers", **form | {"rule": "no-such-rule"}) == 422
    assert gate.post("/waivers", **form) == 303
    page = gate.get("/waivers")
    assert SCRIPT not in page
    assert "proposed" in page
    assert "Agree to W1" not in page  # who proposed may not agree
    assert gate.post("/waivers/W1/agree") == 422
    gate.login("controller")
    assert "Agree to W1" in gate.get("/waivers")
    assert gate.post("/waivers/W1/agree") == 303
    assert "agreed to by controller" in gate.get("/waivers")
    assert gate.post("/waivers/W1/end") == 303
    assert "No waiver is in force" in gate.get("/waivers")
    assert gate.post("/waivers/W9/end") == 422


def test_an_incident_has_a_story_and_is_closed_with_what_came_of_it(gate: Gate) -> None:
    with gate.write() as connection:
        details = {"reason": SCRIPT, "decision": "DDDD-0001", "unapproved": ["aws_instance.x (create)"], "more": 3}
        number = incidents.insert(connection, "state", "shop", details, "pipeline").number
        incidents.insert(connection, "break-glass", "shop", {"reason": "fire"}, "lead")
        granted(connection, 1, "used")
    gate.login("reader", "read")
    page = gate.get(f"/incidents/{number}")
    assert SCRIPT not in page
    assert "aws_instance.x (create)" in page
    assert "and 3 more" in page
    assert "AAAA-0001" in page
    assert "Incident opened" in page
    assert "Close as" not in page
    assert gate.post(f"/incidents/{number}/close", resolution="done") == 403
    assert "State differs" in gate.get("/incidents?kind=state")
    assert "fire" not in gate.get("/incidents?kind=state")
    gate.login("controller")
    assert gate.post(f"/incidents/{number}/close") == 422
    assert gate.post("/incidents/99/close", resolution="done") == 404
    assert gate.post(f"/incidents/{number}/close", resolution="rolled back") == 303
    assert gate.post(f"/incidents/{number}/close", resolution="again") == 422
    page = gate.get(f"/incidents/{number}")
    assert "Closed by controller" in page
    assert "rolled back" in page
    assert "rolled back" not in gate.get("/incidents")
    assert "rolled back" in gate.get("/incidents?state=all")


def test_incidents_are_paged(gate: Gate) -> None:
    with gate.write() as connection:
        for number in range(55):
            incidents.insert(connection, "state", f"shop-{number}", {"reason": "x"}, "pipeline")
    gate.login("reader", "read")
    assert "before=6" in gate.get("/incidents")
    second = gate.get("/incidents?before=6")
    assert "shop-4<" in second
    assert "shop-5<" not in second


def test_grants_say_whose_budget_they_hold_and_are_taken_back(gate: Gate) -> None:
    with gate.write() as connection:
        for number in range(1, 56):
            granted(connection, number)
        month = Period.of(NOW.date())
        opening = Opening("shop", month, "USD", "grant AAAA-0055", NOW, NOW + timedelta(hours=1))
        from decimal import Decimal

        holds.open_holds(connection, [Item("aws_instance.a", "checkout", Decimal("12.5"))], opening)
        granted(connection, 60, "claimed")
    gate.login("reader", "read")
    page = gate.get("/grants")
    assert "$12.50" in page
    assert "of checkout" in page
    assert "Take back" not in page
    assert "before=AAAA-0007" in page
    assert "AAAA-0006" in gate.get("/grants?before=AAAA-0007")
    assert "AAAA-0055" not in gate.get("/grants?state=claimed")
    assert gate.post("/grants/AAAA-0055/release") == 403
    gate.login("ci", "read", "apply")
    assert gate.post("/grants/AAAA-0054/release") == 303  # whose token took it
    gate.login("controller")
    assert gate.post("/grants/AAAA-0055/release", reason="not now") == 303
    assert gate.post("/grants/AAAA-0060/release") == 422
    assert gate.post("/grants/AAAA-0060/release", claimed="yes") == 303
    assert gate.post("/grants/ZZZZ-0000/release") == 404
    with gate.write() as connection:
        assert budgets.held(connection, month) == {}
    assert "not now" in gate.get("/grants?state=released")


def test_states_show_versions_and_locks_and_never_what_is_in_them(gate: Gate) -> None:
    with gate.write() as connection:
        for number in range(1, 56):
            made = states.Version(f"shop/{number:03d}", 1, "l", 4, "1.15", 9, 100, NOW, "ci", "OperationTypeApply", "x")
            states.add(connection, made, b"sealed secret")
        first = replace(made, workspace="shop/001", version=2, aside=f"is older {SCRIPT}")
        states.add(connection, first, b"sealed secret")
        apply = ("id-1", "OperationTypeApply", "me@host", "1.15", "now", NOW, "ci", "grant:A", "DDDD-0001")
        states.take(connection, states.Lock("shop/001", *apply))
    gate.login("reader", "read")
    page = gate.get("/state")
    assert "Held locks" in page
    assert "me@host" in page
    assert "after=shop/050" in page.replace("%2F", "/")
    assert "shop/051" in gate.get("/state?after=shop/050")
    assert "shop/002" not in gate.get("/state?begins=shop/05")
    one = gate.get("/state/shop/001")
    assert "kept aside" in one
    assert SCRIPT not in one
    assert "current" in one
    assert "sealed secret" not in one + page
    assert gate.get("/state/shop/001?before=2").count("<tr>") == 2


def test_grants_are_listed_by_the_api_with_what_they_hold(gate: Gate) -> None:
    with gate.write() as connection:
        granted(connection, 1)
        granted(connection, 2, "used")
        granted(connection, 3)
    headers = {"authorization": f"Bearer {token(gate.browser, 'read', name='r')}"}

    def listed(query: str) -> list[str]:
        return [row["grant"] for row in gate.browser.get(f"/v1/grants{query}", headers=headers).json()]

    assert listed("") == ["AAAA-0003", "AAAA-0002", "AAAA-0001"]
    assert listed("?state=open") == ["AAAA-0003", "AAAA-0001"]
    assert listed("?state=issued&before=AAAA-0003") == ["AAAA-0001"]
    assert listed("?decision=dddd0001&limit=1") == ["AAAA-0003"]
    assert listed("?workspace=other") == []
    assert gate.browser.get("/v1/grants?state=odd", headers=headers).status_code == 422
    assert gate.browser.get("/v1/grants").status_code == 401
