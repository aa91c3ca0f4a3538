"""Comparisons as people read them: cents that add up, a comment on the change request, lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from infragod.finance.accuracy import SENTENCES, Outcome, Parts, State
from infragod.finance.accuracy.store import Followed
from infragod.focus import CENT, Period, money

SHOWN: Final = 5
"""Resources that a comment names: those with the greatest error."""
BASIS: Final = "Billed is usage at your contracted prices; commitments, credits and taxes are no part of an estimate."
Text = Callable[[str], str]
Resources = Mapping[int, Sequence[Mapping[str, Any]]]


def cents(exact: Parts) -> Parts:
    """The figures in cents, still adding up: what rounding leaves goes where it was greatest."""
    estimated, billed = (amount.quantize(CENT, ROUND_HALF_EVEN) for amount in (exact.estimated, exact.billed))
    names = ("rate", "quantity", "unknown")
    floors = {name: getattr(exact, name).quantize(CENT, ROUND_FLOOR) for name in names}
    left = int((billed - estimated - sum(floors.values(), Decimal(0))) / CENT)
    ranked = sorted(names, key=lambda n: (floors[n] - getattr(exact, n), names.index(n)))
    each, more = divmod(abs(left), len(names))
    for place, name in enumerate(ranked if left > 0 else reversed(ranked)):
        floors[name] += (each + (place < more)) * (CENT if left > 0 else -CENT)
    return Parts(estimated, billed, **floors)


def both(figures: Parts, currency: str) -> str:
    """`estimated $212.00, billed $219.38`; an estimate that had no figure at all is not one of nothing."""
    shown = cents(figures)
    bare = not figures.estimated and figures.unknown == figures.billed != 0
    estimated = "not estimated" if bare else f"estimated {money(shown.estimated, currency)}"
    return f"{estimated}, billed {money(shown.billed, currency)}"


def headline(figures: Parts, currency: str, month: Period) -> str:
    """`estimated $212.00, billed $219.38 in the first full month, October 2026`."""
    return f"{both(figures, currency)} in the first full month, {month.title}"


def state_line(found: Followed) -> str:
    """Where a comparison stands, in a sentence."""
    currency, month = found.applied.currency, found.month
    waits = f"; waits for the bill of {', '.join(found.missing)}" if found.missing else ""
    if found.state is State.COMPLETE and not found.compared:
        return f"nothing of it could be compared in {month.title}"
    if found.state is State.COMPLETE:
        return headline(found.figures, currency, month)
    if found.state is State.WAITING:
        return f"its first full month is {month.title}, of which no bill is known yet{waits}"
    days = f"{found.days} of {month.days} days of {month.title}"
    return f"partial, {days}: {both(found.figures, currency)}, the estimate pro rata{waits}"


def left_out(found: Mapping[Outcome, tuple[int, Decimal]], currency: str) -> str:
    """`2 not in the bill ($30.00), 1 destroyed meanwhile ($4.00)`; empty where nothing is left out."""
    return ", ".join(f"{count:,} {SENTENCES[o]} ({money(cost, currency)})" for o, (count, cost) in found.items())


def apart(found: Mapping[str, Decimal], currency: str) -> str:
    """`commitments -$20.00, credits -$3.00`; empty where the bill has nothing besides."""
    return ", ".join(f"{name} {money(amount, currency, plus=True)}" for name, amount in found.items())


def comment(lines: Sequence[Followed], resources: Resources, text: Text, link: Text) -> str:
    """The comment on the change request of `lines`; `text` escapes, `link` gives a decision's address."""
    blocks = [_title(lines), _table(lines, text, link)]
    named = len(lines) > 1
    blocks += ["\n".join(_details(line, resources[line.number], text, named=named)) for line in lines]
    blocks.append(f"<sub>{BASIS} Error = billed - estimated = rate + quantity + unknown.</sub>")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _title(lines: Sequence[Followed]) -> str:
    by_currency: dict[str, Parts] = {}
    for line in lines:
        by_currency[line.applied.currency] = by_currency.get(line.applied.currency, Parts()) + line.figures
    figures = "; ".join(both(figures, currency).replace("$", "\\$") for currency, figures in by_currency.items())
    months = list(dict.fromkeys(line.month.title for line in lines))
    return f"### After the apply: {figures} in the first full month ({', '.join(months)})"


def _table(lines: Sequence[Followed], text: Text, link: Text) -> str:
    rows = ["| workspace | estimated | billed | error | rate | quantity | unknown |", "|---|--:|--:|--:|--:|--:|--:|"]
    for line in lines:
        shown, currency = cents(line.figures), line.applied.currency
        amounts = [money(shown.estimated, currency), money(shown.billed, currency)]
        amounts += [money(a, currency, plus=True) for a in (shown.error, shown.rate, shown.quantity, shown.unknown)]
        rows.append(f"| {_named(line, text, link)} | {' | '.join(a.replace('$', chr(92) + '$') for a in amounts)} |")
    return "\n".join(rows)


def _named(line: Followed, text: Text, link: Text) -> str:
    address = link(line.applied.decision)
    name = f"[{line.applied.decision}]({address})" if address else line.applied.decision
    return f"{text(line.applied.workspace)} {name}"


def _details(line: Followed, resources: Iterable[Mapping[str, Any]], text: Text, *, named: bool) -> Iterator[str]:
    currency = line.applied.currency
    prefix = f"{text(line.applied.workspace)}: " if named else ""
    wrong = [r for r in resources if r["outcome"] == Outcome.COMPARED and abs(r["figures"].error) >= CENT]
    wrong.sort(key=lambda r: (-abs(r["figures"].error), r["address"]))
    for resource in wrong[:SHOWN]:
        yield f"- {prefix}{text(resource['address'])}: {text(parts(cents(resource['figures']), currency))}"
    if len(wrong) > SHOWN:
        yield f"- {prefix}and {len(wrong) - SHOWN:,} more"
    for title, said in (("left out", left_out(line.left_out, currency)), ("besides", apart(line.apart, currency))):
        if said:
            yield f"- {prefix}{title}: {text(said)}"


def parts(figures: Parts, currency: str) -> str:
    """`+$4.50: rate -$9.10, quantity +$3.49, unknown +$4.50`; what is nothing is not named."""
    named = [(n, getattr(figures, n)) for n in ("rate", "quantity", "unknown")]
    said = ", ".join(f"{name} {money(amount, currency, plus=True)}" for name, amount in named if amount)
    return f"{money(figures.error, currency, plus=True)}: {said}" if said else money(figures.error, currency)
