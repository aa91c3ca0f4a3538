"""The gate in a real browser: a stopped plan approved by another person, waivers, incidents, grants, signed links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from infragod.approval import links
from infragod.approval import store as tokens
from infragod.approval.authority import Account
from infragod.gate import CheckRequest, check, grant
from infragod.incidents.break_glass import Denied, break_glass
from infragod.policy.decision import Decision
from infragod.policy.grants import Asked
from infragod.web.site import today
from tests.approval.ask import TEXT
from tests.gate import plans
from tests.web.conftest import settings_of
from tests.web.state_server import Server, serving
from tests.web.test_browser import Visit, browser, overflow

__all__ = ["browser"]

pytestmark = pytest.mark.browser
PAGES = ("/approvals", "/waivers", "/incidents", "/incidents/1", "/grants", "/state")
RULES = """
[rules.mandatory-tags]
level = "approval"
keys = ["team", "service"]
"""
CONTRAST = """
() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = parse(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.querySelectorAll("main *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const box = node.getBoundingClientRect();
    if (!own || box.width < 2 || box.height < 2 || node.closest("option")) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${node.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return faint;
}
"""
UNNAMED = """
() => [...document.querySelectorAll("main input:not([type=hidden]), main select, main button, main a")]
  .filter((n) => !(n.labels?.length || n.textContent.trim() || n.getAttribute("aria-label")))
  .map((n) => n.outerHTML)
"""


@dataclass
class Company:
    """A server with tokens of its people, and a plan that waits."""

    server: Server
    secrets: dict[str, str]
    waiting: Decision
    passed: Decision

    @property
    def url(self) -> str:
        return self.server.url

    def link(self) -> str:
        """A signed link by which the controller may answer for the waiting plan."""
        law = self.server.house.in_force().authority
        signing, maker = links.key(self.server.settings.home), Account("user", "operator")
        with self.server.database.begin() as connection:
            return links.make(connection, signing, self.waiting.id, "controller", law, by="operator", maker=maker)


def decided(server: Server, workspace: str, *servers: dict[str, Any]) -> Decision:
    plan = plans.plan(*servers)
    return check(CheckRequest(plan, "plan.json", workspace, "pipeline", today()), server.house)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    (tmp_path / "approvals.toml").write_text(TEXT)
    (tmp_path / "infragod.toml").write_text(RULES)
    from infragod import settings as settings_module

    tables = settings_module.load(env={"INFRAGOD_HOME": str(tmp_path / "home")}, cwd=tmp_path).tables
    settings = replace(settings_of(tmp_path), tables=tables, folder=tmp_path)
    with serving(settings) as server:
        stopped = {"team": "checkout"}
        waiting = decided(server, "shop", plans.server("web", **stopped))
        passed = decided(server, "cart", plans.server("cart", team="checkout", service="cart"))
        with server.database.begin() as connection:
            names = {"controller": "read,approve", "lead-checkout": "read,approve", "looker": "read"}
            secrets = {n: tokens.create(connection, n, tuple(s.split(",")), actor="test") for n, s in names.items()}
            denied = Denied(waiting.id, "shop", waiting.plan_digest, "needs_approval")
            law = server.house.in_force().authority
            other = replace(denied, decision=passed.id, plan_digest="another", workspace="cart")
            break_glass(connection, other, Account("token", "lead-checkout"), "the checkout burns", law)
        yield Company(server, secrets, waiting, passed)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture
def visit(context: BrowserContext, company: Company) -> Iterator[Visit]:
    made = Visit(context.new_page(), company.url)
    made.watch()
    yield made
    made.complaints = [c for c in made.complaints if "422" not in c and "Password forms" not in c]
    made.settled()


def login(visit: Visit, company: Company, name: str) -> Page:
    page = visit.open("/login")
    page.get_by_label("Token with the scope").fill(company.secrets[name])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Overview").wait_for()
    return page


def test_from_a_stopped_plan_to_its_approval_by_another_person(visit: Visit, company: Company) -> None:
    page = login(visit, company, "controller")
    page.get_by_role("link", name="Approvals").click()
    page.get_by_role("heading", name="Waiting for you").wait_for()
    page.get_by_role("table", name="Waiting for you").get_by_role("link", name="shop").click()
    page.get_by_role("heading", name="shop", exact=True).wait_for()
    page.get_by_label("Reason").fill("for the launch")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("controller approved").wait_for()
    page.get_by_role("link", name="Approvals").click()
    page.get_by_text("Nothing waits for approval.").wait_for()
    page.get_by_role("combobox", name="State").select_option("approved")
    page.get_by_role("heading", name="Approved").wait_for()
    assert page.get_by_text("controller approved").is_visible()


def test_a_waiver_made_here_shows_in_the_next_check(visit: Visit, company: Company) -> None:
    page = login(visit, company, "lead-checkout")
    page.get_by_role("link", name="Waivers").click()
    page.get_by_role("heading", name="Propose a waiver").wait_for()
    page.get_by_role("combobox", name="Rule").select_option("mandatory-tags")
    page.locator("#address").fill("aws_instance.*")
    page.locator("#workspace").fill("shop")
    page.locator("#owner").fill("checkout")
    page.locator("#until").fill((today() + timedelta(days=40)).isoformat())
    page.locator("#reason").fill("the tags come with the move")
    page.get_by_role("button", name="Propose as lead of checkout").click()
    page.get_by_text("proposed", exact=True).wait_for()
    assert page.get_by_role("button", name="Agree to W1").count() == 0
    page.context.clear_cookies()
    page = login(visit, company, "controller")
    page.get_by_role("link", name="Waivers").click()
    page.get_by_role("button", name="Agree to W1").click()
    page.get_by_text("agreed to by controller").wait_for()
    again = decided(company.server, "shop", plans.server("web", team="checkout"))
    page = visit.open(f"/decisions/{again.id}")
    page.get_by_text("W1").first.wait_for()
    assert page.get_by_text("waived").first.is_visible()


def test_an_incident_is_closed(visit: Visit, company: Company) -> None:
    page = login(visit, company, "controller")
    page.get_by_role("link", name="Incidents").click()
    page.get_by_role("link", name="Glass broken 1").click()
    page.get_by_role("heading", name="Glass broken: cart").wait_for()
    page.get_by_text("the checkout burns").first.wait_for()
    page.get_by_label("What came of it").fill("the right size is in the plan of Monday")
    page.get_by_role("button", name="Close as controller").click()
    page.get_by_text("Closed by controller, ").wait_for()
    page.get_by_text("Incident closed").wait_for()
    page.get_by_role("link", name="Incidents").first.click()
    page.get_by_role("heading", name="No incident is open").wait_for()


def test_a_grant_is_seen_and_taken_back(visit: Visit, company: Company) -> None:
    issued = grant(Asked(company.passed.id, "", 0, "pipeline"), company.server.house, today())
    page = login(visit, company, "controller")
    page.get_by_role("link", name="Grants").click()
    page.get_by_text(issued.grant.id).wait_for()
    page.get_by_text("Take back").first.click()
    page.get_by_label("Reason").fill("comes later")
    page.get_by_role("button", name=f"Take back {issued.grant.id}").click()
    page.get_by_text("released", exact=True).wait_for()
    visit.open(f"/decisions/{company.passed.id}").get_by_role("heading", name="What came of it").wait_for()


def test_a_signed_link_works_once(visit: Visit, company: Company) -> None:
    path = f"/approvals/link?key={company.link()}"
    page = visit.open(path)
    page.get_by_text("You answer as controller, once.").wait_for()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("controller has approved. The link is used up.").wait_for()
    visit.open(path).get_by_text("it is good for one answer").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_by_everybody(visit: Visit, company: Company, scheme: str) -> None:
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page = login(visit, company, "controller")
    for path in (*PAGES, f"/decisions/{company.waiting.id}"):
        visit.open(path).get_by_role("heading", level=1).wait_for()
        assert page.locator("h1").count() == 1
        assert page.evaluate(UNNAMED) == []
        assert page.evaluate(CONTRAST) == []
        assert page.locator("main table:not(:has(caption))").count() == 0


def test_a_phone_shows_every_page_without_scrolling_sideways(visit: Visit, company: Company) -> None:
    visit.page.set_viewport_size({"width": 375, "height": 700})
    page = login(visit, company, "controller")
    for path in PAGES:
        visit.open(path).get_by_role("heading", level=1).wait_for()
        assert overflow(page) <= 0, path


def test_the_keyboard_alone_agrees_and_who_only_reads_may_not(visit: Visit, company: Company) -> None:
    page = login(visit, company, "looker")
    visit.open("/incidents/1").get_by_text("log in").wait_for()
    assert page.get_by_role("button", name="Close as").count() == 0
    page.context.clear_cookies()
    page = login(visit, company, "controller")
    visit.open("/incidents/1")
    page.get_by_label("What came of it").focus()
    page.keyboard.type("written by keys alone")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Closed by controller, ").wait_for()
