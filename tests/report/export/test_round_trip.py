"""Law 1: an exported file, loaded again, has the totals, the currencies and the rows of what it was exported from."""

from __future__ import annotations

import csv
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.lake.conftest import ROW, month

from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.pipeline import load
from infragod.progress import SILENT
from infragod.report.export.select import Choice
from infragod.report.export.versions import VERSIONS
from infragod.report.export.write import export

MONEY = st.decimals(-(10**15), 10**15, places=12).map(lambda d: f"{d:f}")
QUANTITY = st.decimals(-(10**12), 10**12, places=15).map(lambda d: f"{d:f}")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
CURRENCIES = ("USD", "EUR", "JPY")


@st.composite
def charges(draw: st.DrawFn) -> dict[str, str]:
    """A row of a bill, with what is hard to write: many digits, quotes, line ends, tags of any text."""
    currency = draw(st.sampled_from(CURRENCIES))
    tags = draw(st.dictionaries(TEXT, TEXT, max_size=3))
    return {
        **ROW,
        **month(draw(st.sampled_from(["2026-09", "2026-10"]))),
        **{name: draw(MONEY) for name in ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")},
        "BillingAccountId": f"account in {currency}",
        "BillingCurrency": currency,
        "ChargeCategory": draw(st.sampled_from(["Usage", "Purchase", "Tax", "Credit", "Adjustment"])),
        "ChargeClass": draw(st.sampled_from(["", "Correction"])),
        "ChargeDescription": draw(TEXT),
        "InvoiceDetailId": draw(st.sampled_from(["", "7"])),
        "PricingQuantity": draw(QUANTITY),
        "Tags": _json(tags),
    }


def _json(tags: dict[str, str]) -> str:
    import json

    return json.dumps(tags, ensure_ascii=False) if tags else ""


def state(lake: Lake) -> tuple[Any, ...]:
    """What must come through: rows, sums by currency and basis, quantities, tags, texts."""
    with lake.engine() as engine:
        sums = engine.run(
            'SELECT "BillingCurrency", x_billing_period, count(*), sum("BilledCost"), sum("EffectiveCost"), '
            'sum("ContractedCost"), sum("ListCost"), sum("PricingQuantity"), min("ChargePeriodStart") '
            "FROM cost GROUP BY ALL ORDER BY ALL"
        )
        rows = engine.run(
            'SELECT "BilledCost", "ChargeDescription", "Tags", "ChargeClass", x_team FROM cost ORDER BY ALL'
        )
    return sums, rows


@pytest.mark.parametrize("version", ["1.2", "1.4"])
@pytest.mark.parametrize("name", ["f.parquet", "f.csv"])
@given(rows=st.lists(charges(), min_size=1, max_size=6))
@hypothesis_settings(max_examples=10)
def test_what_is_exported_and_loaded_is_what_was_there(version: str, name: str, rows: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        with (folder / "bill.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)
        rules = Ownership.read(Path("missing.toml"))
        first, second = Lake(folder / "first"), Lake(folder / "second")
        load(first, [folder / "bill.csv"], "bill", rules, SILENT)
        done = export(first, VERSIONS[version], Choice(), folder / name)
        assert done is not None
        again = load(second, [folder / name], "bill", rules, SILENT)
        assert again.rows == done.rows == len(rows)
        assert again.totals == done.totals
        assert {
            c: sum((Decimal(r["BilledCost"]) for r in rows if r["BillingCurrency"] == c), Decimal(0))
            for c in {r["BillingCurrency"] for r in rows}
        } == {c: v for (c, b), v in done.totals.items() if b == "billed"}
        assert state(second) == state(first)
