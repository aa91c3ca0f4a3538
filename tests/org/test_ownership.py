"""Ownership rules: what they mean, their mistakes in one sentence, and that SQL and Python agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infragod.errors import SetupError
from infragod.org.ownership import DEFAULT, FIELDS, KINDS, Owner, Ownership, Rule
from infragod.org.ownership_sql import owner_columns

RULES = """
[[rule]]
tag = "Project"
value = ["checkout-*", "cart?"]
team = "checkout"
cost_centre = "100"

[[rule]]
account = "4711*"
team = "platform"
environment = "prod"

[[rule]]
resource = "arn:aws:s3:::logs-*"
team = "logging"

[[rule]]
terraform = "module.network.*"
team = "network"

[[rule]]
tag = ["env", "environment"]
gives = "environment"
"""


def owner(tags: dict[str, str] | None = None, *ids: str | None, rules: str = RULES) -> Owner:
    account, resource_id, address = (*ids, None, None, None)[:3]
    return Ownership.parse(rules).resolve(tags or {}, account, resource_id, address)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (owner({"Project": "checkout-7"}), Owner("checkout", None, None, "100", "tag")),
        (owner({"Project": "carts"}), Owner("checkout", None, None, "100", "tag")),
        (owner({"Project": "cart"}), Owner(None, None, None, None, None)),
        (owner({"Project": "checkout-1"}, "4711-2"), Owner("checkout", None, "prod", "100", "tag")),
        (owner({"env": "dev"}, "4711"), Owner("platform", None, "prod", None, "account")),
        (owner({"env": "", "environment": "dev"}), Owner(None, None, "dev", None, None)),
        (owner({}, None, "arn:aws:s3:::logs-eu"), Owner("logging", None, None, None, "resource")),
        (owner({}, "", "x", "module.network.aws_vpc.main"), Owner("network", None, None, None, "terraform")),
        (owner(), Owner(None, None, None, None, None)),
    ],
)
def test_the_first_rule_that_gives_a_field_wins(found: Owner, expected: Owner) -> None:
    assert found == expected


def test_without_a_file_usual_tags_count(tmp_path: Path) -> None:
    rules = Ownership.read(tmp_path / "ownership.toml")
    assert rules == Ownership.parse(DEFAULT)
    tags = {"Team": "a", "application": "b", "env": "c", "CostCenter": "d"}
    assert rules.resolve(tags, None, None, None) == Owner("a", "b", "c", "d", "tag")


def test_the_version_is_of_the_meaning(tmp_path: Path) -> None:
    path = tmp_path / "ownership.toml"
    path.write_text("# a comment\n" + RULES, encoding="utf-8")
    assert Ownership.read(path).version == Ownership.parse(RULES).version
    assert Ownership.parse(RULES.replace("4711*", "4712*")).version != Ownership.parse(RULES).version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]\n", "is not valid TOML"),
        ("[rules]\n", "has 'rules', which is not known here; known are rule"),
        ("[rule]\nteam = 'a'", "begin each rule with [[rule]]"),
        ("[[rule]]\nteam = 'a'", "rule 1 has no condition; give it one of tag, account, resource, terraform"),
        ("[[rule]]\ntag = 'a'\naccount = 'b'\nteam = 'c'", "rule 1 has tag and account; give it one of"),
        ("[[rule]]\ntag = 'a'", "must either have gives = or name team"),
        ("[[rule]]\ntag = 'a'\ngives = 'team'\nteam = 'b'", "must either have gives = or name team"),
        ("[[rule]]\ntag = 'a'\ngives = 'owner'", "has gives = 'owner'; a tag rule gives one of team"),
        ("[[rule]]\naccount = 'a'\ngives = 'team'", "has gives = 'team'; a tag rule"),
        ("[[rule]]\naccount = 'a'\nvalue = 'b'\nteam = 'c'", "has a value without a tag"),
        ("[[rule]]\ntag = []\ngives = 'team'", "has an empty list of tag"),
        ("[[rule]]\naccount = 4711\nteam = 'c'", "has account = 4711; it has to be text, and not empty"),
        ("[[rule]]\naccount = '1'\nteam = ''", "has team = ''; it has to be text"),
        ("[[rule]]\naccount = '1'\nteams = 'a'", "rule 1 has 'teams', which is not known here"),
    ],
)
def test_a_mistake_is_one_sentence(text: str, message: str) -> None:
    with pytest.raises(SetupError) as caught:
        Ownership.parse(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("ownership.toml")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "ownership.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SetupError, match="has to be readable UTF-8 text"):
        Ownership.read(path)


DUCKDB = duckdb.connect()

# A small and nasty alphabet, so that patterns match often and quoting matters.
TEXT = st.text(alphabet="ab*?%_!'\"\\$é\n", max_size=4)
SOME = TEXT.filter(bool)
PATTERNS = st.lists(SOME, min_size=1, max_size=2).map(tuple)
VALUES = st.dictionaries(st.sampled_from(FIELDS), SOME, min_size=1)
TAG_RULES = st.one_of(
    st.builds(Rule, st.just("tag"), PATTERNS, st.one_of(st.just(()), PATTERNS), st.sampled_from(FIELDS), st.just({})),
    st.builds(Rule, st.just("tag"), PATTERNS, st.one_of(st.just(()), PATTERNS), st.none(), VALUES),
)
ID_RULES = st.builds(Rule, st.sampled_from(KINDS[1:]), PATTERNS, st.just(()), st.none(), VALUES)
THINGS = st.tuples(st.dictionaries(SOME, TEXT, max_size=3), *(st.none() | TEXT for _ in range(6)))


@settings(max_examples=150, deadline=None)
@given(st.lists(TAG_RULES | ID_RULES, max_size=5), st.lists(THINGS, min_size=1, max_size=8))
def test_sql_and_python_agree(rules: list[Rule], things: list[Any]) -> None:
    ownership = Ownership(tuple(rules))
    columns = owner_columns(ownership)
    by = columns.pop("x_owner_by")
    inner = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    select = f"x_team, x_service, x_environment, x_cost_centre, {by}"
    with DUCKDB.cursor() as connection:
        connection.execute(
            'CREATE OR REPLACE TEMP TABLE t (n INT, "Tags" MAP(VARCHAR, VARCHAR), "SubAccountId" VARCHAR, '
            '"BillingAccountId" VARCHAR, '
            '"ResourceId" VARCHAR, x_terraform_address VARCHAR, x_terraform_workspace VARCHAR, '
            "x_terraform_repository VARCHAR)"
        )
        for n, (tags, *ids) in enumerate(things):
            keys, values = list(tags), list(tags.values())
            connection.execute(
                "INSERT INTO t VALUES (?, map(?::VARCHAR[], ?::VARCHAR[]), ?, ?, ?, ?, ?, ?)", [n, keys, values, *ids]
            )
        rows = connection.execute(f"SELECT {select} FROM (SELECT *, {inner} FROM t) ORDER BY n").fetchall()
    expected = [
        ownership.resolve(
            tags, account, resource, address, billing_account=billing, workspace=workspace, repository=repository
        )
        for tags, account, billing, resource, address, workspace, repository in things
    ]
    assert [Owner(*row) for row in rows] == expected
