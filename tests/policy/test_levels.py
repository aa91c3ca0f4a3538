"""Levels by team, workspace and environment: which counts, who may change it, and where it is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.gate import plans

from infragod import gate
from infragod.cli.main import main
from infragod.db.connection import Database
from infragod.errors import SetupError
from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Team
from infragod.policy import cases, grants, levels, rules, tighten
from infragod.policy import store as record
from infragod.policy.bundle import gather
from infragod.policy.bundle import store as bundle_store
from infragod.policy.decision import Decision, document
from infragod.policy.levels import Place, Scope
from infragod.policy.render.text import text
from infragod.resource import Level, Verdict
from infragod.settings import Settings

Folder = Callable[..., Settings]
TODAY = date(2026, 11, 16)
OWNED = {"team": "checkout", "service": "cart", "environment": "prod"}
FOR = """\
[rules.mandatory-tags]
keys = ["cost"]
[[rules.mandatory-tags.for]]
teams = ["checkout"]
workspaces = ["shop-*"]
level = "mandatory"
[[rules.mandatory-tags.for]]
environments = ["dev"]
level = "approval"
"""


def known(settings: Settings, *teams: str) -> None:
    with Database.open(settings) as database, database.begin() as connection:
        org_store.replace(connection, Organisation(tuple(Team(t, None, None) for t in teams), ()))


def decide(settings: Settings, *changes: dict[str, Any], workspace: str = "shop-prod") -> Decision:
    with gate.House.open(settings) as house:
        return gate.check(gate.CheckRequest(plans.plan(*changes), "plan.json", workspace, "ci", TODAY), house)


def of_rule(decision: Decision, rule: str = "mandatory-tags") -> dict[str, tuple[str, str, str]]:
    return {f.address: (f.level.value, f.effect.value, f.level_by) for f in decision.findings if f.rule == rule}


def test_each_finding_has_the_level_of_its_owner_and_workspace(folder: Folder) -> None:
    settings = folder(FOR)
    servers = [
        plans.server("mine", **OWNED),
        plans.server("dev", team="search", environment="dev"),
        plans.server("mine_dev", team="checkout", environment="dev"),
        plans.server("theirs", team="search", environment="prod"),
        plans.server("nobodys"),
    ]
    mandatory = ("mandatory", "deny", "team checkout in workspace shop-prod")
    expected = {
        "aws_instance.mine": mandatory,
        "aws_instance.dev": ("approval", "needs_approval", "environment dev"),
        "aws_instance.mine_dev": mandatory,  # of two entries the strictest
        "aws_instance.theirs": ("advisory", "warn", ""),
        "aws_instance.nobodys": ("advisory", "warn", ""),  # an owner who is not known has the rule's own level
    }
    decision = decide(settings, *servers)
    assert of_rule(decision) == expected
    assert decision.verdict is Verdict.DENY
    with Database.open(settings) as database, database.read() as connection:
        counted = connection.execute(select(record.rule_count).where(record.rule_count.c.rule == "mandatory-tags"))
        assert [(row.result, row.level, row.findings) for row in counted] == [("violation", "mandatory", 5)]
    elsewhere = decide(settings, *servers, workspace="lab")
    assert of_rule(elsewhere)["aws_instance.mine"] == ("advisory", "warn", "")
    assert elsewhere.verdict is Verdict.NEEDS_APPROVAL


def test_the_level_is_the_same_where_nothing_is_kept_for_simulations(folder: Folder) -> None:
    decision = decide(folder("facts_days = 0\n" + FOR), plans.server(**OWNED))
    assert of_rule(decision) == {"aws_instance.web": ("mandatory", "deny", "team checkout in workspace shop-prod")}


def test_an_unknown_never_weighs_more_than_the_level_of_its_place(folder: Folder) -> None:
    settings = folder(FOR.replace("keys =", 'unknown = "deny"\nkeys ='))
    tags = {"team": "checkout"}
    hidden = plans.change(
        "aws_instance.a", ["create"], None, {"tags": tags, "tags_all": tags}, {"tags_all": {"cost": True}}
    )
    assert of_rule(decide(settings, hidden))["aws_instance.a"][:2] == ("mandatory", "deny")
    assert of_rule(decide(settings, hidden, workspace="lab"))["aws_instance.a"][:2] == ("advisory", "warn")


def test_what_concerns_the_whole_plan_concerns_every_team_that_it_touches(folder: Folder) -> None:
    toml = '[rules.cost-of-change]\nlimit = 1\nlevel = "advisory"\n[[rules.cost-of-change.for]]\n'
    settings = folder(toml + 'teams = ["checkout"]\nlevel = "mandatory"')
    both = [plans.server("a", **OWNED), plans.server("b", team="search")]
    assert of_rule(decide(settings, *both), "cost-of-change") == {"plan": ("mandatory", "deny", "team checkout")}
    assert of_rule(decide(settings, both[1]), "cost-of-change") == {"plan": ("advisory", "warn", "")}
    settings = folder(toml + 'workspaces = ["shop-*"]\nlevel = "approval"')
    expected = {"plan": ("approval", "needs_approval", "workspace shop-prod")}
    assert of_rule(decide(settings, plans.server("c")), "cost-of-change") == expected
    settings = folder(toml.replace("advisory", "mandatory") + 'teams = ["checkout"]\nlevel = "advisory"')
    assert of_rule(decide(settings, *both), "cost-of-change")["plan"] == ("mandatory", "deny", "")  # b's team counts
    assert of_rule(decide(settings, both[0]), "cost-of-change")["plan"] == ("advisory", "warn", "team checkout")


def test_it_is_said_wherever_the_finding_is(folder: Folder) -> None:
    found = document(decide(folder(FOR), plans.server(**OWNED)))
    (finding,) = (f for f in found["findings"] if f["rule"] == "mandatory-tags")
    assert (finding["level"], finding["level_by"]) == ("mandatory", "team checkout in workspace shop-prod")
    assert "lacks cost (mandatory for team checkout in workspace shop-prod);" in text(found).replace(
        "\n" + " " * 9, " "
    )
    other = document(decide(folder(FOR), plans.server(**OWNED), workspace="lab"))
    assert {f["level_by"] for f in other["findings"]} == {None}


def test_a_pack_and_a_case_of_a_rule_know_it_too(folder: Folder) -> None:
    settings = folder('[[packs.tagging.for]]\nteams = ["checkout"]\nlevel = "mandatory"\n')
    by_id = {rule.id: rule for rule in rules.load(settings).all}
    assert [by_id[name].scopes[0].level for name in ("mandatory-tags", "tag-spelling")] == [Level.MANDATORY] * 2
    assert not by_id["cost-of-change"].scopes
    settings_of_case = {"keys": ["cost"], "for": [{"teams": ["checkout"], "level": "mandatory"}]}
    case = cases.Case(
        "a team's level", "x", settings_of_case, TODAY,
        {"resource": [{"address": "aws_instance.a"}], "owner": [{"address": "aws_instance.a", "team": "checkout"}]},
        [{"address": "aws_instance.a", "level": "mandatory", "effect": "deny"}],
    )  # fmt: skip
    assert cases.judge(by_id["mandatory-tags"], case).faults == ()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('teams = ["a"]', "an entry has no level; it is one of advisory, approval, mandatory"),
        ('level = "mandatory"', "an entry names no teams, workspaces or environments; set the level of the rule"),
        ('team = ["a"]\nlevel = "mandatory"', "there is no 'team'; did you mean 'teams'?"),
        ('teams = "a"\nlevel = "mandatory"', r"teams is 'a'; it takes a list of texts, such as \[\"a\", \"b-\*\"\]"),
        ('teams = []\nlevel = "mandatory"', r"teams is \[\]; it takes a list of texts"),
        ('teams = ["a"]\nlevel = "hard"', "level is 'hard'; known are advisory, approval, mandatory"),
    ],
)
def test_a_wrong_entry_is_one_sentence(folder: Folder, entry: str, words: str) -> None:
    for table in ("rules.mandatory-tags", "packs.tagging"):
        with pytest.raises(SetupError, match=words) as caught:
            rules.load(folder(f"[[{table}.for]]\n{entry}\n"))
        assert "infragod.toml" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_entries_are_a_list(folder: Folder) -> None:
    with pytest.raises(SetupError, match=r"for is no list of tables; begin each entry with \[\[….for\]\]"):
        rules.load(folder('[rules.mandatory-tags]\nfor = "checkout"\n'))


def test_a_team_that_is_none_is_refused_once_teams_are_known(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = folder(FOR.replace('"checkout"', '"chekout", "s*"'))
    decide(settings, plans.server())  # nobody is known yet, so nobody is a stranger
    known(settings, "checkout", "search")
    words = "for: no team is called 'chekout'; did you mean 'checkout'?; correct the name, or bring the team in by"
    with pytest.raises(SetupError, match=words.replace("?", r"\?")):
        decide(settings, plans.server())
    assert main(["bundle", "publish"]) == 2
    assert "no team is called 'chekout'" in capsys.readouterr().err
    assert main(["rules", "list"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert ["'chekout'" in line and line.startswith("warning: ") for line in lines] == [True]
    decide(folder(), plans.server(), workspace="lab")
    folder(FOR)
    assert main(["rules", "explain", "mandatory-tags"]) == 0
    assert "no plan of a workspace 'shop-*' was decided on yet" not in capsys.readouterr().err  # of shop-prod one was
    folder(FOR.replace("shop-*", "shp-*"))
    assert main(["rules", "explain", "mandatory-tags"]) == 0
    assert capsys.readouterr().err.endswith("for: no plan of a workspace 'shp-*' was decided on yet\n")


def test_a_published_bundle_stays_in_force_when_a_team_goes(folder: Folder) -> None:
    settings = folder(FOR)
    known(settings, "checkout")
    assert main(["bundle", "publish", "--allow-dirty"]) == 0
    known(settings, "search")
    assert decide(folder(), plans.server(**OWNED)).verdict is Verdict.DENY


def test_a_working_folder_may_tighten_for_some_and_not_loosen(folder: Folder) -> None:
    bundled = FOR.replace("[rules.mandatory-tags]", '[rules.mandatory-tags]\nlevel = "approval"', 1)
    with Database.open(folder(bundled)) as database, database.begin() as connection:
        bundle = bundle_store.publish(connection, gather.content(folder(bundled)), "financial engineer")
    entry = '[[rules.mandatory-tags.for]]\nteams = ["search"]\nlevel = "{}"\n'
    found = {r.id: r for r in rules.load(folder(entry.format("mandatory")), bundle).all}["mandatory-tags"]
    assert [scope.level for scope in found.scopes] == [Level.MANDATORY, Level.APPROVAL, Level.MANDATORY]
    assert len({r.id: r for r in rules.load(folder(bundled), bundle).all}["mandatory-tags"].scopes) == len(
        found.scopes[:2]
    )  # the folder that the bundle was made of says the same once
    words = r'level for teams search = "advisory" is looser than bundle 1, which has "approval"'
    with pytest.raises(SetupError, match=words):
        rules.load(folder(entry.format("advisory")), bundle)


NAMES = st.sampled_from(["a", "b", "ab", ""])
PATTERNS = st.lists(st.sampled_from(["a", "b", "a*", "*"]), max_size=2).map(tuple)
SCOPES = st.lists(st.builds(Scope, st.sampled_from(Level), PATTERNS, PATTERNS, PATTERNS), max_size=3)


@given(
    SCOPES, st.sampled_from(Level), SCOPES, st.sampled_from(Level), st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1)
)
def test_whatever_a_folder_may_add_is_nowhere_milder(
    base: list[Scope], base_level: Level, own: list[Scope], own_level: Level, places: list[tuple[str, str, str]]
) -> None:
    before, after = _rule(base_level, base), _rule(own_level, [*base, *own])
    if any(tighten.looser(after, before)):
        return
    where = [Place(*place) for place in places]
    order = list(Level)
    old, new = (levels.at(rule.level, rule.scopes, where)[0] for rule in (before, after))
    assert order.index(new) >= order.index(old)
    assert order.index(levels.strictest(after)) >= order.index(new)
    for place in where:
        told = levels.in_any_environment(after.level, after.scopes, place.team, place.workspace)
        unsaid = Place(place.team, "", place.workspace)
        assert order.index(told) >= order.index(levels.at(after.level, after.scopes, [unsaid])[0])


def _rule(level: Level, scopes: Sequence[Scope]) -> rules.Rule:
    from infragod.policy import header, linted

    text = rules.built_in()["expensive-family.sql"]
    head = header.parse(text, "x")
    values = {p.name: p.default for p in head.parameters}
    return rules.Rule(
        head, text, "x", linted.Facts((), (), ()), level, "warn", enabled=True, values=values, scopes=tuple(scopes)
    )


def test_grants_hold_budgets_by_the_level_of_the_team() -> None:
    scope = Scope(Level.APPROVAL, teams=("checkout",), workspaces=("shop-*",))
    terms = grants.Terms(TODAY, "x", {}, Level.ADVISORY, Decimal(100), (scope,))
    assert terms.stops("checkout", "shop-prod")
    assert not terms.stops("checkout", "lab")
    assert not terms.stops("search", "shop-prod")
    assert not grants.Terms(TODAY, "x", {}, None, Decimal(100), (scope,)).stops("checkout", "shop-prod")
    milder = grants.Terms(TODAY, "x", {}, Level.MANDATORY, Decimal(100), (Scope(Level.ADVISORY, ("search",)),))
    assert (milder.stops("search", "w"), milder.stops("checkout", "w")) == (False, True)
    by_environment = (Scope(Level.MANDATORY, environments=("prod",)),)
    assert grants.Terms(TODAY, "x", {}, Level.ADVISORY, Decimal(100), by_environment).stops("search", "w")


def test_a_waiver_of_what_is_mandatory_for_somebody_needs_a_second_pair_of_eyes(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    known(folder(FOR), "checkout")
    words = ["waive", "add", "mandatory-tags", "--address", "aws_instance.*", "--workspace", "shop-*"]
    said = ["--reason", "moves", "--owner", "lead of checkout", "--days", "30"]
    if main([*words, *said]) != 0:
        pytest.fail(capsys.readouterr().err)
    assert "is proposed and covers nothing yet" in capsys.readouterr().out


def test_explain_says_the_level_for_a_team_and_a_workspace(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder(FOR)
    assert main(["rules", "explain", "mandatory-tags", "--team", "checkout", "--workspace", "shop-prod"]) == 0
    out = capsys.readouterr().out
    assert "level    advisory+\n         mandatory for teams checkout in workspaces shop-*\n" in out
    assert "team checkout, workspace shop-prod: mandatory (for team checkout in workspace shop-prod)" in out
    assert main(["rules", "explain", "mandatory-tags", "--team", "search"]) == 0
    assert "team search: advisory (the rule's own level, for no entry of its `for` matches)" in capsys.readouterr().out
    assert main(["rules", "explain", "mandatory-tags", "--environment", "dev", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["level"], found["level_here"], found["level_by"]) == ("advisory", "approval", "environment dev")
    assert found["for"][0] == {"teams": ["checkout"], "workspaces": ["shop-*"], "level": "mandatory"}
    assert main(["rules", "list"]) == 0
    assert "advisory+  tagging" in capsys.readouterr().out


def simulated(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["rules", "simulate", "--since", "2020-01-01", "--format", "json", *arguments]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {rule["rule"]: rule for rule in found["rules"]}


def test_what_would_have_been_stopped_had_a_team_been_mandatory(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = folder('[rules.mandatory-tags]\nkeys = ["cost"]\n')
    mine = decide(settings, plans.server(**OWNED))
    decide(settings, plans.server(team="search"))
    decide(settings, plans.server(**OWNED), workspace="lab")
    tried = ("--rule", "mandatory-tags", "--level", "mandatory")
    assert simulated(capsys, *tried)["mandatory-tags"]["denied"] == 3
    assert simulated(capsys, *tried, "--team", "checkout")["mandatory-tags"]["denied"] == 2
    found = simulated(capsys, *tried, "--team", "check*", "--workspace", "shop-*")["mandatory-tags"]
    assert (found["denied"], [e["decision"] for e in found["examples"]]) == (1, [mine.id])
    assert simulated(capsys, *tried, "--environment", "prod")["mandatory-tags"]["denied"] == 2
    Path("try.toml").write_text(FOR, encoding="utf-8")
    assert simulated(capsys, "--rules", "try.toml")["mandatory-tags"]["denied"] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--level", "mandatory"], "said by --rule ID and --level LEVEL together"),
        (["--team", "a", "--rule", "mandatory-tags"], "said by --rule ID and --level LEVEL together"),
        (["--level", "mandatory", "--rule", "schedule-tag"], "the rule 'schedule-tag' is off; give --rules FILE"),
    ],
)
def test_a_half_question_is_one_sentence(
    folder: Folder, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    decide(folder(), plans.server())
    assert main(["rules", "simulate", "--since", "2020-01-01", *arguments]) == 2
    assert words in capsys.readouterr().err
