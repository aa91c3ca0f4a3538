"""The bundle: published, proved, kept whole; a working folder may tighten it, and not loosen it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.policy import built_in

from infragod.cli.main import main
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import InputError, SetupError
from infragod.policy import bundle as bundles
from infragod.policy import rules, tighten
from infragod.policy.bundle import Bundle, Content, compare, gather, store
from infragod.resource import Level
from infragod.settings import Settings

Folder = Callable[..., Settings]
LAW = """\
[rules.mandatory-tags]
level = "approval"
keys = ["team"]
values = {environment = ["prod", "dev"]}
[rules.allowed-instance-types]
types = ["t3.*", "m7g.*"]
[rules.cost-of-change]
limit = "500.00"
unknown = "approve"
"""


def bundled(content: Content, number: int = 41) -> Bundle:
    return Bundle(number, content.digest, datetime(2026, 11, 1, tzinfo=UTC), "controller", "", "", content)


def test_content_is_canonical(folder: Folder) -> None:
    content = gather.content(folder(LAW))
    assert Content.parse(content.canonical) == content
    assert content.digest == gather.content(folder(LAW + "\n# a remark\n")).digest
    assert content.digest != gather.content(folder(LAW.replace("500.00", "501.00"))).digest


def test_under_a_bundle_the_folder_without_a_word_has_the_bundles_rules(folder: Folder, rule_text: str) -> None:
    law = bundled(gather.content(folder(LAW, no_deletes=rule_text)))
    found = rules.load(folder(), law)
    assert found.label == f"bundle 41 ({built_in.ON + 1} rules)"
    by_id = {rule.id: rule for rule in found.all}
    assert by_id["cost-of-change"].values["limit"] == Decimal(500)
    assert by_id["no-deletes"].level is Level.APPROVAL


@pytest.mark.parametrize(
    "toml",
    [
        '[rules.mandatory-tags]\nkeys = ["team", "owner"]\nlevel = "mandatory"\nunknown = "deny"',
        '[rules.mandatory-tags]\nvalues = {environment = ["dev"], stage = ["a"]}',
        '[rules.allowed-instance-types]\ntypes = ["t3.micro", "m7g.*"]',
        "[rules.cost-of-change]\nlimit = 1",
        '[rules.allowed-regions]\nregions = ["us-east-1"]',
    ],
)
def test_tighter_is_allowed(folder: Folder, toml: str) -> None:
    law = bundled(gather.content(folder(LAW)))
    assert len(rules.load(folder(toml), law)) == built_in.ON


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[rules.mandatory-tags]\nlevel = "advisory"', r'level = "advisory" is looser than bundle 41, .* "approval"'),
        ('[rules.mandatory-tags]\nkeys = ["owner"]', r'keys = \["owner"\] is looser than bundle 41, .* \["team"\]'),
        ("[rules.mandatory-tags]\nvalues = {}", "values = {} is looser"),
        ('[rules.mandatory-tags]\nvalues = {environment = ["prod", "x"]}', "values = .* is looser"),
        ("[rules.mandatory-tags]\nowner_exists = false", "owner_exists = false is looser"),
        ("[rules.mandatory-tags]\nenabled = false", "enabled = false is looser"),
        ('[rules.allowed-instance-types]\ntypes = ["*"]', r'types = \["\*"\] is looser'),
        ("[rules.allowed-instance-types]\ntypes = []", r"types = \[\] is looser"),
        ("[rules.cost-of-change]\nlimit = 501", "limit = 501 is looser than bundle 41, which has 500.00"),
        ('[rules.cost-of-change]\nunknown = "warn"', 'unknown = "warn" is looser'),
        ('[rules.expiry-tag]\nkey = "until"', 'key = "until" is looser'),
    ],
)
def test_looser_is_refused(folder: Folder, toml: str, words: str) -> None:
    law = bundled(gather.content(folder(LAW)))
    with pytest.raises(SetupError, match=words) as caught:
        rules.load(folder(toml), law)
    assert "may tighten a rule, not loosen it" in str(caught.value)


def test_a_folder_may_add_a_rule_but_not_replace_one(folder: Folder, rule_text: str) -> None:
    law = bundled(gather.content(folder(LAW, no_deletes=rule_text)))
    assert len(rules.load(folder("", no_deletes=rule_text), law)) == built_in.ON + 1
    assert len(rules.load(folder("", other=rule_text.replace("no-deletes", "other")), law)) == built_in.ON + 2
    with pytest.raises(SetupError, match="would replace the rule 'no-deletes' of bundle 41"):
        rules.load(folder("", no_deletes=rule_text.replace("'delete'", "'create'")), law)
    with pytest.raises(SetupError, match="would replace the rule 'allowed-regions'"):
        rules.load(folder("", mine=rule_text.replace("no-deletes", "allowed-regions")), law)


def test_an_upgrade_changes_no_verdict(folder: Folder) -> None:
    content = gather.content(folder())
    older = {n: t.replace("default = 1000", "default = 900") for n, t in content.built_in.items()}
    found = rules.load(folder(), bundled(replace(content, built_in=older)))
    assert next(r for r in found.all if r.id == "cost-of-change").values["limit"] == Decimal(900)


LISTS = st.lists(st.sampled_from(["a", "b", "a*", "*"]), max_size=3, unique=True)
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "level": st.sampled_from(list(Level)),
        "unknown": st.sampled_from(["warn", "approve", "deny"]),
        "enabled": st.booleans(),
        "keys": LISTS,
        "owner_exists": st.booleans(),
        "values": st.dictionaries(st.sampled_from("kl"), LISTS, max_size=2),
    },
)


@hypothesis_settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(law=TABLES, mine=TABLES)
def test_whatever_is_accepted_is_nowhere_looser(tmp_path: Path, law: dict[str, Any], mine: dict[str, Any]) -> None:
    text = rules.built_in()["mandatory-tags.sql"]
    base = rules.with_settings(rules.read(text, "built-in", tmp_path), law, "bundle")
    try:
        (held,) = tighten.held((base,), {}, {"mandatory-tags": mine}, "folder", tmp_path, "bundle 1")
    except SetupError:
        assert mine
        return
    order = list(Level)
    assert order.index(held.level) >= order.index(base.level)
    assert held.enabled or not base.enabled
    assert set(held.values["keys"]) >= set(base.values["keys"])
    assert held.values["owner_exists"] or not base.values["owner_exists"]
    for key, allowed in base.values["values"].items():
        assert not allowed or held.values["values"][key]


def test_ownership_is_the_bundles(folder: Folder) -> None:
    settings = folder()
    assert bundles.ownership(settings, None) is None
    mine = settings.folder / "ownership.toml"
    law = bundled(Content({}, {}, {}, {"ownership.toml": "theirs"}))
    assert bundles.ownership(settings, law) == "theirs"
    mine.write_text("mine")
    assert bundles.ownership(settings, None) == "mine"
    with pytest.raises(SetupError, match=r"is not the ownership\.toml of bundle 41"):
        bundles.ownership(settings, law)
    mine.write_text("theirs")
    assert bundles.ownership(settings, law) == "theirs"
    mine.write_bytes(b"\xff")
    with pytest.raises(SetupError, match="cannot read"):
        bundles.ownership(settings, None)


def test_the_store_counts_and_logs_and_notices_a_change(folder: Folder) -> None:
    settings = folder()
    content = gather.content(settings)
    with Database.open(settings) as database:
        with database.begin() as connection:
            assert store.latest(connection) is None
            first = store.publish(connection, content, "controller", "c0ffee", "main")
            again = store.publish(connection, content, "controller")
            second = store.publish(connection, replace(content, documents={"usage.toml": ""}), "controller")
        with database.read() as connection:
            assert (first.number, again.number, second.number) == (1, 1, 2)
            assert store.by_number(connection, 1) == replace(
                first, created_at=store.by_number(connection, 1).created_at
            )
            assert [b.number for b in store.everyone(connection)] == [2, 1]
            assert [e.kind for e in audit.entries(connection)] == ["bundle.published"] * 2
            assert audit.verify(connection).whole
            with pytest.raises(InputError, match="there is no bundle 9"):
                store.by_number(connection, 9)
        with database.begin() as connection:
            connection.execute(store.bundle.update().values(digest="0" * 64))
            with pytest.raises(InputError, match="bundle 2 does not match its digest"):
                store.latest(connection)


def test_differences_name_settings_and_files() -> None:
    old = Content({"a": {"level": "advisory"}}, {"x.sql": "one\n"}, {}, {})
    new = Content({"a": {"level": "mandatory"}}, {}, {}, {"usage.toml": "u"})
    assert compare.differences(old, old) == ""
    assert compare.differences(old, new).splitlines() == [
        "--- a/rules/x.sql", "+++ b/rules/x.sql", "@@ -1 +0,0 @@", "-one",
        "--- a/settings [rules.a]", "+++ b/settings [rules.a]", "@@ -1 +1 @@",
        '-level = "advisory"', '+level = "mandatory"',
        "--- a/usage.toml", "+++ b/usage.toml", "@@ -0,0 +1 @@", "+u",
    ]  # fmt: skip


def test_publish_list_show_diff(folder: Folder, rule_text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", "list"]) == 0
    assert "no bundle was published yet" in capsys.readouterr().out
    folder(LAW, no_deletes=rule_text)
    assert main(["bundle", "publish"]) == 0
    done = capsys.readouterr()
    assert done.out.startswith(f"bundle 1 is in force: {built_in.ALL} built-in rules, 1 own, ")
    assert done.err == "note: the rule no-deletes has no test\n"
    assert main(["bundle", "publish"]) == 0
    assert "bundle 1 is in force already; nothing changed" in capsys.readouterr().out
    assert main(["bundle", "diff"]) == 0
    assert capsys.readouterr().out == "no difference\n"
    folder(LAW.replace("500.00", "400.00"), no_deletes=rule_text)
    assert main(["bundle", "diff"]) == 0
    assert '-limit = "500.00"\n+limit = "400.00"' in capsys.readouterr().out
    assert main(["bundle", "publish"]) == 0
    capsys.readouterr()
    assert main(["bundle", "list", "--format", "json"]) == 0
    assert [b["number"] for b in json.loads(capsys.readouterr().out)] == [2, 1]
    assert main(["bundle", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert main(["bundle", "show", "1"]) == 0
    assert '+limit = "500.00"' in capsys.readouterr().out
    assert main(["bundle", "diff", "1", "2"]) == 0
    assert '+limit = "400.00"' in capsys.readouterr().out
    assert main(["bundle", "show", "7"]) == 2
    assert capsys.readouterr().err == "infragod: there is no bundle 7; infragod bundle list shows them\n"
    assert main(["rules", "list"]) == 0
    assert capsys.readouterr().out.startswith(f"bundle 2 ({built_in.ON + 1} rules)")


def test_publish_refuses_what_is_not_committed_and_knows_the_commit(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(LAW)
    git = ["git", "-c", "user.name=ci", "-c", "user.email=ci@example.com"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "law"], check=True)
    folder(LAW + "# more")
    assert main(["bundle", "publish"]) == 2
    assert "has changes that are not committed" in capsys.readouterr().err
    assert main(["bundle", "publish", "--allow-dirty"]) == 0
    capsys.readouterr()
    assert main(["bundle", "list", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (len(row["commit"]), row["branch"]) == (40, "main")


def test_publish_from_another_folder(folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder()
    other = tmp_path / "law"
    other.mkdir()
    assert main(["bundle", "publish", "--from", str(other)]) == 2
    assert "holds no infragod.toml" in capsys.readouterr().err
    (other / "infragod.toml").write_text(LAW)
    assert main(["bundle", "publish", "--from", str(other)]) == 0
    assert main(["bundle", "show"]) == 0
    assert '+limit = "500.00"' in capsys.readouterr().out


DELETED = "[[case]]\nname = 'n'\ngiven.resource = '''\naddress|type|action\na|aws_db_x|delete\n'''"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ownership.toml", "= 5", "is not valid TOML"),
        ("usage.toml", "= 5", "is not valid TOML"),
        ("rules/tests/nobody.toml", "", "tests no rule: there is none with the id 'nobody'"),
        ("rules/tests/no-deletes.toml", DELETED, "fails: came, and is not expected: a | violation |"),
    ],
)  # fmt: skip
def test_publish_proves_everything_first(
    folder: Folder, rule_text: str, name: str, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = folder("", no_deletes=rule_text)
    path = settings.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert main(["bundle", "publish"]) == 2
    assert words in capsys.readouterr().err
    assert main(["bundle", "show"]) == 2


def test_without_git_there_is_no_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gather.origin(tmp_path) == gather.Origin()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gather.origin(tmp_path) == gather.Origin()


def test_a_document_that_is_no_text(folder: Folder) -> None:
    settings = folder()
    (settings.folder / "usage.toml").write_bytes(b"\xff")
    with pytest.raises(SetupError, match="cannot read"):
        gather.content(settings)
