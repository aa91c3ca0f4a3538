"""Google's catalogue, from an address and from saved pages: prices, tiers, resuming, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from tests.price.importers import catalogs
from tests.price.importers.served import Pages, serving

from infragod.cli.main import main
from infragod.price import imported, in_use
from infragod.price.importers import pages as paging

TODAY = datetime.now(UTC).date()
KEY = "AIza-not-a-key-of-anybody"
SERVICES = "/v1/services"
COMPUTE = "/v1/services/6F81-5844-456A/skus"
SIZE = 400


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INFRAGOD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("INFRAGOD_GOOGLE_API_KEY", raising=False)
    return tmp_path / "home"


@pytest.fixture(scope="module")
def products() -> list[dict[str, Any]]:
    return list(catalogs.compute(catalogs.Counter()))


@pytest.fixture
def address(products: list[dict[str, Any]]) -> Iterator[Pages]:
    def answer(path: str, parameters: dict[str, str]) -> Any:
        if path == SERVICES:
            listed = [
                {"name": "services/6F81-5844-456A", "serviceId": "6F81-5844-456A", "displayName": "Compute Engine"}
            ]
            return {
                "services": [*listed, {"name": "services/X", "serviceId": "X", "displayName": "A service of no use"}]
            }
        begin = int(parameters.get("pageToken", "0"))
        more = {"nextPageToken": str(begin + SIZE)} if begin + SIZE < len(products) else {}
        return {"skus": products[begin : begin + SIZE], **more} if path == COMPUTE else None

    with serving(answer) as pages:
        yield pages


def run(*options: str, place: str) -> int:
    return main(["prices", "import", "gcp", "--from", place, *options])


def saved(tmp_path: Path, *skus: dict[str, Any], name: str = "page.json") -> str:
    (tmp_path / name).write_text(json.dumps({"skus": list(skus)}))
    return str(tmp_path / name)


def price(home: Path, key: str, region: str = "us-central1", option: str = "on-demand") -> Decimal | None:
    found = in_use.prices(home, TODAY).sheets[0].find("google", "compute", region, key, option)
    return None if found is None else found.amount


def test_all_pages_of_the_wanted_services_come_in_with_the_key_in_a_header(
    address: Pages, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFRAGOD_GOOGLE_API_KEY", KEY)
    assert run(place=address.url) == 0
    said = capsys.readouterr()
    assert "Cloud Billing catalogue, Compute Engine, 2026-11-20: " in said.out
    assert address.paths == [SERVICES, *[COMPUTE] * 3], "no page of a service of no use"
    assert all(headers["x-goog-api-key"] == KEY for _, _, headers in address.asked)
    assert [parameters.get("pageToken") for _, parameters, _ in address.asked] == [None, None, "400", "800"]
    assert KEY not in said.out + said.err
    assert not any(KEY.encode() in path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert not list((home / "prices").glob("next-*")), "nothing waits any more"


def part(name: str, words: str, amount: str, **about: str) -> dict[str, Any]:
    """Cores or memory of a series in us-central1."""
    ram = {"group": "RAM", "unit": "GiBy.h"} if words.endswith("Ram") else {}
    return catalogs.sku(name, f"{words} running in Americas", ["us-central1"], (0, amount), **{**ram, **about})


def test_a_machine_type_is_its_cores_and_its_memory(tmp_path: Path, home: Path) -> None:
    place = saved(
        tmp_path,
        catalogs.sku("A", "N2 Instance Core running in Americas", ["us-central1", "us-east1"], (0, "0.031611")),
        part("B", "N2 Instance Ram", "0.004237"),
        part("C", "N2 Sole Tenancy Instance Core", "9"),
        catalogs.sku("D", "Commitment v1: N2 Cpu in Americas for 1 Year", ["us-central1"], (0, "9"), usage="Commit1Yr"),
        part("E", "Spot Preemptible N2 Instance Core", "0.01", usage="Preemptible"),
        part("F", "Spot Preemptible N2 Instance Ram", "0.001", usage="Preemptible"),
        part("G", "E2 Instance Core", "0.02181159"),
        part("H", "E2 Instance Ram", "0.00292353"),
    )
    assert run(place=place) == 0
    assert price(home, "n2-standard-4") == Decimal("0.194236"), "as the built-in sheet has it"
    assert price(home, "n2-standard-4", option="spot") == Decimal("0.056")
    assert price(home, "n2-standard-4", "us-east1") is None, "without its memory there is no price"
    assert price(home, "e2-micro") == Decimal("0.0083764275"), "a quarter of a core"
    assert price(home, "e2-custom/cpu") == Decimal("0.02181159"), "E2's custom types cost what the others do"
    skus = {(sku.sku, sku.region, sku.key) for sku in imported.skus(home / "prices" / "1")}
    assert {one for one in skus if one[0] in "AB"} == {
        ("A", "us-central1", "core/n2"),
        ("A", "us-east1", "core/n2"),
        ("B", "us-central1", "ram/n2"),
    }, "what is computed is no product of a bill"


def test_a_series_that_has_custom_products_of_its_own_uses_them(tmp_path: Path, home: Path) -> None:
    place = saved(
        tmp_path,
        catalogs.sku("A", "E2 Instance Core running in London", ["europe-west2"], (0, "0.028")),
        catalogs.sku("B", "E2 Custom Instance Core running in London", ["europe-west2"], (0, "0.030201")),
    )
    assert run(place=place) == 0
    assert price(home, "e2-custom/cpu", "europe-west2") == Decimal("0.030201")


def test_m2_costs_what_m1_does_and_its_premium(tmp_path: Path, home: Path) -> None:
    premium = "Memory Optimized Upgrade Premium for Memory-optimized Instance"
    skus = [
        part("A", "Memory-optimized Instance Core", "0.0348"),
        part("B", "Memory-optimized Instance Ram", "0.0051"),
        part("C", f"{premium} Core", "0.00453"),
        part("D", f"{premium} Ram", "0.0006625"),
    ]
    assert run(place=saved(tmp_path, *skus)) == 0
    assert price(home, "m1-ultramem-40") == Decimal("6.2931"), "as the built-in sheet has it"
    assert price(home, "m2-ultramem-208") == 208 * Decimal("0.03933") + 5888 * Decimal("0.0057625")


def test_units_and_nanos_are_exact_and_a_free_allowance_is_the_account_s(tmp_path: Path, home: Path) -> None:
    about = {"family": "Network", "group": "IpAddress"}
    one = catalogs.sku("A", "External IP Charge on a Standard VM", ["global"], (0, "0"), (744, "12.000000001"), **about)
    local = catalogs.sku("B", "Static Ip Charge in Mumbai", ["asia-south1"], (0, "0.01"), **about)
    assert run(place=saved(tmp_path, one, local)) == 0
    assert price(home, "address/standard", "asia-south1") == Decimal("12.000000001")
    assert price(home, "address/standard", "europe-west4") == Decimal("12.000000001"), "global: in all regions"
    assert price(home, "address/unused", "europe-west4") is None


def test_the_newest_of_several_prices_counts(tmp_path: Path, home: Path) -> None:
    old = catalogs.sku("A", "Storage PD Capacity", ["us-central1"], (0, "0.04"), family="Storage", unit="GiBy.mo")
    new = catalogs.sku("A", "", [], (0, "0.05"), unit="GiBy.mo", time="2026-11-21T00:00:00Z")
    old["pricingInfo"] = [*new["pricingInfo"], *old["pricingInfo"]]
    assert run(place=saved(tmp_path, old)) == 0
    assert price(home, "disk/pd-standard") == Decimal("0.05")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"unit": "GiBy.h"}, "its unit is 'GiBy.h' instead of "),
        ({"prices": ((0.0, "0.04"), (10.0, "0.03"))}, "its tiers begin at 0, 10"),
        ({"prices": ((0.0, "0"),)}, "its price is zero"),
    ],
    ids=["unit", "tiers", "zero"],
)
def test_what_is_not_one_price_is_refused_and_named(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], why: str
) -> None:
    about = {"family": "Storage", "unit": change.get("unit", "GiBy.mo")}
    prices = change.get("prices", ((0.0, "0.04"),))
    wrong = catalogs.sku("A-1", "Storage PD Capacity", ["us-central1"], *prices, **about)
    right = catalogs.sku("B", "SSD backed PD Capacity", ["us-central1"], (0, "0.17"), family="Storage", unit="GiBy.mo")
    assert run(place=saved(tmp_path, wrong, right)) == 0
    assert f"refused: compute us-central1 disk/pd-standard: {why}" in capsys.readouterr().out
    assert price(home, "disk/pd-ssd") == Decimal("0.17")
    assert price(home, "disk/pd-standard") is None


def test_two_products_for_one_row_are_refused(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about = {"family": "Storage", "unit": "GiBy.mo"}
    skus = [catalogs.sku(name, "Storage PD Capacity", ["us-central1"], (0, f"0.0{name}"), **about) for name in "45"]
    other = catalogs.sku("C", "SSD backed PD Capacity", ["us-central1"], (0, "0.17"), **about)
    assert run(place=saved(tmp_path, *skus, other)) == 0
    assert "disk/pd-standard: two prices: 0.04 (4) and 0.05 (5)" in capsys.readouterr().out


def test_a_run_that_broke_off_goes_on_after_the_last_page(
    address: Pages, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = address.answer
    address.answer = lambda path, parameters: None if parameters.get("pageToken") == "800" else real(path, parameters)
    assert run(place=address.url) == 2
    assert "answers 404" in capsys.readouterr().err
    assert imported.number(home) == 0, "nothing came into use"
    address.answer = real
    address.asked.clear()
    assert run(place=address.url) == 0
    assert [parameters.get("pageToken") for _, parameters, _ in address.asked] == ["800"], "the others wait on the disk"
    assert imported.number(home) == 1


def test_pages_of_yesterday_are_read_again(
    address: Pages, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address.answer, real = (
        lambda path, parameters: None if "pageToken" in parameters else real(path, parameters),
        address.answer,
    )
    assert run(place=address.url) == 2
    address.answer = real
    address.asked.clear()
    monkeypatch.setattr(paging, "OLDEST", -1.0)
    assert run(place=address.url) == 0
    assert len(address.asked) == 4
    capsys.readouterr()


def reply(status: int, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode()


DENIED = {"error": {"code": 403, "message": f"The key {KEY} may not read this API.", "status": "PERMISSION_DENIED"}}
LATER = format_datetime(datetime.now(UTC) + timedelta(hours=2))


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([reply(403, DENIED)], "answers 403: The key *** may not read this API.; check the address and the rights"),
        ([reply(400, {"error": {"message": "API key not valid."}})], "answers 400: API key not valid."),
        ([reply(429, retry_after="3600")], "too many requests; run the same command again in 3600 seconds"),
        ([reply(429, retry_after=LATER)], "too many requests; run the same command again in "),
        ([reply(429, retry_after="0")] * 3, "cannot be read: answer 429 (too many requests); try again later"),
        ([reply(500)] * 3, "cannot be read: answer 500; try again later"),
        ([(200, {}, b'{"services": [')], "answers no JSON; check the address"),
        ([(200, {"content-length": "900"}, b'{"services": [')] * 3, "cannot be read: "),
        ([reply(200, {"items": []})], "is no list of Google Cloud's services; check the address"),
    ],
    ids=["403", "400", "429", "429-date", "429-thrice", "500", "cut", "short", "other"],
)
def test_what_a_server_answers_instead_is_said_in_a_sentence_without_the_key(
    address: Pages,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: Any,
    message: str,
) -> None:
    monkeypatch.setenv("INFRAGOD_GOOGLE_API_KEY", KEY)
    address.next = list(answers)
    assert run(place=address.url) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert KEY not in said.err + said.out
    assert imported.number(home) == 0


def test_a_server_that_asks_for_patience_gets_it(address: Pages, home: Path) -> None:
    address.next = [reply(429, retry_after="1"), reply(503)]
    assert run(place=address.url) == 0
    assert len(address.asked) == 6
    assert imported.number(home) == 1


def test_a_page_that_names_itself_as_the_next_one(
    address: Pages, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = address.answer

    def looping(path: str, parameters: dict[str, str]) -> Any:
        page = real(path, parameters)
        return {**page, "nextPageToken": "400"} if path == COMPUTE else page

    address.answer = looping
    assert run(place=address.url) == 2
    assert "Compute Engine: page 2 names a page that was read already; try again later" in capsys.readouterr().err
    address.answer = real
    assert run(place=address.url) == 0, "what it said is not kept"


def test_a_page_that_is_no_longer_known_begins_the_list_anew(
    address: Pages, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address.next = [reply(200, address.answer(SERVICES, {})), reply(200, address.answer(COMPUTE, {}))]
    address.next.append(reply(400, {"error": {"message": "Page token is not valid."}}))
    assert run(place=address.url) == 2
    assert "Page token is not valid." in capsys.readouterr().err
    address.asked.clear()
    assert run(place=address.url) == 0
    assert [parameters.get("pageToken") for _, parameters, _ in address.asked] == [None, "400", "800"]


def test_without_a_key_the_address_is_not_asked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "import", "gcp"]) == 2
    assert "set INFRAGOD_GOOGLE_API_KEY, or give saved pages with --from" in capsys.readouterr().err


def test_a_key_is_sent_nowhere_in_the_clear(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFRAGOD_GOOGLE_API_KEY", KEY)
    assert run(place="http://prices.example") == 2
    assert "is not encrypted, so no key is sent there; use https" in capsys.readouterr().err


def test_a_key_does_not_follow_a_redirect(
    address: Pages, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFRAGOD_GOOGLE_API_KEY", KEY)
    with serving(lambda path, parameters: None) as elsewhere:
        address.next = [reply(302, location=f"{elsewhere.url}/v1/services")]
        assert run(place=address.url) == 2
        assert not elsewhere.asked
    assert "answers 302" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"skus": [{"skuId": "A"', "is cut off or no JSON"),
        ("[]", "is no page of the Cloud Billing catalogue: it has no list of skus"),
        ('{"skus": [{}]}', "is no page of the Cloud Billing catalogue"),
        ('{"skus": []}', "holds no price that a recipe needs; the sheet stays as it is"),
    ],
    ids=["cut", "list", "nameless", "empty"],
)
def test_what_is_no_page(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    (tmp_path / "page.json").write_text(text)
    assert run(place=str(tmp_path / "page.json")) == 2
    assert message in capsys.readouterr().err
    assert imported.number(home) == 0


def test_other_currencies_and_days_to_come(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about = {"family": "Storage", "unit": "GiBy.mo"}
    euros = catalogs.sku("A", "Storage PD Capacity", ["us-central1"], (0, "0.04"), currency="EUR", **about)
    assert run(place=saved(tmp_path, euros)) == 2
    assert "page.json has prices in EUR; import the catalogue in USD" in capsys.readouterr().err
    later = catalogs.sku("A", "Storage PD Capacity", ["us-central1"], (0, "0.04"), time="2999-01-01T00:00:00Z", **about)
    assert run(place=saved(tmp_path, later)) == 2
    assert "is of 2999-01-01, which is to come; check the file and this machine's clock" in capsys.readouterr().err
    assert imported.number(home) == 0


def test_regions_and_services_alone_leave_the_others_as_they_were(
    tmp_path: Path, home: Path, products: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    with gzip.open(folder / "one.json.gz", "wt") as file:
        json.dump({"skus": products[:SIZE]}, file)
    saved(folder, *products[SIZE:], name="two.json")
    assert run(place=str(folder)) == 0
    before = price(home, "n2-standard-4", "europe-west4")
    assert before is not None
    dearer = json.loads(json.dumps(products).replace('"units": "1"', '"units": "2"'))
    saved(folder, *dearer, name="three.json")
    (folder / "one.json.gz").unlink()
    (folder / "two.json").unlink()
    assert run("--region", "us-central1", "--service", "Compute Engine", place=str(folder)) == 0
    assert price(home, "n2-standard-4", "europe-west4") == before
    assert (price(home, "disk/pd-ssd") or 0) > 2
    assert run("--service", "Computers", place=str(folder)) == 2
    assert "Computers: no such service is read; choose of " in capsys.readouterr().err
    assert run("--offer", "AmazonEC2", place=str(folder)) == 2
    assert "--offer is not for gcp" in capsys.readouterr().err


def test_global_products_that_differ_and_prices_that_are_none(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    about = {"family": "Network", "group": "IpAddress"}
    words = "External IP Charge on a Standard VM"
    skus = [catalogs.sku(f"A{price}", words, ["global"], (0, f"0.0{price}"), **about) for price in (4, 5)]
    disks = [
        catalogs.sku(name, f"{kind} PD Capacity", ["us-central1"], (0, "0.1"), family="Storage", unit="GiBy.mo")
        for name, kind in (("B", "Storage"), ("C", "Balanced"), ("D", "SSD backed"))
    ]
    disks[0]["pricingInfo"] = []
    disks[1]["pricingInfo"][0]["pricingExpression"]["tieredRates"][0]["unitPrice"]["nanos"] = "many"
    disks[2]["pricingInfo"][0]["effectiveTime"] = "some day"
    assert run(place=saved(tmp_path, *skus, *disks)) == 0
    said = capsys.readouterr().out
    assert "refused: compute global address/standard: two prices: 0.04 (A4) and 0.05 (A5)" in said
    assert "refused: compute us-central1 disk/pd-standard: it has no price (B)" in said
    assert "refused: compute us-central1 disk/pd-balanced: {'currencyCode': 'USD'" in said
    assert price(home, "address/standard") is None
    assert price(home, "disk/pd-ssd") == Decimal("0.1"), "a price whose day is not told is a price"
