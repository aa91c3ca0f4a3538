"""The page of estimates against bills, and a decision's part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from infragod.web.accuracy import AccuracySums
from infragod.web.app import create
from tests.finance.accuracy.test_follow import ROWS
from tests.finance.accuracy.world import APPLIED, IDS, World, server
from tests.web.conftest import LOCAL


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "company")
    yield made
    made.database.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, the page waits for its sums."""
    monkeypatch.setattr(AccuracySums, "of", lambda self, by, month: self._behind.get((by, month), None))


def test_while_the_sums_are_made_the_page_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.apply(server())
    world.compare()
    monkeypatch.setattr(AccuracySums, "of", lambda self, by, month: None)
    with browser(world) as client:
        assert "being summed up" in client.get("/accuracy").text


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def browser(world: World) -> TestClient:
    return TestClient(create(world.settings), base_url=LOCAL, client=("127.0.0.1", 50000))


def test_what_applied_plans_were_estimated_and_billed(world: World) -> None:
    decision = world.apply(server(), server("never"), request="<script>alert(1)</script>#7")
    world.state("shop", {"aws_instance.web": IDS["web"]}, APPLIED)
    world.bill(ROWS)
    world.compare()
    with browser(world) as client:
        page = client.get("/accuracy")
        shown = text(page.text)
        assert "Estimated $148.16 Billed $147.05" in shown
        assert "aws_instance 1 1 $148.16 $147.05 -$1.11 -$9.10 +$3.49 +$4.50" in shown
        assert "left out: 1 not in the bill ($148.16)" in shown
        assert "<script>alert(1)" not in page.text
        assert 'href="/accuracy"' in client.get("/").text
        for by, name in (("team", "checkout"), ("recipe", "aws_instance"), ("workspace", "shop")):
            assert f"{name} 1 1 $148.16" in text(client.get(f"/accuracy?by={by}&month=2026-10").text)
        one = text(client.get(f"/decisions/{decision}").text)
        assert "Estimated, billed all applied plans estimated $148.16, billed $147.05 in the first full month" in one
        assert f"infragod followups show {decision}" in one


def test_before_anything_is_billed_or_applied(world: World) -> None:
    with browser(world) as client:
        assert "No plan was applied with a grant yet" in client.get("/accuracy").text
        decision = world.apply(server())
        world.compare()
        assert "No whole month is billed yet" in client.get("/accuracy").text
        assert "of which no bill is known yet" in client.get(f"/decisions/{decision}").text
        assert "There are no more" in client.get("/accuracy?page=2").text


@pytest.mark.parametrize("query", ["by=colour", "month=2026-13", "page=0"])
def test_a_wrong_address_is_a_sentence(world: World, query: str) -> None:
    with browser(world) as client:
        assert client.get(f"/accuracy?{query}").status_code == 422
