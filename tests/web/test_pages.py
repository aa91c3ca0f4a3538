"""Every page: its status, its figures, its escaping, and what it says where there is nothing."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from infragod.policy import store
from infragod.web.middleware import HEADERS
from infragod.web.pages import decisions
from tests.web.conftest import SCRIPT

PAGES = (
    "/",
    "/showback",
    "/showback/services?team=checkout",
    "/showback/resources?team=checkout&service=cart",
    "/showback/resource?id=i-cart-1",
    "/decisions",
    "/login",
)


def text(client: TestClient, address: str, status: int = 200) -> str:
    """What a reader sees of the page: its text without markup."""
    response = client.get(address)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    body = re.sub(r"<[^>]+>", " ", response.text.split("<main", 1)[1])
    return re.sub(r"\s+", " ", unescape(body))


@pytest.mark.parametrize("address", [*PAGES, "/nowhere", "/decisions/none", "/?month=no"])
def test_every_answer_carries_the_headers_and_no_inline_code(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert response.headers["cache-control"] == "no-store"
    assert re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", response.text) is None
    assert re.findall(r'(?:src|href|action)="(?!/|#|")[^"]*', response.text) == []


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_one_heading_a_title_and_a_way_past_the_navigation(client: TestClient, address: str) -> None:
    html = client.get(address).text
    assert len(re.findall("<h1", html)) == 1
    assert re.search(r"<title>[^<]+ · InfraGod</title>", html)
    assert '<a class="skip" href="#main">' in html
    assert html.count("<table") == html.count("<caption")
    assert all("scope=" in cell for cell in re.findall(r"<th[ >][^>]*", html))


def test_the_overview_sums_the_month_and_names_the_unowned_line(client: TestClient) -> None:
    said = text(client, "/")
    assert "Spend, October 2025 $172.00 +12.4 % on the month before" in said  # 171.995 of 153
    assert "Of the budgets 106.7 % $80.00 of $75.00" in said
    assert "Budgets passed or about to be 1" in said
    assert "Unowned 5.8 % $9.99" in said
    assert "checkout $80.00" in said
    assert "idle $0.00" in said
    assert "example Oct 25" in said


def test_figures_of_the_chart_are_exact(client: TestClient) -> None:
    html = client.get("/showback/services?team=checkout").text
    assert 'data-v="75.005"' in html
    assert 'data-v="50.00"' in html


def test_showback_leads_from_the_owner_to_the_charge(client: TestClient) -> None:
    assert "checkout $80.00 46.5 % +45.5 %" in text(client, "/showback")
    services = text(client, "/showback/services?team=checkout")
    assert "cart $75.00" in services
    assert "pay & ship $5.00" in services
    resources = text(client, "/showback/resources?team=checkout&service=cart")
    assert resources.index("i-cart-1") < resources.index("i-cart-2")
    resource = text(client, "/showback/resource?id=i-cart-1")
    assert "a machine, by the hour Usage \N{EN DASH} 1 Hours $60.00" in resource


def test_what_nobody_owns_is_a_line_of_its_own_down_to_the_resource(client: TestClient) -> None:
    assert "Unowned $9.99" in text(client, "/showback")
    assert "No service $9.99" in text(client, "/showback/services?team=")
    assert "Without a resource" in text(client, "/showback/resources?team=&service=")


def test_sorting_is_by_the_column_asked_for(client: TestClient) -> None:
    by_name = text(client, "/showback?sort=name").split("Owners, October 2025")[1]
    assert by_name.index("checkout") < by_name.index("search")
    by_cost = text(client, "/showback?sort=cost").split("Owners, October 2025")[1]
    assert by_cost.index("checkout") < by_cost.index("search $80.00") or "checkout $80.00" in by_cost
    assert 'aria-sort="ascending"' in client.get("/showback?sort=name").text
    assert "no column to sort by" in text(client, "/showback?sort=colour", 422)


def test_currencies_are_never_added_up(client: TestClient) -> None:
    euros = text(client, "/showback?currency=EUR")
    assert "Total €3.50" in euros
    assert "search" not in euros.split("Owners,")[1]
    assert "nothing was charged in 'CHF'" in text(client, "/?currency=CHF", 422)


def test_another_month_and_basis_are_chosen_by_address(client: TestClient) -> None:
    said = text(client, "/?month=2025-09&basis=list")
    assert "List cost, USD" in said
    assert "Spend, September 2025 $153.00" in said
    assert "nothing is loaded of June 2020" in text(client, "/?month=2020-06", 422)
    assert "is no month" in text(client, "/?month=13", 422)
    assert "is no basis" in text(client, "/?basis=guess", 422)


@pytest.mark.parametrize("address", ["/", "/showback", "/showback/services?team=" + SCRIPT, "/decisions"])
def test_names_from_bills_and_plans_are_text_and_never_markup(client: TestClient, address: str) -> None:
    html = client.get(address).text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize(
    "address",
    [
        "/showback/services?team=none",
        "/showback/resources?team=checkout&service=none",
        "/showback/resource?id=none",
        "/decisions/0000-0000",
        "/nowhere",
        "/static/nothing.js",
    ],
)
def test_what_is_not_there_is_a_page_with_the_number_of_the_request(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert response.headers["x-request-id"] in response.text
    assert "There is no such page" in response.text


def test_a_search_that_takes_long_ends_and_goes_on(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "/decisions?" + urlencode({"workspace": f"shop {SCRIPT}", "verdict": "allow"})
    assert "Searched back" not in text(client, address)
    monkeypatch.setattr(decisions, "PATIENCE", 0.0)
    monkeypatch.setattr(store, "_FIRST_STEP", 1)
    said = text(client, address)
    assert "None found yet No decision since" in said
    assert re.search(r"Searched back to \d.+ \(UTC\)\. Go on searching", said)
    while following := re.search(r'href="([^"]+)" rel="next">Go on searching', client.get(address).text):
        address = unescape(following[1])
    assert "before=" in address
    assert "No decision fits" in text(client, address)


def test_the_list_of_decisions_filters_and_leads_to_one(client: TestClient) -> None:
    said = text(client, "/decisions")
    assert f"shop {SCRIPT}" not in client.get("/decisions").text
    assert "shop" in said
    assert "No decision fits" in text(client, "/decisions?workspace=elsewhere")
    assert "No decision fits" in text(client, "/decisions?rule=no-such-rule")
    assert "is no verdict" in text(client, "/decisions?verdict=maybe", 422)
    assert client.get("/decisions?before=0").status_code == 422
    number = re.search(r'href="/decisions/([0-9A-Z-]{9})"', client.get("/decisions").text)
    assert number is not None
    one = text(client, f"/decisions/{number[1].lower()}")
    assert "2 changes: 2 create" in one
    assert "aws_instance.web" in one
    assert client.get(f"/v1/decisions/{number[1]}").json()["decision"] == number[1]


def test_an_empty_home_says_which_command_fills_it(empty: TestClient) -> None:
    assert "infragod load focus PATH --source NAME" in text(empty, "/")
    assert "infragod check plan.json" in text(empty, "/")
    assert "No bill is loaded yet" in text(empty, "/showback")
    assert "No plan has been checked yet" in text(empty, "/decisions")
    assert "No bill is loaded yet" in text(empty, "/showback/services?team=a", 404)


def test_assets_are_kept_by_the_browser_and_named_by_their_content(client: TestClient) -> None:
    found = re.findall(r'(/static/[^"]+)', client.get("/").text)
    assert {name.rsplit(".", 1)[1] for name in found} == {"svg", "css", "js"}
    for address in found:
        assert re.search(r"-[0-9A-Z]{8}\.", address)
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "Apache License" in client.get("/static/LICENSES.txt").text


def test_a_fault_of_ours_is_a_page_without_a_traceback(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("infragod.web.figures.Figures.months", broken)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong here" in response.text
    assert "secret" not in response.text
    assert response.headers["content-security-policy"] == HEADERS["content-security-policy"]
