from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.conftest import load, total

from infragod.errors import InputError
from infragod.focus import BASES, Period
from infragod.lake.engine import Engine
from infragod.report import definition, run


def _costs(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [(*(row[name] for name in names), f"{row['cost'].normalize():f}") for row in rows]


def test_showback_has_a_line_for_what_nobody_owns(engine: Engine) -> None:
    rows = run.rows(engine, "showback", first="2026-10", last="2026-10")
    assert list(rows[0]) == ["month", "x_team", "x_service", "currency", "cost"]
    assert _costs(rows, "month", "x_team", "x_service", "currency") == [
        ("2026-10", "payments", "pay", "EUR", "7"),
        ("2026-10", "checkout", "checkout-api", "USD", "20"),
        ("2026-10", "checkout", "cart", "USD", "13.75"),
        ("2026-10", None, None, "USD", "-3.499999999996"),
    ]


@pytest.mark.parametrize(("basis", "index"), [("effective", 5), ("billed", 6), ("contracted", 7), ("list", 8)])
def test_every_basis_sums_to_its_own_total(engine: Engine, basis: str, index: int) -> None:
    for by in ("x_team", "x_service,ResourceId", ["ServiceName"], "x_team, x_team"):
        rows = run.rows(engine, "showback", by=by, basis=basis)
        assert sum(row["cost"] or 0 for row in rows if row["currency"] == "USD") == total(index)


def test_months_limit_a_report(engine: Engine) -> None:
    assert run.months(engine) == [Period(2026, 9), Period(2026, 10)]
    assert {r["month"] for r in run.rows(engine, "showback", last=Period(2026, 9))} == {"2026-09"}
    assert {r["month"] for r in run.rows(engine, "showback", first="2026-10")} == {"2026-10"}
    assert run.rows(engine, "showback", first="2027-01") == []


def test_spend_shows_all_bases_side_by_side(engine: Engine) -> None:
    rows = run.rows(engine, "spend")
    assert [(r["month"], r["currency"]) for r in rows] == [("2026-09", "USD"), ("2026-10", "EUR"), ("2026-10", "USD")]
    assert rows[2]["unowned"] == Decimal("-3.499999999996")
    for name, index in (("cost", 5), ("billed", 6), ("contracted", 7), ("list", 8)):
        assert rows[0][name] + rows[2][name] == total(index)


def test_drilling_down_keeps_the_total(engine: Engine) -> None:
    (owner,) = [r for r in run.rows(engine, "owners", month="2026-10", previous="2026-09") if r["x_team"] == "checkout"]
    assert (owner["cost"], owner["before"], owner["services"]) == (Decimal("33.75"), Decimal("10.000000000001"), 2)
    services = run.rows(engine, "services", month="2026-10", team="checkout")
    assert _costs(services, "x_service", "resources") == [("checkout-api", 1, "20"), ("cart", 2, "13.75")]
    resources = run.rows(engine, "resources", month="2026-10", team="checkout", service="cart")
    assert _costs(resources, "ResourceId") == [("i-1", "12.5"), ("i-2", "1.25")]
    charges = run.rows(engine, "charges", month="2026-10", resource="i-1")
    assert _costs(charges, "currency") == [("USD", "12.5")]


def test_what_nobody_owns_is_drilled_into_too(engine: Engine) -> None:
    (nobody,) = run.rows(engine, "services", month="2026-10", team=None)
    assert nobody["x_service"] is None
    resources = run.rows(engine, "resources", month="2026-10")
    assert _costs(resources, "ResourceId") == [("i-5", "0.000000000004"), (None, "-3.5")]


def test_pages_of_a_report_are_the_whole(engine: Engine) -> None:
    whole = run.rows(engine, "owners", month="2026-10", previous="2026-09")
    pages = [run.rows(engine, "owners", month="2026-10", previous="2026-09", limit=1, offset=i) for i in range(4)]
    assert [row for page in pages for row in page] == whole


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("shwback", {}, r"there is no report 'shwback' \(did you mean showback\?\); the reports are [a-z, ]*charges"),
        ("showback", {"by": "x_teem"}, r"'x_teem' is no column to group by \(did you mean x_team\?\)"),
        ("showback", {"by": 'x_team" FROM cost; --'}, "is no column to group by"),
        ("showback", {"by": "Tags"}, "'Tags' is no column to group by"),
        ("showback", {"by": " , "}, "needs a column to group by"),
        ("showback", {"basis": "efective"}, "'efective' is no basis of cost; it is one of effective, billed"),
        ("showback", {"first": "October"}, "'October' is no month"),
        ("showback", {"team": "a"}, "the report showback has no parameter 'team'; it has first, last, by, basis"),
        ("services", {"team": "a"}, "the report services needs month: the month"),
        ("services", {"month": None}, "the report services needs month"),
        ("services", {"month": "2026-10", "limit": -1}, "-1 is less than none"),
    ],
)
def test_wrong_use_is_one_sentence(engine: Engine, name: str, parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        run.rows(engine, name, **parameters)


def test_a_value_is_never_sql(engine: Engine) -> None:
    assert run.rows(engine, "services", month="2026-10", team="x' OR 'a' = 'a") == []


def test_every_report_states_itself() -> None:
    for name in definition.names():
        report = definition.load(name)
        assert report.id == name
        assert {"cost", "billed"} & set(report.money)
        assert all(p.type in definition.TYPES and p.help for p in report.parameters)


_owners = st.sampled_from(["a", "b", None])
_money = st.integers(-(10**18), 10**18).map(lambda n: str(Decimal(n).scaleb(-12)))
_rows = st.lists(st.tuples(st.sampled_from(["2026-09", "2026-10"]), _owners, _owners, _money), max_size=30)


@given(_rows, st.sampled_from(["x_team", "x_service", "x_team,x_service", "ServiceName", "x_billing_period"]))
@settings(max_examples=30, deadline=None)
def test_what_goes_in_comes_out(charges: list[tuple[str, str | None, str | None, str]], by: str) -> None:
    rows = tuple((month, team, service, "r", "USD", cost, cost, cost, cost) for month, team, service, cost in charges)
    expected: defaultdict[str, Decimal] = defaultdict(Decimal)
    for month, _, _, cost in charges:
        expected[month] += Decimal(cost)
    with Engine.scratch() as opened:
        load(opened, rows)
        found: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in run.rows(opened, "showback", by=by):
            found[row["month"]] += row["cost"]
    assert found == expected


@pytest.mark.shared
def test_the_sample_of_focus_sums_as_a_plain_sum_over_its_file(home: Path, shared: Path) -> None:
    from infragod.cli.main import main
    from infragod.lake.lake import Lake

    file = shared / "data" / "focus_1_0_sample.csv"
    assert main(["load", "focus", str(file), "--source", "sample"]) == 0
    with file.open(encoding="utf-8", newline="") as opened:
        lines = list(csv.DictReader(opened))
    with Lake(home / "lake").engine() as engine:
        for basis, column in BASES.items():
            cells = [line[column] for line in lines]
            expected = sum((Decimal(c) for c in cells if c not in ("", "NULL")), Decimal(0))
            for by in ("x_team,x_service", "ServiceName", "RegionId,SubAccountId"):
                rows = run.rows(engine, "showback", by=by, basis=basis)
                assert sum(row["cost"] for row in rows if row["cost"] is not None) == expected
