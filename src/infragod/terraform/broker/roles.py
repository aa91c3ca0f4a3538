"""The roles that the server may assume for grants: the tables `[broker.roles.<name>]` of the settings.

[broker.roles.shop]
role_arn = "arn:aws:iam::123456789012:role/infragod-shop"
workspaces = ["shop-*"]                 # whose grants it is for
regions = ["eu-west-1", "us-east-1"]    # a plan elsewhere is refused; a plan that does not tell gets these
external_id = "…"                       # what the role's trust asks for, if it does
minutes = 60                            # the longest session, 15 to 720
also = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::packages/*"] }]
[broker.types]
aws_brandnew_thing = "brandnew"         # the service of a type that InfraGod does not know yet
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from infragod.errors import SetupError
from infragod.settings import Settings
from infragod.terraform.broker import BrokerRefusedError, Refusal

_KEYS: Final = ("role_arn", "workspaces", "regions", "external_id", "minutes", "also")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_ARN: Final = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role/[\x21-\x7e]{1,512}")
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")
_EXTERNAL: Final = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z*?]+")
_SERVICE: Final = re.compile(r"[a-z0-9-]+")
_SHORTEST: Final = 15
_LONGEST: Final = 720


@dataclass(frozen=True, slots=True)
class Also:
    """Actions that each session gets besides."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """A role that the server assumes."""

    name: str
    arn: str
    workspaces: tuple[str, ...]
    regions: tuple[str, ...] = ()
    external_id: str = ""
    minutes: int = 60
    also: tuple[Also, ...] = ()

    @property
    def account(self) -> str:
        """The account that it belongs to."""
        return self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The kind of AWS: `aws`, `aws-cn`, `aws-us-gov`."""
        return self.arn.split(":")[1]

    def serves(self, workspace: str) -> bool:
        """Whether it is for grants of `workspace`."""
        return any(fnmatchcase(workspace, pattern) for pattern in self.workspaces)


@dataclass(frozen=True, slots=True)
class Roles:
    """All of them, and the services of types that are unknown here."""

    roles: tuple[Role, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    def choose(self, workspace: str, name: str = "") -> Role:
        """The role for `workspace`: the one named, or the only one."""
        fitting = [role for role in self.roles if role.serves(workspace) and name in ("", role.name)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            names = ", ".join(role.name for role in fitting)
            raise BrokerRefusedError(
                Refusal.ROLE, f"the roles {names} are all for {workspace}; name one, by --role or the setting aws_role"
            )
        which = f"role {name!r} is not set" if name else "no role is set"
        raise BrokerRefusedError(
            Refusal.ROLE,
            f"{which} for {workspace}; an operator adds it to a [broker.roles.NAME] of the server's settings",
        )


def roles(settings: Settings) -> Roles:
    """The roles of the settings; ``SetupError`` names the first wrong one."""
    broker = settings.tables.get("broker", {})
    if not isinstance(broker, Mapping) or (odd := sorted(set(broker) - {"roles", "types"})):
        wrong = f"[broker] sets {odd[0]!r}" if isinstance(broker, Mapping) else "broker is no table"
        raise SetupError(f"{wrong}; it has the tables [broker.roles.NAME] and [broker.types]")
    tables, types = broker.get("roles", {}), broker.get("types", {})
    if not isinstance(tables, Mapping):
        raise SetupError("broker.roles is no table; write [broker.roles.NAME] with role_arn and workspaces")
    if not isinstance(types, Mapping) or not all(isinstance(s, str) and _SERVICE.fullmatch(s) for s in types.values()):
        raise SetupError('[broker.types] maps types to the prefix of their IAM actions: aws_thing = "thing"')
    return Roles(tuple(_role(name, table) for name, table in tables.items()), dict(types))


def _role(name: str, table: Any) -> Role:
    where = f"[broker.roles.{name}]"
    if not _NAME.fullmatch(name):
        raise SetupError(f"{where} has no usable name; use letters, digits, dots, - and _, at most 63 of them")
    if not isinstance(table, Mapping):
        raise SetupError(f"{where} is no table; give it role_arn and workspaces")
    if odd := sorted(set(table) - set(_KEYS)):
        raise SetupError(f"{where} sets {odd[0]!r}, which it does not know; it knows {', '.join(_KEYS)}")
    arn, external, minutes = table.get("role_arn"), table.get("external_id", ""), table.get("minutes", 60)
    if not isinstance(arn, str) or not _ARN.fullmatch(arn):
        raise SetupError(f"{where} sets role_arn to {arn!r}; it is the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME")
    if not isinstance(external, str) or (external and not _EXTERNAL.fullmatch(external)):
        raise SetupError(f"{where} has an external_id that AWS does not take; it is 2 to 1224 of A-Za-z0-9+=,.@:/-_")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not _SHORTEST <= minutes <= _LONGEST:
        raise SetupError(f"{where} sets minutes to {minutes!r}; it is {_SHORTEST} to {_LONGEST}, as AWS gives")
    workspaces, regions = _texts(where, "workspaces", table), _texts(where, "regions", table)
    if not workspaces:
        raise SetupError(f'{where} names no workspaces; write workspaces = ["shop-*"]')
    if wrong := [region for region in regions if not _REGION.fullmatch(region)]:
        raise SetupError(f"{where} names the region {wrong[0]!r}, which is none; write it as eu-west-1")
    return Role(name, arn, workspaces, regions, external, minutes, _also(where, table.get("also", [])))


def _texts(where: str, key: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(text, str) and text for text in found):
        raise SetupError(f"{where} sets {key} to {found!r}; it is a list of texts")
    return tuple(found)


def _also(where: str, given: Any) -> tuple[Also, ...]:
    wanted = {"actions", "resources"}
    if not isinstance(given, list) or not all(isinstance(one, Mapping) and set(one) == wanted for one in given):
        raise SetupError(f"{where} sets also wrongly; write also = [{{ actions = [...], resources = [...] }}]")
    found = tuple(Also(_texts(where, "actions", one), _texts(where, "resources", one)) for one in given)
    for one in found:
        if not one.actions or not one.resources or not all(map(_ACTION.fullmatch, one.actions)):
            raise SetupError(f"{where} sets also without actions such as s3:GetObject, or without resources; add them")
    return found
