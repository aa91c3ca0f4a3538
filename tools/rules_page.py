"""docs/reference/rules.md: what the headers of the built-in rules and their tests say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from infragod.policy import cases, packs, rules
from infragod.policy.parameter import shown
from infragod.policy.rules import Rule

CASES = Path(__file__).parents[1] / "tests" / "policy" / "rules"
INTRODUCTION = """\
# The built-in rules

Each is an SQL file in `src/infragod/sql/rules/`; this page is made from their headers and their tests.
`infragod rules explain ID` shows what is in force of one of them for you, with its SQL.

What a rule's **level** leads to: `advisory` warns, `approval` asks for an approval, `mandatory` denies. **Unknown** is
what becomes of a resource that can't be judged before the apply (`warn`, `approve`, `deny`), never more than a
violation would. A table in `infragod.toml` changes level, `unknown`, `enabled` and parameters:

```toml
[rules.mandatory-tags]
level = "mandatory"
keys = ["team", "service", "environment"]
```

On the first day nobody is denied for something the company has not asked for: the two mandatory rules and the freeze
say nothing until their lists are set, what depends on the company's habits (tags, sizes, lifecycles, growth) only warns
or is off, and what may be a costly slip (the cost of a change, a crowd of resources, a budget that is passed, a
database that goes, a machine of forty dollars an hour, a commitment, the end of a budget alarm) asks for an approval.
How a pack of them is set at once is told in [rule packs](../guides/rule-packs.md).

With a bundle in force, a working folder may change a parameter only in the direction named as tighter:
`less` a lower limit, `more` a higher one, `subset` fewer allowed values (an empty list allows everything), `superset`
more demanded values, `fewer` fewer exceptions, `true` and `false` that value. What has no direction stays as published.
"""


def page() -> str:
    """The page's text."""
    with tempfile.TemporaryDirectory() as home:
        read = [rules.read(text, name, Path(home)) for name, text in rules.built_in().items()]
    by_pack = [(pack, [rule for rule in read if rule.header.pack == pack]) for pack in packs.names(read)]
    parts = [line for pack, members in by_pack for line in (f"## {pack}\n", *lines(members))]
    return "\n".join([INTRODUCTION, *overview(by_pack), *parts])


def overview(by_pack: Iterable[tuple[str, list[Rule]]]) -> Iterator[str]:
    """The packs with their rules, as a table."""
    yield "| pack | rules |\n|---|---|"
    for pack, members in by_pack:
        yield f"| [{pack}](#{pack}) | {', '.join(f'[{rule.id}](#{rule.id})' for rule in members)} |"
    yield ""


def lines(members: Iterable[Rule]) -> Iterator[str]:
    """The lines of the rules of one pack."""
    return (line for rule in members for line in section(rule))


def section(rule: Rule) -> Iterator[str]:
    """The lines of one rule."""
    header = rule.header
    yield f"### {rule.id}\n\n**{header.title}.** {header.why}\n"
    off = "" if rule.enabled else "Off until `enabled = true`. "
    yield f"{off}Level `{rule.level}`, unknown `{rule.unknown}`, judged at: {' and '.join(header.at)}.\n"
    if header.parameters:
        yield "| parameter | type | default | tighter | what it is |\n|---|---|---|---|---|"
        for p in header.parameters:
            about = [f"`{p.name}`", p.type, cell(shown(p.default)), p.tighter or "-", cell(p.help, code=False)]
            yield f"| {' | '.join(about)} |"
        yield ""
    yield f"Mend: {header.mend}\n\nA finding:\n\n```text\n{example(rule)}\n```\n"


def cell(text: str, *, code: bool = True) -> str:
    """`text` as a cell of a table."""
    text = text.replace("|", "\\|")
    return f"`{text}`" if code else text.replace("*", "\\*").replace("_", "\\_")


def example(rule: Rule) -> str:
    """The first violation that a test of the rule expects with its mend."""
    rows = [row for case in cases.read(CASES / f"{rule.id}.toml") for row in case.expect]
    row = next(r for r in rows if r["result"] == "violation" and r.get("message"))
    mend = f"\n    mend: {row['mend']}" if row.get("mend") else ""
    return f"{row['address']}\n    {row['message']}{mend}"
