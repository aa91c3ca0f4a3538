"""Law 1: what goes in comes out, for every method and any hierarchy, by month, currency and basis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.finance.allocation.conftest import COMPANY, put

from infragod.errors import InputError
from infragod.finance.allocation import Allocation, Commitments, Pool
from infragod.finance.allocation.allocate import allocate
from infragod.finance.allocation.flow import POOL, flow
from infragod.finance.allocation.split import split, text, units
from infragod.focus import BASES
from infragod.lake.engine import Engine

MONEY = st.decimals(-(10**6), 10**6, places=12)
NAMES = ("p0", "p1", "p2", "p3")
OWNERS = ("team:checkout", "team:payments", "service:cart")


@given(st.integers(-(10**30), 10**30), st.lists(st.integers(0, 10**20), min_size=1).filter(any))
def test_parts_sum_to_the_amount_and_are_near_their_share(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    assert parts == split(amount, weights)
    assert all(abs(p * sum(weights) - amount * w) < sum(weights) for p, w in zip(parts, weights, strict=True))
    assert all(p == 0 for p, w in zip(parts, weights, strict=True) if w == 0)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**25), max_value=10**25))
def test_units_and_back(amount: Decimal) -> None:
    assert Decimal(text(units(amount))) == amount


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, dict[str, int]]:
    """Pools that give to pools and owners in any way, cycles and all; each gives something to an owner."""
    targets = [*(POOL + n for n in NAMES), *OWNERS]
    found = {}
    for name in NAMES:
        weights = draw(st.dictionaries(st.sampled_from(targets), st.integers(1, 10**6)))
        weights.setdefault(draw(st.sampled_from(OWNERS)), draw(st.integers(1, 100)))
        found[name] = weights
    return found


@given(graphs(), st.dictionaries(st.sampled_from(NAMES), st.tuples(st.integers(), st.none() | st.integers())))
def test_any_hierarchy_gives_all_it_holds(
    weights: dict[str, dict[str, int]], held: dict[str, tuple[int, int | None]]
) -> None:
    flows = flow(held, weights, solve=True)
    for basis in (0, 1):
        out = sum(a[basis] or 0 for (_, target), a in flows.items() if not target.startswith(POOL))
        assert out == sum(a[basis] or 0 for a in held.values())


ROW = st.fixed_dictionaries(
    {
        "x_billing_period": st.sampled_from(["2026-09", "2026-10"]),
        "BillingCurrency": st.sampled_from(["USD", "EUR"]),
        "x_team": st.sampled_from([None, "checkout", "payments"]),
        "x_service": st.sampled_from([None, "cart", "clusters"]),
        "ServiceName": st.sampled_from(["A", "B", "C", "other"]),
        "CommitmentDiscountId": st.sampled_from([None, "sp-1", "sp-2"]),
        "CommitmentDiscountStatus": st.sampled_from([None, "Used", "Unused"]),
        **dict.fromkeys(BASES.values(), st.none() | MONEY),
    }
)


@st.composite
def plans(draw: st.DrawFn) -> Allocation:
    """Three pools that give to owners and to later pools, each in any way."""
    pools = []
    for i, name in enumerate("ABC"):
        later = [f"pool:{n}" for n in "ABC"[i + 1 :]]
        to = tuple(draw(st.lists(st.sampled_from([*OWNERS, *later]), min_size=1, unique=True)))
        method = draw(st.sampled_from(["even", "fixed", "proportional", "usage"]))
        share = {t: Decimal(100) / len(to) for t in to[1:]}
        percent = share | {to[0]: 100 - sum(share.values(), Decimal(0))}
        zero = draw(st.sampled_from(["even", "suspense"]))
        pools.append(Pool(name, method, {"ServiceName": (name,)}, to, (), percent, key="requests", zero=zero))
    untagged = draw(st.sampled_from([Pool("untagged", "keep"), Pool("untagged", "even", to=("team:*",))]))
    policy = st.sampled_from(["buyer", "users", "pool:C"])
    return Allocation(tuple(pools), (), (), Commitments(draw(policy), draw(policy)), untagged)


@settings(max_examples=50)  # each makes an engine
@given(plans(), st.lists(ROW, min_size=1, max_size=12), st.decimals(0, 100, places=3))
def test_every_cent_of_the_bill_has_an_owner(
    allocation: Allocation, rows: list[dict[str, Any]], requests: Decimal
) -> None:
    used = {"team:checkout": requests, "service:cart": Decimal("0.5"), "team:payments": Decimal(3)}
    usage = {(month, "requests"): used for month in ("2026-09", "2026-10")}
    with Engine.scratch() as engine:
        put(engine, rows)
        try:
            allocate(engine, allocation, COMPANY, usage)
        except InputError as error:
            assert "negative" in str(error)  # noqa: PT017 - costs may be, and are refused as keys
            return
        sums = ", ".join(f"SUM({c})" for c in BASES.values())
        bill = engine.run(f"SELECT x_billing_period, BillingCurrency, {sums} FROM cost GROUP BY ALL ORDER BY ALL")
        assert engine.run(f"SELECT month, currency, {sums} FROM allocated GROUP BY ALL ORDER BY ALL") == bill
