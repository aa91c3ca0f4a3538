"""An applied plan after its first full month as text: each figure beside those that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from infragod.finance.accuracy import SENTENCES, Outcome
from infragod.finance.accuracy.render import apart, both, cents, left_out, parts, state_line
from infragod.finance.accuracy.store import Followed
from infragod.focus import exact, money, unit_price


def lines_of(found: Followed, resources: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The comparison, resource by resource and component by component."""
    own, currency = found.applied, found.applied.currency
    yield f"{own.workspace}  decision {own.decision}, applied {own.applied_at:%F %H:%M} UTC"
    yield state_line(found)
    if found.compared:
        yield f"error {parts(cents(found.figures), currency)}"
    for title, said in (("left out", left_out(found.left_out, currency)), ("besides", apart(found.apart, currency))):
        if said:
            yield f"{title}: {said}"
    for resource in resources:
        yield ""
        yield from _resource(resource, currency)


def _resource(resource: Mapping[str, Any], currency: str) -> Iterator[str]:
    outcome = Outcome(resource["outcome"])
    if outcome is not Outcome.COMPARED:
        yield f"{resource['address']}  {SENTENCES.get(outcome, 'costs nothing, and nothing was billed')}"
        return
    shown = cents(resource["figures"])
    yield f"{resource['address']}  {both(resource['figures'], currency)}, error {parts(shown, currency)}"
    for component in resource["components"]:
        yield from _component(component, currency)
    for line in resource["unpredicted"]:
        yield f"    nobody predicted: {line['meter']}, {_times(line, currency)} = {_money(line['cost'], currency)}"


def _component(component: Mapping[str, Any], currency: str) -> Iterator[str]:
    found = component["compared"]
    if found["estimated"] is None and not found["lines"]:
        return
    yield f"  {component['name']}"
    if found["estimated"] is None:
        yield "    estimated: unknown"
    else:
        yield f"    estimated: {_times(component, currency)} = {_money(found['estimated'], currency)}"
    for line in found["lines"]:
        yield f"    billed:    {_times(line, currency)} = {_money(line['cost'], currency)}  ({line['meter']})"
    for name in ("rate", "quantity", "unknown"):
        if Decimal(found[name]):
            yield f"    {name + ':':<10} {money(Decimal(found[name]), currency, plus=True)}"


def _times(line: Mapping[str, Any], currency: str) -> str:
    """`744 Hours x $0.18048`, as far as it is known."""
    counted = "?" if line["quantity"] is None else exact(Decimal(line["quantity"])).removesuffix(".00")
    price = "?" if line["price"] is None else unit_price(Decimal(line["price"]), currency)
    return f"{counted} {line['unit']} x {price}"


def _money(amount: str, currency: str) -> str:
    return money(Decimal(amount), currency)
