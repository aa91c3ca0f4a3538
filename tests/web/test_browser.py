"""The pages in a real browser: clicks from the overview to one resource, and nothing that the policy forbids."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from infragod.settings import Settings
from tests.web.conftest import SCRIPT

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MONTH = "October 2025"


@pytest.fixture(scope="module")
def address(company: Settings) -> Iterator[str]:
    """The address of a server in a process of its own, started and stopped as a person does it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "INFRAGOD_HOME": str(company.home)}
    command = [sys.executable, "-m", "infragod", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=company.home, stderr=subprocess.PIPE, text=True) as server:
        url = f"http://127.0.0.1:{port}"
        _wait(url)
        yield url
        server.terminate()
        _, log = server.communicate(timeout=20)
    assert server.returncode in (0, -15)
    assert "Traceback" not in log
    assert "GET '/readyz' 200" in log


def _wait(url: str) -> None:
    for _ in range(100):
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = CHROMIUM if CHROMIUM.exists() else None
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield made
        made.close()


@dataclass
class Visit:
    """A page, and what it complained of or asked for on the way."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " e => console.error('policy', e.violatedDirective, e.sourceFile))"
        )

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.address + path)
        return self.page

    def settled(self) -> None:
        """Nothing was violated, nothing failed, and nothing left the machine."""
        assert self.complaints == []
        assert [r for r in self.requests if not r.startswith(self.address)] == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def visit(context: BrowserContext, address: str) -> Iterator[Visit]:
    made = Visit(context.new_page(), address)
    made.watch()
    yield made
    made.settled()


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_clicks_lead_from_the_overview_to_one_resource(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("heading", name="Overview").wait_for()
    page.get_by_role("link", name="checkout").click()
    page.get_by_role("heading", name="checkout", exact=True).wait_for()
    page.get_by_role("link", name="cart", exact=True).click()
    page.get_by_role("heading", name="cart", exact=True).wait_for()
    page.get_by_role("link", name="i-cart-1").click()
    page.get_by_role("heading", name="i-cart-1", exact=True).wait_for()
    assert page.get_by_role("cell", name="$60.00").first.is_visible()
    assert page.get_by_role("link", name="Showback").first.get_attribute("aria-current") == "page"
    page.go_back()
    page.get_by_role("heading", name="cart", exact=True).wait_for()
    assert page.title() == "cart of checkout · InfraGod"


def test_the_chart_draws_what_its_table_holds(visit: Visit) -> None:
    page = visit.open()
    bars = page.locator(".plot svg path[fill='rgb(79, 70, 229)'], .plot svg path[fill='rgb(79,70,229)']")
    bars.first.wait_for(state="attached")
    assert "Spend by month and owner" in (page.locator(".plot").get_attribute("aria-label") or "")
    box = page.locator(".plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.6)
    tip = page.locator(".tip")
    tip.wait_for()
    assert SCRIPT in tip.inner_text()  # a name is text in a tooltip too
    assert "$172" in tip.inner_text()
    page.get_by_text("Figures").click()
    assert page.get_by_role("table", name="Spend by month and owner").get_by_text("$172.00").is_visible()


def test_choosing_another_month_changes_the_page_and_its_address(visit: Visit) -> None:
    page = visit.open("/showback")
    page.get_by_role("combobox", name="Month").select_option("2025-09")
    page.get_by_role("heading", name="Owners, September 2025").wait_for()
    assert "month=2025-09" in page.url
    page.get_by_role("link", name="Owner", exact=True).click()
    page.locator("th[aria-sort=descending] a", has_text="Owner").wait_for()


def test_a_decision_is_found_from_the_overview(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("table", name="The latest decisions of the gate").get_by_role("link").first.click()
    page.get_by_role("heading", name="Changed resources").wait_for()
    page.get_by_text("component").first.click()
    assert page.get_by_text("price:").first.is_visible()


@pytest.mark.parametrize("path", ["/", "/showback", "/showback/resource?id=i-cart-1", "/decisions", "/login"])
def test_a_phone_shows_every_page_without_scrolling_sideways(visit: Visit, path: str) -> None:
    visit.page.set_viewport_size({"width": 375, "height": 700})
    page = visit.open(path)
    page.get_by_role("heading").first.wait_for()
    page.wait_for_timeout(400)
    assert overflow(page) <= 0


def test_a_decision_fits_a_phone_too(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 375, "height": 700})
    page = visit.open("/decisions")
    page.locator("tbody a").first.click()
    page.get_by_role("heading", name="Changed resources").wait_for()
    assert overflow(page) <= 0


def test_dark_follows_the_system_and_the_choice_is_kept(visit: Visit) -> None:
    def ground() -> str:
        return str(visit.page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page = visit.open()
    assert ground() == "rgb(247, 248, 250)"
    page.emulate_media(color_scheme="dark")
    assert ground() == "rgb(13, 15, 20)"
    page.get_by_role("button", name="Light or dark").click()
    assert ground() == "rgb(247, 248, 250)"
    visit.open("/decisions")
    assert ground() == "rgb(247, 248, 250)"


def test_the_keyboard_reaches_the_content_first(visit: Visit) -> None:
    page = visit.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "month"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_page_that_is_not_there_is_shown_in_place(visit: Visit) -> None:
    page = visit.open("/showback")
    page.route(
        "**/showback/services*", lambda route: route.continue_(url=f"{visit.address}/showback/services?team=gone")
    )
    page.get_by_role("link", name="checkout").click()
    page.get_by_role("heading", name="There is no such page").wait_for()
    visit.complaints = [c for c in visit.complaints if "404" not in c]


def test_pages_work_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "/showback?month=2025-09")
    page.get_by_role("link", name="checkout").click()
    page.get_by_role("heading", name="checkout", exact=True).wait_for()
    page.get_by_role("combobox", name="Month").select_option("2025-10")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("heading", name=f"Services, {MONTH}").wait_for()
    context.close()
