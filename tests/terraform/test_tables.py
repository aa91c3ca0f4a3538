"""A plan as tables that the engine takes."""

from __future__ import annotations

from pathlib import Path

from infragod.lake.engine import Engine
from infragod.resource import PLAN_TABLES, Plan
from infragod.terraform.plan import parse, read
from infragod.terraform.tables import tables

from .conftest import KEY, PLANS


def plan(name: str) -> Plan:
    return read(PLANS / f"{name}.json", KEY)


def rows(found: Plan, sql: str, *attributes: str) -> list[tuple[object, ...]]:
    made = tables(found, attributes, "shop-prod")
    with Engine.scratch() as engine:
        for name in ("resource", "tag", "attribute"):
            assert list(made[name]) == list(PLAN_TABLES[name])
            engine.load(name, PLAN_TABLES[name], made[name])
        return engine.run(sql)


def test_resources() -> None:
    found = rows(plan("actions"), "SELECT action, count(*) FROM resource GROUP BY ALL ORDER BY ALL")
    assert found == [("create", 2), ("delete", 2), ("forget", 1), ("no-op", 2), ("replace", 3), ("update", 2)]
    states = rows(
        plan("regions"), "SELECT region_state, count(*), count(region) FROM resource GROUP BY ALL ORDER BY ALL"
    )
    assert states == [("absent", 3, 0), ("known", 9, 9), ("unknown", 5, 0)]


def test_marks() -> None:
    sql = "SELECT address FROM resource WHERE {} ORDER BY ALL"
    actions = plan("actions")
    assert rows(actions, sql.format("deposed")) == [("terraform_data.created_first",)]
    assert rows(actions, sql.format("importing")) == [("terraform_data.taken_in",)]
    assert rows(actions, sql.format("previous_address <> ''")) == [("terraform_data.here",)]


def test_tags() -> None:
    sql = "SELECT key, value FROM tag WHERE address = 'aws_s3_bucket.one_unknown' ORDER BY key"
    assert rows(plan("aws_tags"), sql) == [("owner", None), ("service", "carts")]
    assert rows(plan("aws_tags"), "SELECT count(*) FROM tag WHERE trim(value) = ''") == [(0,)]


def test_counts() -> None:
    assert tables(plan("actions"), (), "shop-prod")["plan"] == {
        "workspace": ["shop-prod"],
        "changes": [10],
        "creates": [5],
    }


def test_attributes_are_known_unknown_or_absent() -> None:
    document = b"""{"format_version":"1.2","resource_changes":[{"address":"a.b","type":"a",
      "change":{"actions":["update"],
      "before":{"size":"s","gone":"x","same":1},
      "after":{"size":"m","none":null,"flag":true,"same":1.5,"list":[{"k":"v","n":[1]}],"part":{"a":1},"gone":null},
      "after_unknown":{"later":true,"part":{"b":true}}}}]}"""
    names = ("size", "none", "flag", "same", "list", "list.0.k", "list.0.n.0", "list.1.k", "list.x", "part", "part.a",
             "part.b", "later", "later.x", "gone", "missing", "size.x")  # fmt: skip
    sql = "SELECT name, state, value, value_before FROM attribute ORDER BY name"
    assert rows(parse(document, "x", KEY), sql, *names) == [
        ("flag", "known", "true", None),
        ("later", "unknown", None, None),
        ("later.x", "unknown", None, None),
        ("list", "known", '[{"k":"v","n":[1]}]', None),
        ("list.0.k", "known", "v", None),
        ("list.0.n.0", "known", "1", None),
        ("part", "unknown", None, None),
        ("part.a", "known", "1", None),
        ("part.b", "unknown", None, None),
        ("same", "known", "1.5", "1"),
        ("size", "known", "m", "s"),
    ]


def test_an_empty_plan_has_empty_columns() -> None:
    empty = parse(b'{"format_version":"1.2","resource_changes":[]}', "x", KEY)
    assert rows(empty, "SELECT * FROM resource") == []


def test_a_path_of_a_plan_that_is_gone(tmp_path: Path) -> None:
    deleted = plan("aws_tags").by_address["aws_sqs_queue.deleted"]
    assert deleted.resource is deleted.before
