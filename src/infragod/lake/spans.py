"""Who held an id at what time, where several resources of the states claim it.

A resource that was renamed, moved to another workspace or made anew leaves more than one row with its id. Each moment
has at most one holder: who holds an id keeps it until it is gone; what comes before the first sight or after the last
goes to the nearest. Moments are whole numbers, of any unit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Claim:
    """One resource that has the id, from when it was first seen until it was gone."""

    number: int
    type: str
    first_seen: int
    gone_at: int | None

    def lives_at(self, moment: int) -> bool:
        """Whether it is there; one that was seen once only was there at that moment."""
        if self.gone_at is None or moment == self.first_seen:
            return self.first_seen <= moment
        return self.first_seen <= moment < self.gone_at


@dataclass(frozen=True, slots=True)
class Span:
    """The resource `number` holds the id from `since` (None: always) until before `until` (None: for good)."""

    number: int
    since: int | None
    until: int | None


def spans(claims: Collection[Claim]) -> list[Span]:
    """The holders in the order of time; a time in which it cannot be told has none."""
    if not claims:
        return []
    moments = sorted({c.first_seen for c in claims} | {c.gone_at for c in claims if c.gone_at is not None})
    holders: list[Claim | None] = []
    for moment in moments:
        live = [c for c in claims if c.lives_at(moment)]
        before = holders[-1] if holders else None
        holders.append(_holder(live, before) if live else before)
    bounds: list[int | None] = [None, *moments[1:], None]
    found = [Span(h.number, s, u) for h, (s, u) in zip(holders, pairwise(bounds), strict=True) if h is not None]
    return _merged(found)


def _holder(live: Sequence[Claim], before: Claim | None) -> Claim | None:
    """Who of the living holds the id: not a part of another (`aws_s3_bucket_policy`), nor two things of two types."""
    types = {c.type for c in live}
    main = {t for t in types if not any(t.startswith(f"{other}_") for other in types)}
    if len(main) > 1:
        return None
    able = [c for c in live if c.type in main]
    return before if before in able else min(able, key=lambda c: (c.first_seen, c.number))


def _merged(found: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in found:
        if merged and merged[-1].number == span.number and merged[-1].until == span.since:
            merged[-1] = Span(span.number, merged[-1].since, span.until)
        else:
            merged.append(span)
    return merged
