"""A simulation as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from infragod.focus import exact, money
from infragod.policy.simulate import KINDS, ORDER, Effect, Outcome

_WORDS: Final = {
    "denied": "newly denied",
    "approval": "newly sent to an approval",
    "warned": "newly warned of",
    "eased": "judged more mildly",
    "released": "let go",
}


def text(outcome: Outcome, label: str, since: str) -> str:
    """What people read."""
    judged = outcome.decisions - outcome.without_facts
    lines = [f"{judged:,} of {outcome.decisions:,} decisions since {since}, judged again by {label}"]
    if outcome.without_facts:
        lines.append(f"{outcome.without_facts:,} can't be: what the rules saw of them was not kept")
    lines += ["", *_verdicts(outcome)]
    changed = {rule: effect for rule, effect in sorted(outcome.rules.items()) if effect.kinds or effect.unjudged}
    if not any(effect.kinds for effect in changed.values()):
        lines += ["No decision would have been another."] if judged else []
    for rule, effect in changed.items():
        lines += ["", *_rule(rule, effect)]
    return "\n".join(lines).rstrip() + "\n"


def document(outcome: Outcome, label: str, since: str) -> dict[str, Any]:
    """What programs read; money is decimal text."""
    return {
        "since": since,
        "rules_in_force": label,
        "decisions": outcome.decisions,
        "without_facts": outcome.without_facts,
        "verdicts": [
            {"then": then, "now": now, "decisions": count} for (then, now), count in sorted(outcome.verdicts.items())
        ],
        "rules": [_plain(rule, effect) for rule, effect in sorted(outcome.rules.items())],
    }


def _verdicts(outcome: Outcome) -> Iterator[str]:
    """Verdicts that would have been others, the severest first."""
    rank = [verdict.value for verdict in ORDER]
    moved = [(then, now, n) for (then, now), n in outcome.verdicts.items() if then != now]
    for then, now, n in sorted(moved, key=lambda m: (-rank.index(m[1]), -rank.index(m[0]))):
        yield f"{n:>6,}  {then} → {now}"


def _rule(rule: str, effect: Effect) -> Iterator[str]:
    said = ", ".join(f"{effect.kinds[kind]:,} {_WORDS[kind]}" for kind in KINDS if effect.kinds[kind])
    if said:
        sums = ", ".join(money(amount, currency, plus=True) for currency, amount in sorted(effect.delta.items()))
        yield f"{rule}: {said}   ({sums} a month)"
    for example in effect.examples:
        yield f"    {example.decision}  {example.workspace}  {example.address}: {example.message}"
    if effect.unjudged:
        names = ", ".join(sorted(effect.missing))
        yield f"{rule}: {effect.unjudged:,} not judged, for nobody had asked for {names} then"


def _plain(rule: str, effect: Effect) -> dict[str, Any]:
    return {
        "rule": rule,
        **{kind: effect.kinds[kind] for kind in KINDS},
        "monthly_delta": {currency: exact(amount) for currency, amount in sorted(effect.delta.items())},
        "unjudged": effect.unjudged,
        "missing_attributes": sorted(effect.missing),
        "examples": [
            {
                "decision": e.decision,
                "workspace": e.workspace,
                "kind": e.kind,
                "address": e.address,
                "message": e.message,
            }
            for e in effect.examples
        ],
    }
