"""`infragod load focus` and `infragod sources` as a user sees them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.cli.main import main

ROW = {
    "BilledCost": "1.25", "BillingAccountId": "1", "BillingAccountName": "Example", "BillingCurrency": "USD",
    "BillingPeriodEnd": "2026-10-01T00:00:00Z", "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "ChargeCategory": "Usage", "ChargeClass": "", "ChargeDescription": "", "ChargePeriodEnd": "2026-10-01T00:00:00Z",
    "ChargePeriodStart": "2026-09-30T00:00:00Z", "ContractedCost": "1.25", "EffectiveCost": "0.000000000001",
    "InvoiceIssuerName": "Cloud", "ListCost": "", "PricingQuantity": "1", "PricingUnit": "Hours",
    "ProviderName": "Cloud", "ServiceCategory": "Compute", "ServiceName": "Machines", "x_Discount": "5",
}  # fmt: skip


def bill(name: str, rows: int, **change: str) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, {**ROW, **change})
    writer.writeheader()
    writer.writerows([{**ROW, **change}] * rows)
    Path(name).write_text(text.getvalue(), encoding="utf-8")
    return Path(name)


def test_what_a_load_says(home: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]) -> None:
    said = []
    october = {"BillingPeriodStart": "2026-10-01", "BillingPeriodEnd": "2026-11-01"}
    for path, more in (
        (bill("first.csv", 1200), []),
        (bill("october.csv", 1, **october), []),
        (bill("second.csv", 1240), []),
        (bill("second.csv", 1240), []),
        (bill("small.csv", 3), ["--yes"]),
    ):
        assert main(["load", "focus", str(path), "--source", "cloud", *more]) == 0
        out = capsys.readouterr()
        assert out.err == ""
        said.append(f"$ infragod load focus {' '.join([str(path), '--source', 'cloud', *more])}\n{out.out}")
    assert main(["sources"]) == 0
    said.append(
        "$ infragod sources\n" + re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-11-22 12:00", capsys.readouterr().out)
    )
    golden("load.txt", "\n".join(said))


def test_a_mistake_is_one_sentence_and_exit_2(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "focus", str(bill("a.csv", 3, EffectiveCost="x")), "--source", "cloud"]) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err == (
        "infragod: a.csv, row 1 (2 with the header): EffectiveCost is 'x', which is no number; "
        "nothing was loaded, fetch the file again or correct that row\n"
    )


def test_owners_come_from_the_file_beside_the_settings(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from infragod.lake.lake import Lake

    Path("ownership.toml").write_text('[[rule]]\naccount = "1"\nteam = "core"\n', encoding="utf-8")
    assert main(["load", "focus", str(bill("a.csv", 1)), "--source", "cloud"]) == 0
    with Lake(home / "lake").engine() as engine:
        assert engine.run("SELECT x_team, x_owner_by FROM cost") == [("core", "account")]
    Path("ownership.toml").write_text("[[rule]]\nteem = 1\n", encoding="utf-8")
    assert main(["load", "focus", "a.csv", "--source", "cloud"]) == 2
    assert "has 'teem', which is not known here" in capsys.readouterr().err


def test_sources_as_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    main(["load", "focus", str(bill("a.csv", 3)), "--source", "cloud"])
    capsys.readouterr()
    assert main(["sources", "--format", "json"]) == 0
    (state,) = json.loads(capsys.readouterr().out)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", state.pop("loaded_at"))
    assert state == {"source": "cloud", "periods": ["2026-09"], "rows": 3, "complete": True}


def test_sources_of_an_empty_lake(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    assert "nothing is loaded yet" in capsys.readouterr().out
