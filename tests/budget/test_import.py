from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.budget import sheet, store
from infragod.budget.budgets import Budget
from infragod.cli.main import main
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError
from infragod.focus import Period
from infragod.settings import Settings

TEAMS = ("checkout", "payments")
OCTOBER, NOVEMBER = Period(2026, 10), Period(2026, 11)


def _load(tmp_path: Path, text: str, currency: str = "USD") -> list[Budget]:
    path = tmp_path / "budgets.csv"
    path.write_text(text, encoding="utf-8")
    return sheet.load(path, TEAMS, currency)[0]


@pytest.mark.parametrize(
    ("text", "first", "count"),
    [
        ("2026-10", "2026-10", 1),
        ("2026-10-01", "2026-10", 1),
        ("2026", "2026-01", 12),
        ("2026-Q4", "2026-10", 3),
        ("2026 q1", "2026-01", 3),
        ("2026-11..2027-02", "2026-11", 4),
        ("2026-11 to 2027-02", "2026-11", 4),
        ("2026-11/2026-11", "2026-11", 1),
        ("2026-01 – 2026-02", "2026-01", 2),  # noqa: RUF001 - people write the dash
    ],
)
def test_months_as_people_write_them(text: str, first: str, count: int) -> None:
    found = sheet.months(text)
    assert found == [Period.parse(first).plus(i) for i in range(count)]


@pytest.mark.parametrize(
    "text", ["", "Oct-26", "10/2026", "2026-13", "2026-05..2026-04", "2026-10-15", "1926-01..2026-12"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        sheet.months(text)


@pytest.mark.parametrize(
    ("header", "cell", "amount"),
    [
        (",", "20000", "20000"),
        (",", "20000.5", "20000.5"),
        (",", '"20,000"', "20000"),
        (",", '"1,220,000.25"', "1220000.25"),
        (",", "20 000", "20000"),
        (",", "20\u202f000.10", "20000.10"),
        (",", "20'000", "20000"),
        (";", "20.000", "20000"),
        (";", "20.000,50", "20000.50"),
        (";", "20000,5", "20000.5"),
        (";", "1.000.000", "1000000"),
        (",", "0", "0"),
    ],
)
def test_amounts_as_people_write_them(tmp_path: Path, header: str, cell: str, amount: str) -> None:
    text = "team,month,amount\ncheckout,2026-10,".replace(",", header) + cell + "\n"
    assert _load(tmp_path, text) == [Budget("checkout", OCTOBER, Decimal(amount), "USD")]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("chekout,2026-10,1,", r"row 2, team: 'chekout' is no team of the organisation \(did you mean 'checkout'\?\)"),
        ("zzz,2026-10,1,", "row 2, team: 'zzz' is no team of the organisation; correct or import it"),
        (",2026-10,1,", "row 2, team: '' is no team"),
        ("checkout,soon,1,", "row 2, month: 'soon' is no month"),
        ("checkout,2026-10,20.000,", "row 2, amount: '20.000' may be 20000 or 20.000"),
        ("checkout,2026-10,much,", "row 2, amount: 'much' is no number"),
        ("checkout,2026-10,,", "row 2, amount: '' is no number"),
        ("checkout,2026-10,1e3,", "row 2, amount: '1e3' is no number"),
        ('checkout,2026-10,"1,22,000",', "row 2, amount: '1,22,000' is no number"),
        ("checkout,2026-10,-5,", "row 2, amount: '-5' is negative or finer than a cent"),
        ("checkout,2026-10,5.0001,", "row 2, amount: '5.0001' is negative or finer than a cent"),
        (f"checkout,2026-10,{'9' * 40},", "row 2, amount: .* more money than there is"),
        ("checkout,2026-10,1,EUR", "row 2, currency: 'EUR' is not USD, the currency of the settings"),
        ("checkout,2026-10,1,\ncheckout,2026,1,", "row 3, month: checkout has a budget for 2026-10 in row 2 already"),
    ],
)
def test_bad_rows_are_one_sentence_each(tmp_path: Path, row: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        _load(tmp_path, f"team,month,amount,currency\n{row}\n")
    assert len(str(caught.value).splitlines()) == 1


def test_an_empty_file_or_organisation_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 2, team: the file has no budgets"):
        _load(tmp_path, "team,month,amount\n")
    with pytest.raises(InputError, match="infragod org import FILE"):
        sheet.load(tmp_path / "budgets.csv", (), "USD")


@given(st.integers(0, 10**15), st.integers(1, 120))
def test_a_split_loses_no_cent_and_is_even(cents: int, parts: int) -> None:
    total = Decimal(cents).scaleb(-2)
    shares = sheet.split(total, parts)
    assert sum(shares) == total
    assert max(shares) - min(shares) <= Decimal("0.01")
    assert shares == sorted(shares, reverse=True)


def test_a_year_is_split_to_the_cent(tmp_path: Path) -> None:
    shares = [b.amount for b in _load(tmp_path, "team,month,amount\ncheckout,2026,1000\n")]
    assert shares == [Decimal("83.34")] * 4 + [Decimal("83.33")] * 8


def test_saving_adds_and_changes_and_removes_only_when_told(database: Database) -> None:
    def budget(team: str, month: Period, amount: str) -> Budget:
        return Budget(team, month, Decimal(amount), "USD")

    first = [budget("a", OCTOBER, "10"), budget("b", OCTOBER, "20.10"), budget("a", NOVEMBER, "30")]
    second = [budget("a", OCTOBER, "11"), budget("c", OCTOBER, "1")]
    with database.begin() as connection:
        assert store.save(connection, first).added == tuple(first)
        assert store.save(connection, first).same == tuple(first)
        changes = store.save(connection, second)
        assert (changes.added, changes.changed, changes.removed) == (tuple(second[1:]), tuple(second[:1]), ())
    with database.read() as connection:
        assert store.budgets(connection, OCTOBER) == [second[0], first[1], second[1]]
        assert store.months(connection) == [OCTOBER, NOVEMBER]
    with database.begin() as connection:
        assert store.save(connection, second, replace=True).removed == (first[1],)
        assert store.budgets(connection, OCTOBER) == second
        assert store.budgets(connection, NOVEMBER) == first[2:]
        assert store.save(connection, []).added == ()


def test_open_holds_are_summed_by_team(database: Database) -> None:
    now = datetime(2026, 10, 15, tzinfo=UTC)
    day = timedelta(days=1)

    def hold(
        team: str, amount: str, month: Period, opened: int, expires: int, released: int | None
    ) -> dict[str, object]:
        return {
            "team": team,
            "amount": Decimal(amount),
            "currency": "USD",
            "month": str(month),
            "subject": "plan",
            "opened_at": now + opened * day,
            "expires_at": now + expires * day,
            "released_at": None if released is None else now + released * day,
        }

    with database.begin() as connection:
        assert store.held(connection, OCTOBER, now) == {}
        connection.execute(
            store.hold.insert(),
            [
                hold("a", "0.10", OCTOBER, -1, 1, None),
                hold("a", "0.20", OCTOBER, -1, 1, None),
                hold("b", "5", OCTOBER, -3, 1, -1),
                hold("b", "6", OCTOBER, -3, -2, None),
                hold("b", "7", OCTOBER, 1, 2, None),
                hold("b", "8", NOVEMBER, -1, 2, None),
            ],
        )
        assert store.held(connection, OCTOBER, now) == {"a": Decimal("0.30")}
        assert store.held(connection, OCTOBER) == {}


def test_the_command_says_what_changed(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    organisation, file = tmp_path / "org.csv", tmp_path / "budgets.csv"
    organisation.write_text("team\ncheckout\npayments\n")
    assert main(["org", "import", str(organisation)]) == 0
    file.write_text("team,month,amount,owner\ncheckout,2026,120000,x\npayments,2026-10,500.50,\n")
    capsys.readouterr()
    for extra in (["--dry-run"], [], []):
        assert main(["budgets", "import", str(file), *extra]) == 0
    file.write_text("team,month,amount\npayments,2026-10,600\n")
    assert main(["budgets", "import", str(file), "--replace"]) == 0
    golden("import.txt", capsys.readouterr().out)
    with Database.open(Settings(home=home)) as database, database.read() as connection:
        assert store.budgets(connection, OCTOBER) == [Budget("payments", OCTOBER, Decimal(600), "USD")]
        assert audit.entries(connection, limit=1)[0].details["removed"] == 1
