"""A resource's estimate and its split as JSON, for the store, pages and documents; money is decimal text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from infragod.finance.accuracy import Compared, Line, Part, Predicted
from infragod.focus import exact


def content_of(found: Compared) -> dict[str, Any]:
    """What is kept of a resource besides its sums."""
    parts = [_part(part) for part in found.parts] or [_component(c) for c in found.prediction.components]
    return {
        "complete": found.prediction.complete,
        "components": parts,
        "unpredicted": [_line(line) for line in found.unpredicted],
        "apart": {name: exact(amount) for name, amount in found.apart.items()},
    }


def components(content: Mapping[str, Any]) -> tuple[Predicted, ...]:
    """The components that were predicted, as they were for a whole month."""
    return tuple(
        Predicted(c["name"], c["unit"], _number(c["quantity"]), _number(c["price"]), _number(c["cost"]), c["basis"])
        for c in content["components"]
    )


def _component(found: Predicted) -> dict[str, Any]:
    return {
        "name": found.name,
        "unit": found.unit,
        "quantity": _text(found.quantity),
        "price": _text(found.price),
        "cost": _text(found.cost),
        "basis": found.basis,
    }


def _part(part: Part) -> dict[str, Any]:
    figures = part.figures
    return _component(part.component) | {
        "compared": {
            "estimated": exact(figures.estimated) if part.known else None,
            "billed": exact(figures.billed),
            "billed_quantity": _text(part.billed_quantity),
            "rate": exact(figures.rate),
            "quantity": exact(figures.quantity),
            "unknown": exact(figures.unknown),
            "lines": [_line(line) for line in part.lines],
        }
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "meter": line.meter,
        "unit": line.unit,
        "quantity": _text(line.quantity),
        "price": _text(line.price),
        "cost": exact(line.cost),
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
