"""Checks become changes, and changes outcomes: nothing is counted twice, and unknown is not zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.policy.friction import Check
from infragod.policy.friction.changes import Deltas, changes, outcome, spread

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BEGIN = datetime(2026, 10, 1, 9, tzinfo=UTC)


def check(
    number: int,
    verdict: str = "deny",
    delta: str = "100",
    *,
    day: int | None = None,
    request: str = "shop!7",
    workspace: str = "shop",
    complete: bool = True,
    places: tuple[int, ...] = (),
    passed: bool | None = None,
    currency: str = "USD",
) -> Check:
    at = BEGIN + timedelta(days=number if day is None else day)
    through = verdict in ("allow", "warn") if passed is None else passed
    return Check(
        number,
        f"C{number}",
        at,
        workspace,
        request,
        verdict,
        currency,
        Decimal(delta),
        complete,
        at if through else None,
        frozenset(places),
    )


def nothing(_: str) -> Deltas:
    raise AssertionError("documents are read only where a price is unknown")


def told(
    *checks: Check, now: datetime = NOW, look: object = nothing
) -> list[tuple[str, str, Decimal | None, int | None]]:
    found = [outcome(change, now, look) for change in changes(checks)]  # type: ignore[arg-type]
    return [(o.first, o.state, o.prevented, o.checks) for o in found]


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([check(1, "allow")], []),
        ([check(1), check(2, "allow", "30")], [("C1", "passed", 70, 2)]),
        ([check(1, "allow", "10"), check(2), check(3, "allow", "30")], [("C2", "passed", 70, 3)]),
        ([check(1), check(2, "warn", "30"), check(3, "warn", "60")], [("C1", "passed", 40, 2)]),
        ([check(1), check(2, delta="20")], [("C1", "withdrawn", 100, None)]),
        ([check(1, "needs_approval", passed=True)], [("C1", "passed", 0, 1)]),
        ([check(1), check(40, "allow", "30")], [("C1", "withdrawn", 100, None)]),
        ([check(1, delta="-5"), check(2, "allow", "-50")], [("C1", "passed", 0, 2)]),
        ([check(1, delta="5"), check(2, "allow", "-50")], [("C1", "passed", 5, 2)]),
        ([check(1), check(2, "allow", "300")], [("C1", "passed", 0, 2)]),
        ([check(40)], [("C40", "open", None, None)]),
        ([check(1), check(2, request="shop!8")], [("C1", "withdrawn", 100, None), ("C2", "withdrawn", 100, None)]),
        ([check(1), check(2, workspace="net", verdict="allow")], [("C1", "withdrawn", 100, None)]),
    ],
    ids=str,
)
def test_what_became_of_a_change(checks: list[Check], expected: list[tuple[str, str, int | None, int | None]]) -> None:
    assert told(*checks) == expected


def test_without_a_change_request_the_resources_tell_which_checks_belong_together() -> None:
    checks = [
        check(1, request="", places=(1, 2)),
        check(2, "allow", "7", request="", places=(9,)),
        check(3, "deny", "80", request="", places=(2, 3)),
        check(4, "deny", "50", request="", places=(5,)),
        check(5, "allow", "60", request="", places=(3,)),
        check(6, "deny", "10", request="", places=(1,)),
    ]
    became: list[tuple[str, str, Decimal | None, int | None]] = [
        ("C1", "passed", Decimal(40), 3),
        ("C4", "withdrawn", Decimal(50), None),
        ("C6", "withdrawn", Decimal(10), None),
    ]
    assert told(*checks) == became


def test_a_plan_of_the_same_resources_long_after_is_another_change() -> None:
    checks = [check(1, request="", places=(1,)), check(20, request="", places=(1,)), check(45, request="", places=(1,))]
    found = changes(checks)
    assert [[c.number for c in change.checks] for change in found] == [[1, 20], [45]]


def test_what_has_no_known_price_is_counted_and_left_out() -> None:
    documents: dict[str, Deltas] = {
        "C1": ({"a": Decimal(40), "b": Decimal(60)}, frozenset({"c"})),
        "C2": ({"a": Decimal(10), "c": Decimal(5)}, frozenset({"b"})),
    }
    (change,) = changes([check(1, complete=False), check(2, "allow", "15", complete=False)])
    found = outcome(change, NOW, documents.__getitem__)
    assert (found.prevented, found.unknown) == (Decimal(30), 2)
    (gone,) = changes([check(1, complete=False)])
    found = outcome(gone, NOW, documents.__getitem__)
    assert (found.prevented, found.unknown) == (Decimal(100), 1)


def test_what_was_made_all_the_same_prevents_nothing() -> None:
    (change,) = changes([check(1)])
    found = outcome(change, NOW, nothing, made=lambda _: True)
    assert (found.state, found.prevented) == ("round", Decimal(0))


def test_another_currency_is_not_compared() -> None:
    (change,) = changes([check(1), check(2, "allow", "30", currency="EUR")])
    found = outcome(change, NOW, nothing)
    assert (found.prevented, found.unknown) == (Decimal(0), 1)


@pytest.mark.parametrize(
    ("figures", "median", "p90"),
    [([], None, None), ([3], 3, 3), ([1, 2], 1, 2), (range(1, 11), 5, 9), (range(1, 101), 50, 90)],
    ids=["none", "one", "two", "ten", "hundred"],
)
def test_a_spread_is_made_of_its_figures(figures: list[int], median: int | None, p90: int | None) -> None:
    found = spread(figures)
    assert (found.count, found.median, found.p90) == (len(figures), median, p90)


_CHECKS = st.lists(
    st.tuples(
        st.sampled_from(["allow", "warn", "deny", "needs_approval"]),
        st.integers(-500, 500),
        st.integers(0, 60),
        st.sampled_from(["", "", "!1", "!2"]),
        st.sampled_from(["shop", "net"]),
        st.frozensets(st.integers(1, 4), max_size=3),
        st.booleans(),
    ),
    max_size=25,
)


@given(_CHECKS)
def test_each_check_is_of_one_change_at_most_and_no_more_is_prevented_than_was_stopped(
    made: list[tuple[str, int, int, str, str, frozenset[int], bool]],
) -> None:
    made = sorted(made, key=lambda m: m[2])
    checks = [
        check(
            n,
            verdict,
            str(delta),
            day=day,
            request=name,
            workspace=workspace,
            places=tuple(places),
            passed=verdict in ("allow", "warn") or passed,
        )
        for n, (verdict, delta, day, name, workspace, places, passed) in enumerate(made)
    ]
    found = changes(checks)
    numbers = [c.number for change in found for c in change.checks]
    assert len(numbers) == len(set(numbers))
    for change in found:
        told = outcome(change, NOW + timedelta(days=60), nothing)
        assert told.prevented is not None
        assert 0 <= told.prevented <= max(told.delta, Decimal(0))
        assert change.stop.stopped
    stopped = {(c.workspace, c.change_request) for c in checks if c.stopped and c.change_request}
    assert {(c.stop.workspace, c.stop.change_request) for c in found if c.stop.change_request} == stopped
    without = {c.number for c in checks if c.stopped and not c.change_request}
    assert without <= set(numbers)
