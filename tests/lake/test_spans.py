"""Who held an id when: at most one at each moment, and all of time is covered where types agree."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.lake.spans import Claim, Span, spans


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([Claim(1, "a_b", 10, None)], [Span(1, None, None)]),
        # renamed at 20: the same id under another address
        ([Claim(1, "a_b", 10, 20), Claim(2, "a_b", 20, None)], [Span(1, None, 20), Span(2, 20, None)]),
        # destroyed at 20, made again by another at 30: late charges go to the last one there was
        ([Claim(1, "a_b", 10, 20), Claim(2, "a_b", 30, None)], [Span(1, None, 30), Span(2, 30, None)]),
        # moved to another workspace whose state was seen first: who has it keeps it until it is gone
        ([Claim(1, "a_b", 10, 30), Claim(2, "a_b", 20, None)], [Span(1, None, 30), Span(2, 30, None)]),
        # known to two states at once
        ([Claim(1, "a_b", 10, None), Claim(2, "a_b", 20, None)], [Span(1, None, None)]),
        ([Claim(7, "a_b", 10, None), Claim(2, "a_b", 10, None)], [Span(2, None, None)]),
        # a part of the resource has its id
        ([Claim(1, "a_b_policy", 10, None), Claim(2, "a_b", 20, None)], [Span(1, None, 20), Span(2, 20, None)]),
        # two things of two types: nobody can tell
        ([Claim(1, "a_b", 10, None), Claim(2, "a_c", 10, None)], []),
        ([Claim(1, "a_b", 10, 20), Claim(2, "a_c", 10, None)], [Span(2, 20, None)]),
        ([], []),
    ],
)
def test_holders(claims: list[Claim], expected: list[Span]) -> None:
    assert spans(claims) == expected


CLAIMS = st.lists(
    st.tuples(st.sampled_from(["a", "a_b", "c"]), st.integers(0, 9), st.none() | st.integers(1, 9)), max_size=5
).map(
    lambda rows: [Claim(n, kind, first, first + gone if gone else None) for n, (kind, first, gone) in enumerate(rows)]
)


@given(CLAIMS)
def test_spans_follow_each_other_and_name_claims(claims: list[Claim]) -> None:
    found = spans(claims)
    for before, after in itertools.pairwise(found):
        assert before.until is not None
        assert after.since is not None
        assert before.until <= after.since
    assert {s.number for s in found} <= {c.number for c in claims}
    if claims and len({c.type for c in claims}) == 1:
        assert (found[0].since, found[-1].until) == (None, None)
        assert all(a.until == b.since for a, b in itertools.pairwise(found))


@given(CLAIMS)
def test_a_claim_that_is_alone_holds(claims: list[Claim]) -> None:
    found = spans(claims)
    for moment in range(20):
        live = [c for c in claims if c.first_seen <= moment and (c.gone_at is None or moment < c.gone_at)]
        if len(live) == 1:
            held = [
                s for s in found if (s.since is None or s.since <= moment) and (s.until is None or moment < s.until)
            ]
            assert [s.number for s in held] == [live[0].number]
