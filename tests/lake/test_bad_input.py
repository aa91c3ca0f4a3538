"""Wrong input is one sentence that names the place, and leaves the lake as it was."""

from __future__ import annotations

import gzip
import os
import re
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from infragod.errors import InfragodError, InputError, StoreError
from infragod.lake.lake import Lake

SEPTEMBER = {
    "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "BillingPeriodEnd": "2026-10-01T00:00:00Z",
    "ChargePeriodStart": "2026-09-02T00:00:00Z",
    "ChargePeriodEnd": "2026-09-03T00:00:00Z",
}


@pytest.fixture(autouse=True)
def untouched(lake: Lake, write_bill: Any, load_bill: Any) -> Iterator[None]:
    """Whatever is wrong with a later load, what was loaded before stays, and no file is left behind."""
    load_bill(write_bill("good.csv", [{}, {}]))
    before = _tree(lake.root)
    yield
    assert _tree(lake.root) == before


def _tree(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def refused(load_bill: Any, *paths: Path) -> str:
    with pytest.raises(InfragodError) as caught:
        load_bill(*paths)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert caught.value.exit_code == 2
    return sentence


def test_a_bad_number_names_row_and_column(write_bill: Any, load_bill: Any) -> None:
    rows: list[dict[str, str]] = [{} for _ in range(50_000)]
    rows[48_212] = {"EffectiveCost": "1,5"}
    bill = write_bill("a.csv.gz", rows)
    assert f"{bill}, row 48,213 (48,214 with the header): EffectiveCost is '1,5', which is no number" in refused(
        load_bill, bill
    )


@pytest.mark.parametrize("value", ["abc", "NaN", "inf", "$5", "--1", "1e40"])
@pytest.mark.parametrize("column", ["BilledCost", "PricingQuantity", "ListUnitPrice"])
def test_what_is_no_number(value: str, column: str, write_bill: Any, load_bill: Any) -> None:
    sentence = refused(load_bill, write_bill("a.csv", [{}, {column: value}]))
    assert f"row 2 (3 with the header): {column} is '{value}', which is no number" in sentence


@pytest.mark.parametrize("value", ["'NaN'::DOUBLE", "'inf'::DOUBLE", "1e30::DOUBLE"])
def test_what_is_no_amount_in_parquet(value: str, tmp_path: Path, write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv", [{}, {}])
    duckdb.execute(f"COPY (SELECT * REPLACE ({value} AS \"BilledCost\") FROM '{bill}') TO '{tmp_path}/a.parquet'")
    assert "a.parquet, row 1: BilledCost is" in refused(load_bill, tmp_path / "a.parquet")


def test_a_column_of_a_wrong_type(tmp_path: Path, write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv")
    duckdb.execute(f"COPY (SELECT * REPLACE ([1] AS \"BilledCost\") FROM '{bill}') TO '{tmp_path}/a.parquet'")
    assert "holds BilledCost as INTEGER[], which is no money" in refused(load_bill, tmp_path / "a.parquet")


@pytest.mark.parametrize("column", ["BillingPeriodStart", "ChargePeriodEnd"])
@pytest.mark.parametrize("value", ["2026-13-01", "October", "10/1/2026"])
def test_what_is_no_time(column: str, value: str, write_bill: Any, load_bill: Any) -> None:
    sentence = refused(load_bill, write_bill("a.csv", [{}, {column: value}]))
    assert f"row 2 (3 with the header): {column} is '{value}', which is no time" in sentence


@pytest.mark.parametrize("column", ["BillingPeriodStart", "BillingCurrency", "BillingAccountId"])
def test_what_must_not_be_empty(column: str, write_bill: Any, load_bill: Any) -> None:
    sentence = refused(load_bill, write_bill("a.csv", [{}, {}, {column: ""}]))
    assert f"row 3 (4 with the header): {column} is empty, which FOCUS forbids" in sentence


@pytest.mark.parametrize("column", ["BilledCost", "ChargeClass", "ServiceName", "PricingUnit"])
def test_a_missing_mandatory_column(column: str, write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv", without=[column])
    assert refused(load_bill, bill).startswith(f"{bill} lacks the mandatory FOCUS column {column};")


def test_no_provider_by_any_name(write_bill: Any, load_bill: Any) -> None:
    assert "ServiceProviderName (ProviderName before" in refused(
        load_bill, write_bill("a.csv", without=["ProviderName"])
    )


def test_a_column_twice(write_bill: Any, load_bill: Any) -> None:
    assert "has the column BilledCost twice" in refused(load_bill, write_bill("a.csv", [{"billed_cost": "1"}]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "has no header line"),
        (b"PK\x03\x04rest", "is a ZIP archive"),
        ("BilledCost,x\n".encode("utf-16"), "is UTF-16 text"),
        (b"\x7fELF\0\0\0", "is neither CSV nor Parquet"),
        (b"\xff\xfaBilled\n1\n", "is not UTF-8 text"),
        (b"PAR1 and then nothing", "cannot read"),
        (gzip.compress(b"BilledCost,EffectiveCost\n" * 9, mtime=0)[:30], "truncated gzip"),
        (b'{"resource_changes": []}', "is no FOCUS data"),
        (gzip.compress(b"", mtime=0), "has no header line"),
    ],
)
def test_what_is_no_bill(content: bytes, message: str, tmp_path: Path, load_bill: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert message in refused(load_bill, path)


def test_a_gzip_truncated_in_its_middle(tmp_path: Path, write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv.gz", [{"ResourceId": f"i-{n * 7919}"} for n in range(20_000)])
    bill.write_bytes(bill.read_bytes()[: bill.stat().st_size // 2])
    assert str(bill) in refused(load_bill, bill)


def test_a_parquet_truncated(tmp_path: Path, write_bill: Any, load_bill: Any) -> None:
    duckdb.execute(f"COPY (SELECT * FROM '{write_bill('a.csv')}') TO '{tmp_path}/a.parquet'")
    path = tmp_path / "a.parquet"
    path.write_bytes(path.read_bytes()[:-50])
    assert f"cannot read {path}" in refused(load_bill, path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"1,2,3\r\n", r"a.csv, line 4: the number of fields"),
        (b'"never ends\n', r"a.csv, line \d+: (a quoted field|the number of fields)"),
        (b"\xff\xfe,\n", r"a.csv.*"),
    ],
)
def test_a_broken_line(line: bytes, message: str, write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv", [{}, {}])
    bill.write_bytes(bill.read_bytes() + line)
    assert re.search(message, refused(load_bill, bill))


def test_a_header_without_rows(write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv")
    bill.write_bytes(bill.read_bytes().splitlines(keepends=True)[0])
    assert "no row" in refused(load_bill, bill)


def test_a_currency_that_changes_in_mid_file(write_bill: Any, load_bill: Any) -> None:
    rows: list[dict[str, str]] = [{} for _ in range(3000)]
    rows[2000] = {"BillingCurrency": "EUR"}
    sentence = refused(load_bill, write_bill("a.csv", rows))
    assert "a.csv, row 2,001 (2,002 with the header): the currency changes from USD to EUR" in sentence
    assert "within the bill of account 1234567890123" in sentence


def test_files_that_disagree_on_the_period(write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("x/billing_period=2026-10/a.csv", [SEPTEMBER])
    assert f"{bill} lies in the folder of 2026-10, but its row 1 is of 2026-09" in refused(load_bill, bill.parent)


def test_files_that_disagree_on_a_periods_end(write_bill: Any, load_bill: Any) -> None:
    one = write_bill("a.csv")
    two = write_bill("b.csv", [{"BillingPeriodEnd": "2026-10-31T00:00:00Z"}])
    sentence = refused(load_bill, one, two)
    assert "disagree on the billing period 2026-10" in sentence
    assert "2026-10-01 to 2026-10-31" in sentence


def test_a_folder_of_an_unknown_month(write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("x/BILLING_PERIOD=2026-13/a.csv")
    assert "names no month" in refused(load_bill, bill.parent.parent)


def test_a_folder_without_bills(tmp_path: Path, load_bill: Any) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no billing file" in refused(load_bill, tmp_path / "empty")


def test_a_path_that_is_not_there(tmp_path: Path, load_bill: Any) -> None:
    assert "does not exist" in refused(load_bill, tmp_path / "nothing.csv")


def test_the_same_content_twice(write_bill: Any, load_bill: Any) -> None:
    assert "same content and would count twice" in refused(load_bill, write_bill("a.csv"), write_bill("b.csv"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv")
    bill.chmod(0)
    assert "cannot read" in refused(load_bill, bill)


@pytest.mark.parametrize("limit", [2_000, 20_000, 60_000, 200_000])
def test_a_disk_that_is_full(limit: int, write_bill: Any, load_bill: Any) -> None:
    rows = [{"ResourceId": os.urandom(16).hex(), "Tags": f'{{"team": "{n}"}}'} for n in range(20_000)]
    bill = write_bill("a.csv", rows)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(StoreError) as caught:
            load_bill(bill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)
    assert "nothing was changed" in str(caught.value)


def test_currencies_and_periods_that_may_differ(write_bill: Any, lake: Lake, tmp_path: Path) -> None:
    """Other accounts, and other issuers of one account, bill in currencies of their own."""
    from infragod.org.ownership import Ownership
    from infragod.pipeline import load
    from infragod.progress import SILENT

    rows = [
        {},
        {"BillingAccountId": "2", "BillingCurrency": "EUR"},
        {"InvoiceIssuerName": "Seller", "BillingCurrency": "INR"},
    ]
    other = Lake(tmp_path / "other")
    result = load(other, [write_bill("a.csv", rows)], "t", Ownership(()), SILENT)
    assert {currency for currency, _ in result.totals} == {"USD", "EUR", "INR"}
    with pytest.raises(InputError):
        load(other, [tmp_path / "nothing"], "t", Ownership(()), SILENT)
