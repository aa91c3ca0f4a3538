"""Which resources of a plan a resource refers to, and which refer to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from infragod.resource import Change, Plan, Resource

_NONE: Final[frozenset[str]] = frozenset()


class Joins:
    """The references of one plan, both ways; the sides are those after the plan (before, where there is none)."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._by_name: dict[str, list[Resource]] = {}
        for change in plan.changes:
            if not change.deposed and (change.after or change.before):
                self._by_name.setdefault(without_index(change.address), []).append(change.resource)
        self._users: dict[str, list[Resource]] | None = None
        self._paths: dict[str, frozenset[str]] = {}

    def paths(self, address: str) -> frozenset[str]:
        """The attributes of the resource that refer to something."""
        name = self._name(address)
        if name not in self._paths:
            paths = self._plan.references.get(name, {})
            self._paths[name] = frozenset(plain(path) for path in paths) if paths else _NONE
        return self._paths[name]

    def targets(self, address: str, attribute: str) -> list[Resource]:
        """The resources that an attribute (or one of its parts) refers to; of several instances the one beside it."""
        found: list[Resource] = []
        for path, names in self._plan.references.get(self._name(address), {}).items():
            if plain(path) == attribute or plain(path).startswith(attribute + "."):
                found += [r for name in names for r in self._named(name, address)]
        return _once(found)

    def users(self, address: str) -> list[Resource]:
        """The resources that refer to this one."""
        if self._users is None:
            self._users = self._inverted()
        return self._users.get(without_index(address), [])

    def _inverted(self) -> dict[str, list[Resource]]:
        users: dict[str, list[Resource]] = {}
        for name, paths in self._plan.references.items():
            targets = {without_index(target) for names in paths.values() for target in names}
            for target in targets:
                users.setdefault(target, []).extend(self._by_name.get(without_index(name), []))
        return users

    def _name(self, address: str) -> str:
        return address if address in self._plan.references else without_index(address)

    def _named(self, name: str, address: str) -> list[Resource]:
        resources = self._by_name.get(without_index(name), [])
        exact = [r for r in resources if r.address == name]
        same_index = [r for r in resources if index_of(r.address) == index_of(address)]
        return exact or same_index or resources


def _once(resources: Iterable[Resource]) -> list[Resource]:
    return list({resource.address: resource for resource in resources}.values())


def without_index(address: str) -> str:
    """`aws_instance.web["a"]` → `aws_instance.web`; a module's index stays."""
    return address[: address.rindex("[")] if address.endswith("]") else address


def index_of(address: str) -> str:
    """`aws_instance.web["a"]` → `["a"]`."""
    return address[len(without_index(address)) :]


def plain(path: str) -> str:
    """`launch_template[0].id` and `launch_template.0.id` → `launch_template.id`."""
    parts = path.replace("[", ".").replace("]", "").split(".")
    return ".".join(part for part in parts if part and not part.isdigit())


def changes_of(plan: Plan) -> list[Change]:
    """The changes that can cost: managed resources."""
    return [change for change in plan.changes if change.mode == "managed"]
