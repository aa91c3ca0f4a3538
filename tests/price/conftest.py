"""Estimates of plans, as a person sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from infragod.cli.estimate import lines
from infragod.price import usage
from infragod.price.estimate import estimate
from infragod.price.sheet import Prices
from infragod.resource import Estimate
from infragod.terraform.plan import read

PLANS = Path(__file__).parent / "plans"
DAY = date(2026, 11, 22)

Estimator = Callable[..., Estimate]


def estimate_of(path: Path, expected: str = "", day: date = DAY) -> Estimate:
    """The estimate of a plan file with the usage file of that text."""
    known = usage.parse(expected, "usage.toml")
    return estimate(read(path, b"key"), Prices(), known, currency="USD", as_of=day)


@pytest.fixture
def priced() -> Callable[..., Estimate]:
    """`priced("aws_lb", usage)`: the estimate of the plan of that name."""
    return lambda name, expected="", day=DAY: estimate_of(PLANS / f"{name}.json", expected, day)


def text_of(result: Estimate, name: str) -> str:
    """What `infragod estimate` prints."""
    return "\n".join(lines(result, name)) + "\n"
