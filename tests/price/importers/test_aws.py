"""AWS's price lists: of the documented shape, large, cut off, of tomorrow, in yuan, with tiers, twice the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.price.importers import lists

from infragod.cli.main import main
from infragod.errors import InputError
from infragod.price import imported, in_use
from infragod.price.importers import offer
from infragod.price.importers.found import Found, List
from infragod.price.importers.members import WINDOW, members
from infragod.price.importers.publish import Workplace

TODAY = date(2026, 11, 22)


def read(document: Mapping[str, Any] | str) -> List:
    text = document if isinstance(document, str) else json.dumps(document)
    return offer.read(BytesIO(text.encode()), "list.json", TODAY)


def document(*entries: tuple[dict[str, Any], dict[str, Any]], **head: str) -> dict[str, Any]:
    about = {"offerCode": "AmazonEC2", "version": "1", "publicationDate": "2026-11-01T00:00:00Z"} | head
    return {
        **about,
        "products": {one["sku"]: one for one, _ in entries},
        "terms": {"OnDemand": {one["sku"]: term for one, term in entries}},
    }


def volume(sku: str, price: str, unit: str = "GB-Mo", currency: str = "USD") -> tuple[dict[str, Any], dict[str, Any]]:
    attributes = {"volumeApiName": "gp3", "regionCode": "eu-west-1", "usagetype": "EU-EBS:VolumeUsage.gp3"}
    term = lists.on_demand(sku, unit, ("0", "Inf", price), currency=currency)
    return lists.product(sku, "Storage", attributes), term


def test_a_product_becomes_one_row_of_its_region() -> None:
    found = read(document(volume("A", "0.0880000000")))
    assert found.rows == {("ebs", "eu-west-1"): {("gp3", "on-demand"): Found(Decimal("0.0880000000"), "GB", "A")}}
    assert (found.code, found.published, found.refused) == ("AmazonEC2", date(2026, 11, 1), {})


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([volume("A", "0.08"), volume("B", "0.09")], "two prices: 0.08 (A) and 0.09 (B)"),
        ([volume("A", "0.0000000000")], "its price is zero (A)"),
        ([volume("A", "0.08", unit="GB-Hours")], "its unit is 'GB-Hours' instead of GB-Mo (A)"),
        ([volume("A", "0.6", currency="CNY")], "its price is in CNY instead of USD (A)"),
    ],
    ids=["ambiguous", "zero", "unit", "currency"],
)
def test_what_is_not_one_price_is_refused_and_named(entries: list[Any], why: str) -> None:
    found = read(document(*entries))
    assert found.refused == {("ebs", "eu-west-1", "gp3"): why}
    assert not any(found.rows.values())


def test_a_price_said_twice_is_one_price() -> None:
    assert len(read(document(volume("A", "0.08"), volume("B", "0.08"))).rows["ebs", "eu-west-1"]) == 1


def test_dedicated_tenancy_and_software_are_other_products() -> None:
    kinds = [
        ("A", "0.096", "Shared", "Used", "NA"),
        ("B", "0.102", "Dedicated", "Used", "NA"),
        ("C", "0.5", "Shared", "Used", "SQL Std"),
        ("D", "0.097", "Shared", "UnusedCapacityReservation", "NA"),
    ]
    entries = [
        (
            lists.product(sku, "Compute Instance", lists.instance("m5.large", "Linux", tenancy, state, software)),
            lists.on_demand(sku, "Hrs", ("0", "Inf", price)),
        )
        for sku, price, tenancy, state, software in kinds
    ]
    rows = read(document(*entries)).rows["ec2", "us-east-1"]
    assert {row: found.price for row, found in rows.items()} == {("m5.large/linux", "on-demand"): Decimal("0.096")}


def test_reservations_cost_their_fee_and_their_share_of_the_upfront_payment() -> None:
    attributes = lists.instance("m5.large", "Linux", "Shared", "Used", "NA")
    whole = document(
        (lists.product("A", "Compute Instance", attributes), lists.on_demand("A", "Hrs", ("0", "Inf", "0.096")))
    )
    whole["terms"]["Reserved"] = {"A": lists.reserved("A", "1yr", "Partial Upfront", "standard", "262.8", "0.03")}
    rows = read(whole).rows["ec2", "us-east-1"]
    assert rows["m5.large/linux", "reserved/standard/1_year/partial_upfront"].price == Decimal("0.06")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "is cut off after character 0"),
        ("[]", "is not valid JSON at character 0 ('{' is missing)"),
        ('{"offerCode": "AmazonEC2", "products": {"A": {"sku": "A"', "is cut off after character 45"),
        ('{"offerCode" "AmazonEC2"}', "(':' is missing)"),
        ('{"a": 1} x', "something follows the object"),
        ('{"products": {}}', "is no price list of AWS"),
        (document(offerCode="AWSQueueServiceX"), "is the price list of AWSQueueServiceX, of which no recipe needs"),
        (document(publicationDate="2026-12-24T00:00:00Z"), "is of 2026-12-24, which is to come"),
        (document(publicationDate="yesterday"), "publicationDate is missing"),
    ],
    ids=["empty", "list", "cut", "colon", "more", "headless", "offer", "future", "date"],
)
def test_what_is_no_price_list_is_refused_in_a_sentence(document: Any, message: str) -> None:
    with pytest.raises(InputError) as error:
        read(document)
    assert message in str(error.value)
    assert str(error.value).startswith("list.json ")


def test_members_larger_than_the_window_and_at_its_edges_are_whole() -> None:
    values = {f"n{n}": "é" * (WINDOW // 7 * n) for n in range(8)} | {
        "number": 12345,
        "empty": {},
        "last": [1, {"a": 2}],
    }
    found = dict(members(BytesIO(json.dumps(values, ensure_ascii=False, indent=1).encode()), {"empty": 1}, "x"))
    assert found == {(name,): value for name, value in values.items() if name != "empty"}


def test_imports_go_before_the_built_in_sheet_and_leave_other_lists_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFRAGOD_HOME", str(tmp_path / "home"))
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "ireland.json").write_text(json.dumps(document(volume("A", "0.088"))))
    lists.write(folder / "virginia.json", 1)
    assert main(["prices", "import", "aws", "--from", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "AWS price list AmazonEC2, eu-west-1, 2026-11-01: 1 prices, 0 refused" in said
    prices = in_use.prices(tmp_path / "home", TODAY)
    found = prices.find("aws", "ebs", "eu-west-1", "gp3")
    assert found is not None
    assert (found.amount, str(found.source)) == (Decimal("0.088"), "AWS price list AmazonEC2, eu-west-1, 2026-11-01")
    assert prices.find("aws", "ebs", "us-east-1", "gp3") is not None, "the built-in sheet still answers"

    (folder / "ireland.json").write_text(json.dumps(document(volume("A", "0.099"))))
    (folder / "virginia.json").unlink()
    assert main(["prices", "import", "aws", "--from", str(folder), "--format", "json"]) == 0
    said_now = json.loads(capsys.readouterr().out)
    assert said_now["services"][0]["changes"] == [
        {"key": "gp3", "option": "on-demand", "before": "0.088", "after": "0.099"}
    ]
    rows = in_use.prices(tmp_path / "home", TODAY).sheets[0].rows("aws", "ec2", "us-east-1")
    assert len(rows) == len(lists.SIZES) * len(lists.SYSTEMS) * 7, "the other list's rows stay"


def test_a_list_that_lost_most_of_its_prices_needs_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFRAGOD_HOME", str(tmp_path / "home"))
    path = tmp_path / "list.json"
    lists.write(path, 3)
    assert main(["prices", "import", "aws", "--from", str(path)]) == 0
    lists.write(path, 1)
    assert main(["prices", "import", "aws", "--from", str(path)]) == 2
    assert "has 252 prices after 756: less than half" in capsys.readouterr().err
    assert imported.number(tmp_path / "home") == 1, "the old sheet stays in use"
    assert main(["prices", "import", "aws", "--from", str(path), "--yes"]) == 0
    assert imported.number(tmp_path / "home") == 2


def test_one_import_at_a_time(tmp_path: Path) -> None:
    with (
        Workplace(tmp_path, "aws").held(),
        pytest.raises(InputError, match="another import of prices is at work"),
        Workplace(tmp_path, "aws").held(),
    ):
        pass
