"""A decision as Markdown that reads well in a pull request on GitHub and GitLab."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from infragod.policy.render.advice import advice_lines
from infragod.policy.render.approval import approval_lines, passed_by
from infragod.policy.render.commitments import commitment_lines
from infragod.policy.render.fold import (
    VERDICTS,
    Document,
    basis_line,
    budget_line,
    counted,
    folds,
    money_line,
    shown,
    siblings_line,
    unknown_line,
)

MARKER = "<!-- infragod -->"
_SIGNS = {"allow": "✅", "warn": "⚠️", "needs_approval": "✋", "deny": "⛔"}
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_CALLS = re.compile(r"(?<=[@#!&])(?=\w)")
"""Where hosts see a call of a person or a link to an issue; they look in the rendered text, so no escape helps."""
_ZERO_WIDTH_SPACE = "\u200b"


def markdown(document: Document) -> str:
    """The decision as one comment; `MARKER` lets a later one find and replace it."""
    blocks = [MARKER, _title(document), "\n".join(_money(document))]
    blocks += [
        "\n".join(rows)
        for rows in [list(_findings(document)), list(_approval(document)), list(_advice(document))]
        if rows
    ]
    blocks.append(f"<sub>{escaped(basis_line(document))}</sub>")
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """`text` so that Markdown and HTML show it as it is (links alone stay links)."""
    return " ".join(_word(word) for word in text.split())


def in_html(text: str) -> str:
    """`text` so that HTML within a comment shows it as it is."""
    return html.escape(_CALLS.sub(_ZERO_WIDTH_SPACE, " ".join(text.split())), quote=False)


def _word(word: str) -> str:
    if word.startswith(("http://", "https://")) and html.escape(word) == word:
        return word
    return html.escape(_SPECIAL.sub(r"\\\1", _CALLS.sub(_ZERO_WIDTH_SPACE, word)), quote=False)


def _title(document: Document) -> str:
    sign, word = _SIGNS[document["verdict"]], VERDICTS[document["verdict"]]
    local = " (local: no owners, budgets or bills are known here)" if document["local"] else ""
    name = f" · {escaped(document['workspace'])}" if document["workspace"] else ""
    return f"### {sign} {word.capitalize()}{passed_by(document)}{name} · {counted(document['counts'])}{local}"


def _money(document: Document) -> Iterator[str]:
    yield f"- **Money** {escaped(money_line(document))}"
    if line := unknown_line(document):
        yield f"  - {escaped(line)}"
    if line := siblings_line(document):
        yield f"  - {escaped(line)}"
    for budget in document["budgets"]:
        yield f"- **Budget** {escaped(budget_line(budget, document['currency']))}"
    for number, line in enumerate(commitment_lines(document)):
        yield f"{'  -' if number else '- **Unused**'} {escaped(line)}"


def _approval(document: Document) -> Iterator[str]:
    for line in approval_lines(document):
        yield f"- **Approval** {escaped(line)}"


def _advice(document: Document) -> Iterator[str]:
    for line in advice_lines(document):
        yield f"- **Advice** {escaped(line)}"


def _findings(document: Document) -> Iterator[str]:
    rows = shown(folds(document["findings"]))
    if rows:
        yield "| | rule | where | what, and how to mend it |"
        yield "|---|---|---|---|"
    for fold in rows:
        mend = f"<br>mend: {escaped(fold.mend)}" if fold.mend else ""
        yield f"| {fold.label} | {escaped(fold.rule)} | {escaped(fold.where(2))} | {escaped(fold.message)}{mend} |"
