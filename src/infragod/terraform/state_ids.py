"""Under which ids a bill may name a resource of a state: its own, and those of what it contains.

Only the attributes named here are ever read of a state, besides tags: that keeps secrets out. What a resource merely
mentions (its subnet, its role) is another resource's id and is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

OWN: Final = ("id", "arn", "self_link")
"""Attributes that name the resource itself, in any type."""

OWN_OF_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_db_instance": ("resource_id",),
    "aws_rds_cluster": ("cluster_resource_id",),
    "aws_spot_instance_request": ("spot_instance_id",),
    "google_bigtable_instance": ("name",),
    "google_compute_address": ("address_id",),
    "google_compute_backend_service": ("generated_id",),
    "google_compute_disk": ("disk_id",),
    "google_compute_forwarding_rule": ("forwarding_rule_id",),
    "google_compute_global_forwarding_rule": ("forwarding_rule_id",),
    "google_compute_instance": ("instance_id",),
    "google_compute_instance_from_template": ("instance_id",),
    "google_compute_instance_group_manager": ("instance_group_manager_id", "instance_group"),
    "google_compute_region_disk": ("disk_id",),
    "google_compute_region_instance_group_manager": ("instance_group_manager_id", "instance_group"),
    "google_compute_snapshot": ("snapshot_id",),
    "google_project": ("number", "project_id"),
}
"""Further names of one type, such as the number by which Google's bill names a machine."""

HELD_OF_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_ec2_fleet": ("fleet_instance_set.*.instance_ids.*",),
    "aws_eks_node_group": ("resources.*.autoscaling_groups.*.name",),
    "aws_elastic_beanstalk_environment": ("instances.*", "load_balancers.*", "autoscaling_groups.*"),
    "aws_elasticache_replication_group": ("cluster:member_clusters.*",),
    "aws_instance": ("root_block_device.*.volume_id", "ebs_block_device.*.volume_id"),
    "aws_rds_cluster": ("db:cluster_members.*",),
    "aws_spot_instance_request": ("root_block_device.*.volume_id", "ebs_block_device.*.volume_id"),
    "google_compute_instance": ("boot_disk.*.source", "attached_disk.*.source"),
    "google_container_cluster": ("node_pool.*.instance_group_urls.*", "node_pool.*.managed_instance_group_urls.*"),
    "google_container_node_pool": ("instance_group_urls.*", "managed_instance_group_urls.*"),
}
"""What a resource contains and the bill names by itself; `*` is every item of a list, a set or a map.

`cluster:` before a path says what the contained thing is called in an ARN like the resource's own.
"""

TAGS: Final = ("tags_all", "tags", "effective_labels", "terraform_labels", "labels", "user_labels")

_OF_NO_BILL: Final = frozenset(
    {"archive", "cloudinit", "external", "http", "local", "null", "random", "template", "terraform", "time", "tls"}
)
_LONGEST: Final = 2048


def billed(provider: str) -> bool:
    """Whether a bill can hold a provider's resources; the ids of helpers like `random` may be secrets."""
    return provider not in _OF_NO_BILL


def read_attributes(kind: str) -> Iterator[str]:
    """The top-level attributes that are read of a type."""
    yield from OWN
    yield from OWN_OF_TYPE.get(kind, ())
    yield from (path.rpartition(":")[2].partition(".")[0] for path in HELD_OF_TYPE.get(kind, ()))


def own(kind: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The resource's own ids, each once."""
    names = (*OWN, *OWN_OF_TYPE.get(kind, ()))
    return tuple(dict.fromkeys(text for name in names for text in _texts(values.get(name))))


def held(kind: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of what the resource contains, each once, without its own."""
    mine = own(kind, values)
    found: dict[str, None] = {}
    for path in HELD_OF_TYPE.get(kind, ()):
        called, _, rest = path.rpartition(":")
        ids = (text for value in _at(values, rest.split(".")) for text in _texts(value))
        found.update(dict.fromkeys(_arn_like(values.get("arn"), called, i) if called else i for i in ids))
    return tuple(i for i in found if i not in mine)


def tags(values: Mapping[str, Any], secret: Any) -> dict[str, str]:
    """The resource's tags or labels, without those whose name says that they hold a secret."""
    found = next((t for name in TAGS if isinstance(t := values.get(name), dict) and t), {})
    return {k: v for k, v in found.items() if isinstance(v, str) and v and not secret(k)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, str) and value and len(value) <= _LONGEST:
        yield value


def _at(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield value
    elif steps[0] == "*":
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for item in items:
            yield from _at(item, steps[1:])
    elif isinstance(value, dict):
        yield from _at(value.get(steps[0]), steps[1:])


def _arn_like(arn: Any, called: str, name: str) -> str:
    """The ARN of the contained `name`: in the account and region of the resource's own."""
    match = re.match(r"(arn:[^:]*:[^:]*:[^:]*:[^:]*):", arn) if isinstance(arn, str) else None
    return f"{match[1]}:{called}:{name}" if match else name
