"""The example company: its teams, services, cost centres and accounts, as `company.toml` and the CSV files say."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

HERE: Final = files("infragod.demo")
NAME: Final = "Example Company"


@dataclass(frozen=True, slots=True)
class Team:
    """A team: who pays (cost centre), where its services run (landing zone) and on what (profile)."""

    name: str
    cost_centre: str
    landing: str
    profile: str
    services: tuple[str, ...]


@cache
def teams() -> tuple[Team, ...]:
    """All teams, in the order of `company.toml`."""
    rows = _company()["teams"].items()
    return tuple(
        Team(name, centre, landing, profile, tuple(names.split())) for name, (centre, landing, profile, names) in rows
    )


def team(name: str) -> Team:
    """The team of that name."""
    return next(t for t in teams() if t.name == name)


def cost_centres() -> dict[str, str]:
    """Cost centre to its title."""
    return dict(_company()["cost_centres"])


def accounts() -> Iterator[tuple[str, str, str, str]]:
    """Each landing zone on each cloud: (cloud, landing zone, production account, staging account)."""
    for landing, (aws_production, aws_staging, gcp_production, gcp_staging) in _company()["accounts"].items():
        yield "aws", landing, aws_production, aws_staging
        yield "gcp", landing, gcp_production, gcp_staging


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of this folder's CSV files."""
    return list(csv.DictReader(text(f"{name}.csv").splitlines()))


def text(name: str) -> str:
    """The text of one of this folder's files."""
    return HERE.joinpath(name).read_text(encoding="utf-8")


@cache
def _company() -> dict[str, Any]:
    return tomllib.loads(text("company.toml"))
