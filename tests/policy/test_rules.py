"""Rules in force: headers, settings, the company's files, and sentences for what is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.policy import built_in

from infragod.errors import SetupError
from infragod.policy import header, rules
from infragod.resource import Level, Verdict
from infragod.settings import Settings

Folder = Callable[..., Settings]


def test_built_in_rules_are_there_without_any_setting(folder: Folder) -> None:
    found = rules.load(folder())
    assert found.label == f"built-in rules ({built_in.ON}), local"
    assert (len(found), len(found.all)) == (built_in.ON, built_in.ALL)
    assert {"instance_type", "settings.0.tier"} <= found.attributes
    assert {"resource", "tag", "budget"} <= found.tables
    assert not any(table.startswith("p_") for table in found.tables)


def test_settings_are_in_force(folder: Folder) -> None:
    found = rules.load(
        folder(
            '[rules.mandatory-tags]\nlevel = "mandatory"\nunknown = "deny"\nkeys = ["team"]\n'
            "[rules.cost-of-change]\nenabled = false\n"
        )
    )
    by_id = {rule.id: rule for rule in found.all}
    tags = by_id["mandatory-tags"]
    assert (tags.level, tags.unknown_effect, tags.values["keys"]) == (Level.MANDATORY, Verdict.DENY, ("team",))
    assert "cost-of-change" not in {rule.id for rule in found.rules}
    assert found.label == f"built-in rules ({built_in.ON - 1}), local"


def test_an_unknown_never_weighs_more_than_a_violation(folder: Folder) -> None:
    found = rules.load(folder('[rules.mandatory-tags]\nlevel = "advisory"\nunknown = "deny"\n'))
    assert {r.unknown_effect for r in found.rules if r.id == "mandatory-tags"} == {Verdict.WARN}


def test_own_rules_join(folder: Folder, rule_text: str) -> None:
    found = rules.load(folder('[rules.no-deletes]\ntypes = ["aws_s3_*"]', no_deletes=rule_text))
    assert found.label == f"built-in and 1 own rules ({built_in.ON + 1}), local"
    assert next(r for r in found.rules if r.id == "no-deletes").values["types"] == ("aws_s3_*",)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[rules.mandatory-tag]", "there is no rule 'mandatory-tag'; did you mean 'mandatory-tags'?"),
        ("[rules.zzz]", "there is no rule 'zzz'; known are allowed-instance-types, "),
        ('[rules.mandatory-tags]\nkey = ["a"]', "mandatory-tags has no parameter 'key'; did you mean 'keys'?"),
        ('[rules.mandatory-tags]\nkeys = "a"', "keys is 'a'; it takes a list of texts"),
        ('[rules.mandatory-tags]\nlevel = "mandatry"', "level is 'mandatry'; did you mean 'mandatory'?"),
        ('[rules.mandatory-tags]\nunknown = "no"', "unknown is 'no'; known are approve, deny, warn"),
        ('[rules.mandatory-tags]\nenabled = "no"', "enabled is 'no'; it is true or false"),
        ("[rules]\nmandatory-tags = 1", r"\[rules.mandatory-tags\] is no table"),
        ("rules = 5", "rules is no table"),
        ('[rules.cost-of-change]\nlimit = "many"', "limit is 'many'; it takes a number"),
    ],
)
def test_wrong_settings_are_one_sentence(folder: Folder, toml: str, words: str) -> None:
    with pytest.raises(SetupError, match=words) as caught:
        rules.load(folder(toml))
    assert "infragod.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_rules_of_one_id(folder: Folder, rule_text: str) -> None:
    with pytest.raises(SetupError, match=r"has the id 'allowed-regions' of built-in rule allowed-regions\.sql"):
        rules.load(folder("", mine=rule_text.replace('"no-deletes"', '"allowed-regions"')))


def test_a_file_that_is_no_text(folder: Folder) -> None:
    settings = folder("", mine="")
    (settings.folder / "rules" / "mine.sql").write_bytes(b"\xff\xfe")
    with pytest.raises(SetupError, match="cannot read the rule files"):
        rules.load(settings)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('-- id = "no-deletes"\n', "", "the header lacks id"),
        ('"no-deletes"', '"No Deletes"', "the id 'No Deletes' is not made of small letters"),
        ('"no-deletes"', "5", "id is no text"),
        ("-- id", "-- name = 5\n-- id", "unknown key 'name'"),
        ('-- level = "approval"', '-- level = "hard"', "level is 'hard'; it is one of advisory, approval, mandatory"),
        ('-- level = "approval"', '-- level = "approval', "the header is not valid TOML"),
        ('-- at = ["plan"]', '-- at = ["bill"]', "at is 'bill'"),
        ('-- at = ["plan"]', '-- at = "plan"', "at is no list"),
        ("-- at", "-- enabled = 1\n-- at", "enabled is 1"),
        ("-- at", "-- attributes = [5]\n-- at", "attributes is no text"),
        ('-- type = "patterns"', '-- type = "pattern"', "type is 'pattern'"),
        ('-- tighter = "superset"', '-- tighter = "less"', "does not fit a patterns; fitting: subset, fewer, superset"),
        ('-- default = ["aws_db_*"]', '-- default = "aws"', "the default is not a list of texts"),
        ("[parameters.types]", "[parameters.level]", "the name is taken"),
        ("[parameters.types]", '[parameters."t t"]', "not made of small letters"),
        ("-- [parameters.types]", "-- parameters = 5\n-- [parameters_types]", "unknown key|is no table"),
    ],
)
def test_wrong_headers_are_one_sentence(rule_text: str, old: str, new: str, words: str) -> None:
    with pytest.raises(SetupError, match=words) as caught:
        header.parse(rule_text.replace(old, new, 1), "rules/x.sql")
    assert str(caught.value).startswith("rules/x.sql")


def test_parameters_must_be_a_table(rule_text: str) -> None:
    text = rule_text.split("-- [parameters", maxsplit=1)[0] + "-- parameters = 5\nSELECT 1"
    with pytest.raises(SetupError, match="parameters is no table"):
        header.parse(text, "x")


def test_a_scalar_without_default_is_no_limit_and_a_list_is_empty(rule_text: str) -> None:
    extra = '-- [parameters.{0}]\n-- type = "{1}"\n-- help = "h"\n'
    text = rule_text.replace("SELECT", extra.format("most", "decimal") + extra.format("who", "table") + "SELECT", 1)
    values = {p.name: p.default for p in header.parse(text, "x").parameters}
    assert values == {"types": ("aws_db_*",), "most": None, "who": {}}
