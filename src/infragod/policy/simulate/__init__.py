"""What would these rules have said? Recorded decisions are judged again, by what the rules saw of each plan then."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from infragod.policy import levels, runner
from infragod.policy.rules import Rule, RuleSet
from infragod.policy.simulate.facts import Facts, unpack
from infragod.policy.simulate.store import Recorded
from infragod.progress import SILENT, Progress
from infragod.resource import Finding, Result, Verdict

ORDER: Final = tuple(Verdict)
EXAMPLES: Final = 3
KINDS: Final = ("denied", "approval", "warned", "eased", "released")
"""What becomes of a decision by one rule: newly denied, sent to an approval or warned of; eased; let go."""
_NEWLY: Final = {Verdict.DENY: "denied", Verdict.NEEDS_APPROVAL: "approval", Verdict.WARN: "warned"}


@dataclass(frozen=True, slots=True)
class Example:
    """One decision that a rule would have said something else to."""

    decision: str
    workspace: str
    kind: str
    address: str
    message: str


@dataclass(slots=True)
class Effect:
    """What one rule would have changed; `delta` is what the decisions concerned add a month, by currency."""

    kinds: Counter[str] = field(default_factory=Counter)
    delta: dict[str, Decimal] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    unjudged: int = 0
    missing: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Outcome:
    """The whole: decisions looked at, those that could not be judged again, verdicts then and now, effects by rule."""

    decisions: int = 0
    without_facts: int = 0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: dict[str, Effect] = field(default_factory=lambda: defaultdict(Effect))


def simulate(
    decisions: Iterable[Recorded], rules: RuleSet, *, only: Sequence[str] = (), progress: Progress = SILENT
) -> Outcome:
    """What `rules` would have said to `decisions`; `only` names the rules whose effect is wanted."""
    outcome = Outcome()
    known = {rule.id for rule in rules.all}
    asked = RuleSet(tuple(rule for rule in rules.rules if not only or rule.id in only), rules.label)
    for found in decisions:
        progress.advance(1)
        outcome.decisions += 1
        if found.facts is None:
            outcome.without_facts += 1
            continue
        _judge(outcome, found, unpack(found.facts), asked, set(only) or known)
    return outcome


def _judge(outcome: Outcome, found: Recorded, facts: Facts, rules: RuleSet, wanted: set[str]) -> None:
    judged = RuleSet(tuple(rule for rule in rules.rules if not _lacking(rule, facts)), rules.label)
    for rule in rules.rules:
        if lacking := _lacking(rule, facts):
            outcome.rules[rule.id].unjudged += 1
            outcome.rules[rule.id].missing |= lacking
            wanted = wanted - {rule.id}
    today = date.fromisoformat(facts.tables["plan"]["today"][0])
    said = levels.apply(runner.run(judged, facts.tables, today=today), judged, facts.tables)
    now = _waived(said, found.document["findings"])
    then = _effects((f["rule"], f["effect"], f["result"]) for f in found.document["findings"])
    new = _effects((f.rule, f.effect.value, f.result.value) for f in now)
    kept = {rule: effect for rule, effect in then.items() if rule not in wanted}
    outcome.verdicts[_verdict(then), _verdict({**kept, **{r: e for r, e in new.items() if r in wanted}})] += 1
    for name in sorted(wanted & (then.keys() | new.keys())):
        before, after = then.get(name, Verdict.ALLOW), new.get(name, Verdict.ALLOW)
        if before is not after:
            _note(outcome.rules[name], found, _kind(before, after), _first(name, now, found.document["findings"]))


def _lacking(rule: Rule, facts: Facts) -> set[str]:
    """Attributes that the rule asks for and nobody asked for at the time."""
    return set(rule.header.attributes) - facts.attributes


def _kind(before: Verdict, after: Verdict) -> str:
    if after is Verdict.ALLOW:
        return "released"
    return _NEWLY[after] if ORDER.index(after) > ORDER.index(before) else "eased"


def _waived(findings: Sequence[Finding], recorded: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """`findings` without those that a waiver covered at the time."""
    covered = {(f["rule"], f["address"]) for f in recorded if f["result"] == Result.WAIVED}
    return [f for f in findings if (f.rule, f.address) not in covered]


def _effects(findings: Iterable[tuple[str, str, str]]) -> dict[str, Verdict]:
    """The severest effect by rule, waived findings left out."""
    effects: dict[str, Verdict] = {}
    for rule, effect, result in findings:
        if result != Result.WAIVED:
            effects[rule] = max(effects.get(rule, Verdict.ALLOW), Verdict(effect), key=ORDER.index)
    return effects


def _verdict(effects: Mapping[str, Verdict]) -> str:
    return max(effects.values(), key=ORDER.index, default=Verdict.ALLOW).value


def _first(rule: str, now: Iterable[Finding], then: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """Address and message of the first finding of `rule`, as it would be, or as it was."""
    new = ((f.address, f.message) for f in now if f.rule == rule)
    old = ((f["address"], f["message"]) for f in then if f["rule"] == rule)
    return next(new, None) or next(old)


def _note(effect: Effect, found: Recorded, kind: str, first: tuple[str, str]) -> None:
    content = found.document
    effect.kinds[kind] += 1
    currency = content["currency"]
    effect.delta[currency] = effect.delta.get(currency, Decimal(0)) + Decimal(content["monthly_delta"])
    if len(effect.examples) < EXAMPLES:
        effect.examples.append(Example(found.id, content["workspace"], kind, *first))
