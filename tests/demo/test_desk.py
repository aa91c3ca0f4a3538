"""What people did about plans of the example company: every page has something to show, at its own time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from infragod import gate
from infragod.approval.requests import store as requests
from infragod.db import audit
from infragod.db.connection import Connection
from infragod.demo import build, desk
from infragod.incidents import store as incidents
from infragod.policy.grants import store as grants
from infragod.policy.waivers import store as waivers
from infragod.terraform import store as states

DAY = date(2026, 11, 22)
EVENING = datetime(2026, 11, 22, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The database of a small company on a fixed day."""
    root: Path = tmp_path_factory.mktemp("desk") / "home"
    build.build(root, DAY, rows=2_000)
    with gate.House.open(build.settings_of(root)) as house, house.database.read() as connection:
        yield connection


def test_another_day_is_shown_in_its_evening() -> None:
    assert desk.moment(DAY) == EVENING or desk.moment(DAY).date() == DAY
    assert desk.moment(date(2025, 3, 3)) == datetime(2025, 3, 3, 17, tzinfo=UTC)


def test_requests_wait_and_have_ended(done: Connection) -> None:
    at = desk.moment(DAY)
    waiting = requests.listed(done, "pending", at)
    assert {r.workspace for r in waiting} >= {"data-prod", "marketplace-prod"}
    assert any(vote.person == "controller" for r in waiting for vote in r.votes)
    assert requests.listed(done, "expired", at)


def test_a_waiver_is_about_to_end_and_others_ended(done: Connection) -> None:
    states_of = {w.id: w.state(DAY) for w in waivers.everyone(done)}
    assert sorted(states_of.values()) == ["ended", "ending", "expired", "open", "proposed"]


def test_the_glass_was_broken_and_its_grant_used(done: Connection) -> None:
    (found,) = incidents.recent(done)
    assert (found.kind, found.subject) == ("break-glass", "fulfilment-prod")
    (grant,) = grants.recent(done, decision=found.details["decision"])
    assert grant.state.value == "used"
    story = audit.story(done, {f"incident {found.number}", f"decision {found.details['decision']}"})
    assert [entry.kind for entry in story][:2] == ["break-glass", "incident.opened"]
    assert len(incidents.recent(done, closed=True)) == 2


def test_grants_are_in_every_state_that_pages_tell_apart(done: Connection) -> None:
    found = {grant.state_at(desk.moment(DAY)).value for grant in grants.recent(done)}
    assert found == {"issued", "claimed", "used", "expired", "released"}


def test_states_are_stored_and_one_is_locked(done: Connection) -> None:
    assert len(states.currents(done)) == 8
    assert set(states.locks(done)) == {"platform-prod"}
    assert audit.verify(done).whole
