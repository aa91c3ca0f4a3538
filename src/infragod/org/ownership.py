"""Who owns a row of the bill or a resource of a plan: the rules of `ownership.toml`, and their evaluation in Python.

Rules are tried in order, and each field (team, service, environment, cost centre) takes the first rule that gives it a
value. `infragod.org.ownership_sql` says the same in SQL for millions of rows; a property test proves both equal.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from infragod.errors import SetupError

FIELDS: Final = ("team", "service", "environment", "cost_centre")
KINDS: Final = ("tag", "account", "resource", "terraform", "workspace", "repository")
_BY: Final = {"workspace": "terraform", "repository": "terraform"}

DEFAULT: Final = """\
# Who owns what. Rules are tried from top to bottom; each of team, service, environment and cost_centre takes
# the first rule that gives it a value. An empty tag counts as no tag.

[[rule]]
tag = ["team", "Team", "owner-team", "owner_team", "OwnerTeam"]
gives = "team"

[[rule]]
tag = ["service", "Service", "application", "Application", "app"]
gives = "service"

[[rule]]
tag = ["environment", "Environment", "env", "Env"]
gives = "environment"

[[rule]]
tag = ["cost_centre", "cost-centre", "CostCentre", "cost_center", "cost-center", "CostCenter"]
gives = "cost_centre"

# Further kinds of rules; * stands for any characters, ? for one:
#
# [[rule]]
# account = ["4711*", "prod-*"]         # SubAccountId or BillingAccountId; in a plan, the account it goes to
# team = "platform"
# environment = "prod"
#
# [[rule]]
# resource = "arn:aws:s3:::logs-*"      # ResourceId
# team = "platform"
# service = "logging"
#
# [[rule]]
# terraform = "module.network.*"        # address in the plan, x_terraform_address in the bill
# team = "network"
#
# [[rule]]
# workspace = "shop-*"                  # workspace whose Terraform state holds the resource; or repository = "…"
# team = "checkout"
#
# [[rule]]
# tag = "Project"                       # this tag, with one of these values
# value = "checkout-*"
# team = "checkout"
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a thing; None is not known. `owner_by` is how the team is known: tag, account, resource, terraform."""

    team: str | None
    service: str | None
    environment: str | None
    cost_centre: str | None
    owner_by: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `kind` and `patterns` say when it matches, `gives` or `values` say what it gives.

    For kind `tag`, `patterns` are tag keys and `tag_values` the patterns of their values (empty: any).
    """

    kind: str
    patterns: tuple[str, ...]
    tag_values: tuple[str, ...]
    gives: str | None
    values: Mapping[str, str]


@dataclass(frozen=True)
class Ownership:
    """The parsed rules."""

    rules: tuple[Rule, ...]

    @classmethod
    def read(cls, path: Path) -> Ownership:
        """The rules of the file `path`; where there is none, those of ``DEFAULT``."""
        try:
            text = path.read_text(encoding="utf-8") if path.exists() else DEFAULT
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError(f"cannot read {path}: {error}; it has to be readable UTF-8 text") from None
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, where: str = "ownership.toml") -> Ownership:
        """The rules of TOML `text`; ``SetupError`` names the first mistake."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SetupError(f"{where} is not valid TOML: {error}; correct that line") from None
        _known(document, {"rule"}, where)
        rules = document.get("rule", [])
        if not isinstance(rules, list) or not all(isinstance(r, dict) for r in rules):
            raise SetupError(f"{where} has a `rule` that is no list of tables; begin each rule with [[rule]]")
        return cls(tuple(_rule(r, f"{where}, rule {i}") for i, r in enumerate(rules, 1)))

    @cached_property
    def version(self) -> str:
        """A hash of what the rules mean; layout and comments do not count."""
        meaning = [[r.kind, r.patterns, r.tag_values, r.gives, sorted(r.values.items())] for r in self.rules]
        return hashlib.sha256(json.dumps(meaning).encode()).hexdigest()[:16]

    @cached_property
    def _patterns(self) -> Mapping[str, re.Pattern[str]]:
        """What any rule of a kind asks of an id: most ids meet no rule of most kinds, and one look tells it."""
        kinds = {rule.kind for rule in self.rules if rule.kind != "tag"}
        asked = {kind: [p for rule in self.rules if rule.kind == kind for p in rule.patterns] for kind in kinds}
        return {kind: re.compile("|".join(map(_expression, each)), re.DOTALL) for kind, each in asked.items()}

    def resolve(
        self,
        tags: Mapping[str, str],
        account: str | None,
        resource_id: str | None,
        address: str | None,
        *,
        billing_account: str | None = None,
        workspace: str | None = None,
        repository: str | None = None,
    ) -> Owner:
        """The owner of a thing with these tags, in this account, with this id, Terraform address and workspace."""
        found: dict[str, tuple[str, str]] = {}
        ids = {
            "account": (account, billing_account),
            "resource": (resource_id,),
            "terraform": (address,),
            "workspace": (workspace,),
            "repository": (repository,),
        }
        dead = {kind for kind, asked in self._patterns.items() if not any(i and asked.fullmatch(i) for i in ids[kind])}
        for rule in self.rules:
            if rule.kind in dead:
                continue
            for name, value in _given(rule, tags, ids.get(rule.kind, ())).items():
                found.setdefault(name, (value, known_by(rule)))
        values = {name: found[name][0] if name in found else None for name in FIELDS}
        return Owner(**values, owner_by=found["team"][1] if "team" in found else None)


def known_by(rule: Rule) -> str:
    """What `owner_by` says where `rule` gave the team: a workspace and a repository are known by Terraform's state."""
    return _BY.get(rule.kind, rule.kind)


def _given(rule: Rule, tags: Mapping[str, str], ids: Sequence[str | None]) -> Mapping[str, str]:
    if rule.kind != "tag":
        return rule.values if any(_matches(p, i) for i in ids if i for p in rule.patterns) else {}
    value = next((tags[key] for key in rule.patterns if tags.get(key)), None)
    if value is None or (rule.tag_values and not any(_matches(p, value) for p in rule.tag_values)):
        return {}
    return {rule.gives: value} if rule.gives else rule.values


def _matches(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(pattern), re.DOTALL)


def _expression(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)


def _rule(table: dict[str, Any], where: str) -> Rule:
    _known(table, {*KINDS, "value", "gives", *FIELDS}, where)
    kinds = [k for k in KINDS if k in table]
    if len(kinds) != 1:
        raise SetupError(f"{where} has {' and '.join(kinds) or 'no condition'}; give it one of {', '.join(KINDS)}")
    kind = kinds[0]
    values: dict[str, str] = {f: _text(table[f], f, where) for f in FIELDS if f in table}
    gives = table.get("gives")
    if gives is not None and (kind != "tag" or gives not in FIELDS):
        raise SetupError(f"{where} has gives = {gives!r}; a tag rule gives one of {', '.join(FIELDS)}")
    if "value" in table and kind != "tag":
        raise SetupError(f"{where} has a value without a tag; only tag rules compare values")
    if bool(gives) == bool(values):
        raise SetupError(f"{where} must either have gives = or name {', '.join(FIELDS)}, one of the two")
    tag_values = _texts(table["value"], "value", where) if "value" in table else ()
    return Rule(kind, _texts(table[kind], kind, where), tag_values, gives, values)


def _known(table: Mapping[str, Any], names: set[str], where: str) -> None:
    for name in table:
        if name not in names:
            raise SetupError(f"{where} has {name!r}, which is not known here; known are {', '.join(sorted(names))}")


def _texts(value: Any, name: str, where: str) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not items:
        raise SetupError(f"{where} has an empty list of {name}; name at least one")
    return tuple(_text(item, name, where) for item in items)


def _text(value: Any, name: str, where: str) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise SetupError(f"{where} has {name} = {value!r}; it has to be text, and not empty")
    return value
