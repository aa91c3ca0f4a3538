"""From findings to the verdict: the severest effect of those that no waiver covers."""

from __future__ import annotations

from collections.abc import Iterable

from infragod.resource import Finding, Result, Verdict

_ORDER = tuple(Verdict)


def decide(findings: Iterable[Finding]) -> Verdict:
    """`allow` where nothing was found, else the severest effect."""
    effects = [f.effect for f in findings if f.result is not Result.WAIVED]
    return max(effects, key=_ORDER.index, default=Verdict.ALLOW)
