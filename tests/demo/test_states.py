"""The states of the example company: made of its bills, alike on every machine, read by the reader of real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.demo.conftest import TODAY

from infragod.collect.states import find
from infragod.demo import states
from infragod.demo.bill import Bills
from infragod.terraform import state


@pytest.fixture
def written(bills: Bills, tmp_path: Path) -> Path:
    states.write(tmp_path, bills.lines, TODAY, len(states.days(TODAY)) - 1)
    return tmp_path


def test_a_state_a_workspace_dated_and_of_its_repository(bills: Bills, written: Path) -> None:
    places = states.write(written, bills.lines, TODAY, len(states.days(TODAY)) - 1)
    assert (str(written / "shop"), "github.com/example-company/shop-infrastructure") in places
    found = [f for place, _ in places for f in find([place])]
    assert {"shop-prod", "payments-prod"} <= {f.workspace for f in found}
    assert {f.written_at.date() for f in found} == {states.days(TODAY)[-1]}


def test_the_same_every_time(bills: Bills, written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    states.write(again, bills.lines, TODAY, len(states.days(TODAY)) - 1)
    for path in again.rglob("*.tfstate"):
        assert path.read_bytes() == (written / path.relative_to(again)).read_bytes()


def test_the_states_hold_what_runs_under_the_ids_of_the_bill(bills: Bills, written: Path) -> None:
    held = {
        (file.workspace, resource.address): resource
        for place in sorted(written.iterdir())
        for file in find([str(place)])
        for resource in state.read(file.read(), file.place).resources
    }
    running = [p for p in states.placed(bills.lines) if p.line.starts <= states.days(TODAY)[-1] < p.line.ends]
    assert held.keys() == {(p.workspace, p.address) for p in running}
    for resource in running:
        assert held[resource.workspace, resource.address].ids == tuple(dict.fromkeys(filter(None, _ids(resource))))
        assert held[resource.workspace, resource.address].tags == resource.tags


def test_an_address_is_one_resource_at_a_time(bills: Bills) -> None:
    first = next(p.line for p in states.placed(bills.lines) if p.line.cloud == "aws")
    day = first.starts + timedelta(days=30)
    lines = [replace(first, ends=day), replace(first, starts=day, id16="0" * 16), replace(first, starts=day, ends=day)]
    found = [(p.address, p.line.starts) for p in states.placed([*bills.lines, *lines])]
    assert len(set(found)) == len(found)
    alone = [p.index for p in states.placed(lines[:2])]
    assert alone == [0, 0]


def test_before_the_move_old_services_share_a_module(bills: Bills, tmp_path: Path) -> None:
    def modules(generation: int) -> set[str]:
        folder = tmp_path / str(generation)
        places = [place for place, _ in states.write(folder, bills.lines, TODAY, generation)]
        return {r.module for f in find(places) for r in state.read(f.read(), f.place).resources}

    assert "module.shop" in modules(states.MOVED - 1)
    assert "module.shop" not in modules(states.MOVED)


def test_what_was_made_by_hand_is_in_no_state(bills: Bills) -> None:
    assert not [p for p in states.placed(bills.lines) if p.line.story]
    assert len(list(states.placed(bills.lines))) < len([line for line in bills.lines if not line.story])


def _ids(resource: states.Placed) -> tuple[str, str]:
    return resource.id, resource.link
