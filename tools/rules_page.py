"""docs/reference/rules.md: what the headers of the built-in rules and their tests say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from infragod.policy import cases, rules
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

On the first day nobody is denied for something the company has not asked for: the two mandatory rules say nothing
until their lists are set, what depends on the company's habits (tags, generations, growth) only warns, and what may be
a costly slip (the cost of a change, a crowd of resources, a budget that is passed) asks for an approval.

With a bundle in force, a working folder may change a parameter only in the direction named as tighter:
`less` a lower limit, `more` a higher one, `subset` fewer allowed values (an empty list allows everything), `superset`
more demanded values, `fewer` fewer exceptions, `true` and `false` that value. What has no direction stays as published.
"""


def page() -> str:
    """The page's text."""
    with tempfile.TemporaryDirectory() as home:
        read = [rules.read(text, name, Path(home)) for name, text in rules.built_in().items()]
    return "\n".join([INTRODUCTION, *(line for rule in read for line in section(rule))])


def section(rule: Rule) -> Iterator[str]:
    """The lines of one rule."""
    header = rule.header
    yield f"## {rule.id}\n\n**{header.title}.** {header.why}\n"
    yield f"Level `{rule.level}`, unknown `{rule.unknown}`, judged at: {' and '.join(header.at)}.\n"
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
