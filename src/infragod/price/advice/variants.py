"""How a resource could be written otherwise and do the same: one attribute changed, at any depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from infragod.price.advice.families import NOTES, equals
from infragod.resource import Resource

MACHINES: Final[Mapping[str, tuple[str, ...]]] = {
    # type: the path of its machine type
    "aws_instance": ("instance_type",),
    "aws_launch_template": ("instance_type",),
    "aws_launch_configuration": ("instance_type",),
    "aws_db_instance": ("instance_class",),
    "aws_rds_cluster_instance": ("instance_class",),
    "aws_docdb_cluster_instance": ("instance_class",),
    "aws_neptune_cluster_instance": ("instance_class",),
    "aws_elasticache_cluster": ("node_type",),
    "aws_elasticache_replication_group": ("node_type",),
    "aws_memorydb_cluster": ("node_type",),
    "google_compute_instance": ("machine_type",),
    "google_compute_instance_template": ("machine_type",),
    "google_container_node_pool": ("node_config", "machine_type"),
    "google_container_cluster": ("node_config", "machine_type"),
}
MANAGED: Final = frozenset(kind for kind, path in MACHINES.items() if path[-1] in ("instance_class", "node_type"))
"""Where the provider brings the software, and the processor is its own affair."""
VOLUMES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    # type: the paths of its volumes' types
    "aws_ebs_volume": (("type",),),
    "aws_instance": (("root_block_device", "volume_type"), ("ebs_block_device", "volume_type")),
    "aws_launch_configuration": (("root_block_device", "volume_type"), ("ebs_block_device", "volume_type")),
    "aws_db_instance": (("storage_type",),),
}
SIZES: Final = {"type": "size", "volume_type": "volume_size"}
"""What the size is called beside a volume's type; a database's gp3 comes with as much as its gp2."""
BASE_IOPS, MOST_IOPS, SLOW_GB = 3000, 16000, 170
NO_ARM: Final = ("oracle", "sqlserver", "custom")
"""Database engines that do not run on Arm processors."""
SHORT_LIVED: Final = frozenset({"dev", "development", "test", "testing", "ci", "batch", "sandbox", "ephemeral"})
ENVIRONMENTS: Final = ("environment", "env", "stage")


@dataclass(frozen=True, slots=True)
class Variant:
    """The resource written otherwise: which kind of change, what of it, and what to mind."""

    kind: str
    what: str
    note: str
    resource: Resource


def variants(resource: Resource, tags: Mapping[str, Any]) -> Iterator[Variant]:
    """All ways in which the resource could be written otherwise; not all of them are cheaper."""
    yield from _machines(resource)
    yield from _volumes(resource)
    yield from _spot(resource, tags)


def _machines(resource: Resource) -> Iterator[Variant]:
    path = MACHINES.get(resource.type)
    machine = path and _get(resource.values, path)
    if not path or not isinstance(machine, str):
        return
    engine = resource.values.get("engine")
    for equal in equals(resource.provider, machine):
        if equal.kind == "arm" and isinstance(engine, str) and engine.startswith(NO_ARM):
            continue
        changed = replace(resource, values=_set(resource.values, path, equal.type))
        kind = "arm" if equal.kind == "arm" else "generation"
        note = "" if resource.type in MANAGED else NOTES[equal.kind]
        yield Variant(kind, f"{machine} → {equal.type}", note, changed)


def _volumes(resource: Resource) -> Iterator[Variant]:
    """gp2 → gp3 with the operations and the throughput that gp2 has at that size."""
    for path in VOLUMES.get(resource.type, ()):
        if _get(resource.values, path) != "gp2":
            continue
        values = _set(resource.values, path, "gp3")
        added = _like_gp2(_get(resource.values, (*path[:-1], SIZES.get(path[-1], ""))))
        for name, number in added.items():
            values = _set(values, (*path[:-1], name), number)
        where = f"{path[0]} " if len(path) > 1 else ""
        given = "".join(f" with {name} = {number:,}" for name, number in added.items())
        yield Variant("volume", f"{where}gp2 → gp3{given}", "", replace(resource, values=values))


def _like_gp2(size: Any) -> dict[str, int]:
    """What gp3 must be given beyond its 3,000 IOPS and 125 MB/s: gp2 has 3 IOPS a GB and up to 250 MB/s.

    https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
    """
    if not isinstance(size, int):
        return {}
    added = {"iops": min(3 * size, MOST_IOPS)} if 3 * size > BASE_IOPS else {}
    return added | ({"throughput": 250} if size > SLOW_GB else {})


def _spot(resource: Resource, tags: Mapping[str, Any]) -> Iterator[Variant]:
    """Spot capacity for what is short-lived by its environment."""
    environment = next((tags[name] for name in ENVIRONMENTS if isinstance(tags.get(name), str)), "")
    if environment.lower() not in SHORT_LIVED:
        return
    note = "it may be stopped at any moment"
    if resource.type == "google_compute_instance" and _get(resource.values, ("scheduling", "preemptible")) in (
        None,
        False,
    ):
        block = {"preemptible": True, "automatic_restart": False, "provisioning_model": "SPOT"}
        yield Variant(
            "spot", "as a spot VM", note, replace(resource, values={**resource.values, "scheduling": [block]})
        )
    if resource.type == "google_container_node_pool" and _get(resource.values, ("node_config", "spot")) in (
        None,
        False,
    ):
        yield Variant(
            "spot",
            "on spot VMs",
            note,
            replace(resource, values=_set(resource.values, ("node_config", "spot"), new=True)),
        )


def _get(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path through blocks, the first of each; None where there is none."""
    for name in path[:-1]:
        block = values.get(name)
        block = block[0] if isinstance(block, list) and block else block
        if not isinstance(block, Mapping):
            return None
        values = block
    return values.get(path[-1])


def _set(values: Mapping[str, Any], path: tuple[str, ...], new: Any) -> dict[str, Any]:
    """The values with `new` at the path, in every block on the way that has the old value of the first one."""
    if len(path) == 1:
        return {**values, path[0]: new}
    old = _get(values, path)
    blocks = values.get(path[0])
    changed = [
        _set(block, path[1:], new) if isinstance(block, Mapping) and _get(block, path[1:]) == old else block
        for block in (blocks if isinstance(blocks, list) else [blocks])
    ]
    return {**values, path[0]: changed}
