"""The page of estimates against bills in a real browser: from its table to a decision, and on a phone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.finance.accuracy.test_follow import ROWS
from tests.finance.accuracy.world import APPLIED, IDS, World, server
from tests.web.test_browser import Visit, _wait, browser, context, overflow, visit

pytestmark = pytest.mark.browser

__all__ = ["browser", "context", "visit"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over a company with one applied plan."""
    world = World(tmp_path_factory.mktemp("applied"))
    world.apply(server())
    world.state("shop", {"aws_instance.web": IDS["web"]}, APPLIED)
    world.bill(ROWS)
    world.compare()
    world.database.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "INFRAGOD_HOME": str(world.settings.home)}
    command = [sys.executable, "-m", "infragod", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=world.folder, stderr=subprocess.DEVNULL) as served:
        _wait(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
        served.terminate()
        served.wait(20)


def test_from_the_navigation_to_the_decision_and_back(visit: Visit) -> None:
    page = visit.open("/")
    page.get_by_role("navigation").get_by_role("link", name="Accuracy").first.click()
    page.get_by_role("heading", name="Accuracy", exact=True).wait_for()
    page.locator("#by").select_option("team")
    page.get_by_role("table", name="Estimate against bill by team").get_by_role("rowheader", name="checkout").wait_for()
    page.get_by_role("table", name="Applied plans with what was estimated and billed").get_by_role("link").click()
    page.get_by_role("heading", name="Estimated, billed").wait_for()
    assert page.get_by_text("estimated $148.16, billed $147.05 in the first full month, October 2026").is_visible()
    page.get_by_role("link", name="all applied plans").click()
    page.get_by_role("heading", name="Applied plans").wait_for()


def test_it_fits_a_phone(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 375, "height": 700})
    page = visit.open("/accuracy")
    page.get_by_role("heading", name="Applied plans").wait_for()
    assert overflow(page) <= 0
