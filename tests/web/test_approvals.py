"""Approvals by page, API and link, on a server with tokens of its own people."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from infragod import settings as settings_module
from infragod.approval import links
from infragod.approval import store as tokens
from infragod.db import audit
from infragod.gate import CheckRequest, House, check
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Service, Team
from infragod.policy.decision import Decision
from infragod.policy.waivers import Proposal, add
from infragod.resource import Level, Verdict
from infragod.web.app import create
from tests.approval.ask import TEXT, law, user
from tests.gate import plans
from tests.web.conftest import settings_of, token

TODAY = date(2026, 11, 16)
URL = "https://cost.example.com"
ORIGIN = {"origin": URL}


@dataclass
class Shop:
    """A server, a browser of it, and a plan that waits."""

    browser: TestClient
    decision: Decision
    folder: Path

    @property
    def page(self) -> str:
        return f"/decisions/{self.decision.id}"

    def login(self, name: str, *scopes: str) -> None:
        secret = token(self.browser, *scopes, name=name)
        self.browser.cookies.clear()
        self.browser.post("/login", data={"token": secret}, headers=ORIGIN)

    def binding(self) -> str:
        assert self.decision.approval is not None
        return str(self.decision.approval["binding"])

    def answer(self, answer: str = "grant", headers: dict[str, str] | None = None, **form: str) -> int:
        fields = {"answer": answer, "binding": self.binding()} | form
        sent = self.browser.post(f"{self.page}/approval", data=fields, headers=headers or ORIGIN)
        return int(sent.status_code)

    def state(self) -> str:
        secret = token(self.browser, "read", name=f"reader-{secrets.token_hex(8)}")
        said = self.browser.get(f"/v1{self.page}/approval", headers={"authorization": f"Bearer {secret}"})
        return str(said.json()["state"])


def checked(folder: Path) -> Decision:
    settings = settings_module.load(env={"INFRAGOD_HOME": str(folder / "home")}, cwd=folder)
    with House.open(settings) as house:
        with house.database.begin() as connection:
            lead = Team("checkout", "cc-1", "lead of checkout")
            org_store.replace(connection, Organisation((lead,), (Service("cart", "checkout"),)))
        plan = plans.plan(plans.server(team="checkout"))
        return check(CheckRequest(plan, "plan.json", "shop", "pipeline", TODAY), house)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    (tmp_path / "approvals.toml").write_text(TEXT)
    (tmp_path / "infragod.toml").write_text('[rules.mandatory-tags]\nlevel = "approval"\n')
    decision = checked(tmp_path)
    settings = replace(settings_of(tmp_path), host="::", public_url=URL)
    with TestClient(create(settings), base_url=URL, follow_redirects=False) as browser:
        yield Shop(browser, decision, tmp_path)


def test_the_check_says_who_may_approve(shop: Shop) -> None:
    approval = shop.decision.approval
    assert shop.decision.verdict is Verdict.NEEDS_APPROVAL
    assert approval is not None
    assert approval["needs"][0]["people"] == ["controller", "financial engineer", "lead of checkout"]


def test_a_person_approves_on_the_page_and_the_next_check_passes(shop: Shop) -> None:
    shop.login("lead-checkout", "read", "approve")
    page = shop.browser.get(shop.page).text
    assert "Approve</button>" in page
    assert "Asked by pipeline, who may not approve it" in page
    listed = shop.browser.get("/approvals").text
    assert "Waiting for you" in listed
    assert '<span class="pill needs_approval">yours</span>' in listed
    assert shop.answer() == 303
    assert "lead of checkout approved" in shop.browser.get(shop.page).text
    assert "Nothing waits for approval." in shop.browser.get("/approvals").text
    again = checked(shop.folder)
    assert again.verdict is Verdict.WARN
    assert again.approval is not None
    assert again.approval["state"] == "approved"


def test_who_may_only_read_may_not_approve(shop: Shop) -> None:
    shop.login("lead-checkout", "read")
    assert "Approve</button>" not in shop.browser.get(shop.page).text
    assert shop.answer() == 403
    assert shop.state() == "pending"


def test_a_session_of_somebody_else_may_not_approve(shop: Shop) -> None:
    shop.login("stranger", "read", "approve")
    assert "Approve</button>" not in shop.browser.get(shop.page).text
    assert shop.answer() == 422
    assert shop.state() == "pending"


def test_a_revoked_token_ends_its_session(shop: Shop) -> None:
    shop.login("lead-checkout", "read", "approve")
    with shop.browser.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
        tokens.revoke(connection, "lead-checkout", actor="test")
    assert shop.answer() == 303  # to the login
    assert shop.state() == "pending"


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"x": "y"}])
def test_a_form_of_another_site_approves_nothing(shop: Shop, headers: dict[str, str]) -> None:
    shop.login("lead-checkout", "read", "approve")
    assert shop.answer(headers=headers) == 403
    assert shop.state() == "pending"


def test_what_was_not_seen_is_not_approved(shop: Shop) -> None:
    shop.login("lead-checkout", "read", "approve")
    assert shop.answer(binding="") == 422
    assert shop.answer(binding="0" * 64) == 422
    assert shop.answer("perhaps") == 422
    assert shop.answer("refuse") == 422
    assert shop.answer(reason="x" * 20_000) == 413
    assert shop.state() == "pending"


def test_the_machine_s_own_user_looks_and_does_not_approve(shop: Shop) -> None:
    settings = settings_of(shop.folder)
    with TestClient(create(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 5)) as local:
        assert "Approve</button>" not in local.get(shop.page).text
        sent = local.post(f"{shop.page}/approval", data={"answer": "grant"}, headers={"origin": "http://127.0.0.1"})
    assert sent.status_code == 403


def api(shop: Shop, name: str, body: dict[str, str], *scopes: str, way: str = "approval") -> tuple[int, Any]:
    secret = token(shop.browser, *(scopes or ("approve",)), name=name)
    said = shop.browser.post(f"/v1{shop.page}/{way}", json=body, headers={"authorization": f"Bearer {secret}"})
    return said.status_code, said.json()


def test_the_api_grants_by_the_token_s_person(shop: Shop) -> None:
    assert api(shop, "check-only", {"answer": "grant"}, "check")[0] == 403
    assert "is nobody in approvals.toml" in api(shop, "stranger", {"answer": "grant"})[1]["error"]
    assert api(shop, "x", {"answer": "maybe"})[0] == 422
    status, said = api(shop, "controller", {"answer": "grant", "reason": "fine"})
    assert (status, said["state"], said["decision"]) == (200, "approved", shop.decision.id)


def test_the_api_asks_withdraws_and_lists(shop: Shop) -> None:
    assert api(shop, "lead-checkout", {"answer": "request", "reason": "launch"})[1]["reason"] == "launch"
    secret = token(shop.browser, "read", name="reader")
    (row,) = shop.browser.get("/v1/approvals", headers={"authorization": f"Bearer {secret}"}).json()
    assert (row["decision"], row["reason"]) == (shop.decision.id, "launch")
    assert row["requesters"] == ["lead of checkout", "pipeline"]
    assert api(shop, "stranger", {"answer": "withdraw"})[0] == 422
    assert api(shop, "pipeline", {"answer": "withdraw"})[1]["state"] == "void"


def test_the_glass_is_broken_by_the_api_and_shown(shop: Shop) -> None:
    assert api(shop, "stranger", {"reason": "everything burns"}, way="break-glass")[0] == 422
    status, said = api(shop, "lead-checkout", {"reason": "everything burns"}, way="break-glass")
    assert (status, said["incident"]) == (200, 1)
    shop.login("reader", "read")
    assert "everything burns" in shop.browser.get("/incidents").text
    assert "glass broken by lead of checkout" in shop.browser.get(shop.page).text
    assert checked(shop.folder).verdict is Verdict.WARN


def test_no_decision_is_404(shop: Shop) -> None:
    secret = token(shop.browser, "read", name="reader")
    said = shop.browser.get("/v1/decisions/ZZZZ-ZZZZ/approval", headers={"authorization": f"Bearer {secret}"})
    assert said.status_code == 404


def link(shop: Shop) -> str:
    site = shop.browser.app.state.site  # type: ignore[attr-defined]
    with site.database.begin() as connection:
        return links.make(
            connection,
            links.key(site.settings.home),
            shop.decision.id,
            "controller",
            law(),
            by="operator",
            maker=user("operator"),
        )


def test_a_link_needs_no_login_and_is_used_once(shop: Shop) -> None:
    key = link(shop)
    shown = shop.browser.get("/approvals/link", params={"key": key})
    assert shown.status_code == 200
    assert "You answer as <b>controller</b>" in shown.text
    assert shown.headers["referrer-policy"] == "same-origin"
    assert shop.state() == "pending"  # looking changes nothing
    form = {"key": key, "answer": "grant"}
    assert (
        shop.browser.post("/approvals/link", data=form, headers={"origin": "https://evil.example"}).status_code == 403
    )
    done = shop.browser.post("/approvals/link", data=form, headers=ORIGIN)
    assert "controller has approved. The link is used up." in done.text
    assert shop.state() == "approved"
    again = shop.browser.post("/approvals/link", data=form, headers=ORIGIN)
    assert again.status_code == 422
    assert "it is good for one answer" in again.text


def test_a_forged_link_is_one_sentence(shop: Shop) -> None:
    key = link(shop)
    for wrong in ("", "x", key[:-2] + "zz"):
        said = shop.browser.get("/approvals/link", params={"key": wrong})
        assert said.status_code == 422
        assert "is not one of this server" in said.text


def test_waivers_stand_on_the_page(shop: Shop) -> None:
    with shop.browser.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
        from datetime import UTC, datetime, timedelta

        until = datetime.now(UTC).date() + timedelta(days=5)
        add(connection, Proposal("old-generation", "<b>*", "*", "moves", "checkout", "x", until), Level.ADVISORY)
        assert audit.verify(connection).whole
    shop.login("reader", "read")
    assert "1 ends within 14 days" in shop.browser.get("/approvals").text
    page = shop.browser.get("/waivers").text
    assert "5 days left" in page
    assert "&lt;b&gt;*" in page
