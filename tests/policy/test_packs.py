"""Packs: one table sets the level of many rules; a rule's own table goes first; a bundle holds packs too."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from infragod.cli.main import main
from infragod.errors import SetupError
from infragod.policy import concern, header, packs, rules
from infragod.policy.bundle import Bundle, gather
from infragod.policy.rules import Rule
from infragod.resource import Level
from infragod.settings import Settings

Folder = Callable[..., Settings]
KNOWN = ["budget", "commitments", "cost", "freeze", "lifecycle", "location", "quota", "security", "sizing", "tagging"]


def by_id(settings: Settings) -> dict[str, Rule]:
    return {rule.id: rule for rule in rules.load(settings).all}


def test_every_built_in_rule_is_in_a_pack(folder: Folder) -> None:
    assert packs.names(rules.load(folder()).all) == KNOWN


def test_a_rule_without_a_pack_is_in_own(folder: Folder, rule_text: str) -> None:
    assert by_id(folder(no_deletes=rule_text))["no-deletes"].header.pack == "own"


def test_a_pack_sets_its_rules_and_a_rules_own_table_goes_first(folder: Folder) -> None:
    found = by_id(
        folder(
            '[packs.tagging]\nlevel = "mandatory"\n[packs.lifecycle]\nenabled = false\n'
            '[rules.tag-spelling]\nlevel = "approval"\n[rules.log-retention]\nenabled = true\ndays = 90\n'
        )
    )
    assert found["mandatory-tags"].level is Level.MANDATORY
    assert found["tag-spelling"].level is Level.APPROVAL
    assert (found["log-retention"].enabled, found["log-retention"].values["days"]) == (True, 90)
    assert not found["expiry-tag"].enabled
    assert found["cost-of-change"].level is Level.APPROVAL


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[packs.taging]", "there is no pack 'taging'; did you mean 'tagging'?"),
        ("[packs.tagging]\nlevels = 1", r"\[packs.tagging\]: a pack has no 'levels'; did you mean 'level'?"),
        ('[packs.tagging]\nlevel = "hard"', r"\[packs.tagging\]: level is 'hard'"),
        ("[packs]\ntagging = 1", r"packs.tagging is no table; write \[packs.tagging\]"),
        ("packs = 1", r"packs is no table; write \[packs.<name>\]"),
        ("[packs.tagging]\nenabled = true\n[rules]\nmandatory-tags = 1", "mandatory-tags has no parameter ''"),
        ("rules = 1\n[packs.tagging]\nenabled = true", "rules is no table"),
    ],
)
def test_wrong_packs_are_one_sentence(folder: Folder, toml: str, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        rules.load(folder(toml))


def test_a_bundle_writes_packs_out_and_a_folder_may_not_loosen_one(folder: Folder) -> None:
    content = gather.content(folder('[packs.tagging]\nlevel = "approval"\n'))
    assert content.tables["mandatory-tags"] == {"level": "approval"}
    law = Bundle(3, content.digest, datetime(2026, 11, 1, tzinfo=UTC), "controller", "", "", content)
    tighter = rules.load(folder('[packs.tagging]\nlevel = "mandatory"\n'), law)
    assert {rule.level for rule in tighter.all if rule.header.pack == "tagging"} == {Level.MANDATORY}
    with pytest.raises(SetupError, match='level = "advisory" is looser than bundle 3'):
        rules.load(folder('[packs.tagging]\nlevel = "advisory"\n'), law)


def test_the_list_of_one_pack(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder()
    assert main(["rules", "list", "--pack", "freeze", "--format", "json"]) == 0
    assert [rule["id"] for rule in json.loads(capsys.readouterr().out)] == ["freeze-period"]
    assert main(["rules", "list", "--pack", "freez"]) == 2
    assert "there is no pack 'freez'; did you mean 'freeze'?" in capsys.readouterr().err


def test_a_rule_is_run_only_where_there_is_something_for_it(folder: Folder) -> None:
    found = by_id(folder('[rules.allowed-regions]\nregions = ["us-*"]\n'))
    gateway = {"resource": {"type": ["aws_nat_gateway"], "action": ["create"]}}
    machine = {"resource": {"type": ["aws_instance"], "action": ["update"]}}
    names = {name: {r.id for r in concern.due(list(found.values()), t)} for name, t in (("g", gateway), ("m", machine))}
    assert "nat-outside-production" in names["g"] - names["m"]
    assert "expiry-tag" in names["m"] - names["g"]  # the types are those of its parameter
    assert {"mandatory-tags", "allowed-regions", "unpriced-resources"} <= names["g"] & names["m"]
    assert not {"cost-by-environment", "freeze-period", "budget-of-owner", "stateful-delete"} & names["m"]
    asked = {**machine, "attribute": {"name": ["instance_type"]}, "budget": {"team": ["checkout"]}}
    more = {rule.id for rule in concern.due(list(found.values()), asked)} - names["m"]
    assert more == {"old-generation", "expensive-family", "budget-of-owner", "budget-spent"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('types = ["$type"]', "a parameter of type patterns in types is '\\$type'; it is one of \\$types"),
        ('needs = ["nothing"]', "needs is 'nothing'; it is one of types, plan, resource"),
        ('actions = ["destroy"]', "actions is 'destroy'; it is one of create"),
    ],
)
def test_what_a_rule_needs_must_be_there(rule_text: str, line: str, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        header.parse(rule_text.replace("-- mend", f"-- {line}\n-- mend", 1), "x")
