"""The first clause that fits says who must approve."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.approval.ask import ITEM, case, law

from infragod.approval.needs import Item, Need, lead, matches, needs

PEOPLE = "[people.a]\nmail = 'a@example.com'\naliases = ['first']\n[people.b]\n[people.c]\n"


def test_the_amount_chooses_the_clause() -> None:
    (small,) = needs(law(), [ITEM], case("1000"))
    (large,) = needs(law(), [ITEM], case("1000.01"))
    assert small == Need("small", ("lead of checkout", "finance"), 1, ("budget-of-owner",))
    assert large == Need("large", ("finance",), 2, ("budget-of-owner",))
    assert (small.who, large.who) == ("lead of checkout or finance", "2 of finance")


def test_an_amount_that_is_not_known_counts_as_above_every_limit() -> None:
    (need,) = needs(law(), [ITEM], case("1", complete=False))
    assert need.clause == "large"


def test_a_limit_may_take_the_known_part_for_the_whole() -> None:
    text = PEOPLE + '[[approve]]\nup_to = "5"\nby = ["a"]\n{}[[approve]]\nby = ["b"]\n'
    (strict,) = needs(law(text.format("")), [ITEM], case("1", complete=False))
    (loose,) = needs(law(text.format("incomplete = true\n")), [ITEM], case("1", complete=False))
    assert (strict.by, loose.by) == (("b",), ("a",))


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ('rules = ["budget-*"]', True),
        ('rules = ["tag*"]', False),
        ('teams = ["checkout", "search"]', True),
        ('teams = ["search"]', False),
        ('environments = ["prod*"]', True),
        ('environments = ["staging"]', False),
        ('workspaces = ["sho?"]', True),
        ('workspaces = ["shop?"]', False),
    ],
)
def test_every_condition_must_fit(condition: str, fits: bool) -> None:  # noqa: FBT001 - a parameter of the test
    found = needs(law(f'{PEOPLE}[[approve]]\n{condition}\nby = ["a"]\n'), [ITEM], case())
    assert found[0].by == (("a",) if fits else ())


def test_what_no_clause_covers_nobody_may_approve() -> None:
    (need,) = needs(law(PEOPLE), [ITEM, replace(ITEM, rule="other")], case())
    assert need == Need("", (), 1, ("budget-of-owner", "other"))
    assert need.who == "nobody"


def test_several_teams_need_several_leads() -> None:
    text = PEOPLE + '[[approve]]\nby = ["team-lead"]\n'
    items = [Item("r", "x", "checkout"), Item("r", "y", "search"), Item("q", "y", "search")]
    found = needs(law(text), items, replace(case(), leads={"checkout": "a@example.com", "search": "first"}))
    assert [(need.by, need.rules) for need in found] == [(("a",), ("q", "r"))]
    found = needs(law(text), items, replace(case(), leads={"checkout": "b", "search": "nobody we know"}))
    assert [need.by for need in found] == [("b",), ("nobody we know",)]


def test_a_lead_is_a_name_a_mail_or_an_alias() -> None:
    authority = law(PEOPLE + "[roles]\nleads = ['b', 'c']\n")
    assert [lead(authority, text) for text in ("a", "a@example.com", "first", "leads", "who", "")] == [
        "a", "a", "a", "leads", "who", "",
    ]  # fmt: skip


def test_brackets_of_addresses_stand_for_themselves() -> None:
    assert matches(["aws_instance.web[*]"], 'aws_instance.web["a.b"]')
    assert matches(["aws_instance.web[0]"], "aws_instance.web[0]")
    assert not matches(["aws_instance.web[01]"], "aws_instance.web0")
    assert not matches(["a.c"], "abc")
