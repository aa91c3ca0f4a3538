"""Each method, the hierarchy, policies and rules over small bills."""

from __future__ import annotations

import pytest
from tests.finance.allocation.conftest import Give

from infragod.errors import InputError

SHARED = {"x_team": "platform", "x_service": "clusters", "cost": "100"}
OWN = ({"x_team": "checkout", "x_service": "cart", "cost": "30"}, {"x_team": "payments", "cost": "10"})
POOL = '[[pool]]\nname = "clusters"\nmatch.x_service = "clusters"\n'


def test_without_a_file_rows_are_their_owners_and_the_rest_is_in_suspense(give: Give) -> None:
    found = give("", [*OWN, {"cost": "5"}], by="x_team, x_how")
    assert found == {"checkout direct": "3E+1", "payments direct": "1E+1", "suspense suspense": "5"}


def test_even(give: Give) -> None:
    text = POOL + 'method = "even"\nto = ["team:*"]\nexcept = "team:platform"'
    assert give(text, [SHARED, *OWN]) == {"checkout": "8E+1", "payments": "6E+1"}


def test_even_of_a_cent_that_cannot_be_halved(give: Give) -> None:
    text = POOL + 'method = "even"\nto = ["team:*"]'
    assert give(text, [SHARED | {"cost": "0.000000000001"}]) == {
        "checkout": "1E-12",
        "payments": "0",
        "platform": "0",
    }


def test_fixed(give: Give) -> None:
    text = POOL + 'method = "fixed"\npercent = {"team:checkout" = 62.5, "service:card-vault" = 37.5}'
    assert give(text, [SHARED], by="x_team, x_service, x_cost_centre") == {
        "checkout None CC-1": "62.5",
        "payments card-vault CC-2": "37.5",
    }


def test_proportional_to_cost(give: Give) -> None:
    text = POOL + 'method = "proportional"\nto = ["team:checkout", "team:payments"]'
    assert give(text, [SHARED, *OWN]) == {"checkout": "105", "payments": "35"}


def test_proportional_to_some_cost_alone(give: Give) -> None:
    text = POOL + 'method = "proportional"\nto = ["service:*"]\nof.ServiceName = "Storage*"'
    rows = [SHARED, *OWN, {"x_team": "payments", "x_service": "card-vault", "ServiceName": "Storage Box", "cost": "1"}]
    assert give(text, rows, by="x_team, x_service")["payments card-vault"] == "101"


def test_hierarchy_platform_to_shared_service_to_service_to_team(give: Give) -> None:
    text = (
        '[[pool]]\nname = "network"\nmatch.ServiceName = "Transit"\nmethod = "fixed"\n'
        'percent = {"pool:clusters" = 40, "service:cart" = 60}\n' + POOL + 'method = "fixed"\n'
        'percent = {"pool:databases" = 50, "team:payments" = 50}\n'
        '[[pool]]\nname = "databases"\nmatch.ServiceName = "Database"\n'
        'method = "even"\nto = ["service:cart", "team:payments"]'
    )
    rows = [
        {"ServiceName": "Transit", "x_team": "platform", "cost": "1000"},
        SHARED,
        {"ServiceName": "Database", "x_team": "platform", "cost": "50"},
    ]
    # the clusters hold 100 and 400 of the network, the databases 50 and 250 of the clusters
    assert give(text, rows, by="x_cost_centre, x_service, x_pool") == {
        "CC-1 cart databases": "1.5E+2",
        "CC-1 cart network": "6E+2",
        "CC-2 None clusters": "2.5E+2",
        "CC-2 None databases": "1.5E+2",
    }


CYCLE = (
    '[[pool]]\nname = "a"\nmatch.ServiceName = "A"\nmethod = "fixed"\npercent = {"pool:b" = 20, "team:checkout" = 80}\n'
    '[[pool]]\nname = "b"\nmatch.ServiceName = "B"\nmethod = "fixed"\npercent = {"pool:a" = 10, "team:payments" = 90}\n'
)
AB = ({"ServiceName": "A", "cost": "100"}, {"ServiceName": "B", "cost": "50"})


def test_a_cycle_is_refused_in_a_sentence(give: Give) -> None:
    with pytest.raises(InputError, match="the pools a and b give to each other; break the cycle"):
        give(CYCLE, AB)


def test_a_cycle_is_solved_where_the_file_says_so(give: Give) -> None:
    found = give('cycles = "solve"\n' + CYCLE, AB)
    # a = 100 + 0.1 b, b = 50 + 0.2 a: a = 105/0.98, b = 70/0.98
    assert found == {"checkout": "85.714285714286", "payments": "64.285714285714"}


def test_a_cycle_without_a_way_out_is_refused(give: Give) -> None:
    text = CYCLE.replace('20, "team:checkout" = 80', "100").replace('10, "team:payments" = 90', "100")
    with pytest.raises(InputError, match="give all they have to each other and nothing to an owner"):
        give('cycles = "solve"\n' + text, AB)
