"""The folder that the example company's engineers work in: its rules, owners, expected usage, teams and budgets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from infragod.demo import company

MANAGEMENT = ("402117350008", "management-0000")
HEADS = {"CC-1500": "data-platform", "CC-1600": "cloud-platform", "CC-1700": "corporate-it"}
"""Cost centres whose shared accounts have an owner, whatever the tags say."""


def write(folder: Path, home: Path) -> None:
    """Write the company's files; what was there of them is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    _text(folder / "infragod.toml", company.text("infragod.toml").replace("{home}", _toml(str(home))))
    _text(folder / "usage.toml", company.text("usage.toml"))
    _text(folder / "ownership.toml", _ownership())
    _text(folder / "allocation.toml", company.text("allocation.toml"))
    _text(folder / "approvals.toml", company.text("approvals.toml") + "".join(_lead(t.name) for t in company.teams()))
    rows = [
        (service, team.name, team.cost_centre, f"lead of {team.name}", company.cost_centres()[team.cost_centre])
        for team in company.teams()
        for service in team.services
    ]
    table(folder / "organisation.csv", ("service", "team", "cost_centre", "lead", "unit"), rows)


def table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def _lead(team: str) -> str:
    """Who leads a team, by the name that organisation.csv has, and by the name of their token."""
    names = f'tokens = ["lead-{team}"]\nmail = "lead.{team}@example.com"'
    return f'[people."lead of {team}"]\n{names}\n'


def _ownership() -> str:
    accounts = {(cloud, landing): (live, staging) for cloud, landing, live, staging in company.accounts()}
    heads = {company.team(head).landing: head for head in HEADS.values()}
    rules = [company.text("ownership.toml"), *(_modules(team) for team in company.teams() if team.landing in heads)]
    for landing, head in heads.items():
        numbers = [*accounts["aws", landing], *accounts["gcp", landing]]
        rules.append(_account(numbers, team=head, cost_centre=company.team(head).cost_centre))
    rules.append(_account(MANAGEMENT, team="cloud-platform", service="shared-clusters", cost_centre="CC-1600"))
    centres: dict[str, list[str]] = {}
    for team in company.teams():
        centres.setdefault(team.cost_centre, []).append(team.name)
    rules += [_centre(centre, names) for centre, names in centres.items()]
    return "\n".join(rules)


def _modules(team: company.Team) -> str:
    """What a service's own Terraform module made is its team's, before the account's head is asked."""
    modules = [f"module.{service.replace('-', '_')}.*" for service in team.services]
    return f"[[rule]]\nterraform = {_list(modules)}\nteam = {_toml(team.name)}\n"


def _account(numbers: Iterable[str], **gives: str) -> str:
    return f"[[rule]]\naccount = {_list(numbers)}\n" + "".join(f"{n} = {_toml(v)}\n" for n, v in gives.items())


def _centre(centre: str, teams: Iterable[str]) -> str:
    return f'[[rule]]\ntag = "team"\nvalue = {_list(teams)}\ncost_centre = {_toml(centre)}\n'


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(_toml(v) for v in values) + "]"


def _toml(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
