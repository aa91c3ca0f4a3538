"""approvals.toml: what it may say, and how what it may not say is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.approval.ask import TEXT, law, user

from infragod.approval.authority import Account, Authority
from infragod.errors import SetupError

PERSON = '[people.a]\nusers = ["x"]\n[people.b]\n'


def test_a_whole_file_is_read() -> None:
    found = law()
    large, small = found.clauses
    assert (large.name, large.above, large.count, large.by) == ("large", Decimal(1000), 2, ("finance",))
    assert small.by == ("team-lead", "finance")
    assert found.deputies[0].first == date(2026, 11, 10)
    assert found.members(("finance", "lead of search")) == {"controller", "financial engineer", "lead of search"}
    assert found.waivers_by == ("finance",)
    assert len(found.digest) == 64


def test_an_account_is_one_person_s_and_of_its_kind() -> None:
    found = law()
    assert found.person(user("lead-user")) == found.people["lead of checkout"]
    assert found.person(Account("token", "lead-user")) is None
    assert found.person(user("lead-on-the-forge")) is None  # an alias bars, and never lets in
    assert found.person(Account("link", "controller")) == found.people["controller"]


def test_whoever_asked_is_known_by_any_name() -> None:
    for name in ("lead-user", "lead-checkout", "lead-on-the-forge", "lead of checkout"):
        assert law().called(frozenset({name})) == {"lead of checkout"}
    assert law().called(frozenset({"pipeline"})) == frozenset()


def test_the_version_changes_with_the_text() -> None:
    assert law().digest != law(TEXT + "\n").digest
    assert Authority().digest == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[people", "not valid TOML"),
        ("people = 1", "is no table"),
        ("[people.a]\nuser = ['x']", "'user', which means nothing there"),
        ("[people.a]\nusers = 'x'", "users is 'x'; it takes a list of texts"),
        ("[people.a]\nusers = []", "it takes a list of texts"),
        (PERSON + "[people.c]\nusers = ['x']", "'x' in users is of 'a' and of 'c'"),
        (PERSON + "[roles]\na = ['b']", "is a person and a role"),
        (PERSON + "[roles]\nfinance = ['z']", "finance has 'z', who is not in [people]"),
        ("[people.team-lead]", "no name for a person"),
        (PERSON + "[[approve]]", "lacks by"),
        (PERSON + "[[approve]]\nby = ['z']", "by names 'z', who is neither"),
        (PERSON + "[[approve]]\nby = ['a']\ncount = 2", "count is 2, but by names 1 people"),
        (PERSON + "[[approve]]\nby = ['a']\ncount = 0", "a whole number from 1"),
        (PERSON + "[[approve]]\nby = ['a']\ncount = true", "a whole number from 1"),
        (PERSON + "[[approve]]\nby = ['a']\nabove = 1.5", "an amount such as"),
        (PERSON + "[[approve]]\nby = ['a']\nabove = 'NaN'", "an amount such as"),
        (PERSON + "[[approve]]\nby = ['a']\nabove = 'much'", "an amount such as"),
        (PERSON + "[[approve]]\nby = ['a']\nabove = '5'\nup_to = 5", "up_to 5 is not more than above 5"),
        (PERSON + "[[approve]]\nby = ['a']\nrule = ['x']", "'rule', which means nothing there"),
        ("approve = 1", "tables headed [[approve]]"),
        (PERSON + "[[deputy]]\nfor = 'a'\nis = 'b'\nfrom = 2026-01-01", "lacks until"),
        (PERSON + "[[deputy]]\nfor = 'a'\nis = 'z'\nfrom = 2026-01-01\nuntil = 2026-01-02", "no person 'z'"),
        (PERSON + "[[deputy]]\nfor = 'a'\nis = 'b'\nfrom = 2026-01-03\nuntil = 2026-01-02", "is before from"),
        (PERSON + "[[deputy]]\nfor = 'a'\nis = 'b'\nfrom = 2026-01-03T00:00:00\nuntil = 2026-01-04", "a date such as"),
        ("known_requesters = 1", "true or false"),
        ("pending_days = 400", "from 1 to 90"),
        ("[break_glass]\nhours = 100", "from 1 to 72"),
        ("[waivers]\nby = ['z']", "by names 'z'"),
    ],
)
def test_what_is_wrong_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(SetupError) as error:
        law(text)
    assert said in str(error.value)
    assert "approvals.toml" in str(error.value)
    assert "\n" not in str(error.value)
