"""The contract between rule files and the runner: what a rule may read, what it must give, what may be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from infragod.resource import PLAN_TABLES

REQUIRED: Final = ("address", "violation", "message")

MAY_BE_UNKNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "resource": ("region", "taggable"),
    "tag": ("value",),
    "attribute": ("value", "value_before"),
    "cost": ("monthly_cost", "monthly_cost_before"),
    "component": ("monthly_quantity", "unit_price", "monthly_cost"),
    "owner": ("team", "service", "environment", "cost_centre"),
    "budget": ("spent", "forecast"),
}
"""Columns whose NULL means "not known"; every other NULL means "absent"."""

SCALARS: Final[Mapping[str, str]] = {"today": "DATE"}
"""Scalars that every rule has: `$today`, in UTC."""

TABLES: Final = PLAN_TABLES
