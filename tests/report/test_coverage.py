"""What of a month's new spend passed the gate: which resources are new, and what had been said of them in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infragod.focus import COST_COLUMNS, Period
from infragod.lake.engine import Engine
from infragod.policy import passage
from infragod.policy.passage import Passage
from infragod.report import coverage, run

OCTOBER = Period(2026, 10)


class Charge(NamedTuple):
    """A row of the bill; `day` is the first of a charge period of one day."""

    resource: str | None
    cost: str | None
    day: str = "2026-10-05"
    workspace: str | None = None
    category: str | None = "Usage"
    charge_class: str | None = None
    team: str | None = None
    creator: str | None = None
    source: str = "aws"
    currency: str = "USD"


def load(engine: Engine, charges: Sequence[Charge]) -> None:
    """Put `charges` into `cost`; the address in Terraform is `aws_instance.` and the resource."""
    n = len(charges)
    columns: dict[str, list[Any]] = {c.name: [None] * n for c in COST_COLUMNS}
    columns |= {
        "ResourceId": [c.resource for c in charges],
        "BilledCost": [c.cost for c in charges],
        "EffectiveCost": [c.cost for c in charges],
        "BillingCurrency": [c.currency for c in charges],
        "x_billing_period": [c.day[:7] for c in charges],
        "x_source": [c.source for c in charges],
        "x_team": [c.team for c in charges],
        "ChargeCategory": [c.category for c in charges],
        "ChargeClass": [c.charge_class for c in charges],
        "ChargePeriodStart": [f"{c.day} 00:00:00+00" for c in charges],
        "ChargePeriodEnd": [f"{c.day} 24:00:00+00" for c in charges],
        "SubAccountId": ["111111111111"] * n,
        "ServiceName": ["compute"] * n,
        "Tags": [None if c.creator is None else f"{{createdBy={c.creator}}}" for c in charges],
        "x_terraform_workspace": [c.workspace for c in charges],
        "x_terraform_address": [None if c.workspace is None else f"aws_instance.{c.resource}" for c in charges],
    }
    engine.load("cost", {c.name: c.sql_type for c in COST_COLUMNS}, columns)


def said(resource: str, what: str, day: str, workspace: str = "shop") -> Passage:
    """What the gate said of a resource at ten o'clock of a day."""
    at = datetime.fromisoformat(f"{day}T10:00:00+00:00")
    return Passage(workspace, f"aws_instance.{resource}", what, at, "7F3K-0000")


def gate(engine: Engine, passages: Sequence[Passage] = (), basis: str = "effective") -> list[tuple[Any, ...]]:
    """The lines of the report `coverage`."""

    def look(places: list[tuple[str, str]], since: datetime, until: datetime) -> Mapping[str, Sequence[Any]]:
        assert since.tzinfo is UTC
        return passage.columns([p for p in passages if (p.workspace, p.address) in places and since <= p.at < until])

    coverage.gate(engine, coverage.Ask(OCTOBER, basis, ("createdBy",)), passage.COLUMNS, look)
    rows = run.rows(engine, "coverage", month=OCTOBER, basis=basis)
    return [(row["line"], row["resources"], row["cost"]) for row in rows]


@pytest.fixture
def engine() -> Any:
    with Engine.scratch() as opened:
        yield opened


BEFORE = Charge("i-old", "10", "2026-09-30", "shop")


CHARGES = (
    BEFORE,
    Charge("i-old", "12", workspace="shop"),
    Charge("i-granted", "40", workspace="shop"),
    Charge("i-decided", "20", workspace="shop"),
    Charge("i-broken", "3", workspace="shop"),
    Charge("i-denied", "5", workspace="shop"),
    Charge("i-unseen", "6", workspace="net"),
    Charge("i-hand", "7"),
    Charge("i-later", "1.5", workspace="shop"),
    Charge(None, "2"),
    Charge("i-old", "-1", category="Credit"),
    Charge(None, "0.5", category="Tax"),
    Charge("ri-1", "100", category="Purchase"),
    Charge("i-hand", "0.25", charge_class="Correction"),
    Charge("g-1", "9", source="gcp"),
    Charge(None, "0.125", category=None),
)
PASSAGES = (
    said("i-granted", "denied", "2026-10-01"),
    said("i-granted", "grant", "2026-10-05"),
    said("i-decided", "decision", "2026-10-01"),
    said("i-decided", "break-glass", "2026-10-02"),
    said("i-broken", "break-glass", "2026-10-05"),
    said("i-denied", "denied", "2026-10-01"),
    said("i-unseen", "decision", "2026-10-01", "shop"),  # another workspace
    said("i-later", "decision", "2026-10-06"),  # when it was there already
    said("i-later", "decision", "2026-05-01"),  # about what was there before
)


def test_each_kind_of_charge_has_its_line(engine: Engine) -> None:
    load(engine, CHARGES)
    lines = gate(engine, PASSAGES)
    assert lines == [
        ("new, grant", 1, 40),
        ("new, decision", 1, 20),
        ("new, break-glass", 1, 3),
        ("new, never checked", 2, Decimal("7.5")),
        ("new, in no state", 1, 7),
        ("new, not let pass", 1, 5),
        ("known, as in the month before", 1, 10),
        ("known, growth", 1, 2),
        ("not told", 1, 9),
        ("no resource", 0, 2),
        ("purchase", 0, 100),
        ("tax", 0, Decimal("0.5")),
        ("correction", 0, Decimal("0.25")),
        ("no category", 0, Decimal("0.125")),
        ("credit", 0, -1),
    ]
    assert sum(line[2] for line in lines) == sum(Decimal(c.cost or 0) for c in CHARGES if c.day >= "2026-10")


def test_the_rest_by_owner_account_and_creator(engine: Engine) -> None:
    charges = [
        BEFORE,
        Charge("i-1", "3", team="checkout", creator="console-user"),
        Charge("i-2", "4", team="checkout", creator="console-user"),
        Charge("i-3", "5", workspace="shop"),
        Charge("i-4", "90", workspace="shop"),
    ]
    load(engine, charges)
    gate(engine, [said("i-4", "grant", "2026-10-05")])
    rows = run.rows(engine, "ungated", month=OCTOBER)
    assert [tuple(row.values()) for row in rows] == [
        ("checkout", "111111111111", "console-user", 2, "USD", 7),
        (None, "111111111111", None, 1, "USD", 5),
    ]
    one = run.rows(
        engine, "ungated", month=OCTOBER, by="x_standing,x_terraform_workspace,ResourceId", limit=1, offset=2
    )
    assert [tuple(row.values()) for row in one] == [("in no state", None, "i-1", 1, "USD", 3)]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("83.2", "16.8")], "83 % of the new spend of October 2026 passed the gate: $83.20 of $100.00"),
        ([("99.9", "0.1")], "99 % of the new spend of October 2026 passed the gate: $99.90 of $100.00"),
        ([("0.1", "99.9")], "1 % of the new spend of October 2026 passed the gate: $0.10 of $100.00"),
        ([("5", None)], "100 % of the new spend of October 2026 passed the gate: $5.00 of $5.00"),
        ([(None, None)], "nothing new was charged in October 2026 in USD, as far as can be told"),
        ([("5", "-2")], "of the new spend of October 2026, $3.00, $5.00 passed the gate"),
    ],
)
def test_the_headline(rows: list[tuple[str | None, str | None]], sentence: str) -> None:
    lines = [
        {
            "month": "2026-10",
            "currency": "USD",
            "passed": None if passed is None else Decimal(passed),
            "rest": None if rest is None else Decimal(rest),
        }
        for passed, rest in rows
    ]
    assert coverage.headline(lines) == sentence


_COSTS = st.one_of(st.none(), st.decimals(-1000, 1000, places=12).map(lambda d: f"{d:f}"))
_CHARGES = st.lists(
    st.builds(
        Charge,
        st.sampled_from([None, "i-1", "i-2", "i-3"]),
        _COSTS,
        st.sampled_from(["2026-08-10", "2026-09-02", "2026-10-05", "2026-10-31"]),
        st.sampled_from([None, "shop"]),
        st.sampled_from([None, "Usage", "Usage", "Tax", "Credit"]),
        st.sampled_from([None, None, "Correction"]),
        st.sampled_from([None, "checkout"]),
        st.none(),
        st.sampled_from(["aws", "gcp"]),
        st.sampled_from(["USD", "EUR"]),
    ),
    max_size=12,
)


@given(_CHARGES)
@settings(max_examples=40, deadline=None)
def test_the_lines_sum_to_the_bill_and_the_rest_to_what_did_not_pass(charges: list[Charge]) -> None:
    with Engine.scratch() as engine:
        load(engine, charges)
        gate(engine, [said("i-1", "grant", "2026-10-05"), said("i-2", "denied", "2026-09-01")])
        rows = run.rows(engine, "coverage", month=OCTOBER)
        rest = run.rows(engine, "ungated", month=OCTOBER)
    for currency in ("USD", "EUR"):
        whole = sum(Decimal(c.cost or 0) for c in charges if c.day >= "2026-10" and c.currency == currency)
        mine = [row for row in rows if row["currency"] == currency]
        assert sum(row["cost"] or 0 for row in mine) == whole
        not_passed = sum(row["rest"] or 0 for row in mine)
        assert sum(row["cost"] or 0 for row in rest if row["currency"] == currency) == not_passed
