from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.cli.main import main
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError
from infragod.org import sheet, store
from infragod.org.organisation import Organisation, Service, Team, compare
from infragod.settings import Settings

GOOD = """service,team,cost_centre,environment,lead,unit
checkout-api,checkout,CC-100,,lead-checkout@example.com,Retail
cart,checkout,,production,,
,new-team,CC-200,,,
"""
EXPECTED = Organisation(
    (Team("checkout", "CC-100", "lead-checkout@example.com", "Retail"), Team("new-team", "CC-200")),
    (Service("cart", "checkout", "production"), Service("checkout-api", "checkout")),
)


def _file(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "org.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        codecs.BOM_UTF8 + GOOD.encode(),
        GOOD.encode("utf-16"),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        GOOD.replace(",", ";"),
        "sep=;\n" + GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace("\n", "\r\n") + "\r\n,,,,,\r\n",
        GOOD.replace("service,team,cost_centre", "Application;Owner team;Cost center".replace(";", ",")),
        GOOD.replace("checkout,CC-100", '" checkout ","CC-100"'),
        GOOD.replace("unit\n", "unit,floor\n"),
    ],
)
def test_files_of_every_spreadsheet_say_the_same(tmp_path: Path, content: str | bytes) -> None:
    assert sheet.load(_file(tmp_path, content))[0] == EXPECTED


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "has no header; its first row names the columns service, team"),
        ("\n\n", "has no header"),
        ("service,lead\na,b\n", "has no column team; the columns are service, team"),
        ("service,taem\na,b\n", r"has a column 'taem' \(did you mean 'team'\?\)"),
        ("service,team,squad\na,b,c\n", "has the column team twice"),
        ("team\n", "row 2, team: the file names no team"),
        ("service,team\na,\n", "row 2, team: is empty"),
        ("service,team\na,t\nb,t\na,u\n", "row 4, service: 'a' stands in row 2 already"),
        ("service,team\na,t\nA,t\n", "row 3, service: 'A' differs from 'a' of row 2 in case alone"),
        ("service,team\na,Tea\nb,tea\n", "row 3, team: 'tea' differs from 'Tea' of row 2 in case alone"),
        ("team,lead\nt,x\nt,y\n", "row 3, lead: 'y' for team 't', but row 2 says 'x'"),
        ("service,team\na,t,u\n", "row 2, end: there are 3 cells for 2 columns"),
        (f"service,team\na,{'t' * 201}\n", "row 2, team: the name is 201 letters long"),
        ('service,team\na,"t\x07"\n', "row 2, team: .* control character"),
        ('service,team\na,"t\n', "is no CSV: unexpected end of data"),
        (b"PK\x03\x04rest", "is an Excel workbook; save it as CSV UTF-8"),
        ("service,team\nü,t\n".encode("latin-1"), "line 2: not UTF-8; save it as CSV UTF-8"),
    ],
)
def test_bad_files_are_one_sentence_a_row(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        sheet.load(_file(tmp_path, content))


def test_every_bad_row_is_named_up_to_twenty(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        sheet.load(_file(tmp_path, "service,team\n" + "".join(f"s{i},\n" for i in range(25))))
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 5 more"


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*: No such file or directory"):
        sheet.load(tmp_path / "none.csv")


def test_an_import_replaces_the_whole(database: Database) -> None:
    old = Organisation((Team("a"), Team("b", "1")), (Service("s", "a"), Service("t", "a")))
    new = Organisation((Team("b", "2"), Team("c")), (Service("s", "b"), Service("u", "c")))
    with database.begin() as connection:
        store.replace(connection, old)
    with database.begin() as connection:
        changes = store.replace(connection, new)
    with database.read() as connection:
        assert store.organisation(connection) == new
        assert store.teams(connection) == list(new.teams)
        assert store.services(connection) == list(new.services)
    assert (changes.teams.added, changes.teams.changed, changes.teams.removed) == (("c",), ("b",), ("a",))
    assert (changes.services.added, changes.services.changed, changes.services.removed) == (("u",), ("s",), ("t",))


def test_an_organisation_may_become_empty(database: Database) -> None:
    with database.begin() as connection:
        store.replace(connection, EXPECTED)
        store.replace(connection, Organisation((), ()))
        assert store.organisation(connection) == Organisation((), ())


def test_a_service_needs_its_team(database: Database) -> None:
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), database.begin() as connection:
        store.replace(connection, Organisation((), (Service("s", "nobody"),)))


_names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=5)
_organisations = st.dictionaries(_names, st.none() | _names, max_size=5).map(
    lambda teams: Organisation(tuple(Team(n, c) for n, c in sorted(teams.items())), ())
)


@given(_organisations, _organisations)
def test_changes_lead_from_the_old_to_the_new(old: Organisation, new: Organisation) -> None:
    found = compare(old, new).teams
    before, after = {t.name for t in old.teams}, {t.name for t in new.teams}
    assert before - set(found.removed) | set(found.added) == after
    assert set(found.changed) <= before & after
    assert bool(compare(old, new)) == (old != new)


def test_the_command_says_what_changed(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(GOOD)
    second.write_text(
        "service,team,cost_centre,notes\ncheckout-api,checkout,CC-101,x\n"
        + "".join(f"s{i},t{i},,\n" for i in range(10))
    )
    for arguments in (["import", str(first)], ["import", str(second), "--dry-run"], ["import", str(second)]):
        assert main(["org", *arguments]) == 0
    assert main(["org", "import", str(second)]) == 0
    budgets = tmp_path / "budgets.csv"
    budgets.write_text("team,month,amount\ncheckout,2026,1200\nt1,2026,1200\n")
    assert main(["budgets", "import", str(budgets)]) == 0
    assert main(["org", "import", str(first)]) == 0
    golden("import.txt", capsys.readouterr().out.replace(f"{tmp_path}/", ""))
    with Database.open(Settings(home=home)) as database, database.read() as connection:
        kinds = [(e.kind, e.details["changed"]) for e in audit.entries(connection, kind="org.import")]
    assert kinds == [("org.import", True), ("org.import", False), ("org.import", True), ("org.import", True)]


def test_a_bad_file_changes_nothing(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["org", "import", str(_file(tmp_path, GOOD))]) == 0
    assert main(["org", "import", str(_file(tmp_path, "team\nx\n\n,,\nx,y\n"))]) == 2
    assert "row 5, end: there are 2 cells for 1 columns" in capsys.readouterr().err
    with Database.open(Settings(home=home)) as database, database.read() as connection:
        assert store.organisation(connection) == EXPECTED
