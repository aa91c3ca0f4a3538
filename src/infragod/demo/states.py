"""The Terraform states of the example company, made of the lines of its bills, and collected as a company's own are.

Workspaces
    One per landing zone and stage, as its plans name them: `shop-prod`, `shop-staging`, `payments-prod`, …; staging
    holds development too. The state of `shop-prod` is `states/shop/shop-prod/terraform.tfstate` in the home; its
    repository is `github.com/example-company/shop-infrastructure`.
Addresses
    `module.<service>.<type>.<name>[<n>]` such as `module.checkout_api.aws_instance.main[0]`, the service's dashes as
    underscores. `<name>` is `main` in production, else the environment. The index of what was destroyed is given again
    to what comes after it: a resource made anew (`Line.line` of such a machine ends in `-anew`). Before ``MOVED`` the
    older services (`old_module`) lie in `module.<landing zone>`, under the name `<service>_<name>`
    (`module.shop.aws_instance.cart_main[0]`): resources renamed.
Ids
    Those that Terraform holds for the ResourceId of the bill, as `terraform_types.csv` says: an ARN, an id such as
    `i-…`, a self link, a path. A line of the bill is one resource, so `placed` gives both.
Time
    A state of each workspace was written on each of `days`, the last one yesterday. It holds what runs on that day.
What no state knows
    Lines that were made by hand (`Line.story`), one in fourteen of the others, and jobs that a scheduler starts.
Owners
    Half of the resources that have no tags in the bill have them in the state.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from infragod.demo import company
from infragod.demo.bill import Line, periods

FOLDER: Final = "states"
REPOSITORY: Final = "github.com/example-company/{landing}-infrastructure"
EVERY: Final = 3  # months between two states of a workspace
MOVED: Final = 2  # from this state on, the old modules' resources lie in those of their services
_UNKNOWN_ONE_IN: Final = 14
_OLD_ONE_IN: Final = 9


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of the bill as Terraform knows it: where it stands now, its type, its ids, its tags in the state."""

    line: Line
    workspace: str
    module: str
    type: str
    index: int
    id: str
    link: str
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of the block that it is of."""
        return "main" if self.line.environment == "production" else self.line.environment

    @property
    def address(self) -> str:
        """Its address today."""
        return f"{self.module}.{self.type}.{self.name}[{self.index}]"

    @property
    def old_module(self) -> str | None:
        """The module that it lay in before the services had modules of their own."""
        return f"module.{self.line.landing}" if _dice(self.line.service, _OLD_ONE_IN) == 0 else None


def days(today: date) -> list[date]:
    """The days on which the states were written: one a quarter, and yesterday."""
    months = periods(today)
    quarters = [m.first_day + timedelta(days=20) for m in months[::EVERY]]
    yesterday = today - timedelta(days=1)
    return [*(d for d in quarters if d < yesterday), yesterday]


def placed(lines: Sequence[Line]) -> Iterator[Placed]:
    """The lines that Terraform made, each with its place."""
    groups: dict[tuple[str, str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        kind = _types().get((line.service_code, line.resource_type))
        if kind is not None and not line.story and _dice(f"managed {line.line}", _UNKNOWN_ONE_IN):
            groups[workspace(line), line.service, kind["type"], line.environment].append(line)
    for members in groups.values():
        free: list[tuple[date, int]] = []  # when a place became free, and its index
        taken = 0
        for line in sorted(members, key=lambda one: (one.starts, one.line)):
            index = next((i for since, i in sorted(free, key=lambda f: f[1]) if since <= line.starts), None)
            if index is None:
                index, taken = taken, taken + 1
            free = [(since, i) for since, i in free if i != index] + [(line.ends, index)]
            yield _placed(line, index)


def workspace(line: Line) -> str:
    """The workspace that a line's resource belongs to."""
    return f"{line.landing}-{'prod' if line.environment == 'production' else 'staging'}"


def write(folder: Path, lines: Sequence[Line], today: date, generation: int) -> list[tuple[str, str]]:
    """Write the states of the day `days(today)[generation]`; gives each place of states with its repository."""
    day = days(today)[generation]
    by_workspace: dict[tuple[str, str], list[Placed]] = defaultdict(list)
    for resource in placed(lines):
        if resource.line.starts <= day < resource.line.ends:
            by_workspace[resource.line.landing, resource.workspace].append(resource)
    for (landing, name), resources in sorted(by_workspace.items()):
        path = folder / landing / name / "terraform.tfstate"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_state(name, resources, generation), indent=1) + "\n", encoding="utf-8")
        written = datetime.combine(day, time(16, 30), UTC).timestamp()
        os.utime(path, (written, written))
    landings = sorted({landing for landing, _ in by_workspace})
    return [(str(folder / landing), REPOSITORY.format(landing=landing)) for landing in landings]


def _placed(line: Line, index: int) -> Placed:
    kind = _types()[line.service_code, line.resource_type]
    forms = {
        "resource_id": line.resource_id,
        "name": line.name,
        "account": line.account,
        "region": line.region,
        "id16": line.id16,
        "ID16": line.id16.upper(),
        "ID12": line.id16[:12].upper(),
    }
    known = not line.untagged or _dice(f"tags {line.line}", 2) == 0
    tags = {"team": line.team, "service": line.service, "environment": line.environment} if known else {}
    module = f"module.{line.service.replace('-', '_')}"
    own, link = kind["id"].format_map(forms), kind["link"].format_map(forms)
    return Placed(line, workspace(line), module, kind["type"], index, own, link, tags)


def _state(name: str, resources: Sequence[Placed], generation: int) -> dict[str, Any]:
    blocks: dict[tuple[str, str, str], list[tuple[int, Placed]]] = defaultdict(list)
    for resource in resources:
        old = resource.old_module if generation < MOVED else None
        label = f"{resource.line.service.replace('-', '_')}_{resource.name}" if old else resource.name
        blocks[old or resource.module, resource.type, label].append((resource.index, resource))
    return {
        "version": 4,
        "terraform_version": "1.13.4",
        "serial": 10 * generation + 11,
        "lineage": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.example.com")),
        "outputs": {},
        "resources": [_block(*key, members) for key, members in sorted(blocks.items())],
        "check_results": None,
    }


def _block(module: str, kind: str, name: str, members: Sequence[tuple[int, Placed]]) -> dict[str, Any]:
    provider = kind.partition("_")[0]
    return {
        "module": module,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider": f'provider["registry.terraform.io/hashicorp/{provider}"]',
        "instances": [
            {"index_key": index, "schema_version": 1, "attributes": _attributes(provider, resource)}
            for index, resource in sorted(members, key=lambda m: m[0])
        ],
    }


def _attributes(provider: str, resource: Placed) -> dict[str, Any]:
    link, tags = ("self_link", "effective_labels") if provider == "google" else ("arn", "tags_all")
    values = {"id": resource.id, "name": resource.line.name, tags: dict(resource.tags)}
    return values | ({link: resource.link} if resource.link else {})


@cache
def _types() -> dict[tuple[str, str], dict[str, str]]:
    return {(row["service_code"], row["resource_type"]): row for row in company.rows("terraform_types")}


def _dice(text: str, sides: int) -> int:
    """The same on every machine."""
    return hashlib.sha256(text.encode()).digest()[0] % sides
