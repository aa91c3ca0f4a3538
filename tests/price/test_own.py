"""The company's own rates: marginal, by account, before the list, in the words that people read."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from infragod import pipeline
from infragod.cli.main import main
from infragod.errors import SetupError
from infragod.focus import Period
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.price import imported, in_use, own
from infragod.price.importers.publish import Cell, Head, Part, Workplace
from infragod.price.own import Rates
from infragod.price.own import measure as measuring
from infragod.price.own.measure import Measured
from infragod.price.sheet import Price, Source
from infragod.progress import SILENT

TODAY = date(2026, 11, 22)
OCTOBER = Period(2026, 10)
ROW = {
    "BilledCost": "1",
    "BillingAccountId": "1000",
    "BillingAccountName": "Example Company",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "$0.096 per On Demand Linux m5.large Instance Hour",
    "ChargePeriodStart": "2026-10-30T00:00:00Z",
    "ChargePeriodEnd": "2026-10-31T00:00:00Z",
    "CommitmentDiscountId": "",
    "CommitmentDiscountStatus": "",
    "ContractedCost": "1",
    "ContractedUnitPrice": "0.09",
    "EffectiveCost": "1",
    "InvoiceIssuerName": "Amazon Web Services, Inc.",
    "ListCost": "1",
    "PricingCategory": "Standard",
    "PricingQuantity": "24",
    "PricingUnit": "Hours",
    "ProviderName": "AWS",
    "PublisherName": "Amazon Web Services, Inc.",
    "RegionId": "us-east-1",
    "ResourceId": "i-1",
    "ServiceCategory": "Compute",
    "ServiceName": "Amazon Elastic Compute Cloud",
    "SkuId": "",
    "SkuMeter": "BoxUsage:m5.large",
    "SubAccountId": "111",
    "Tags": "{}",
}
LINUX = ("aws", "ec2", "us-east-1", "m5.large/linux")


def measured(tmp_path: Path, *rows: Mapping[str, str]) -> Measured:
    """What the bills of October with these rows say, by the real load."""
    path = tmp_path / "bill.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows({**ROW, **row} for row in rows)
    lake = Lake(tmp_path / "home" / "lake")
    pipeline.load(lake, [path], "aws", Ownership.parse(""), SILENT)
    return pipeline.rates(lake, tmp_path / "home", [OCTOBER], TODAY)[0]


def rates(found: Measured) -> dict[tuple[str, ...], Decimal]:
    return {(*row[1:5],): row[5] for row in found.rates}


def test_the_contracted_price_of_an_uncommitted_hour_is_the_rate(tmp_path: Path) -> None:
    assert rates(measured(tmp_path, {})) == {("ec2", "us-east-1", "m5.large/linux", "111"): Decimal("0.09")}


@pytest.mark.parametrize(
    "row",
    [
        {"CommitmentDiscountId": "sp-1", "CommitmentDiscountStatus": "Used", "ContractedUnitPrice": "0.05"},
        {"PricingCategory": "Dynamic", "ContractedUnitPrice": "0.03"},
        {"ChargeCategory": "Credit", "ContractedUnitPrice": "0.02"},
        {"ChargeClass": "Correction", "ContractedUnitPrice": "0.01"},
        {"ContractedUnitPrice": "0"},
        {"ContractedUnitPrice": ""},
        {"PricingQuantity": "0", "ContractedUnitPrice": "0.5"},
        {"PricingUnit": "Seconds"},
        {"BillingCurrency": "EUR", "BillingAccountId": "2000"},
        {"SkuMeter": "SomethingElse"},
        {"SkuMeter": "", "ChargeDescription": "what nobody knows"},
        {"ChargeDescription": "what nobody knows"},
        {"ServiceName": "Amazon Simple Queue Service"},
        {"ProviderName": "Example Cloud"},
    ],
    ids="-".join,
)
def test_what_is_no_marginal_price_of_a_known_product_is_no_rate(tmp_path: Path, row: dict[str, str]) -> None:
    last = {"ChargePeriodStart": "2026-10-31T00:00:00Z", "ChargePeriodEnd": "2026-11-01T00:00:00Z"}
    assert rates(measured(tmp_path, {"SkuMeter": "BoxUsage:m5.xlarge"}, row | last)) == {
        ("ec2", "us-east-1", "m5.xlarge/linux", "111"): Decimal("0.09")
    }


def test_the_last_charge_counts_and_of_its_day_what_most_was_bought_at(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        {"ContractedUnitPrice": "0.096", "ChargePeriodStart": "2026-10-01T00:00:00Z", "PricingQuantity": "700"},
        {"ContractedUnitPrice": "0.091", "PricingQuantity": "2"},
        {"ContractedUnitPrice": "0.089", "PricingQuantity": "22"},
    )
    assert list(rates(found).values()) == [Decimal("0.089")]


def test_meters_carry_their_region_in_front(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        {"SkuMeter": "EU-EBS:VolumeUsage.gp3", "RegionId": "eu-west-1", "PricingUnit": "GB-Months"},
        {"SkuMeter": "APS3-EBS:VolumeUsage.piops", "RegionId": "ap-south-1", "PricingUnit": "GB-Mo"},
    )
    assert rates(found) == {
        ("ebs", "eu-west-1", "gp3", "111"): Decimal("0.09"),
        ("ebs", "ap-south-1", "io1", "111"): Decimal("0.09"),
    }


def test_bills_without_meters_are_read_by_what_they_say(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        {"SkuMeter": ""},
        {
            "SkuMeter": "",
            "PricingUnit": "GB-Months",
            "ChargeDescription": "$0.08 per GB-month of General Purpose (gp3) provisioned storage - Oregon",
        },
    )
    assert rates(found) == {
        ("ec2", "us-east-1", "m5.large/linux", "111"): Decimal("0.09"),
        ("ebs", "us-east-1", "gp3", "111"): Decimal("0.09"),
    }


def test_a_product_of_an_imported_list_is_known_by_its_number(tmp_path: Path) -> None:
    work = Workplace(tmp_path / "home", "aws")
    cells = {("{key}", "on-demand"): Cell(Decimal("0.4"), "1M requests", "G95FST5FTYV3JSRX", Decimal(1_000_000))}
    part = Part(Head("aws", Source("aws/AWSQueueService/x", "AWS", TODAY)), {("sqs", "us-west-2"): cells}, {})
    with work.held():
        work.keep("one", part)
        work.publish(["one"])
    row = {"SkuId": "G95FST5FTYV3JSRX", "ContractedUnitPrice": "0.00000038", "PricingUnit": "Requests"}
    assert rates(measured(tmp_path, row)) == {("sqs", "us-west-2", "{key}", "111"): Decimal("0.38")}
    assert imported.number(tmp_path / "home") == 1


def known(**accounts: str) -> Rates:
    by_account = {account: (Decimal(price), "hours") for account, price in accounts.items()}
    return Rates(OCTOBER, {LINUX: by_account}, {"shop": {"aws": ["a1"]}, "both": {"aws": ["a1", "a2"]}})


@pytest.mark.parametrize(
    ("account", "accounts", "listed", "said"),
    [
        ("a1", {"a1": "0.093"}, "0.1", "0.093 your rate, October 2026, 7 % under list"),
        ("a1", {"a1": "0.103"}, "0.1", "0.103 your rate, October 2026, 3 % over list"),
        ("a1", {"a1": "0.0995"}, "0.1", "0.0995 your rate, October 2026, 0.5 % under list"),
        ("a1", {"a1": "0.09999"}, "0.1", "0.09999 your rate, October 2026, less than 0.1 % under list"),
        ("a1", {"a1": "0.1"}, "0.1", "0.1 your rate, October 2026, as listed"),
        ("a1", {"a1": "0.1"}, None, "0.1 your rate, October 2026"),
        ("", {"a1": "0.09", "a2": "0.09"}, "0.1", "0.09 your rate, October 2026, 10 % under list"),
        ("", {"a1": "0.09", "a2": "0.08"}, None, "0.09 your rate, October 2026, the highest of 2 accounts"),
        ("a3", {"a1": "0.09", "a2": "0.08"}, None, "0.09 your rate, October 2026, the highest of 2 accounts"),
    ],
)
def test_what_a_rate_says_of_itself(account: str, accounts: dict[str, str], listed: str | None, said: str) -> None:
    price = Price(Decimal(listed), "hours", Source("x", "x", TODAY)) if listed else None
    found = known(**accounts).find(LINUX, "on-demand", account, price)
    assert found is not None
    assert f"{found.amount} {found.source}" == said


def test_reservations_and_strange_products_have_no_rate() -> None:
    assert known(a1="0.1").find(LINUX, "reserved/standard/1_year/no_upfront", "a1", None) is None
    assert known(a1="0.1").find(("aws", "ec2", "us-east-1", "m5.xlarge/linux"), "on-demand", "a1", None) is None


def test_the_account_is_the_one_that_the_workspace_is_billed_to() -> None:
    assert known(a1="1").accounts_of("shop") == {"aws": "a1"}
    assert known(a1="1").accounts_of("both") == {}
    assert known(a1="1").accounts_of("") == {}


def write(home: Path, month: Period, price: str) -> None:
    row = ("aws", "ec2", "us-east-1", "m5.large/linux", "111", Decimal(price), "Hours")
    measuring.write(Measured(month, (row,), {}, 1), home)


def test_the_newest_full_month_counts_for_three_months(tmp_path: Path) -> None:
    write(tmp_path, Period(2026, 11), "0.5")
    assert own.read(tmp_path, TODAY) is None, "November is not over"
    write(tmp_path, Period(2026, 7), "0.4")
    assert own.read(tmp_path, TODAY) is None, "July is too old"
    prices = in_use.InUse(tmp_path)
    assert str(prices.prices(TODAY).find(*LINUX).source).startswith("apache-libcloud")  # type: ignore[union-attr]
    write(tmp_path, Period(2026, 8), "0.3")
    assert prices.prices(TODAY).find(*LINUX).amount == Decimal("0.3")  # type: ignore[union-attr]
    write(tmp_path, Period(2026, 10), "0.1")
    found = prices.prices(TODAY).find(*LINUX)
    assert found is not None
    assert str(found.source) == "your rate, October 2026, 4 % over list"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, OCTOBER, "0.1")
    path = tmp_path / own.FOLDER / "2026-10.json"
    path.write_text(path.read_text()[:-10])
    with pytest.raises(SetupError, match=r"2026-10\.json cannot be read .* infragod prices rates --renew"):
        own.read(tmp_path, TODAY)


def test_the_command_shows_rates_beside_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFRAGOD_HOME", str(tmp_path / "home"))
    assert main(["prices", "rates"]) == 0
    assert "no rates are known: load the bill of a full month" in capsys.readouterr().out
    last = Period.of(datetime.now(UTC).date()).plus(-1)
    write(tmp_path / "home", last, "0.1")
    assert main(["prices", "rates", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "month": str(last),
        "rates": [
            {
                "provider": "aws",
                "service": "ec2",
                "region": "us-east-1",
                "key": "m5.large/linux",
                "account": "111",
                "rate": "0.1",
                "unit": "Hours",
                "listed": "0.096",
            }
        ],
    }
    assert main(["prices", "rates"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "ec2",
        "us-east-1",
        "m5.large/linux",
        "111",
        "0.1",
        "0.096",
    ]


GOOGLE = {
    "ProviderName": "Google Cloud",
    "PublisherName": "Google Cloud",
    "InvoiceIssuerName": "Google Cloud",
    "ServiceName": "Compute Engine",
    "SkuMeter": "",
    "RegionId": "us-central1",
}


def google(description: str, unit: str, price: str, **about: str) -> dict[str, str]:
    """A row of Google's bill."""
    return {**GOOGLE, "ChargeDescription": description, "PricingUnit": unit, "ContractedUnitPrice": price, **about}


def test_machine_types_of_google_follow_from_the_rates_of_cores_and_memory(tmp_path: Path) -> None:
    found = rates(
        measured(
            tmp_path,
            google("N2 Instance Core running in Americas", "Hours", "0.03"),
            google("N2 Instance Ram running in Americas", "GiB-Hours", "0.004"),
            google("N2 Instance Core running in Americas", "Hours", "0.02", SubAccountId="222"),
            google("Spot Preemptible E2 Instance Core running in Americas", "Hours", "0.01"),
            google("SSD backed PD Capacity", "GiB-Months", "0.15"),
            google("SSD backed PD Capacity", "Hours", "9", RegionId="us-east1"),
        )
    )
    assert found["compute", "us-central1", "n2-standard-4", "111"] == Decimal("0.184")
    assert found["compute", "us-central1", "disk/pd-ssd", "111"] == Decimal("0.15")
    assert ("compute", "us-central1", "n2-standard-4", "222") not in found, "its memory is not known"
    assert not [name for name in found if "e2" in name[2] or name[1] == "us-east1"]


def test_a_product_of_several_regions_is_that_of_the_bill_s_region(tmp_path: Path) -> None:
    work = Workplace(tmp_path / "home", "gcp")
    cells = {("core/n2", "on-demand"): Cell(Decimal("0.03"), "hours", "2E27-4F75-95CD", Decimal(1))}
    places = {("compute", region): cells for region in ("us-central1", "us-east1")}
    with work.held():
        work.keep("one", Part(Head("google", Source("gcp/compute-engine", "Catalogue", TODAY)), places, {}))
        work.publish(["one"])
    row = google("renamed by Google", "Hours", "0.025", SkuId="2E27-4F75-95CD", RegionId="us-east1")
    assert rates(measured(tmp_path, row)) == {("compute", "us-east1", "core/n2", "111"): Decimal("0.025")}
