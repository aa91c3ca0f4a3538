"""A whole folder of AWS's lists, one of each offer: imported at once, again, and dry; regions that not all have."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.price.importers import samples

from infragod.cli.main import main
from infragod.price import imported, in_use
from infragod.price.importers.aws import Wish, _regions
from infragod.price.importers.selector import offers
from infragod.price.sheet import GLOBAL

TODAY = date(2026, 11, 22)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INFRAGOD_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A list of each offer, of Frankfurt."""
    found = tmp_path / "lists"
    found.mkdir()
    for code in offers():
        document = samples.document(code, "eu-central-1", "EUC1-")
        (found / f"{code}.json").write_text(json.dumps(document), encoding="utf-8")
    return found


def imports(folder: Path, *options: str) -> int:
    return main(["prices", "import", "aws", "--from", str(folder), *options])


def test_a_folder_of_all_lists_prices_every_service_of_a_region(
    home: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imports(folder) == 0
    said = capsys.readouterr().out
    assert "0 refused" in said
    assert "  refused" not in said
    prices = in_use.prices(home, TODAY)
    services = {entry.text["service"] for entry in samples.entries()}
    wholly_global = {"globalaccelerator", "cloudfront"}
    for service in services:
        region = GLOBAL if service in wholly_global else "eu-central-1"
        assert prices.sheets[0].rows("aws", service, region), service
    found = prices.find("aws", "lambda", "eu-central-1", "x86/2")
    assert found is not None
    assert str(found.source) == "AWS price list AWSLambda, eu-central-1, 2026-11-01"
    both = {
        prices.find("aws", "route53", place, key)
        for place, key in ((GLOBAL, "zone"), ("eu-central-1", "resolver/hours"))
    }
    assert None not in both, "one list has prices of the region, and those of all"


def test_the_same_lists_again_make_no_new_sheet(home: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imports(folder) == 0
    capsys.readouterr()
    assert imports(folder) == 0
    assert "Nothing changed: sheet 1 says the same already." in capsys.readouterr().out
    assert imports(folder / "AWSLambda.json") == 0
    assert "Nothing changed: sheet 1 says the same already." in capsys.readouterr().out
    assert imported.number(home) == 1
    assert sorted(path.name for path in (home / "prices").iterdir()) == ["1", "current", "lock"]


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    home: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imports(folder, "--offer", "AmazonEKS", "--dry-run") == 0
    said = capsys.readouterr().out
    assert "eks              eu-central-1     1 new, 0 changed, 0 the same, 0 gone" in said
    assert "Nothing came into use" in said
    assert imported.number(home) == 0
    assert imports(folder, "--offer", "AmazonEKS") == 0
    assert imported.number(home) == 1


def test_a_list_of_one_region_leaves_the_others(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    for region, prefix in (("eu-west-1", "EU-"), ("ap-south-1", "APS3-")):
        path.write_text(json.dumps(samples.document("AmazonSNS", region, prefix)), encoding="utf-8")
        assert imports(path) == 0
    sheet = in_use.prices(home, TODAY).sheets[0]
    assert sheet.regions("aws", "sns") == ["ap-south-1", "eu-west-1"]


def test_prices_are_multiplied_to_our_unit(home: Path, folder: Path) -> None:
    assert imports(folder, "--offer", "AWSSecretsManager") == 0
    found = in_use.prices(home, TODAY).find("aws", "secretsmanager", "eu-central-1", "requests")
    assert found is not None
    assert (found.amount, found.unit) == (Decimal(10100), "10k requests"), "the list has 1.01 a request"


def test_a_region_that_an_offer_does_not_have_is_passed_over_and_global_lists_are_read() -> None:
    wish = Wish(regions=["eu-central-2"])
    assert _regions("AmazonEKS", {"us-east-1": {}, "eu-central-2": {}}, wish) == ["eu-central-2"]
    assert _regions("AmazonEKS", {"us-east-1": {}}, wish) == []
    assert _regions("AmazonCloudFront", {"aws-global": {}}, wish) == ["aws-global"]
