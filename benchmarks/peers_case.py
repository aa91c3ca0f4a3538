"""One estate said twice, as HCL and as the plan that Terraform makes of it, and what is wrong in it.

The rules that all programs are asked for: the tags team, service and environment; machines of t3 and m7g; the region
us-east-1 alone; disks encrypted. ``CASES`` are the things that tell programs apart; ``grown`` is any number of them.
No provider was at hand where this was written: the plan is composed in the format that Terraform 1.11 prints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

RULES: Final = ("tags", "type", "region", "encryption")
AWS: Final = "registry.terraform.io/hashicorp/aws"
ALL: Final = {"team": "checkout", "service": "cart", "environment": "prod"}
DEFAULTS: Final = {"service": "cart", "environment": "prod"}
UNTIL_APPLY: Final = "random_pet.name.id"
"""What HCL says for a value that only the apply tells."""


@dataclass(frozen=True, slots=True)
class Case:
    """One resource: its address, what is said of it, and per rule whether it is `wrong` or can't be told (`unknown`).

    `tags` of None are a map that only the apply tells; a value of None is such a value. `defaults`: its provider
    gives ``DEFAULTS``. `action` is what the plan does to it.
    """

    name: str
    why: str
    truth: Mapping[str, str]
    kind: str = "aws_instance"
    tags: Mapping[str, str | None] | None = field(default_factory=lambda: dict(ALL))
    instance_type: str | None = "t3.medium"
    encrypted: bool | None = True
    region: str = "us-east-1"
    defaults: bool = False
    module: str = ""
    action: str = "create"

    @property
    def address(self) -> str:
        """Its address in the plan."""
        return f"{self.module}{self.kind}.{self.name}"

    @property
    def provider(self) -> str:
        """The provider's alias; empty: the default one."""
        return "defaults" if self.defaults else "" if self.region == "us-east-1" else "abroad"


CASES: Final = (
    Case("good", "all is well", {}),
    Case("bare", "no tag at all", {"tags": "wrong"}, tags={}),
    Case("partial", "one tag is missing", {"tags": "wrong"}, tags={"team": "checkout", "service": "cart"}),
    Case("empty", "a tag is empty", {"tags": "wrong"}, tags={**ALL, "team": ""}),
    Case("defaulted", "tags come from the provider's default_tags", {}, tags={"team": "checkout"}, defaults=True),
    Case("late", "a tag's value is known after the apply", {"tags": "unknown"}, tags={**ALL, "team": None}),
    Case("hidden", "the map of tags is known after the apply", {"tags": "unknown"}, tags=None),
    Case("inner", "inside a module, without tags", {"tags": "wrong"}, tags={}, module="module.app."),
    Case("huge", "a machine that is not allowed", {"type": "wrong"}, instance_type="p4d.24xlarge"),
    Case("any", "a machine whose type is known after the apply", {"type": "unknown"}, instance_type=None),
    Case("abroad", "a provider in another region", {"region": "wrong"}, region="eu-west-3"),
    Case("plain", "a disk that is not encrypted", {"encryption": "wrong"}, kind="aws_ebs_volume", encrypted=False),
    Case(
        "maybe", "encryption is known after the apply", {"encryption": "unknown"}, kind="aws_ebs_volume", encrypted=None
    ),
    Case("standing", "without tags, and not changed by this plan", {}, tags={}, action="no-op"),
    Case("leaving", "without tags, and deleted by this plan", {}, tags={}, action="delete"),
)


def grown(count: int) -> tuple[Case, ...]:
    """`count` new resources of the root module, two of three of them in order."""
    kinds: tuple[Mapping[str, Any], ...] = (
        {},
        {"kind": "aws_ebs_volume"},
        {"tags": {"team": "checkout"}, "truth": {"tags": "wrong"}},
        {"instance_type": "m7g.large"},
        {"kind": "aws_ebs_volume", "encrypted": False, "truth": {"encryption": "wrong"}},
        {"instance_type": "m5.large", "truth": {"type": "wrong"}},
    )
    return tuple(Case(**{"name": f"n{i}", "why": "", "truth": {}, **kinds[i % len(kinds)]}) for i in range(count))


def plan(cases: Iterable[Case]) -> bytes:
    """The plan of `cases` as `terraform show -json` prints it."""
    chosen = tuple(cases)
    root = [c for c in chosen if not c.module]
    inner = [c for c in chosen if c.module]
    after: dict[str, Any] = {"resources": [_planned(c) for c in root if c.action != "delete"]}
    configured: dict[str, Any] = {"resources": [_configured(c) for c in root if c.action != "delete"]}
    if inner:
        after["child_modules"] = [{"address": "module.app", "resources": [_planned(c) for c in inner]}]
        configured["module_calls"] = {
            "app": {"source": "./app", "module": {"resources": [_configured(c) for c in inner]}}
        }
    prior = {"resources": [_planned(c) for c in root if c.action in ("no-op", "delete")]}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": after},
        "resource_changes": [_change(c) for c in chosen],
        "prior_state": {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": prior}},
        "configuration": {"provider_config": _providers(chosen), "root_module": configured},
        "applyable": True,
        "complete": True,
        "errored": False,
    }
    return json.dumps(document).encode()


def hcl(cases: Iterable[Case]) -> dict[str, str]:
    """The files of the configuration: name to text. What the plan deletes is in no file any more."""
    chosen = [c for c in cases if c.action != "delete"]
    files = {"main.tf": _provider_blocks(chosen) + "\n".join(_block(c) for c in chosen if not c.module)}
    inner = [c for c in chosen if c.module]
    if inner:
        files["main.tf"] += '\nmodule "app" {\n  source = "./app"\n}\n'
        files["app/main.tf"] = "\n".join(_block(c) for c in inner)
    return files


def _attributes(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is known of a resource, and what only the apply tells."""
    given = {"ami": "ami-1"} if case.kind == "aws_instance" else {"size": 20, "type": "gp3"}
    wanted: dict[str, Any] = {"availability_zone": f"{case.region}a", **given}
    name = "instance_type" if case.kind == "aws_instance" else "encrypted"
    wanted[name] = case.instance_type if case.kind == "aws_instance" else case.encrypted
    known = {key: value for key, value in wanted.items() if value is not None}
    unknown: dict[str, Any] = {key: True for key, value in wanted.items() if value is None}
    tags = case.tags
    if tags is None:
        return known, {**unknown, "tags": True, "tags_all": True, **_computed(case)}
    every = {**DEFAULTS, **tags} if case.defaults else dict(tags)
    for key, values in (("tags", tags), ("tags_all", every)):
        known[key] = {k: v for k, v in values.items() if v is not None}
        unknown[key] = {k: True for k, v in values.items() if v is None}
    known["tags"] = known["tags"] or None
    return known, {**unknown, **_computed(case)}


def _computed(case: Case) -> dict[str, Any]:
    return {"id": True, "arn": True} if case.action == "create" else {}


def _change(case: Case) -> dict[str, Any]:
    known, unknown = _attributes(case)
    there = {**known, "id": "i-1", "arn": "arn:aws:ec2:us-east-1:1:instance/i-1"}
    return {
        **_head(case),
        "change": {
            "actions": [case.action],
            "before": None if case.action == "create" else there,
            "after": {"create": known, "no-op": there, "delete": None}[case.action],
            "after_unknown": unknown if case.action != "delete" else {},
            "before_sensitive": False,
            "after_sensitive": {},
        },
    }


def _planned(case: Case) -> dict[str, Any]:
    return {**_head(case), "schema_version": 1, "values": _attributes(case)[0], "sensitive_values": {}}


def _head(case: Case) -> dict[str, Any]:
    head = {"address": case.address, "mode": "managed", "type": case.kind, "name": case.name, "provider_name": AWS}
    return {**head, "module_address": case.module.rstrip(".")} if case.module else head


def _configured(case: Case) -> dict[str, Any]:
    known, unknown = _attributes(case)
    said: dict[str, Any] = {k: {"constant_value": v} for k, v in known.items() if k != "tags_all" and v is not None}
    said |= {k: {"references": [UNTIL_APPLY, "random_pet.name"]} for k, v in unknown.items() if v is True}
    for computed in ("id", "arn", "tags_all"):
        said.pop(computed, None)
    if case.tags and None in case.tags.values():
        said["tags"] = {"references": [UNTIL_APPLY, "random_pet.name"]}
    key = f"aws.{case.provider}" if case.provider else "aws"
    head = {"address": f"{case.kind}.{case.name}", "mode": "managed", "type": case.kind, "name": case.name}
    return {**head, "provider_config_key": key, "expressions": said, "schema_version": 1}


def _providers(cases: Iterable[Case]) -> dict[str, Any]:
    found: dict[str, Any] = {"aws": _provider("", "us-east-1")}
    for case in cases:
        if case.provider:
            found[f"aws.{case.provider}"] = _provider(case.provider, case.region)
    return found


def _provider(alias: str, region: str) -> dict[str, Any]:
    expressions: dict[str, Any] = {"region": {"constant_value": region}}
    if alias == "defaults":
        expressions["default_tags"] = [{"tags": {"constant_value": DEFAULTS}}]
    return {"name": "aws", "full_name": AWS, **({"alias": alias} if alias else {}), "expressions": expressions}


def _provider_blocks(cases: Iterable[Case]) -> str:
    """The default provider, the others that are used, and what makes the values that only the apply tells."""
    used = {case.provider for case in cases}
    tags = "\n".join(f'      {key} = "{value}"' for key, value in DEFAULTS.items())
    blocks = {
        "": 'provider "aws" {\n  region = "us-east-1"\n}\n',
        "abroad": 'provider "aws" {\n  alias  = "abroad"\n  region = "eu-west-3"\n}\n',
        "defaults": 'provider "aws" {\n  alias  = "defaults"\n  region = "us-east-1"\n'
        f"  default_tags {{\n    tags = {{\n{tags}\n    }}\n  }}\n}}\n",
    }
    wanted = [text for alias, text in blocks.items() if not alias or alias in used]
    return "\n".join([*wanted, 'resource "random_pet" "name" {\n}\n', ""])


def _block(case: Case) -> str:
    known, unknown = _attributes(case)
    lines = [f'resource "{case.kind}" "{case.name}" {{']
    lines += [f"  provider = aws.{case.provider}"] if case.provider else []
    lines += [f"  {key} = {json.dumps(value)}" for key, value in known.items() if not isinstance(value, dict | None)]
    lines += [
        f"  {k} = {UNTIL_APPLY}" for k, v in unknown.items() if v is True and k not in ("id", "arn", "tags_all", "tags")
    ]
    if case.tags is None:
        lines.append(f"  tags = {{ for key in [{UNTIL_APPLY}] : key => key }}")
    elif case.tags:
        lines.append("  tags = {")
        lines += [f"    {k} = {UNTIL_APPLY if v is None else json.dumps(v)}" for k, v in case.tags.items()]
        lines.append("  }")
    return "\n".join([*lines, "}", ""])
