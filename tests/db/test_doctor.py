from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from infragod.cli import doctor
from infragod.cli.main import main
from infragod.db.base import version
from infragod.db.connection import Database
from infragod.db.revision import HEAD
from infragod.settings import Settings


def _found(settings: Settings) -> dict[str, tuple[str, str]]:
    return {line.part: (line.state, line.sentence) for line in doctor.examine(settings)}


def test_a_new_home_is_warned_of_and_not_made(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "warn  home       " in shown
    assert "run infragod org import FILE" in shown
    assert "run infragod load focus FILE" in shown
    assert not home.exists()


def test_a_full_set_up_is_ok(home: Path) -> None:
    settings = Settings(home=home)
    Database.open(settings).close()
    found = _found(settings)
    assert found["home"] == ("ok", str(home))
    assert found["database"][0] == "ok"
    assert "audit log with 0 entries" in found["database"][1]
    assert found["server"] == ("ok", "none set; checks are decided here")


def test_rights_that_are_too_wide_are_warned_of(home: Path) -> None:
    settings = Settings(home=home)
    Database.open(settings).close()
    home.chmod(0o777)
    (home / "infragod.db").chmod(0o644)
    found = _found(settings)
    assert found["home"] == ("warn", f"{home} may be written by others; run chmod go-w {home}")
    assert found["database"] == ("warn", f"{home}/infragod.db may be read by others; run chmod 600 {home}/infragod.db")


def test_a_damaged_database_fails_and_the_rest_is_looked_at(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir()
    (home / "infragod.db").write_bytes(b"no database at all" * 100)
    assert main(["doctor"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("fail  database") and "is damaged" in line for line in lines)
    assert lines[-1].split()[1] == "server"


def test_an_outdated_database_is_upgraded_when_told(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(Settings(home=home)) as database, database.begin() as connection:
        connection.execute(version.update().values(version_num="0000"))
    monkeypatch.setattr("infragod.db.connection.REVISIONS", ("0000", HEAD))

    def upgrade(database: Database) -> None:
        with database.begin() as connection:
            connection.execute(version.update().values(version_num=HEAD))

    monkeypatch.setattr("infragod.db.migrate.upgrade", upgrade)
    assert main(["doctor"]) == 2
    assert "run `infragod doctor --upgrade`" in capsys.readouterr().out
    assert main(["doctor", "--upgrade"]) == 0
    assert f"schema {HEAD}" in capsys.readouterr().out


def test_a_home_that_may_not_be_read_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    monkeypatch.setattr("os.access", lambda *_: False)  # root may read anything
    assert _found(Settings(home=home))["home"][0] == "fail"


def test_little_room_is_warned_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LEAST_FREE", 2**70)
    assert _found(Settings(home=home))["disk"][0] == "warn"


def test_terraform_is_optional(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    assert _found(Settings(home=home))["terraform"][0] == "warn"
    home.mkdir()
    (home / "tofu").write_text("#!/bin/sh\n")
    (home / "tofu").chmod(0o755)
    assert _found(Settings(home=home))["terraform"] == ("ok", str(home / "tofu"))


def test_prices_say_their_date_and_currency(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_OLD_PRICES", 100_000)
    assert _found(Settings(home=home))["prices"][1].endswith("in US dollars; the estimate names the date of each")
    found = _found(Settings(home=home, currency="EUR"))["prices"]
    assert found == ("warn", "the currency is EUR, and prices are in USD; set currency to USD")
    monkeypatch.setattr(doctor, "_OLD_PRICES", -1)
    assert "days old" in _found(Settings(home=home))["prices"][1]


def test_the_lake_names_its_sources(home: Path, tmp_path: Path) -> None:
    header = (
        "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,"
        "ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,"
        "InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,ProviderName,PublisherName,ServiceCategory,ServiceName"
    )
    span = "2026-11-01 00:00:00,2026-10-01 00:00:00"
    row = f"1,1,E,USD,{span},Usage,NULL,x,{span},1,1,AWS,1,1,Hours,AWS,AWS,Compute,Compute Cloud"
    bill = tmp_path / "bill.csv"
    bill.write_text(f"{header}\n{row}\n")
    assert main(["load", "focus", str(bill), "--source", "example"]) == 0
    state, sentence = _found(Settings(home=home))["lake"]
    assert state == "ok"
    assert sentence.startswith("example: 1 rows, 2026-10 to 2026-10, loaded ")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def test_a_server_is_asked(home: Path, server: str) -> None:
    def ask(url: str, token: str = "igt_x") -> tuple[str, str]:  # noqa: S107 - of nothing
        return _found(Settings(home=home, url=url, token=token))["server"]

    assert ask(f"{server}/") == ("ok", f"{server}/ answers")
    assert ask(server, token="") == ("fail", f"{server} answers, but there is no token; set INFRAGOD_TOKEN")
    assert ask(f"{server}/other") == (
        "fail",
        f"{server}/other answers 404; see whether it is an InfraGod server, or correct url",
    )
    state, sentence = ask("http://127.0.0.1:1")
    assert state == "fail"
    assert "cannot be reached" in sentence
