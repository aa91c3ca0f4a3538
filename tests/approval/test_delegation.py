"""Four eyes hold through any chain of deputies, and one person is one voice."""

from __future__ import annotations

from datetime import date
from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from infragod.approval.authority import Deputy
from infragod.approval.delegation import speaks_for, voices

DAY = date(2026, 11, 16)
PEOPLE = "abcde"
people = st.sampled_from(PEOPLE)
days = st.sampled_from((date(2026, 11, 1), DAY, date(2026, 11, 30)))
chains = st.lists(
    st.builds(lambda p, d, x, y: Deputy(p, d, min(x, y), max(x, y)), people, people, days, days), max_size=12
)


def _reaches(start: str, end: str, deputies: list[Deputy], barred: frozenset[str]) -> bool:
    """The slow way: some order of people leads from the power to the person, nobody of it barred."""
    if start in barred or end in barred:
        return False
    steps = {(d.person, d.deputy) for d in deputies if d.first <= DAY <= d.last}
    others = [p for p in PEOPLE if p not in {start, end}]
    ways = ((start, *middle, end) for n in range(len(others) + 1) for middle in permutations(others, n))
    return start == end or any(all(pair in steps for pair in pairwise(way)) and barred.isdisjoint(way) for way in ways)


@given(chains, people, st.frozensets(people, max_size=2))
def test_who_asked_has_no_part_in_any_chain(deputies: list[Deputy], person: str, barred: frozenset[str]) -> None:
    found = speaks_for(person, deputies, DAY, barred)
    assert found == {p for p in PEOPLE if _reaches(p, person, deputies, barred)}
    assert found.isdisjoint(barred)


@given(chains, people)
def test_a_requester_never_approves_their_own_request(deputies: list[Deputy], requester: str) -> None:
    barred = frozenset({requester})
    votes = {p: speaks_for(p, deputies, DAY, barred) for p in PEOPLE}
    assert votes[requester] == frozenset()
    assert voices(votes, barred) == 0  # nor does anybody by their power


@given(st.dictionaries(people, st.frozensets(people)), st.frozensets(people))
def test_a_person_and_a_power_count_once(votes: dict[str, frozenset[str]], able: frozenset[str]) -> None:
    found = voices(votes, able)
    best = (
        max(
            sum(power in votes[voter] for voter, power in zip(votes, order, strict=False))
            for order in permutations([*sorted(able), *"123456"], len(votes))
        )
        if len(votes) <= 3
        else found
    )
    assert found == best
    assert found <= min(len(votes), len(able))


def test_a_deputy_and_who_they_stand_for_are_one_voice() -> None:
    votes = {"lead": frozenset({"lead"}), "deputy": frozenset({"lead"})}
    assert voices(votes, frozenset({"lead", "controller"})) == 1


def test_a_deputy_acts_from_the_first_day_to_the_last() -> None:
    deputy = Deputy("a", "b", DAY, DAY)
    assert speaks_for("b", [deputy], DAY) == {"a", "b"}
    assert speaks_for("b", [deputy], date(2026, 11, 17)) == {"b"}
    assert speaks_for("b", [deputy], date(2026, 11, 15)) == {"b"}
