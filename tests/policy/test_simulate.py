"""Simulation: recorded decisions are judged again, by what the rules saw then; nothing secret is kept."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.gate import plans

from infragod import gate
from infragod.cli.main import main
from infragod.db.connection import Database
from infragod.policy import store as record
from infragod.policy.contract import TABLES
from infragod.policy.decision import Decision
from infragod.policy.simulate import facts, store
from infragod.settings import Settings

Folder = Callable[..., Settings]
TODAY = date(2026, 11, 16)
SINCE = "2020-01-01"
OWNED = {"team": "checkout", "service": "cart", "environment": "prod"}
DRAFT = """\
-- id = "no-medium"
-- title = "Nothing is medium"
-- why = "Because."
-- level = "mandatory"
-- at = ["plan"]
-- unknown = "warn"
-- attributes = ["{attribute}"]
-- mend = "take another"
SELECT r.address, a.value LIKE '%medium' AS violation, 'is ' || a.value AS message
FROM resource AS r JOIN attribute AS a ON a.address = r.address
"""


def decide(settings: Settings, *changes: dict[str, Any]) -> Decision:
    with gate.House.open(settings) as house:
        return gate.check(gate.CheckRequest(plans.plan(*changes), "plan.json", "shop", "pipeline", TODAY), house)


def simulated(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["rules", "simulate", "--since", SINCE, "--format", "json", *arguments]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def by_rule(found: dict[str, Any]) -> dict[str, Any]:
    return {rule["rule"]: rule for rule in found["rules"]}


def test_the_same_rules_say_the_same(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    settings = folder()
    decide(settings, plans.server(), plans.server("owned", "m5.large", **OWNED))
    decide(settings, plans.server("gpu", "p4d.24xlarge"))
    found = simulated(capsys)
    assert (found["decisions"], found["without_facts"], found["rules"]) == (2, 0, [])
    assert all(line["then"] == line["now"] for line in found["verdicts"])
    assert main(["rules", "simulate", "--since", SINCE]) == 0
    assert capsys.readouterr().out.endswith("\nNo decision would have been another.\n")


def test_a_stricter_and_a_milder_setting_each_say_what_they_change(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = folder()
    bare = decide(settings, plans.server(environment="dev"))
    decide(settings, plans.server("gpu", "p4d.24xlarge", **OWNED))
    Path("try.toml").write_text(
        '[packs.tagging]\nlevel = "mandatory"\n[rules.expensive-family]\nlevel = "advisory"\n'
        "[rules.cost-of-change]\nenabled = false\n[rules.schedule-tag]\nenabled = true\n",
        encoding="utf-8",
    )
    found = simulated(capsys, "--rules", "try.toml")
    rules = by_rule(found)
    assert rules["mandatory-tags"]["denied"] == 1
    assert rules["mandatory-tags"]["examples"] == [
        {
            "decision": bare.id,
            "workspace": "shop",
            "kind": "denied",
            "address": "aws_instance.web",
            "message": "lacks service, team",
        }
    ]
    assert rules["schedule-tag"]["warned"] == 1
    assert rules["expensive-family"]["eased"] == 1
    assert rules["cost-of-change"]["released"] == 1
    assert rules["mandatory-tags"]["monthly_delta"].keys() == {"USD"}
    moved = {(line["then"], line["now"]) for line in found["verdicts"]}
    assert moved == {("warn", "deny"), ("needs_approval", "warn")}
    assert main(["rules", "simulate", "--since", SINCE, "--rules", "try.toml", "--rule", "mandatory-tags"]) == 0
    out = capsys.readouterr().out
    assert "\n     1  warn → deny\n" in out
    assert "\nmandatory-tags: 1 newly denied   (+$" in out
    assert f"    {bare.id}  shop  aws_instance.web: lacks service, team\n" in out
    assert "cost-of-change" not in out


def test_a_draft_rule_of_another_folder(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    settings = folder()
    decide(settings, plans.server())
    Path("drafts").mkdir()
    Path("drafts", "no-medium.sql").write_text(DRAFT.format(attribute="instance_type"), encoding="utf-8")
    assert by_rule(simulated(capsys, "--rules", "drafts"))["no-medium"]["denied"] == 1
    Path("drafts", "no-medium.sql").write_text(DRAFT.format(attribute="ami"), encoding="utf-8")
    found = by_rule(simulated(capsys, "--rules", "drafts"))["no-medium"]
    assert (found["denied"], found["unjudged"], found["missing_attributes"]) == (0, 1, ["ami"])
    assert main(["rules", "simulate", "--since", SINCE, "--rules", "drafts"]) == 0
    assert "no-medium: 1 not judged, for nobody had asked for ami then" in capsys.readouterr().out


def test_decisions_without_facts_are_counted_and_said(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    decide(folder("facts_days = 0"), plans.server())
    decide(folder(), plans.server())
    found = simulated(capsys)
    assert (found["decisions"], found["without_facts"]) == (2, 1)
    assert main(["rules", "simulate", "--since", SINCE]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"1 of 2 decisions since {SINCE}, judged again by built-in rules")
    assert "1 can't be: what the rules saw of them was not kept" in out


def test_what_was_waived_stays_waived(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    settings = folder()
    decision = decide(settings, plans.server(environment="dev"))
    with Database.open(settings) as database, database.begin() as connection:
        (found,) = store.recorded(connection, datetime(2020, 1, 1, tzinfo=UTC))
        content = found.document
        for finding in content["findings"]:
            finding["result"] = "waived" if finding["rule"] == "mandatory-tags" else finding["result"]
        body = zlib.compress(json.dumps(content).encode())
        connection.execute(record.document.update().values(body=body))
    assert decision.findings
    Path("try.toml").write_text('[rules.mandatory-tags]\nlevel = "mandatory"\n', encoding="utf-8")
    assert simulated(capsys, "--rules", "try.toml")["rules"] == []


def test_no_secret_is_kept(folder: Folder) -> None:
    settings = folder()
    after = {"instance_type": "hunter2-secret", "tags": {"team": "x"}, "tags_all": {"team": "x"}}
    decide(settings, plans.change("aws_instance.a", ["create"], None, after, {}, {"instance_type": True}))
    with Database.open(settings) as database, database.read() as connection:
        body = connection.execute(select(store.facts.c.body)).scalar_one()
    assert b"hunter2" not in zlib.decompress(body)
    assert b"hmac:" in zlib.decompress(body)


def test_what_is_too_old_goes(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = folder()
    decide(settings, plans.server())
    monkeypatch.setattr(store, "SWEEP", 1)
    with Database.open(settings) as database:
        with database.begin() as connection:
            assert store.forget(connection, datetime.now(UTC) - timedelta(days=1)) == 0
            assert store.forget(connection, datetime.now(UTC) + timedelta(days=1)) == 1
        with database.read() as connection:
            assert store.count(connection, datetime(2020, 1, 1, tzinfo=UTC)) == 1
        decide(settings, plans.server())
        with database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(store.facts)) == 1


def test_nothing_to_forget_in_an_empty_record(folder: Folder) -> None:
    with Database.open(folder()) as database, database.begin() as connection:
        assert store.forget(connection, datetime.now(UTC)) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "yesterday"], "--since is 'yesterday'; give a day as YYYY-MM-DD"),
        (["--since", SINCE, "--rule", "mandatory-tag"], "there is no rule 'mandatory-tag'; did you mean"),
        (["--since", SINCE, "--rules", "nowhere.toml"], "cannot read the settings file nowhere.toml"),
    ],
)
def test_wrong_questions_are_one_sentence(
    folder: Folder, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    decide(folder(), plans.server())
    assert main(["rules", "simulate", *arguments]) == 2
    assert words in capsys.readouterr().err


CELL = st.one_of(st.none(), st.text(max_size=5))


@given(st.lists(st.tuples(st.sampled_from(["create", "no-op"]), CELL, CELL), max_size=6))
def test_what_is_packed_comes_back(rows: list[tuple[str, str | None, str | None]]) -> None:
    tables: dict[str, dict[str, list[Any]]] = {name: {c: [] for c in columns} for name, columns in TABLES.items()}
    for i, (action, key, value) in enumerate(rows):
        for column in TABLES["resource"]:
            tables["resource"][column].append({"address": f"a{i}", "action": action}.get(column))
        for name, cell in {"address": f"a{i}", "key": key, "value": value}.items():
            tables["tag"][name].append(cell)
    tables["team"] = {column: [f"{column}1", f"{column}2"] for column in TABLES["team"]}
    found = facts.unpack(facts.pack(tables, {"size"}))
    assert found.attributes == {"size"}
    assert found.tables["resource"] == tables["resource"]
    assert found.tables["team"]["team"] == ["team1"]
    changed = [(f"a{i}", key, value) for i, (action, key, value) in enumerate(rows) if action == "create"]
    assert list(zip(*found.tables["tag"].values(), strict=True)) == changed
