"""The guide's example, from its own text through the commands: a reader's calculator and the code agree."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.cli.main import main
from infragod.finance.allocation.plan import parse

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "allocation.md"
HEADER = [
    *("BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd"),
    *("BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd"),
    *("ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost"),
    *("PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory"),
    *("ServiceName", "Tags"),
]
FILLED = dict.fromkeys(HEADER, "AWS") | {
    "BillingCurrency": "USD",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "PricingQuantity": "1",
    **dict.fromkeys(("BillingPeriodStart", "ChargePeriodStart"), "2026-10-01 00:00:00"),
    **dict.fromkeys(("BillingPeriodEnd", "ChargePeriodEnd"), "2026-11-01 00:00:00"),
}


def _table(name: str) -> list[list[str]]:
    lines = GUIDE.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")[2].partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.fixture
def loaded(home: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder with the guide's bill loaded and its file beside the settings."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER)
    writer.writeheader()
    for team, service, what, cost in _table("bill"):
        tags = json.dumps({"team": team, "service": service} if team else {})
        costs = dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost)
        writer.writerow(FILLED | costs | {"ServiceCategory": what, "ServiceName": what, "Tags": tags})
    Path("bill.csv").write_text(out.getvalue())
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    Path("allocation.toml").write_text(blocks[0])
    assert main(["load", "focus", "bill.csv", "--source", "example"]) == 0
    capsys.readouterr()
    return Path.cwd()


def test_every_file_of_the_guide_can_be_read() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert [len(parse(block).pools) for block in blocks] == [3, 1]


def test_the_guides_figures_are_the_codes(loaded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "allocated", "--month", "2026-10", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    shown = sorted([row["x_team"], row["direct"], row["shared"], row["cost"]] for row in rows)
    assert shown == _table("result")


def test_commands_show_what_people_read(
    loaded: Path, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    assert main(["report", "allocated", "--by", "x_how", "x_pool", "AllocatedResourceId"]) == 0
    golden("allocated.txt", capsys.readouterr().out)
    assert main(["allocation", "check"]) == 0
    golden("check.txt", capsys.readouterr().out.replace(str(loaded), "."))
    assert main(["allocation", "simulate"]) == 0
    golden("simulate.txt", capsys.readouterr().out)
    changed = Path("allocation.toml").read_text().replace('"even"', '"keep"')
    Path("new.toml").write_text(changed)
    for how in ("csv", "json"):
        assert main(["allocation", "simulate", "--month", "2026-10", "--with", "new.toml", "--format", how]) == 0
        golden(f"simulate.{how}", capsys.readouterr().out)
    assert main(["allocation", "simulate", "--with", "allocation.toml"]) == 0
    assert capsys.readouterr().err == "nothing moves between teams\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "--month", "2025-01"], "there is no charge of 2025-01"),
        (["check", "--file", "none.toml"], "there is no none.toml"),
        (["simulate", "--with", "none.toml"], "there is no none.toml"),
        (["check", "--file", "bad.toml"], "gives away 101 per cent"),
        (["check", "--file", "used.toml"], "there is no requests of 2026-10"),
    ],
)
def test_wrong_use_is_one_sentence(
    loaded: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    Path("bad.toml").write_text('[untagged]\nmethod = "fixed"\npercent = {"team:search" = 101}')
    Path("used.toml").write_text('usage = "keys.csv"\n[untagged]\nmethod = "usage"\nkey = "requests"')
    Path("keys.csv").write_text("month,key,target,value\n")
    assert main(["allocation", *arguments]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert len(told.splitlines()) == 1


def test_an_empty_lake_checks_the_file_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("allocation.toml").write_text("")
    assert main(["allocation", "check"]) == 0
    assert "nothing is loaded yet, so names and keys are not checked" in capsys.readouterr().out
    assert main(["report", "allocated"]) == 0
    assert "nothing is loaded yet" in capsys.readouterr().err


def test_publish_refuses_a_file_that_cannot_be_followed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("allocation.toml").write_text('cycles = "maybe"')
    assert main(["bundle", "publish"]) == 2
    assert "cycles = 'maybe'; it is one of refuse, solve" in capsys.readouterr().err
