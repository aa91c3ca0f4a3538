"""The arithmetic: which line belongs to which component, and parts that add up to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.finance.accuracy import Billed, Line, Parts, Predicted, Prediction, units
from infragod.finance.accuracy.render import cents
from infragod.finance.accuracy.split import compare, nearest
from infragod.resource import Action

UNITS = ("hours", "Hours", "GB", "GB-Months", "1M requests", "Requests", "LCU", "LCU-Hours", "Keys", "")
NAMES = ("Instance usage", "Storage (gp3)", "Data processed", "Requests", "Load balancer capacity units")


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def component(
    name: str, unit: str, quantity: str | None, price: str | None, cost: str | None, basis: str = "fixed"
) -> Predicted:
    return Predicted(name, unit, number(quantity), number(price), number(cost), basis)


def line(meter: str, unit: str, quantity: str | None, price: str | None, cost: str) -> Line:
    return Line(meter, unit, number(quantity), number(price), Decimal(cost))


def prediction(*components: Predicted) -> Prediction:
    return Prediction("aws_instance.web", "aws_instance", Action.CREATE, "checkout", "aws_instance", components)


@pytest.mark.parametrize(
    ("billed", "estimated", "times"),
    [
        ("Hrs", "hours", "1"),
        ("Hours", "hours", "1"),
        ("GB-Mo", "GB-months", "1"),
        ("GiB-Months", "GB-months", "1"),
        ("GB-Hours", "GB-months", "0.001369863013698630136986301370"),
        ("Requests", "1M requests", "0.000001"),
        ("API Requests", "10k requests", "0.0001"),
        ("1000 Tokens", "tokens", "1000"),
        ("LCU-Hours", "LCU", "0.001369863013698630136986301370"),
        ("Lambda-GB-Seconds", "GB-seconds", "1"),
        ("vCPU-Seconds", "vCPU-hours", "0.0002777777777777777777777777778"),
        ("GiB/Second-Months", "MBps", "1024"),
        ("IOPS-Months", "IOPS", "1"),
        ("IOs", "1M requests", "0.000001"),
        ("Keys", "months", "1"),
        ("TiB", "GB", "1024"),
    ],
)
def test_units_that_count_the_same(billed: str, estimated: str, times: str) -> None:
    found = units.convert(billed, estimated)
    assert found is not None
    assert abs(found - Decimal(times)) < Decimal("1E-20")


@pytest.mark.parametrize(
    ("billed", "estimated"),
    [("GB", "GB-months"), ("Hours", "GB"), ("Keys", "hours"), ("Requests", "hours"), ("", "hours"), ("GB", "months-x")],
)
def test_units_that_count_other_things(billed: str, estimated: str) -> None:
    assert units.convert(billed, estimated) is None


def test_a_component_keeps_or_moves_its_gigabytes() -> None:
    kept = ("root_block_device/Storage (general purpose SSD, gp3)", "Additional backup storage", "Cold storage")
    assert {units.of_component(name, "GB") for name in kept} == {"GB-months"}
    moved = ("Data processed", "Data transfer out to internet", "Archive processing")
    assert {units.of_component(name, "GB") for name in moved} == {"GB"}


def test_the_worked_example_of_the_guide() -> None:
    """The figures of docs/guides/accuracy.md."""
    found = compare(
        prediction(
            component("Instance usage (Linux/UNIX, on-demand, m6i.xlarge)", "hours", "730", "0.192", "140.16"),
            component("root_block_device/Storage (gp3)", "GB", "100", "0.08", "8.00"),
        ),
        Billed(
            (
                line("BoxUsage:m6i.xlarge", "Hours", "744", "0.18048", "134.27712"),
                line("EBS:VolumeUsage.gp3", "GB-Months", "110", "0.0752", "8.272"),
                line("DataTransfer-Out-Bytes", "GB", "50", "0.09", "4.50"),
            )
        ),
    )
    machine, disk = (part.figures for part in found.parts)
    assert (machine.rate, machine.quantity) == (Decimal("-8.57088"), Decimal("2.688"))
    assert (disk.rate, disk.quantity) == (Decimal("-0.528"), Decimal("0.80"))
    assert [u.meter for u in found.unpredicted] == ["DataTransfer-Out-Bytes"]
    assert found.figures == Parts(
        Decimal("148.16"), Decimal("147.04912"), Decimal("-9.09888"), Decimal("3.488"), Decimal("4.5")
    )
    assert cents(found.figures) == Parts(*map(Decimal, ("148.16", "147.05", "-9.10", "3.49", "4.50")))


def test_the_nearest_price_within_three_times() -> None:
    parts = [
        component("Storage", "GB", "100", "0.115", "11.5"),
        component("Additional backup storage", "GB", None, "0.095", None, "unknown"),
        component("Instance", "hours", "730", None, None, "unknown"),
    ]
    assert nearest(line("storage", "GB-Mo", "1", "0.1081", "0.1081"), parts) == 0
    assert nearest(line("backup", "GB-Mo", "1", "0.0893", "0.0893"), parts) == 1
    assert nearest(line("other", "GB-Mo", "1", "0.4", "0.4"), parts) is None
    assert nearest(line("free", "GB-Mo", "1", "0", "0"), parts) is None
    assert nearest(line("hours", "Hours", "1", "0.1", "0.1"), parts) is None
    assert nearest(line("no price", "GB-Mo", "2", None, "0.23"), parts) == 0
    assert nearest(line("no quantity", "GB-Mo", None, None, "0.23"), parts) is None


def test_what_had_no_figure_is_unknown_and_not_zero() -> None:
    parts = component("Data processed", "GB", None, "0.045", None, "unknown")
    found = compare(prediction(parts), Billed((line("NatGateway-Bytes", "GB", "100", "0.045", "4.5"),)))
    assert found.figures == Parts(billed=Decimal("4.5"), unknown=Decimal("4.5"))
    assert not found.parts[0].known


def test_a_part_of_a_month_takes_a_part_of_the_estimate() -> None:
    parts = component("Instance", "hours", "730", "0.1", "73")
    found = compare(prediction(parts), Billed((line("BoxUsage", "Hours", "240", "0.1", "24"),)), (10, 31))
    assert found.figures.estimated == Decimal("23.548387096774")
    assert found.figures.error == found.figures.quantity
    assert found.parts[0].component.quantity == 730


MONEY = st.decimals(Decimal(0), Decimal(10**7), places=12, allow_nan=False)
QUANTITY = st.decimals(Decimal(0), Decimal(10**9), places=15, allow_nan=False)
PRICE = st.decimals(Decimal(0), Decimal(10**4), places=12, allow_nan=False)
COMPONENTS = st.lists(
    st.builds(
        Predicted,
        st.sampled_from(NAMES),
        st.sampled_from(UNITS[:9]),
        st.none() | QUANTITY,
        st.none() | PRICE,
        st.none() | MONEY,
    ),
    max_size=5,
)
LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(NAMES),
        st.sampled_from(UNITS),
        st.none() | QUANTITY,
        st.none() | PRICE,
        MONEY | MONEY.map(lambda m: -m),
    ),
    max_size=6,
)


@given(COMPONENTS, LINES, st.integers(1, 31))
def test_the_parts_add_up_to_the_error_and_nothing_of_the_bill_is_lost(
    components: list[Predicted], lines: list[Line], days: int
) -> None:
    found = compare(prediction(*components), Billed(tuple(lines)), (days, 31))
    figures = found.figures
    assert figures.billed == sum((line.cost for line in lines), Decimal(0))
    assert figures.billed - figures.estimated == figures.rate + figures.quantity + figures.unknown
    placed = [line for part in found.parts for line in part.lines] + list(found.unpredicted)
    assert sorted(map(repr, placed)) == sorted(map(repr, lines))
    shown = cents(figures)
    assert shown.billed - shown.estimated == shown.rate + shown.quantity + shown.unknown
    for name in Parts.__slots__:
        assert abs(getattr(shown, name) - getattr(figures, name)) < Decimal("0.02")


@given(COMPONENTS.filter(bool), LINES)
def test_rate_and_quantity_are_the_variances_of_standard_costing(
    components: list[Predicted], lines: list[Line]
) -> None:
    for part in compare(prediction(*components), Billed(tuple(lines))).parts:
        price, cost, figures = part.component.price, part.component.cost, part.figures
        if not part.known or price is None or cost is None or part.billed_quantity is None:
            continue
        at_price = price * part.billed_quantity
        assert abs(figures.rate - (figures.billed - at_price)) <= Decimal("1E-9")
        assert abs(figures.quantity - (at_price - cost)) <= Decimal("1E-9")
