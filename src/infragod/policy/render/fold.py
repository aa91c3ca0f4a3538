"""What every rendering shares: findings folded by rule and message, actions counted, money lines worded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from infragod.focus import Period, money, unit_price
from infragod.resource import Action

Document = Mapping[str, Any]

EFFECTS: Final = {"deny": "denied", "needs_approval": "approve", "warn": "warned", "allow": "allowed"}
VERDICTS: Final = {"allow": "ALLOWED", "warn": "ALLOWED", "needs_approval": "APPROVAL", "deny": "DENIED"}
_PRICES_SHOWN = 3
PER_RULE: Final = 3
"""How many different messages of one rule a person is shown."""
_CHANGING: Final = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE, Action.FORGET, Action.READ)


@dataclass(frozen=True, slots=True)
class Fold:
    """Findings of one rule that say the same, and the addresses they say it of."""

    rule: str
    effect: str
    result: str
    message: str
    mend: str
    addresses: tuple[str, ...]

    @property
    def label(self) -> str:
        """The first word of the line: denied, approve, warned, or waived."""
        return "waived" if self.result == "waived" else EFFECTS[self.effect]

    def where(self, shown: int = 1) -> str:
        """The addresses in few words: `aws_s3_bucket.assets and 3 more`."""
        rest = len(self.addresses) - shown
        head = ", ".join(self.addresses[:shown])
        return f"{head} and {rest:,} more" if rest > 0 else head


def printable(said: str) -> str:
    """`said` without control characters: what a plan holds must not steer a terminal."""
    return "".join(c if c.isprintable() or c == " " else "�" for c in said)


def folds(findings: Iterable[Mapping[str, Any]]) -> list[Fold]:
    """Findings folded by rule and message, the gravest first, otherwise in the order they came."""
    groups: dict[tuple[str, str, str, str, str], list[str]] = {}
    for f in findings:
        groups.setdefault((f["rule"], f["effect"], f["result"], _said(f), f["mend"]), []).append(f["address"])
    order = list(EFFECTS)
    made = [Fold(*key, tuple(addresses)) for key, addresses in groups.items()]
    return sorted(made, key=lambda fold: (fold.result == "waived", order.index(fold.effect)))


def _said(finding: Mapping[str, Any]) -> str:
    """The finding's message; why its rule weighs more or less here; the waiver that covers it, and how soon it ends."""
    waiver = finding.get("waiver")
    message: str = finding["message"]
    if finding.get("level_by"):
        message = f"{message} ({finding['level']} for {finding['level_by']})"
    if waiver is None:
        return message
    left = waiver["days_left"]
    soon = "" if left is None else "its last day; " if left == 0 else f"{left} {'day' if left == 1 else 'days'} left; "
    return f"{message}; waived until {waiver['until']} ({soon}{waiver['id']} of {waiver['owner']}: {waiver['reason']})"


def shown(made: Sequence[Fold]) -> list[Fold]:
    """At most ``PER_RULE`` messages of a rule; those beyond stand folded in one more line, at the rule's last place."""
    kept: list[Fold] = []
    beyond: dict[tuple[str, str], list[Fold]] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for fold in made:
        key = (fold.rule, fold.label)
        seen[key] += 1
        if seen[key] <= PER_RULE:
            kept.append(fold)
        else:
            beyond.setdefault(key, []).append(fold)
    for key, rest in beyond.items():
        last = max(i for i, fold in enumerate(kept) if (fold.rule, fold.label) == key)
        kept.insert(last + 1, rest[0] if len(rest) == 1 else _rest(rest))
    return kept


def _rest(rest: Sequence[Fold]) -> Fold:
    first = rest[0]
    addresses = tuple(address for fold in rest for address in fold.addresses)
    said = f"{len(rest):,} more messages of this rule; --format json lists them all"
    return Fold(first.rule, first.effect, first.result, said, "", addresses)


def counted(counts: Mapping[str, int]) -> str:
    """`12 changes: 9 create, 2 update, 1 replace`; no-ops are no changes."""
    changes = {action.value: counts[action] for action in _CHANGING if counts.get(action)}
    total = sum(changes.values())
    if not total:
        return "no changes"
    kinds = ", ".join(f"{n:,} {action}" for action, n in changes.items())
    return f"{total:,} {'change' if total == 1 else 'changes'}: {kinds}"


def money_line(document: Document) -> str:
    """`$1,204.10 → $1,871.55 a month   +$667.45 (+55 %)`."""
    currency = document["currency"]
    if document["unknown"] and all(r["monthly_cost"] is None for r in document["resources"]):
        return "not known: nothing in this plan has a price"
    before, after = Decimal(document["monthly_cost_before"]), Decimal(document["monthly_cost"])
    delta = Decimal(document["monthly_delta"])
    share = f" ({delta / before:+.0%})".replace("%", " %") if before > 0 and delta else ""
    change = f"{money(delta, currency, plus=True)}{share}" if delta else "no change"
    part = "" if document["complete"] else " of what is known"
    return f"{money(before, currency)} → {money(after, currency)} a month{part}   {change}"


def unknown_line(document: Document) -> str:
    """`2 unknown: aws_s3_bucket.assets ($0.023 per GB-month), …`, or nothing."""
    unknown: Sequence[str] = document["unknown"]
    if not unknown:
        return ""
    resources = {r["address"]: r for r in document["resources"]}
    parts = [_unknown(address, resources.get(address), document["currency"]) for address in unknown[:_PRICES_SHOWN]]
    rest = len(unknown) - _PRICES_SHOWN
    return f"{len(unknown):,} unknown: {', '.join(parts)}" + (f" and {rest:,} more" if rest > 0 else "")


def _unknown(address: str, resource: Mapping[str, Any] | None, currency: str) -> str:
    components = resource["components"] if resource else []
    open_ones = [c for c in components if c["basis"] == "unknown"]
    prices = [f"{unit_price(Decimal(c['unit_price']), currency)} per {c['unit']}" for c in open_ones if c["unit_price"]]
    if prices:
        return f"{address} ({prices[0]})"
    note = next((c["note"] for c in open_ones if c["note"]), None)
    return f"{address} ({note or 'no price'})"


def siblings_line(document: Document) -> str:
    """`unknown usage of siblings: +$12.00 to +$48.00 a month (p50 to p90)`, which is in no total; or nothing."""
    currency = document["currency"]
    unknown = [c for r in document["resources"] for c in r["components"] if c["basis"] == "unknown"]
    found = [c for c in unknown if c.get("monthly_cost_p50") is not None]
    low, high = (sum((Decimal(c[f"monthly_cost_{p}"]) for c in found), Decimal(0)) for p in ("p50", "p90"))
    ends = " to ".join(money(amount, currency, plus=True) for amount in (low, high))
    return f"unknown usage of siblings: {ends} a month (p50 to p90)" if high else ""


def budget_line(line: Mapping[str, Any], currency: str) -> str:
    """`checkout, November 2026: $18,400.00 spent, $19,480.00 forecast, with this change $20,610.00 of …`."""
    said = [
        f"{money(Decimal(line['spent']), currency)} spent" if line["spent"] is not None else "spent not known",
        f"{money(Decimal(line['forecast']), currency)} forecast" if line["forecast"] is not None else "no forecast",
    ]
    if Decimal(line["held"]):
        said.append(f"{money(Decimal(line['held']), currency)} held by others")
    amount = Decimal(line["amount"])
    if line["with_change"] is not None:
        after = Decimal(line["with_change"])
        share = f" ({after / amount:.0%})".replace("%", " %") if amount > 0 else ""
        said.append(f"with this change {money(after, currency)} of {money(amount, currency)}{share}")
    else:
        said.append(f"budget {money(amount, currency)}")
    return f"{line['team']}, {Period.parse(line['month']).title}: {', '.join(said)}"


def basis_line(document: Document) -> str:
    """`Rules bundle 41 (60 rules), prices …, decision 7F3K-9Q2M: http://…`."""
    parts = [f"Rules: {document['bundle']}"]
    if document["prices"]:
        parts.append(f"prices: {document['prices']}")
    if document["decision"]:
        parts.append(f"decision {document['decision']}")
    line = "; ".join(parts)
    return f"{line}: {document['url']}" if document["url"] else line
