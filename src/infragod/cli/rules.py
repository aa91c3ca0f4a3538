"""`infragod rules list|explain|simulate|test`: the rules in force, what one says, and tests of the company's own."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infragod import settings as settings_module
from infragod.cli import proposals, simulate
from infragod.errors import InputError
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.policy.levels import Place, Scope
    from infragod.policy.rules import Rule, RuleSet


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `rules`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="list the rules in force")
    listing.add_argument(
        "--format", choices=("table", "json"), default="table", help="as people or as programs read it"
    )
    listing.add_argument("--pack", metavar="NAME", help="only the rules of this pack")
    explain = verbs.add_parser("explain", help="say what a rule is for, what is in force of it, and its SQL")
    explain.add_argument("id", metavar="ID", help="the rule's id")
    explain.add_argument("--format", choices=("text", "json"), default="text", help="as people or as programs read it")
    explain.add_argument("--team", metavar="NAME", default="", help="say the level that it has for this team")
    explain.add_argument("--workspace", metavar="NAME", default="", help="say the level that it has in this workspace")
    explain.add_argument("--environment", metavar="NAME", default="", help="say the level that it has there")
    simulate.configure(verbs.add_parser("simulate", help="say what these rules would have said to recorded decisions"))
    proposals.configure(
        verbs.add_parser("proposals", help="rules that were overturned too often: list, accept, reject")
    )
    test = verbs.add_parser("test", help="lint the company's own rules and run their tests")
    test.add_argument(
        "folder", metavar="DIR", nargs="?", type=Path, help="folder of rules, tests in DIR/tests (default: ./rules)"
    )


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    settings = settings_module.load(args.config)
    if args.verb == "test":
        return _test(settings, args.folder)
    if args.verb == "simulate":
        return simulate.run(args, settings)
    if args.verb == "proposals":
        return proposals.run(args, settings)
    from infragod.policy import in_force, levels, rules

    found = rules.load(settings, in_force.bundle(settings))
    for sentence in levels.strangers(found.all, *in_force.known(settings)):
        print(f"warning: {sentence}", file=sys.stderr)
    if args.verb == "list":
        print(_list(_of_pack(found, args.pack), args.format))
    else:
        place = levels.Place(args.team, args.environment, args.workspace)
        print(_explain(found, args.id, args.format, place))
    return 0


def _of_pack(found: RuleSet, pack: str | None) -> RuleSet:
    """The rules of one pack, or all of them."""
    from infragod.policy import packs
    from infragod.policy.rules import near

    known = packs.names(found.all)
    if pack is not None and pack not in known:
        raise InputError(f"there is no pack {pack!r}{near(pack, known)}")
    return replace(found, all=tuple(rule for rule in found.all if pack in (None, rule.header.pack)))


def _list(found: RuleSet, form: str) -> str:
    if form == "json":
        return json.dumps([_facts(rule) for rule in found.all], indent=2, ensure_ascii=False)
    width = max(len(rule.id) for rule in found.all)
    room = max(len(rule.header.pack) for rule in found.all)
    lines = [f"{found.label}", ""]
    lines += [
        f"{_level(rule):<10} {rule.header.pack:<{room}}  {rule.id:<{width}}  {rule.header.title}"
        for rule in sorted(found.all, key=lambda rule: (rule.header.pack, rule.id))
    ]
    return "\n".join([*lines, "", "infragod rules explain ID shows one of them, with its parameters"])


def _explain(found: RuleSet, id_: str, form: str, place: Place) -> str:
    from infragod.policy import levels
    from infragod.policy.rules import near

    by_id = {rule.id: rule for rule in found.all}
    if id_ not in by_id:
        raise InputError(f"there is no rule {id_!r}{near(id_, by_id)}")
    rule = by_id[id_]
    if form == "json":
        level, reason = levels.at(rule.level, rule.scopes, [place])
        here = {"level_here": level.value, "level_by": reason or None} if any(place) else {}
        return json.dumps(_facts(rule) | here | {"sql": rule.sql.strip()}, indent=2, ensure_ascii=False)
    return "\n".join([*_head(rule), *_here(rule, place), *_parameters(rule), "", rule.sql.strip()])


def _head(rule: Rule) -> list[str]:
    return [
        f"{rule.id}: {rule.header.title}",
        "",
        f"why      {rule.header.why}",
        f"pack     {rule.header.pack}",
        f"level    {_level(rule)}",
        *(f"         {scope.level.value} for {scope.title}" for scope in rule.scopes),
        f"unknown  {rule.unknown}",
        f"at       {', '.join(rule.header.at)}",
        f"mend     {rule.header.mend}",
        *([f"owner    {rule.owner}"] if rule.owner else []),
        f"source   {rule.source}",
    ]


def _here(rule: Rule, place: Place) -> Iterator[str]:
    """The level at the place that was asked for, and why."""
    from infragod.policy import levels

    if any(place):
        named = {"team": place.team, "environment": place.environment, "workspace": place.workspace}
        where = ", ".join(f"{kind} {name}" for kind, name in named.items() if name)
        level, reason = levels.at(rule.level, rule.scopes, [place])
        why = f"for {reason}" if reason else "the rule's own level, for no entry of its `for` matches"
        yield ""
        yield f"{where}: {level.value if rule.enabled else 'off'} ({why})"


def _parameters(rule: Rule) -> Iterator[str]:
    from infragod.policy.parameter import shown

    for parameter in rule.header.parameters:
        value = rule.values[parameter.name]
        note = "" if value != parameter.default else "   (the default)"
        yield ""
        yield f"{parameter.name} = {shown(value)}{note}"
        yield f"    {parameter.help}"


def _level(rule: Rule) -> str:
    """The level, with a `+` where it is another for some teams, workspaces or environments."""
    return rule.level.value + ("+" if rule.scopes else "") if rule.enabled else "off"


def _facts(rule: Rule) -> dict[str, Any]:
    header = rule.header
    return {
        "id": rule.id,
        "pack": header.pack,
        "title": header.title,
        "why": header.why,
        "level": rule.level.value,
        "for": [_scope(scope) for scope in rule.scopes],
        "enabled": rule.enabled,
        "unknown": rule.unknown,
        "at": list(header.at),
        "mend": header.mend,
        "owner": rule.owner or None,
        "source": rule.source,
        "parameters": {name: _plain(value) for name, value in rule.values.items()},
    }


def _scope(scope: Scope) -> dict[str, Any]:
    named = {"teams": scope.teams, "workspaces": scope.workspaces, "environments": scope.environments}
    return {kind: list(patterns) for kind, patterns in named.items() if patterns} | {"level": scope.level.value}


def _plain(value: Any) -> Any:
    """Money is decimal text; all else is JSON as it is."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else f"{value:f}"


def _test(settings: Settings, folder: Path | None) -> int:
    """Every lint problem of the company's rules, then their tests; 1 if anything is wrong."""
    from infragod.policy import linted, rules
    from infragod.policy.bundle import gather

    if folder is not None:
        if not folder.is_dir():
            raise InputError(f"{folder} is no folder; give the one that holds the rule files")
        settings = replace(settings, rules_folder=folder.absolute())
    problems = [
        f"{path}, line {problem.line}: {problem.message}"
        for path, text in rules.company_files(settings).items()
        for problem in linted.problems(text, path)
    ]
    if problems:
        print("\n".join([*problems, "", f"{len(problems)} problems; no test was run"]))
        return 1
    outcomes = gather.test(settings)
    for outcome in outcomes:
        print(f"{'failed' if outcome.faults else 'passed'}  {Path(outcome.case.where).name}")
        for fault in outcome.faults:
            print(f"        {fault}")
    untested = gather.untested(settings)
    failed = sum(bool(outcome.faults) for outcome in outcomes)
    print(
        f"\n{len(outcomes)} tests, {failed} failed"
        if outcomes
        else "no tests found: write them in rules/tests/<id>.toml"
    )
    if untested:
        print(f"without a test: {', '.join(untested)}")
    return 1 if failed else 0
