"""Bills become months of the lake, exactly, and once."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from infragod.errors import InputError, StoreError
from infragod.focus import BASES, COST_COLUMNS, Period
from infragod.lake.lake import Lake


def cost(lake: Lake, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    with lake.engine() as engine:
        return engine.run(f"SELECT {columns} FROM cost WHERE {where} ORDER BY ALL")


def test_an_empty_lake_has_the_cost_table_with_every_column(lake: Lake) -> None:
    with lake.engine() as engine:
        described = engine.run("DESCRIBE SELECT * FROM cost")
        assert engine.run("SELECT count(*) FROM cost") == [(0,)]
    assert [(d[0], d[1]) for d in described] == [(c.name, c.sql_type) for c in COST_COLUMNS]
    assert (lake.sources(), lake.version("cost"), lake.files("cost")) == ([], -1, [])


def test_a_loaded_lake_has_the_same_columns_and_types(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv"))
    with lake.engine() as engine:
        described = engine.run("DESCRIBE SELECT * FROM cost")
    assert [(d[0], d[1]) for d in described] == [(c.name, c.sql_type) for c in COST_COLUMNS]


@pytest.mark.shared
def test_the_official_sample_sums_to_the_last_decimal(lake: Lake, load_bill: Any, shared: Path) -> None:
    sample = shared / "data" / "focus_1_0_sample.csv"
    result = load_bill(sample)
    with sample.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for basis, column in BASES.items():
        plain = sum((Decimal(r[column]) for r in rows if r[column] not in {"", "NULL"}), Decimal(0))
        assert result.totals["USD", basis] == plain
        assert cost(lake, f'sum("{column}")') == [(plain,)]
    assert result.rows == len(rows) == 1000
    assert "ContractedCost unknown in 7 rows: empty in the file, left out of the total" in result.notes


def test_names_of_older_versions_become_those_of_1_4(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    result = load_bill(write_bill("a.csv"))
    assert cost(lake, '"ServiceProviderName", "x_ProviderName", "x_PublisherName", "x_billing_period", "x_source"') == [
        ("Example Cloud", "Example Cloud", "Example Cloud", "2026-10", "test")
    ]
    assert "ServiceProviderName filled from ProviderName in 1 row" in result.notes


def test_a_bill_of_1_3_needs_no_provider_name(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    result = load_bill(write_bill("a.csv", [{"ServiceProviderName": "New"}], without=["ProviderName", "PublisherName"]))
    assert cost(lake, '"ServiceProviderName", "x_ProviderName"') == [("New", None)]
    assert result.notes == ()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.2E-7", "0.000000120000"),
        ("0.000000000001", "0.000000000001"),
        ("-99999999999999.999999999999", "-99999999999999.999999999999"),
        ("1e3", "1000"),
        ("9007199254740993.1", "9007199254740993.1"),
    ],
)
def test_amounts_of_text_are_exact(text: str, amount: str, lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv", [{"EffectiveCost": text, "PricingQuantity": text}]))
    assert cost(lake, '"EffectiveCost", "PricingQuantity"') == [(Decimal(amount), Decimal(amount))]


def test_digits_beyond_the_scale_are_said(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    result = load_bill(write_bill("a.csv", [{"BilledCost": "0.1234567890125"}, {"BilledCost": "1.50000000000000000"}]))
    assert "BilledCost rounded in 1 row: more digits than the lake keeps" in result.notes
    assert cost(lake, '"BilledCost"') == [(Decimal("0.123456789013"),), (Decimal("1.5"),)]


def test_floating_point_becomes_its_shortest_decimal(
    tmp_path: Path, lake: Lake, write_bill: Any, load_bill: Any
) -> None:
    values = [0.1, 123.456789, 1234567.891, 0.000000123, -2.675, 4503599627370497.5]
    parquet = _parquet(
        tmp_path, write_bill("a.csv", [{"BilledCost": repr(v), "PricingQuantity": repr(v)} for v in values])
    )
    load_bill(parquet)
    expected = sorted(Decimal(repr(v)) for v in values)
    assert cost(lake, '"BilledCost"') == [(v,) for v in expected]
    assert cost(lake, '"PricingQuantity"') == [(v,) for v in expected]


def _parquet(tmp_path: Path, bill: Path, select: str = "*") -> Path:
    target = tmp_path / f"{bill.stem}.parquet"
    duckdb.execute(
        f"COPY (SELECT {select} FROM read_csv('{bill}', types = {{'Tags': 'VARCHAR', 'BillingAccountId': 'VARCHAR', "
        f"'BilledCost': 'DOUBLE', 'PricingQuantity': 'DOUBLE', 'SubAccountId': 'BIGINT'}})) "
        f"TO '{target}' (FORMAT parquet)"
    )
    return target


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ('{"team": "a"}', {"team": "a"}),
        ("NULL", None),
        ("", None),
        ("{}", None),
        ('{"n": 1, "b": true, "z": null}', {"n": "1", "b": "true", "z": None}),
    ],
)
def test_tags_of_json_text(tags: str, kept: object, lake: Lake, write_bill: Any, load_bill: Any) -> None:
    result = load_bill(write_bill("a.csv", [{"Tags": tags}]))
    assert cost(lake, '"Tags"') == [(kept,)]
    assert not any("Tags" in note for note in result.notes)


def test_tags_that_are_no_object_are_said(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    result = load_bill(write_bill("a.csv", [{"Tags": "team=a"}, {"Tags": "[1]"}, {}]))
    assert "Tags left empty in 2 rows: no JSON object" in result.notes
    assert cost(lake, "count(*)", '"Tags" IS NULL') == [(2,)]


@pytest.mark.parametrize(
    "select",
    [
        "* REPLACE (MAP {'team': 'a'} AS \"Tags\")",
        "* REPLACE ([{'key': 'team', 'value': 'a'}] AS \"Tags\")",
        "* REPLACE ({'team': 'a'} AS \"Tags\")",
        '* REPLACE (\'{"team": "a"}\'::JSON AS "Tags")',
    ],
)
def test_tags_of_parquet_types(select: str, tmp_path: Path, lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(_parquet(tmp_path, write_bill("a.csv"), select))
    assert cost(lake, '"Tags", x_team, x_owner_by') == [({"team": "a"}, "a", "tag")]


def test_gaps_are_mended_and_counted(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    gaps = {
        "InvoiceIssuerName": "",
        "ChargeCategory": "usage",
        "ChargeFrequency": "Usage-based",
        "ChargePeriodStart": "",
        "ChargePeriodEnd": "NULL",
        "BillingPeriodEnd": "",
        "ServiceCategory": "",
        "ServiceName": "",
        "BillingCurrency": "usd",
        "ChargeClass": "correction",
    }
    result = load_bill(write_bill("a.csv", [gaps, gaps]))
    assert cost(
        lake,
        'DISTINCT "InvoiceIssuerName", "ChargeCategory", "ChargeFrequency", "ChargePeriodStart"::VARCHAR, '
        '"ChargePeriodEnd"::VARCHAR, "ServiceCategory", "ServiceName", "BillingCurrency", "ChargeClass"',
    ) == [
        (
            "Example Cloud",
            "Usage",
            "Usage-Based",
            "2026-10-01 00:00:00+00",
            "2026-11-01 00:00:00+00",
            "Other",
            "Example Cloud",
            "USD",
            "Correction",
        )
    ]
    assert len([n for n in result.notes if n.endswith("in 2 rows")]) == 11


def test_unknown_costs_stay_unknown(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    result = load_bill(write_bill("a.csv", [{"ListCost": ""}]))
    assert result.totals["USD", "list"] is None
    assert cost(lake, '"ListCost"') == [(None,)]


def test_the_same_files_make_no_commit(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv", [{}, month("2026-09")])
    first = load_bill(bill)
    again = load_bill(bill)
    assert (first.changed, again.changed, first.version) == (True, False, again.version)
    assert again.totals == first.totals


def month(text: str) -> dict[str, str]:
    start = f"{text}-01T00:00:00Z"
    end = f"{Period.parse(text).plus(1)}-01T00:00:00Z"
    return {"BillingPeriodStart": start, "BillingPeriodEnd": end, "ChargePeriodStart": start, "ChargePeriodEnd": end}


def test_other_owners_make_another_load(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv")
    load_bill(bill)
    result = load_bill(bill, ownership='[[rule]]\naccount = "47*"\nteam = "platform"\n')
    assert result.changed
    assert cost(lake, "x_team, x_service, x_owner_by") == [("platform", None, "account")]


def test_a_load_replaces_its_months_and_leaves_the_others(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv", [{}, {}, month("2026-09")]))
    load_bill(write_bill("b.csv", [{}]), source="other")
    result = load_bill(write_bill("c.csv", [{"EffectiveCost": "7"}] * 3))
    assert [(str(p.period), p.before, p.rows) for p in result.periods] == [("2026-10", 2, 3)]
    assert cost(lake, 'x_source, x_billing_period, count(*), sum("EffectiveCost")', "true GROUP BY 1, 2") == [
        ("other", "2026-10", 1, Decimal(1)),
        ("test", "2026-09", 1, Decimal(1)),
        ("test", "2026-10", 3, Decimal(21)),
    ]


def test_losing_more_than_half_of_a_month_needs_yes(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv", [{}] * 5))
    small = write_bill("b.csv", [{}] * 2)
    with pytest.raises(InputError, match=r"2026-10 of test would fall from 5 to 2 rows; .* --yes"):
        load_bill(small)
    assert cost(lake, "count(*)") == [(5,)]
    assert load_bill(small, yes=True).periods[0].before == 5
    assert load_bill(write_bill("c.csv", [{"BilledCost": "9"}])).rows == 1  # exactly half


def test_a_month_in_several_files_is_one_month(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    write_bill("x/a.csv", [{"EffectiveCost": "1"}])
    write_bill("x/b.csv.gz", [{"EffectiveCost": "2", "RegionId": "r"}])
    result = load_bill(write_bill("x/c.csv", [{"EffectiveCost": "4"}]).parent)
    assert (result.rows, result.totals["USD", "effective"]) == (3, Decimal(7))


def test_the_engine_reads_the_lake_and_nothing_else(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    bill = write_bill("a.csv")
    load_bill(bill)
    with lake.engine() as engine:
        with pytest.raises(duckdb.PermissionException):
            engine.run(f"SELECT * FROM read_csv('{bill}')")
        with pytest.raises(duckdb.Error):
            engine.run("SET enable_external_access = true")


def test_reading_one_month_opens_one_file(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    load_bill(write_bill("a.csv", [month(f"2026-0{n}") for n in range(1, 10)]))
    with lake.engine() as engine:
        plan = engine.run("EXPLAIN ANALYZE SELECT sum(\"BilledCost\") FROM cost WHERE x_billing_period = '2026-03'")
    assert "1/9" in plan[0][1]


def test_the_workplace_is_gone_and_that_of_a_killed_load_is_swept(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    dead = lake.root / ".staging" / "dead"
    dead.mkdir(parents=True)
    (dead / "lock").touch()
    (lake.root / ".staging" / "killed before it had a lock").mkdir()
    load_bill(write_bill("a.csv"))
    assert list((lake.root / ".staging").iterdir()) == []


def test_a_source_needs_a_plain_name(write_bill: Any, load_bill: Any) -> None:
    with pytest.raises(InputError, match="cannot name a source"):
        load_bill(write_bill("a.csv"), source="../x")


def test_a_lake_that_is_no_folder(tmp_path: Path, write_bill: Any) -> None:
    from infragod.org.ownership import Ownership
    from infragod.pipeline import load
    from infragod.progress import SILENT

    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot write to the lake"):
        load(Lake(tmp_path / "file"), [write_bill("a.csv")], "t", Ownership(()), SILENT)


def test_an_aws_export_loads_its_newest_execution(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    october = "export/data/BILLING_PERIOD=2026-10"
    write_bill(f"{october}/20261102T000000Z-a/e-00001.csv.gz", [{}] * 2)
    newest = write_bill(f"{october}/20261103T000000Z-b/e-00001.csv.gz", [{}] * 3)
    result = load_bill(newest.parents[3])
    assert (result.rows, [str(p.period) for p in result.periods]) == (3, ["2026-10"])
    assert not any("left out" in note for note in result.notes)


def test_one_changed_month_of_a_folder_is_the_only_one_replaced(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    folder = write_bill("x/billing_period=2026-09/a.csv", [month("2026-09")]).parents[1]
    write_bill("x/billing_period=2026-10/a.csv", [{}])
    load_bill(folder)
    write_bill("x/billing_period=2026-10/a.csv", [{}, {}])
    assert [(str(p.period), p.changed) for p in load_bill(folder).periods] == [("2026-09", False), ("2026-10", True)]


def test_a_parquet_file_of_several_months(tmp_path: Path, lake: Lake, write_bill: Any, load_bill: Any) -> None:
    """Times of their own type let the engine skip what is of another month."""
    bill = write_bill("a.csv", [{}, month("2026-09"), {"EffectiveCost": "2"}])
    load_bill(_parquet(tmp_path, bill))
    assert cost(lake, 'x_billing_period, count(*), sum("EffectiveCost")', "true GROUP BY 1") == [
        ("2026-09", 1, Decimal(1)),
        ("2026-10", 2, Decimal(3)),
    ]


def test_decimals_of_parquet_are_kept_and_what_is_cut_is_said(
    tmp_path: Path, lake: Lake, write_bill: Any, load_bill: Any
) -> None:
    select = '* REPLACE (1.2345678901234::DECIMAL(38, 13) AS "BilledCost", 7::HUGEINT AS "EffectiveCost")'
    result = load_bill(_parquet(tmp_path, write_bill("a.csv"), select))
    assert cost(lake, '"BilledCost", "EffectiveCost"') == [(Decimal("1.234567890123"), Decimal(7))]
    assert "BilledCost rounded in 1 row: more digits than the lake keeps" in result.notes


def test_a_number_that_does_not_fit_is_refused(tmp_path: Path, write_bill: Any, load_bill: Any) -> None:
    parquet = _parquet(tmp_path, write_bill("a.csv"), '* REPLACE (1e27::DECIMAL(38, 0) AS "BilledCost")')
    with pytest.raises(InputError, match="row 1: BilledCost is '10000"):
        load_bill(parquet)


def test_one_month_that_cannot_be_written_takes_the_others_with_it(
    lake: Lake, write_bill: Any, load_bill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writers at work: the failure of one stops the other, and neither's file stays."""
    from infragod.lake import replace

    copy = replace._copy

    def broken(engine: Any, folder: Path, part: Any, name: str) -> None:
        if str(part.period) == "2026-09":
            raise StoreError("no room")
        copy(engine, folder, part, name)

    monkeypatch.setattr(replace, "_copy", broken)
    with pytest.raises(StoreError, match="no room"):
        load_bill(write_bill("a.csv", [month(f"2026-{n:02d}") for n in range(6, 11)]))
    assert list(lake.root.rglob("*.parquet")) == []
    assert lake.sources() == []


def test_a_month_written_in_several_ways_is_one_month(lake: Lake, write_bill: Any, load_bill: Any) -> None:
    starts = ["2026-10-01", "2026-10-01T00:00:00Z", "2026-10-01 02:00:00+02:00"]
    load_bill(write_bill("a.csv", [month("2026-09"), *({"BillingPeriodStart": start} for start in starts)]))
    assert cost(lake, "x_billing_period, count(*)", "true GROUP BY 1") == [("2026-09", 1), ("2026-10", 3)]
