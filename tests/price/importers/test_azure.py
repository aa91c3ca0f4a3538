"""Azure's retail prices, from an address and from saved pages: keys, options, tiers, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.price.importers.catalogs import item
from tests.price.importers.served import Pages, serving

from infragod.cli.main import main
from infragod.price import imported, in_use

TODAY = datetime.now(UTC).date()
PRICES = "/api/retail/prices"
VM = "Virtual Machines Dsv5 Series"
SIZE = 100


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INFRAGOD_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def machines() -> list[dict[str, Any]]:
    """Machines of three regions, in all the ways that they are sold."""
    found = []
    for number, region in enumerate(("westeurope", "eastus", "uksouth"), start=1):
        for cores in (2, 4, 8, 16, 32, 48, 64, 96):
            name = f"D{cores}s v5"
            price = f"{Decimal(cores * number) / 20:f}"
            for system in ("", " Windows"):
                about = {"armRegionName": region}
                found.append(item(f"{VM}{system}", name, name, price, **about))
                spot = item(f"{VM}{system}", f"{name} Spot", f"{name} Spot", "0.01", **about)
                low = item(f"{VM}{system}", f"{name} Low Priority", f"{name} Low Priority", "0.02", **about)
                low["armSkuName"] = spot["armSkuName"]
                found += [spot, low]
            term = {"type": "Reservation", "armRegionName": region}
            found.append(item(VM, name, name, "876", reservationTerm="1 Year", **term))
            found.append(item(VM, name, name, "1314", reservationTerm="3 Years", **term))
            found.append(item(VM, name, name, "0.001", type="DevTestConsumption", armRegionName=region))
    return found


@pytest.fixture
def address() -> Iterator[Pages]:
    every = machines()
    pages: Pages

    def answer(path: str, parameters: dict[str, str]) -> Any:
        begin = int(parameters.get("$skip", "0"))
        link = f"{pages.url}{PRICES}?$skip={begin + SIZE}" if begin + SIZE < len(every) else None
        page = {"BillingCurrency": "USD", "CustomerEntityId": "Default", "CustomerEntityType": "Retail"}
        items = every[begin : begin + SIZE]
        return page | {"Items": items, "NextPageLink": link, "Count": len(items)} if path == PRICES else None

    with serving(answer) as pages:
        yield pages


def saved(tmp_path: Path, *items: dict[str, Any]) -> str:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"Items": items, "NextPageLink": None, "Count": len(items)}))
    return str(path)


def run(*options: str, place: str) -> int:
    return main(["prices", "import", "azure", "--from", place, *options])


def rows(home: Path, service: str = "virtual-machines", region: str = "westeurope") -> dict[tuple[str, str], Decimal]:
    found = in_use.prices(home, TODAY).sheets[0].rows("azurerm", service, region)
    return {row: price.amount for row, price in found.items()}


def test_all_pages_come_in_a_list_a_region(address: Pages, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place=address.url) == 0
    said = capsys.readouterr().out
    assert "Azure retail prices, westeurope, 2024-04-01: 64 prices, 0 refused" in said
    assert "No resource type of Azure is estimated yet" in said
    first, second, third = (parameters for _, parameters, _ in address.asked)
    assert first == {"api-version": "2023-01-01-preview", "currencyCode": "USD"}
    assert (second, third) == ({"$skip": "100"}, {"$skip": "200"})
    key = "Standard_D4s_v5/virtual-machines-dsv5-series/d4s-v5"
    assert {option: price for (name, option), price in rows(home).items() if name == key} == {
        "on-demand": Decimal("0.2"),
        "spot": Decimal("0.01"),
        "low-priority": Decimal("0.02"),
        "reserved/1_year": Decimal("0.1"),
        "reserved/3_years": Decimal("0.05"),
    }, "by the hour; those of Dev/Test subscriptions are left out"
    assert not list(imported.skus(home / "prices" / "1"))


def test_services_and_regions_are_asked_for_and_replace_no_others(
    address: Pages, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(place=address.url) == 0
    address.asked.clear()
    options = ("--region", "westeurope", "--region", "eastus", "--service", "Virtual Machines")
    assert run(*options, place=address.url) == 0
    asked = "serviceName eq 'Virtual Machines' and (armRegionName eq 'westeurope' or armRegionName eq 'eastus')"
    assert address.asked[0][1]["$filter"] == asked
    disk = item(
        "Premium SSD v2", "Premium LRS", "Capacity", "0.000164", serviceName="Storage", unitOfMeasure="1 GiB/Hour"
    )
    assert run("--service", "Storage", place=saved(tmp_path, disk)) == 0
    assert len(rows(home)) == len(rows(home, region="uksouth")) == 64, "other services and regions stay"
    key = "Standard_Premium_LRS/premium-ssd-v2/premium-lrs/capacity"
    assert rows(home, "storage") == {(key, "on-demand"): Decimal("0.000164")}
    assert "storage          westeurope       1 new, 0 changed" in capsys.readouterr().out


def test_tiers_units_and_places_without_a_name(home: Path, tmp_path: Path) -> None:
    about = {"serviceName": "Bandwidth", "armSkuName": "", "unitOfMeasure": "1 GB", "armRegionName": "Global"}
    steps = [item("Bandwidth", "Standard", "Data Transfer Out", price, tierMinimumUnits=begin, **about)
             for begin, price in ((0.0, "0"), (100.0, "0.087"), (10240.0, "0.083"))]  # fmt: skip
    nowhere = item(
        "Azure DNS", "Public", "Public Zone", "0.5", serviceName="Azure DNS", armSkuName="", armRegionName=""
    )
    assert run(place=saved(tmp_path, *steps, nowhere)) == 0
    found = in_use.prices(home, TODAY).sheets[0].rows("azurerm", "bandwidth", "global")
    assert {key: (price.amount, price.unit) for (key, _), price in found.items()} == {
        "bandwidth/standard/data-transfer-out/from-100": (Decimal("0.087"), "GB"),
        "bandwidth/standard/data-transfer-out/from-10240": (Decimal("0.083"), "GB"),
    }, "what is free has no row"
    assert rows(home, "azure-dns", "global") == {("azure-dns/public/public-zone", "on-demand"): Decimal("0.5")}


def test_savings_plans_are_options(home: Path, tmp_path: Path) -> None:
    plans = [{"unitPrice": 0.1, "retailPrice": 0.1, "term": "3 Years"}, {"retailPrice": 0.15, "term": "1 Year"}]
    assert run(place=saved(tmp_path, item(VM, "D4s v5", "D4s v5", "0.2", savingsPlan=plans))) == 0
    assert {option for _, option in rows(home)} == {"on-demand", "savings-plan/1_year", "savings-plan/3_years"}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({"retailPrice": 0.2}, {"retailPrice": 0.3, "isPrimaryMeterRegion": False}, "0.2"),
        ({"retailPrice": 0.2}, {"retailPrice": 0.3, "effectiveStartDate": "2025-01-01T00:00:00Z"}, "0.3"),
        ({"retailPrice": 0.2}, {"retailPrice": 0.3, "effectiveStartDate": "2999-01-01T00:00:00Z"}, "0.2"),
        ({"retailPrice": 0.2}, {"retailPrice": 0.3, "effectiveEndDate": "2024-05-01T00:00:00Z"}, "0.2"),
        ({"retailPrice": 0.2}, {"retailPrice": 0.2}, "0.2"),
        ({"retailPrice": 0.2}, {"retailPrice": 0.3}, ""),
    ],
    ids=["primary", "newest", "to-come", "ended", "twice", "ambiguous"],
)
def test_of_several_prices_one_holds_or_the_row_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], first: Any, second: Any, kept: str
) -> None:
    items = [item(VM, "D4s v5", "D4s v5", "1", **about) for about in (first, second)]
    assert run(place=saved(tmp_path, item(VM, "D8s v5", "D8s v5", "0.4"), *items)) == 0
    key = "Standard_D4s_v5/virtual-machines-dsv5-series/d4s-v5"
    assert rows(home).get((key, "on-demand")) == (Decimal(kept) if kept else None)
    assert (f"refused: virtual-machines westeurope {key}: two prices: " in capsys.readouterr().out) is not bool(kept)


def test_a_run_that_broke_off_goes_on_after_the_last_page(
    address: Pages, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = address.answer
    address.answer = lambda path, parameters: None if parameters.get("$skip") == "200" else real(path, parameters)
    assert run(place=address.url) == 2
    assert imported.number(home) == 0
    address.answer = real
    address.asked.clear()
    assert run(place=address.url) == 0
    assert [parameters for _, parameters, _ in address.asked] == [{"$skip": "200"}]
    capsys.readouterr()


def test_a_next_page_elsewhere_is_not_asked(address: Pages, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = address.answer
    address.answer = lambda path, parameters: real(path, parameters) | {"NextPageLink": "https://prices.example/2"}
    assert run(place=address.url) == 2
    assert "names 'https://prices.example/2' as its next page, which is elsewhere" in capsys.readouterr().err
    address.answer = lambda path, parameters: (
        real(path, parameters) | {"NextPageLink": f"{address.url}{PRICES}?$skip=100"}
    )
    assert run(place=address.url) == 2
    assert "names a page that was read already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([item(VM, "D4s v5", "D4s v5", "0.2", currencyCode="EUR")], "page.json has prices in EUR; import those in USD"),
        (
            [item(VM, "D4s v5", "D4s v5", "0.2"), item(VM, "D8s v5", "D8s v5", "0.2", currencyCode="GBP")],
            "page.json has prices in GBP; import those in USD",
        ),
        (
            [item(VM, "D4s v5", "D4s v5", "0.2", effectiveStartDate="2999-01-01T00:00:00Z")],
            "every price begins on a day to come; check this machine's clock",
        ),
        ([item(VM, "D4s v5", "D4s v5", "0.2", retailPrice="a lot")], "'a lot' is no price; save the page again"),
        ([{"meterName": "D4s v5"}], "is no page of Azure's retail prices: it has no list of Items"),
        ([], "holds no price; the sheet stays as it is"),
    ],
    ids=["currency", "mixed", "future", "number", "other", "empty"],
)
def test_what_cannot_be_a_price_list_is_refused_in_a_sentence(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], items: list[dict[str, Any]], message: str
) -> None:
    assert run(place=saved(tmp_path, *items)) == 2
    assert message in capsys.readouterr().err
    assert imported.number(home) == 0


def test_a_page_that_is_cut_off(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(saved(tmp_path, item(VM, "D4s v5", "D4s v5", "0.2")))
    path.write_text(path.read_text()[:200])
    assert run(place=str(path)) == 2
    assert "is cut off or no JSON" in capsys.readouterr().err
    assert run(place=str(tmp_path / "nothing")) == 2
    assert "is neither a saved page nor a folder of them" in capsys.readouterr().err
