"""`infragod estimate PLAN`: what a Terraform plan costs a month, before and after, and what that leaves out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infragod import settings
from infragod.focus import money, unit_price
from infragod.resource import OWN_RATE, Action, Basis, Component, Estimate, PricedResource
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.price.measured import Measured
    from infragod.price.usage import Usage
    from infragod.resource import Plan

WIDTH: Final = 100
AMOUNT: Final = 14
ADVICE: Final = 5
PLURALS: Final = frozenset(
    {"months", "metrics", "alarms", "alarm metrics", "rules", "requests", "GB-seconds", "users", "records", "minutes"}
    | {"operations", "seconds", "evaluations", "instances", "controllers", "accounts", "paths", "certificates", "units"}
)
TIMES: Final = " \u00d7 "


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("plan", metavar="PLAN", help="plan file, or the JSON of terraform show; - is standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it")
    parser.add_argument("--usage", type=Path, metavar="F", help="expected usage; default: usage.toml of the settings")
    parser.add_argument("--workspace", metavar="NAME", help="workspace that the plan belongs to (default: its folder)")
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="day of the prices that change by date (YYYY-MM-DD)")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-11-30") from None


def run(args: argparse.Namespace) -> int:
    """Estimate the plan and print it."""
    from infragod.price import in_use
    from infragod.price.estimate import estimate
    from infragod.terraform import mask, plan

    given = in_workspace(settings.load(args.config), args)
    change = plan.read(None if args.plan == "-" else Path(args.plan), mask.key(given))
    as_of = args.as_of or datetime.now(UTC).date()
    prices = in_use.prices(given.home, as_of, given.workspace)
    usage = replace(_usage(args.usage, given), measured=measured(given, change, as_of))
    result = estimate(change, prices, usage, currency=given.currency, as_of=as_of)
    if args.format == "json":
        print(_json(result))
    else:
        print("\n".join(lines(result, "standard input" if args.plan == "-" else args.plan)))
    return 0


def _usage(path: Path | None, given: Settings) -> Usage:
    from infragod.price import usage

    standard = given.beside(given.usage)
    if path is not None:
        return usage.read(path)
    return usage.read(standard) if standard.is_file() else usage.Usage()


def in_workspace(given: Settings, args: argparse.Namespace) -> Settings:
    """The settings with the workspace that the plan belongs to, as `check` finds it."""
    from infragod.cli.check import folder_name

    source = None if args.plan == "-" else Path(args.plan)
    return replace(given, workspace=args.workspace or given.workspace or folder_name(source))


def measured(given: Settings, change: Plan, today: date) -> Measured | None:
    """What the bills that were loaded here say of the usage of the plan's resources; None where none were."""
    from infragod.price.measured import Measured, stands
    from infragod.price.measured.siblings import Owned

    found = Measured(given.home, today, given.workspace, {}, stands(change))
    if not found.months:
        return None
    from infragod.org.ownership import Ownership
    from infragod.policy.context import owners

    known = owners(change, Ownership.read(given.beside(given.ownership)), given.workspace)
    owned = {address: Owned(one.team, one.service, one.environment) for address, one in known.items()}
    return replace(found, owners=owned)


def _json(result: Estimate) -> str:
    import msgspec

    from infragod.policy.decision import estimate_document

    return msgspec.json.format(msgspec.json.encode(estimate_document(result)), indent=2).decode()


def lines(result: Estimate, name: str) -> Iterator[str]:
    """The estimate for people, in at most 100 columns."""
    counts = Counter(resource.action.value for resource in result.resources)
    actions = ", ".join(f"{count} {action}" for action, count in sorted(counts.items()))
    yield cut(f"ESTIMATE  {name} · {len(result.resources)} resources" + (f": {actions}" if actions else ""))
    free = 0
    for resource, more in folded(result.resources):
        if resource.components or resource.monthly_cost_before:
            yield ""
            yield from _resource(resource, more, result.currency)
        elif resource.complete:
            free += 1 + more
    yield ""
    yield from _total(result, free)


def folded(resources: tuple[PricedResource, ...]) -> Iterator[tuple[PricedResource, int]]:
    """Each resource, with the number of those that follow it and differ in nothing but their index."""
    first, more = None, 0
    for resource in resources:
        if first is not None and _alike(first, resource):
            more += 1
            continue
        if first is not None:
            yield first, more
        first, more = resource, 0
    if first is not None:
        yield first, more


def _alike(one: PricedResource, other: PricedResource) -> bool:
    names = [resource.address.partition("[")[0] for resource in (one, other)]
    return names[0] == names[1] and _facts(one) == _facts(other)


def _facts(resource: PricedResource) -> tuple[object, ...]:
    return (resource.action, resource.components, resource.monthly_cost, resource.monthly_cost_before)


def _resource(resource: PricedResource, more: int, currency: str) -> Iterator[str]:
    others = f" and {more} more" if more else ""
    each = " each" if more else ""
    rest = " + ?" if resource.monthly_cost is not None and not resource.complete else ""
    cost = f"{_cost(resource.monthly_cost, currency)}{rest}{each}"
    yield _row(f"{resource.address}{others}", resource.action.value, cost)
    if resource.action in (Action.UPDATE, Action.REPLACE, Action.DELETE):
        yield cut(f"  before: {_cost(resource.monthly_cost_before, currency)}")
    for component in resource.components:
        yield from _component(component, currency)


def _cost(amount: Decimal | None, currency: str) -> str:
    return "unknown" if amount is None else money(amount, currency)


def _component(component: Component, currency: str) -> Iterator[str]:
    quantity = "" if component.monthly_quantity is None else f"{_number(component.monthly_quantity)} "
    unit = component.unit if quantity else f"per {_one(component.unit)}"
    price = "" if component.unit_price is None else unit_price(component.unit_price.normalize(), currency)
    middle = f"{quantity}{unit}{price and TIMES}{price}" if quantity else f"{price} {unit}" if price else ""
    yield _row(f"  {component.name}", middle, _cost(component.monthly_cost, currency))
    if component.price_source.startswith(OWN_RATE):
        yield cut(f"    {component.price_source}")
    if component.note and (component.basis is not Basis.FIXED or component.monthly_cost is None):
        word = "assumed: " if component.basis is Basis.ASSUMED else ""
        yield cut(f"    {word}{component.note}")
    if component.monthly_cost_p50 is not None and component.monthly_cost_p90 is not None:
        low, high = (money(cost, currency) for cost in (component.monthly_cost_p50, component.monthly_cost_p90))
        span = low if low == high else f"{low}–{high}"  # noqa: RUF001 - a span of money is set with a dash
        yield cut(f"    siblings: {span} a month (p50–p90 of {component.siblings})")  # noqa: RUF001


def _one(unit: str) -> str:
    """`hours` → `hour`, `1M requests` stays: what a price is for."""
    return unit[:-1] if unit.endswith("hours") or unit in PLURALS else unit


def _number(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.0001')).normalize():,f}"


def _row(left: str, middle: str, right: str) -> str:
    amount = max(AMOUNT, len(right) + 1)
    room = WIDTH - amount - len(left)
    if len(middle) >= room:
        return f"{cut(left)}\n{middle:>{WIDTH - amount}}{right:>{amount}}"
    return f"{left}{middle:>{room}}{right:>{amount}}"


def cut(text: str) -> str:
    """The text in one line of the page."""
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _total(result: Estimate, free: int) -> Iterator[str]:
    before, after = (money(amount, result.currency) for amount in (result.monthly_cost_before, result.monthly_cost))
    delta = money(result.monthly_delta, result.currency, plus=True)
    yield f"Money     {before} → {after} a month   {delta}{_share(result)}"
    if free:
        yield f"          {free} without a cost of their own"
    if result.unknown:
        yield from _left_out(result)
    yield from _beside(result)
    yield from _wrapped("Prices    ", result.prices)
    yield from _advice(result)


def _beside(result: Estimate) -> Iterator[str]:
    """What is not in the total: unknown usage as siblings have it, and what unused commitments could cover."""
    from infragod.policy.decision import estimate_document
    from infragod.policy.render.commitments import commitment_lines
    from infragod.policy.render.fold import siblings_line

    told = tuple(r for r in result.resources if any(c.siblings for c in r.components))
    document = estimate_document(replace(result, resources=told))
    if line := siblings_line(document):
        yield from _wrapped(" " * 10, line)
    for number, line in enumerate(commitment_lines(document, ADVICE)):
        yield from _wrapped(" " * 10 if number else "Unused    ", line)


def _advice(result: Estimate) -> Iterator[str]:
    from infragod.policy.decision import advice_document
    from infragod.policy.render.advice import advice_lines

    document = {"currency": result.currency, "advice": advice_document(result)}
    for number, line in enumerate(advice_lines(document, ADVICE)):
        yield from _wrapped(" " * 10 if number else "Advice    ", line)


def _share(result: Estimate) -> str:
    if not result.monthly_cost_before:
        return ""
    share = result.monthly_delta / result.monthly_cost_before * 100
    return f" ({share:+.0f} %)" if round(share) else ""


def _left_out(result: Estimate) -> Iterator[str]:
    """What the total leaves out, types without recipe first by name."""
    yield f"          left out: something of {len(result.unknown)} of {len(result.resources)} resources"
    without = [r for r in result.resources if not r.complete and not r.components]
    by_type: dict[str, list[str]] = {}
    for resource in without:
        by_type.setdefault(resource.type, []).append(resource.address)
    for kind, addresses in by_type.items():
        more = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
        yield cut(f"          unknown: {addresses[0]}{more} (no prices for {kind})")


def _wrapped(title: str, text: str) -> Iterator[str]:
    import textwrap

    yield from textwrap.wrap(text, WIDTH, initial_indent=title, subsequent_indent=" " * len(title))
