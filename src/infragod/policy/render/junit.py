"""A decision as JUnit XML: a test case per rule and message, so that any CI shows it."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from infragod.policy.render.fold import Document, Fold, folds

_FAILS = ("deny", "needs_approval")


def junit(document: Document) -> str:
    """The decision as one `testsuite`; a denial or a needed approval is a failure, a warning is output."""
    rows = folds(document["findings"])
    failures = sum(1 for row in rows if _failed(row))
    suite = Element(
        "testsuite",
        name=f"infragod {document['workspace']}".strip(),
        tests=str(max(len(rows), 1)),
        failures=str(failures),
        errors="0",
        timestamp=document["created_at"][:19],
    )
    for row in rows:
        _case(suite, row)
    if not rows:
        SubElement(suite, "testcase", classname="infragod", name="no rule found anything")
    indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suite, encoding="unicode") + "\n"


def _failed(row: Fold) -> bool:
    return row.effect in _FAILS and row.result != "waived"


def _case(suite: Element, row: Fold) -> None:
    case = SubElement(suite, "testcase", classname=row.rule, name=_clean(row.where()))
    body = _clean("\n".join((*row.addresses, f"mend: {row.mend}") if row.mend else row.addresses))
    if _failed(row):
        SubElement(case, "failure", type=row.effect, message=_clean(row.message)).text = body
    else:
        SubElement(case, "system-out").text = _clean(f"{row.label}: {row.message}\n{body}")


def _clean(text: str) -> str:
    """`text` without the control characters that XML 1.0 forbids."""
    return "".join(c if c in "\t\n\r" or (" " <= c <= "\ud7ff") or c >= "\ue000" else "�" for c in text)
