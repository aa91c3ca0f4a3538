"""FOCUS files from a lake: columns, values, what is refused, what is said."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.report.export import focus_bill

from infragod.cli.main import main
from infragod.errors import StoreError
from infragod.focus import FOCUS_COLUMNS, OUR_COLUMNS
from infragod.lake.engine import Engine
from infragod.lake.lake import Lake
from infragod.report.export.select import Choice
from infragod.report.export.versions import VERSIONS
from infragod.report.export.write import export

ROWS = 1500


@pytest.fixture(scope="session")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return focus_bill.write(tmp_path_factory.mktemp("focus") / "bill.parquet", ROWS)


@pytest.fixture
def loaded(home: Path, bill: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["load", "focus", str(bill), "--source", "example"]) == 0
    capsys.readouterr()
    return home


def wrong(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What standard error says of an export that is refused."""
    assert main(["export", "focus", *arguments]) == 2
    shown = capsys.readouterr()
    assert not shown.out
    return shown.err


def columns(path: Path) -> dict[str, str]:
    with Engine.files() as engine:
        return {row[0]: row[1] for row in engine.run(f"DESCRIBE SELECT * FROM read_parquet('{path}')")}


def lines(path: Path) -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_what_is_said(loaded: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]) -> None:
    assert main(["export", "focus", "--version", "1.2", "--out", "focus.parquet"]) == 0
    golden("said.txt", capsys.readouterr().out)


@pytest.mark.parametrize("version", ["1.2", "1.4"])
def test_columns_are_those_of_the_version_by_name_then_ours(loaded: Path, version: str) -> None:
    assert main(["export", "focus", "--version", version, "--out", "f.parquet"]) == 0
    names = list(columns(Path("f.parquet")))
    focus = [n for n in names if not n.startswith("x_")]
    assert focus == sorted(focus)
    assert names[: len(focus)] == focus
    ours = [c.name for c in OUR_COLUMNS]
    if version == "1.4":
        assert focus == [c.name for c in FOCUS_COLUMNS]
        assert names[len(focus) :] == ours
    else:
        since = [c.name for c in FOCUS_COLUMNS if c.since <= "1.2"]
        assert focus == sorted([*since, "ProviderName", "PublisherName"])
        assert len(focus) == 57
        assert names[len(focus) :] == ours[2:]


def test_the_validators_columns_are_those_of_1_2() -> None:
    removed = {"ServiceProviderName", "HostProviderName", "InvoiceDetailId", "ContractApplied", "AllocatedTags"}
    assert removed <= {c.name for c in VERSIONS["1.2"].later}
    assert not VERSIONS["1.4"].later


def test_parquet_has_the_types_of_focus(loaded: Path) -> None:
    assert main(["export", "focus", "--version", "1.4", "--out", "f.parquet"]) == 0
    types = columns(Path("f.parquet"))
    assert types["BilledCost"] == types["ListUnitPrice"] == "DECIMAL(38,12)"
    assert types["PricingQuantity"] == "DECIMAL(38,15)"
    assert types["ChargePeriodStart"] == "TIMESTAMP WITH TIME ZONE"
    assert types["Tags"] == types["x_team"] == "VARCHAR"
    with Engine.files() as engine:
        kept = engine.run("SELECT decode(key), decode(value) FROM parquet_kv_metadata('f.parquet')")
    assert ("FocusVersion", "1.4") in kept


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz"])
def test_csv_is_exact_text(loaded: Path, name: str) -> None:
    assert main(["export", "focus", "--version", "1.2", "--month", "2026-09", "--out", name]) == 0
    rows = lines(Path(name))
    assert {r["BillingPeriodStart"] for r in rows} == {"2026-09-01T00:00:00Z"}
    assert {r["ChargeCategory"] for r in rows} == {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
    number = re.compile(r"-?\d+(\.\d*[1-9])?")
    for row in rows:
        assert number.fullmatch(row["BilledCost"])
        assert row["PricingQuantity"] == "" or number.fullmatch(row["PricingQuantity"])
        assert row["Tags"] == "" or row["Tags"].startswith('{"team":')
    assert any(r["Tags"] and '"note":"ä, \\"q\\""' in r["Tags"] for r in rows)


def test_small_numbers_have_no_exponent(lake: Lake, load_bill: Any, write_bill: Any, tmp_path: Path) -> None:
    load_bill(write_bill("bill.csv", [{"BilledCost": "0.000000000001", "PricingQuantity": "1e-15"}]))
    assert export(lake, VERSIONS["1.4"], Choice(), tmp_path / "f.csv")
    (row,) = lines(tmp_path / "f.csv")
    assert (row["BilledCost"], row["PricingQuantity"]) == ("0.000000000001", "0.000000000000001")


def test_what_a_bill_of_1_0_lacks_is_filled_and_said(
    lake: Lake, load_bill: Any, write_bill: Any, tmp_path: Path
) -> None:
    load_bill(write_bill("bill.csv"))
    done = export(lake, VERSIONS["1.2"], Choice(), tmp_path / "f.csv")
    assert done is not None
    assert "ServiceSubcategory filled with Other of its category in 1 row" in done.notes
    assert "ChargeFrequency is empty in 1 row, which FOCUS 1.2 forbids: the bill does not say it" in done.notes
    (row,) = lines(tmp_path / "f.csv")
    assert row["ServiceSubcategory"] == "Other (Compute)"
    assert (row["PricingCurrency"], row["PricingCurrencyEffectiveCost"]) == ("USD", "1")
    assert (row["ProviderName"], row["PublisherName"]) == ("Example Cloud", "Example Cloud")
    assert (row["BillingAccountType"], row["SubAccountType"]) == ("Billing Account", "Sub Account")
    assert row["ChargeClass"] == row["ChargeFrequency"] == ""
    assert (row["x_team"], row["x_service"], row["x_owner_by"]) == ("checkout", "cart", "tag")


def test_a_price_in_another_currency_is_not_taken_for_one(
    lake: Lake, load_bill: Any, write_bill: Any, tmp_path: Path
) -> None:
    load_bill(write_bill("bill.csv", [{"PricingCurrency": "EUR"}]))
    done = export(lake, VERSIONS["1.2"], Choice(), tmp_path / "f.csv")
    assert done is not None
    (row,) = lines(tmp_path / "f.csv")
    assert (row["BillingCurrency"], row["PricingCurrency"], row["PricingCurrencyEffectiveCost"]) == ("USD", "EUR", "")
    assert any(n.startswith("PricingCurrencyEffectiveCost is empty in 1 row") for n in done.notes)


def test_what_1_2_has_no_column_for_is_kept_and_said(
    lake: Lake, load_bill: Any, write_bill: Any, tmp_path: Path
) -> None:
    later = {"InvoiceDetailId": "7", "ServiceProviderName": "Seller", "AllocatedTags": '{"a": "b"}'}
    load_bill(write_bill("bill.csv", [later, {"InvoiceDetailId": ""}]))
    done = export(lake, VERSIONS["1.2"], Choice(), tmp_path / "f.csv")
    assert done is not None
    assert "FOCUS 1.2 has no InvoiceDetailId: 1 row has a value, kept as x_InvoiceDetailId" in done.notes
    assert "FOCUS 1.2 has no ServiceProviderName: 1 row has a value, kept as x_ServiceProviderName" in done.notes
    rows = lines(tmp_path / "f.csv")
    assert sorted(r["x_InvoiceDetailId"] for r in rows) == ["", "7"]
    assert {r["x_AllocatedTags"] for r in rows} == {'{"a":"b"}', ""}
    assert "x_HostProviderName" not in rows[0]


def test_an_unknown_cost_stays_empty_and_is_said(lake: Lake, load_bill: Any, write_bill: Any, tmp_path: Path) -> None:
    load_bill(write_bill("bill.csv", [{"BilledCost": ""}]))
    done = export(lake, VERSIONS["1.4"], Choice(), tmp_path / "f.csv")
    assert done is not None
    assert done.totals["USD", "billed"] is None
    assert "BilledCost is empty in 1 row, which FOCUS 1.4 forbids: the bill does not say it" in done.notes
    assert lines(tmp_path / "f.csv")[0]["BilledCost"] == ""


def test_months_and_sources_are_chosen(loaded: Path, bill: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "focus", str(bill), "--source", "twin"]) == 0
    capsys.readouterr()
    counts = []
    for i, chosen in enumerate(
        [[], ["--source", "twin"], ["--from", "2026-10"], ["--to", "2026-09"], ["--from", "2026-09", "--to", "2026-10"]]
    ):
        assert main(["export", "focus", "--version", "1.4", "--out", f"{i}.parquet", *chosen]) == 0
        with Engine.files() as engine:
            counts.append(engine.run(f"SELECT count(*) FROM read_parquet('{i}.parquet')")[0][0])
    assert counts[0] == counts[4] == counts[2] + counts[3] == 2 * ROWS
    assert counts[1] == ROWS


def test_a_file_that_is_there_is_kept_without_force(loaded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("f.csv").write_text("mine")
    assert "--force" in wrong(["--version", "1.2", "--out", "f.csv"], capsys)
    assert Path("f.csv").read_text() == "mine"
    assert main(["export", "focus", "--version", "1.2", "--out", "f.csv", "--force"]) == 0
    assert len(lines(Path("f.csv"))) == ROWS
    assert sorted(p.name for p in Path().iterdir()) == ["f.csv"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "f.txt"], "end it in .parquet, .csv or .csv.gz"),
        (["--out", "../work"], "is no name"),
        (["--out", "none/f.csv"], "none is no folder"),
        (["--out", "f.csv", "--source", "nobody"], "there is no source nobody; those there are: example"),
        (
            ["--out", "f.csv", "--month", "2020-01"],
            "there is no charge of 2020-01; what is loaded begins in 2026-09",
        ),
        (["--out", "f.csv", "--from", "2020-01", "--to", "2020-02"], "no charge of 2020-01 to 2020-02"),
        (["--out", "f.csv", "--month", "2026-09", "--to", "2026-10"], "either --month or --from and --to"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    loaded: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    text = wrong(["--version", "1.2", *arguments], capsys)
    assert said in text
    assert text.count("\n") == 1
    assert not list(Path().iterdir())


def test_an_empty_lake_says_how_to_fill_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nothing is loaded yet" in wrong(["--version", "1.2", "--out", "f.csv"], capsys)
    assert not Path("f.csv").exists()


def test_a_full_disk_leaves_nothing(lake: Lake, load_bill: Any, bill: Path) -> None:
    load_bill(bill)
    with pytest.raises(StoreError, match="cannot write"):
        export(lake, VERSIONS["1.2"], Choice(), Path("/sys/infragod.csv"))


def test_the_bar_follows(lake: Lake, load_bill: Any, bill: Path, tmp_path: Path) -> None:
    told: list[Any] = []

    class Told:
        def start(self, title: str, total: int | None, unit: str) -> None:
            told.append((title, total, unit))

        def advance(self, amount: int) -> None:
            assert amount > 0

        def finish(self) -> None:
            told.append("finished")

    load_bill(bill)
    assert export(lake, VERSIONS["1.2"], Choice(), tmp_path / "f.parquet", Told())
    assert told == [("exporting", ROWS, "rows"), "finished"]


def test_no_total_is_lost(loaded: Path) -> None:
    """The file's totals are those of the bill, to the last decimal."""
    assert main(["export", "focus", "--version", "1.2", "--out", "f.csv.gz"]) == 0
    rows = lines(Path("f.csv.gz"))
    with Lake(loaded / "lake").engine() as held:
        sums = held.run('SELECT "BillingCurrency", sum("EffectiveCost"), count(*) FROM cost GROUP BY 1')
    expected = {currency: (total, count) for currency, total, count in sums}
    assert {
        c: (sum(Decimal(r["EffectiveCost"]) for r in rows if r["BillingCurrency"] == c), n)
        for c, (_, n) in expected.items()
    } == expected
