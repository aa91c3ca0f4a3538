"""What states bring is kept with its time: renamed, made anew, gone, moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infragod.db.connection import Database
from infragod.errors import InputError
from infragod.terraform.estate import store
from infragod.terraform.estate.store import Learned, Source
from infragod.terraform.state import State, StateResource

DAY = datetime(2026, 10, 1, tzinfo=UTC)


def thing(address: str = "aws_thing.a", *ids: str, tags: dict[str, str] | None = None) -> StateResource:
    return StateResource(address, "", "aws_thing", "aws", ids, (), tags or {})


def learn(
    database: Database, serial: int, *resources: StateResource, day: int = 0, lineage: str = "l", **source: Any
) -> Learned:
    found = Source(
        source.pop("workspace", "shop"), source.pop("repository", None), "p", DAY + timedelta(days=day), f"d{serial}"
    )
    with database.begin() as connection:
        return store.learn(connection, found, State(lineage, serial, "1.11", resources), DAY)


def seen(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        made = store.columns(connection)
    return list(zip(made["address"], made["ids"], made["tags"], made["first_seen"], made["gone_at"], strict=True))


def day(number: int) -> str:
    return (DAY + timedelta(days=number)).isoformat()


def test_new_same_and_gone(database: Database) -> None:
    assert learn(database, 1, thing("a", "i-1"), thing("b", "i-2"), thing("c")) == Learned("shop", 2, 2, 0)
    assert learn(database, 2, thing("a", "i-1"), day=1) == Learned("shop", 1, 0, 1)
    assert seen(database) == [
        ("a", '["i-1"]', "{}", day(0), None),
        ("b", '["i-2"]', "{}", day(0), day(1)),
    ]


def test_renamed_and_made_anew(database: Database) -> None:
    learn(database, 1, thing("a", "i-1"), thing("b", "i-2"))
    assert learn(database, 2, thing("z", "i-1"), thing("b", "i-3"), day=1) == Learned("shop", 2, 2, 2)
    assert sorted(row[:2] + row[3:] for row in seen(database)) == [
        ("a", '["i-1"]', day(0), day(1)),
        ("b", '["i-2"]', day(0), day(1)),
        ("b", '["i-3"]', day(1), None),
        ("z", '["i-1"]', day(1), None),
    ]


def test_tags_are_brought_up_to_date_in_place(database: Database) -> None:
    learn(database, 1, thing("a", "i-1", tags={"team": "x"}))
    assert learn(database, 2, thing("a", "i-1", tags={"team": "y"}), day=1) == Learned("shop", 1, 0, 0)
    assert seen(database) == [("a", '["i-1"]', '{"team": "y"}', day(0), None)]


def test_an_older_state_changes_nothing(database: Database) -> None:
    learn(database, 5, thing("a", "i-1"))
    assert learn(database, 4, day=1) == Learned("shop", read=False, older=5)
    assert len(seen(database)) == 1
    assert learn(database, 1, day=2, lineage="another").gone == 1  # begun anew: its serials begin anew


def test_time_does_not_run_backwards(database: Database) -> None:
    learn(database, 1, thing("a", "i-1"), day=5)
    learn(database, 2, day=3)
    assert seen(database) == [("a", '["i-1"]', "{}", day(5), day(5))]


def test_repositories_and_digests(database: Database) -> None:
    learn(database, 1, thing("a", "i-1"), repository="infra")
    learn(database, 1, thing("a", "i-2"), workspace="other")
    learn(database, 2, thing("a", "i-1"))
    with database.read() as connection:
        assert store.known(connection) == {"shop": ("d2", "infra"), "other": ("d1", None)}
        assert store.columns(connection)["repository"] == ["infra", None]


@pytest.mark.parametrize("name", ["", "x" * 301])
def test_a_workspace_needs_a_name(database: Database, name: str) -> None:
    with pytest.raises(InputError, match="name it by --workspace"):
        learn(database, 1, workspace=name)


def test_nothing_is_known_at_first(database: Database) -> None:
    with database.read() as connection:
        assert store.columns(connection) == {name: [] for name in store.RESOURCE_COLUMNS}
