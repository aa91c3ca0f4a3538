"""What a recipe can price: its dimensions, as the documentation lists them and as usage files name them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dimension:
    """One cost dimension of a type; `usage` is the key that gives its quantity where the plan does not."""

    name: str
    unit: str
    usage: tuple[str, ...] = ()


TERMS = ("1_year", "3_year")
PAYMENTS = ("no_upfront", "partial_upfront", "all_upfront")
CHOICES: dict[str, tuple[str, ...]] = {
    "endpoint_type": ("aws", "non_aws"),
    "operating_system": ("linux", "windows", "rhel", "suse"),
    "reserved_instance_type": ("standard", "convertible"),
    "reserved_instance_term": TERMS,
    "reserved_instance_payment_option": PAYMENTS,
}
"""Usage keys that are a choice instead of a number."""
