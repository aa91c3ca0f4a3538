"""Plan JSON (format 1.2) as `terraform show -json` writes it, from a short description of each change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Values = Mapping[str, Any]

REGISTRY: Final = "registry.terraform.io/hashicorp/"

# attributes that only the apply tells, by type; every managed resource also has an id
COMPUTED: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_instance": (
        "arn",
        "instance_state",
        "primary_network_interface_id",
        "private_dns",
        "private_ip",
        "public_dns",
    ),
    "aws_ebs_volume": ("arn", "create_time"),
    "aws_db_instance": ("address", "arn", "endpoint", "hosted_zone_id", "resource_id", "status"),
    "aws_elasticache_cluster": ("arn", "cache_nodes", "cluster_address", "configuration_endpoint"),
    "aws_eks_node_group": ("arn", "resources", "status"),
    "aws_lambda_function": ("arn", "invoke_arn", "last_modified", "qualified_arn", "version"),
    "aws_lb": ("arn", "arn_suffix", "dns_name", "vpc_id", "zone_id"),
    "aws_nat_gateway": ("association_id", "network_interface_id", "public_ip"),
    "aws_s3_bucket": ("arn", "bucket_domain_name", "bucket_regional_domain_name", "hosted_zone_id", "region"),
    "aws_security_group": ("arn", "owner_id"),
    "google_compute_instance": ("cpu_platform", "instance_id", "self_link", "tags_fingerprint"),
    "google_compute_disk": ("creation_timestamp", "disk_id", "self_link"),
}
SENSITIVE: Final[Mapping[str, tuple[str, ...]]] = {"aws_db_instance": ("password",)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a plan: `before` and `after` are its sides, None where it is not there.

    `tags` are its own tags (labels on Google Cloud); the provider's default tags are added on AWS. `unknown` names
    further attributes that only the apply tells, `references` attributes that the configuration takes from elsewhere.
    """

    kind: str
    name: str
    after: Values | None = None
    before: Values | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    index: int | str | None = None
    replace: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    references: Mapping[str, Sequence[str]] = field(default_factory=dict)
    module: str = ""

    @property
    def base(self) -> str:
        """The address without the instance key."""
        return f"module.{self.module}.{self.block}" if self.module else self.block

    @property
    def block(self) -> str:
        """The address within its module."""
        return f"{self.kind}.{self.name}"

    @property
    def address(self) -> str:
        """The address in the plan."""
        if self.index is None:
            return self.base
        return f'{self.base}["{self.index}"]' if isinstance(self.index, str) else f"{self.base}[{self.index}]"

    @property
    def provider(self) -> str:
        """The provider's short name."""
        return self.kind.partition("_")[0]


@dataclass(frozen=True, slots=True)
class Layout:
    """What surrounds the changes: providers and their default tags, the moment, the version."""

    regions: Mapping[str, str]
    default_tags: Mapping[str, str]
    timestamp: str
    terraform_version: str = "1.11.4"


def document(entries: Sequence[Entry], layout: Layout) -> dict[str, Any]:
    """The whole plan."""
    planned = [_planned(e, layout) for e in entries if e.after is not None]
    prior = [_resource(e, _side(e, e.before, layout)) for e in entries if e.before is not None]
    return {
        "format_version": "1.2",
        "terraform_version": layout.terraform_version,
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": [_change(e, layout) for e in entries],
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": layout.terraform_version,
            "values": {"root_module": {"resources": prior}},
        },
        "configuration": _configuration(entries, layout),
        "timestamp": layout.timestamp,
        "applyable": True,
        "complete": True,
        "errored": False,
    }


def _change(entry: Entry, layout: Layout) -> dict[str, Any]:
    before, after = _side(entry, entry.before, layout), _side(entry, entry.after, layout)
    change: dict[str, Any] = {
        "actions": _actions(entry),
        "before": before,
        "after": _known(entry, after),
        "after_unknown": _unknown(entry),
        "before_sensitive": _sensitive(entry, before),
        "after_sensitive": _sensitive(entry, after),
    }
    if entry.replace:
        change["replace_paths"] = [[name] for name in entry.replace]
    found = _head(entry) | {"change": change}
    if entry.replace:
        found["action_reason"] = "replace_because_cannot_update"
    return found


def _head(entry: Entry) -> dict[str, Any]:
    head = {"address": entry.address, "mode": "managed", "type": entry.kind, "name": entry.name}
    if entry.index is not None:
        head["index"] = entry.index  # type: ignore[assignment]  # a number here, as Terraform writes it
    return head | {"provider_name": REGISTRY + entry.provider}


def _actions(entry: Entry) -> list[str]:
    if entry.before is None:
        return ["create"]
    if entry.after is None:
        return ["delete"]
    if entry.replace:
        return ["delete", "create"]
    return ["no-op"] if entry.before == entry.after else ["update"]


def _side(entry: Entry, values: Values | None, layout: Layout) -> dict[str, Any] | None:
    if values is None:
        return None
    own = dict(entry.tags)
    if entry.provider == "google":
        return {**values, "labels": own or None, "effective_labels": own, "terraform_labels": own}
    return {**values, "tags": own or None, "tags_all": {**layout.default_tags, **own}}


def _known(entry: Entry, after: dict[str, Any] | None) -> dict[str, Any] | None:
    return after and {name: value for name, value in after.items() if name not in entry.unknown}


def _unknown(entry: Entry) -> dict[str, Any]:
    if entry.after is None:
        return {}
    if entry.before is not None and not entry.replace:
        return dict.fromkeys(entry.unknown, True)
    return dict.fromkeys(("id", *COMPUTED.get(entry.kind, ()), *entry.unknown), True)


def _sensitive(entry: Entry, values: dict[str, Any] | None) -> Any:
    if values is None:
        return False
    marks: dict[str, Any] = {name: True for name in SENSITIVE.get(entry.kind, ()) if name in values}
    return marks | {name: {} for name, value in values.items() if isinstance(value, dict)}


def _planned(entry: Entry, layout: Layout) -> dict[str, Any]:
    return _resource(entry, _known(entry, _side(entry, entry.after, layout)))


def _resource(entry: Entry, values: dict[str, Any] | None) -> dict[str, Any]:
    return _head(entry) | {"schema_version": 0, "values": values, "sensitive_values": _sensitive(entry, values) or {}}


def _configuration(entries: Sequence[Entry], layout: Layout) -> dict[str, Any]:
    providers: dict[str, Any] = {}
    for name in sorted({e.provider for e in entries}):
        expressions: dict[str, Any] = {"region": {"constant_value": layout.regions[name]}}
        if name == "aws" and layout.default_tags:
            expressions["default_tags"] = [{"tags": {"constant_value": dict(layout.default_tags)}}]
        providers[name] = {"name": name, "full_name": REGISTRY + name, "expressions": expressions}
    resources: dict[str, dict[str, dict[str, Any]]] = {}
    for e in entries:
        if e.after is not None:
            resources.setdefault(e.module, {})[e.block] = _configured(e)
    root: dict[str, Any] = {"resources": list(resources.pop("", {}).values())}
    if resources:
        calls = {name: {"module": {"resources": list(found.values())}} for name, found in resources.items()}
        root["module_calls"] = calls
    return {"provider_config": providers, "root_module": root}


def _configured(entry: Entry) -> dict[str, Any]:
    values = dict(entry.after or {})
    tags = "labels" if entry.provider == "google" else "tags"
    expressions: dict[str, Any] = {
        n: {"constant_value": v} for n, v in values.items() if n not in SENSITIVE.get(entry.kind, ())
    }
    if entry.tags:
        expressions[tags] = {"constant_value": dict(entry.tags)}
    expressions |= {name: {"references": list(names)} for name, names in entry.references.items()}
    found = {
        "address": entry.block,
        "mode": "managed",
        "type": entry.kind,
        "name": entry.name,
        "provider_config_key": entry.provider,
        "expressions": expressions,
        "schema_version": 0,
    }
    if entry.index is not None:
        found["count_expression" if isinstance(entry.index, int) else "for_each_expression"] = {}
    return found
