"""A decision for the terminal: at most 100 columns, colours only where they are asked for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from infragod.policy.render.advice import advice_lines
from infragod.policy.render.approval import approval_lines, passed_by
from infragod.policy.render.commitments import commitment_lines
from infragod.policy.render.fold import (
    VERDICTS,
    Document,
    Fold,
    basis_line,
    budget_line,
    counted,
    folds,
    money_line,
    printable,
    shown,
    siblings_line,
    unknown_line,
)

WIDTH: Final = 100
_INDENT: Final = 9
_RULE_WIDTH: Final = 24
_COLOURS: Final = {
    "DENIED": "31;1",
    "APPROVAL": "33;1",
    "ALLOWED": "32;1",
    "LOCAL": "36",
    "denied": "31",
    "approve": "33",
    "warned": "33",
    "waived": "36",
}
_EXPLAINED: Final = {
    "allow": "",
    "warn": " with warnings",
    "needs_approval": " needed",
    "deny": "",
}


def text(document: Document, *, colour: bool = False) -> str:
    """The decision as an engineer reads it, ending in a newline."""
    parts = (_head, _money, _findings, _approval, _advice, _foot)
    blocks = [list(part(document)) for part in parts]
    plain = "\n\n".join("\n".join(block) for block in blocks if block) + "\n"
    return _coloured(plain) if colour else plain


def _head(document: Document) -> Iterator[str]:
    word = VERDICTS[document["verdict"]]
    what = " · ".join(filter(None, (document["workspace"], counted(document["counts"]))))
    yield printable(f"{word}{passed_by(document) or _EXPLAINED[document['verdict']]}   {what}")
    if document["local"]:
        yield from _wrapped("LOCAL", "no owners, budgets or bills are known here: rules and prices alone decided")


def _money(document: Document) -> Iterator[str]:
    yield from _wrapped("Money", money_line(document))
    if line := unknown_line(document):
        yield from _wrapped("", line)
    if line := siblings_line(document):
        yield from _wrapped("", line)
    for budget in document["budgets"]:
        yield from _wrapped("Budget", budget_line(budget, document["currency"]))
    for number, line in enumerate(commitment_lines(document)):
        yield from _wrapped("" if number else "Unused", line)


def _findings(document: Document) -> Iterator[str]:
    for fold in shown(folds(document["findings"])):
        yield from _finding(fold)


def _finding(fold: Fold) -> Iterator[str]:
    rule = fold.rule if len(fold.rule) >= _RULE_WIDTH else fold.rule.ljust(_RULE_WIDTH - 1)
    yield from _wrapped(fold.label, f"{rule} {fold.where()}")
    said = f"{fold.message}; mend: {fold.mend}" if fold.mend else fold.message
    yield from _wrapped("", said)


def _approval(document: Document) -> Iterator[str]:
    for number, line in enumerate(approval_lines(document)):
        yield from _wrapped("" if number else "Approval", line)


def _advice(document: Document) -> Iterator[str]:
    for number, line in enumerate(advice_lines(document)):
        yield from _wrapped("" if number else "Advice", line)


def _foot(document: Document) -> Iterator[str]:
    yield from _wrap_at(basis_line(document), "")


def _wrapped(label: str, said: str) -> Iterator[str]:
    yield from _wrap_at(said, label.ljust(_INDENT))


def _wrap_at(said: str, first: str) -> Iterator[str]:
    """Lines of `said` within the width; a word that is longer (an address, a link) stays whole, to be copied."""
    yield from textwrap.wrap(
        printable(said),
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _coloured(plain: str) -> str:
    lines = []
    for line in plain.split("\n"):
        word = line.split(" ", 1)[0]
        code = _COLOURS.get(word)
        lines.append(f"\x1b[{code}m{word}\x1b[0m{line[len(word) :]}" if code else line)
    return "\n".join(lines)
