"""The bills of the example company: the same for the same day, consistent in themselves, with every trap planted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from infragod.demo import bill
from infragod.demo.bill import Bills
from infragod.focus import FOCUS_COLUMNS, Period
from infragod.lake.engine import Engine


def test_the_same_day_gives_the_same_rows(rows: Engine, golden: Callable[[str, str], None]) -> None:
    lines = rows.run("""
        SELECT ProviderName, strftime(BillingPeriodStart, '%Y-%m') AS month, COUNT(*), SUM(BilledCost),
            SUM(EffectiveCost), SUM(ContractedCost), SUM(ListCost)
        FROM bill GROUP BY ALL ORDER BY ALL
    """)
    golden("totals_45000.txt", "".join(" ".join(map(str, line)) + "\n" for line in lines))


@pytest.mark.slow
def test_the_whole_company_is_what_it_was(tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    written = bill.write(tmp_path, date(2026, 11, 22))
    assert written.rows >= 300_000
    with Engine.files() as engine:
        totals = engine.run(f"""
            SELECT 'aws', COUNT(*), SUM(CAST(BilledCost AS DECIMAL(38, 12))),
                SUM(CAST(EffectiveCost AS DECIMAL(38, 12)))
            FROM read_csv('{written.aws}/*/data/*/*.csv.gz', all_varchar = true)
            UNION ALL SELECT 'gcp', COUNT(*), SUM(BilledCost), SUM(EffectiveCost) FROM '{written.gcp}/*.parquet'
        """)
    golden("totals_whole.txt", "".join(" ".join(map(str, line)) + "\n" for line in sorted(totals)))
    assert sum(line[1] for line in totals) == written.rows


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [("2026-11-22", "2025-11", "2026-11"), ("2026-11-01", "2025-11", "2026-10"), ("2025-03-02", "2024-03", "2025-03")],
)
def test_twelve_whole_months_and_the_days_of_this_one(today: str, first: str, last: str) -> None:
    periods = bill.periods(date.fromisoformat(today))
    assert (str(periods[0]), str(periods[-1])) == (first, last)
    assert len([p for p in periods if p < Period.of(date.fromisoformat(today))]) == 12


@pytest.mark.parametrize("today", ["2024-02-29", "2026-03-01", "2026-12-31"])
def test_any_day_has_its_rows(tmp_path: Path, today: str) -> None:
    assert bill.write(tmp_path, date.fromisoformat(today), rows=2_000).rows >= 2_000


def test_no_charge_is_of_today_or_later(rows: Engine) -> None:
    assert rows.run("SELECT MAX(ChargePeriodStart) FROM bill WHERE ChargeCategory = 'Usage'") == [(date(2026, 11, 21),)]


def test_costs_are_price_times_quantity(rows: Engine) -> None:
    wrong = rows.run("""
        SELECT COUNT(*) FROM bill WHERE ListUnitPrice IS NOT NULL AND (
            CAST(ListUnitPrice AS DECIMAL(20, 12)) * CAST(PricingQuantity AS DECIMAL(15, 3)) <> ListCost
            OR CAST(ContractedUnitPrice AS DECIMAL(20, 12)) * CAST(PricingQuantity AS DECIMAL(15, 3)) <> ContractedCost)
    """)
    assert wrong == [(0,)]


def test_every_cent_of_a_commitment_is_used_or_unused(rows: Engine) -> None:
    """In a whole month, what was bought by the day or month is what was used and what was not."""
    lines = rows.run("""
        SELECT SUM(BilledCost) FILTER (ChargeCategory = 'Purchase') AS bought,
            SUM(EffectiveCost) FILTER (ChargeCategory = 'Usage') AS spent
        FROM bill WHERE CommitmentDiscountId IS NOT NULL AND ServiceName <> 'Amazon ElastiCache'
            AND BillingPeriodStart < DATE '2026-11-01'
        GROUP BY CommitmentDiscountId, BillingPeriodStart
    """)
    assert len(lines) >= 12
    assert all(bought == spent for bought, spent in lines)


TRAPS = {
    "committed usage is paid already": """PricingCategory = 'Committed' AND CommitmentDiscountStatus = 'Used'
        AND BilledCost = 0 AND EffectiveCost > 0 AND EffectiveCost < ListCost""",
    "unused commitment is real money": "CommitmentDiscountStatus = 'Unused' AND BilledCost = 0 AND EffectiveCost > 0",
    "purchase that covers": "ChargeCategory = 'Purchase' AND BilledCost > 0 AND EffectiveCost = 0",
    "purchase up front": "ChargeCategory = 'Purchase' AND ChargeFrequency = 'One-Time' AND BilledCost > 0",
    "purchase that covers nothing": "ChargeCategory = 'Purchase' AND EffectiveCost > 0",
    "credit": "ChargeCategory = 'Credit' AND BilledCost < 0",
    "tax": "ChargeCategory = 'Tax' AND BilledCost > 0 AND ResourceId IS NULL",
    "correction of an earlier month": "ChargeClass = 'Correction' AND ChargePeriodStart < BillingPeriodStart",
    "correction upwards": "ChargeClass = 'Correction' AND BilledCost > 0",
    "refund": "ChargeCategory = 'Adjustment' AND ChargeDescription LIKE 'Refund%' AND BilledCost < 0",
    "marketplace row of 0": "ServiceName = 'Example Log Shipper' AND BilledCost = 0 AND PricingQuantity > 0",
    "support": "ServiceName = 'AWS Support (Business)' AND BillingPeriodStart < DATE '2026-11-01'",
    "spot": "PricingCategory = 'Dynamic' AND BilledCost > 0",
    "misspelt team": "json_extract_string(Tags, '$.team') = 'chekout'",
    "unattached volume": """ResourceId LIKE 'vol-%' AND json_extract_string(Tags, '$.service') = 'warehouse-wms'
        AND json_extract_string(Tags, '$.managed_by') = 'manual' AND ChargePeriodStart = DATE '2026-11-20'""",
    "idle address": "ChargeDescription LIKE '%Idle public IPv4%'",
    "forgotten cluster": """json_extract_string(Tags, '$.service') = 'search-relevance-lab'
        AND json_extract_string(Tags, '$.environment') = 'staging' AND isodow(ChargePeriodStart) = 7
        AND ServiceName = 'Amazon Elastic Kubernetes Service'""",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_trap_is_planted(rows: Engine, trap: str) -> None:
    assert rows.run(f"SELECT COUNT(*) FROM bill WHERE {TRAPS[trap]}")[0][0] > 0


def test_the_retry_loop_is_an_anomaly(rows: Engine) -> None:
    cost: dict[date, Decimal] = dict(
        rows.run("""
            SELECT ChargePeriodStart, EffectiveCost FROM bill
            WHERE json_extract_string(Tags, '$.service') = 'payment-webhooks'
                AND json_extract_string(Tags, '$.managed_by') = 'manual'
        """)
    )
    assert min(cost[date(2026, 11, d)] for d in (3, 4, 5, 6)) > 5 * max(cost[date(2026, 11, d)] for d in (1, 2, 7, 8))


def test_the_volume_stayed_when_its_machine_went(rows: Engine) -> None:
    last: dict[str, date] = dict(
        rows.run("""
            SELECT left(ResourceId, 2), MAX(ChargePeriodStart) FROM bill
            WHERE json_extract_string(Tags, '$.service') = 'warehouse-wms'
                AND json_extract_string(Tags, '$.managed_by') = 'manual' GROUP BY ALL
        """)
    )
    assert last["i-"] < date(2026, 7, 10)
    assert last["vo"] >= date(2026, 11, 20)


def test_an_eighth_has_no_tags(rows: Engine) -> None:
    share = rows.run("SELECT CAST(COUNT(*) FILTER (Tags IS NULL) * 1000 // COUNT(*) AS INTEGER) FROM bill")[0][0]
    assert 105 <= share <= 200  # the charges without a resource weigh more in a small company


def test_the_files_are_focus(bills: Bills) -> None:
    with Engine.files() as engine:
        aws = engine.run(f"DESCRIBE SELECT * FROM read_csv('{bills.aws}/*/data/*/*.csv.gz', all_varchar = true)")
        gcp = engine.run(f"DESCRIBE SELECT * FROM '{bills.gcp}/*.parquet'")
    renamed = {"ServiceProviderName", "HostProviderName"}  # in 1.3; both providers write an earlier version
    mandatory = {c.name for c in FOCUS_COLUMNS if c.mandatory} - renamed | {"ProviderName", "PublisherName"}
    for columns in (aws, gcp):
        assert mandatory <= {name for name, *_ in columns}


def test_what_must_be_filled_is(rows: Engine) -> None:
    filled = [c.name for c in FOCUS_COLUMNS if c.mandatory and not c.nullable]
    known = {name for name, *_ in rows.run("DESCRIBE bill")}
    empty = " OR ".join(f"{c} IS NULL" for c in filled if c in known)
    assert rows.run(f"SELECT COUNT(*) FROM bill WHERE {empty}") == [(0,)]


def test_the_export_has_its_manifest(bills: Bills) -> None:
    manifests = sorted(bills.aws.glob("*/metadata/*/*-Manifest.json"))
    assert len(manifests) == 13
    for path in manifests:
        (address,) = json.loads(path.read_text())["dataFiles"]
        assert (bills.aws / address.removeprefix("s3://example-billing/")).is_file()


def test_spend_grows_and_the_week_has_a_rhythm(rows: Engine) -> None:
    months = [
        m
        for (m,) in rows.run(
            "SELECT SUM(EffectiveCost) FROM bill GROUP BY BillingPeriodStart ORDER BY BillingPeriodStart"
        )
    ]
    assert months[11] > months[3] > Decimal(0)
    days: dict[int, Decimal] = dict(
        rows.run("""
            SELECT isodow(ChargePeriodStart), SUM(EffectiveCost) FROM bill
            WHERE ServiceName = 'Amazon Elastic Container Service' GROUP BY ALL
        """)
    )
    assert days[6] > days[2]
