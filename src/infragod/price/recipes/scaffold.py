"""Begins a recipe: its file, its line in the registry, and the plan that its text is tested with.

python -m infragod.price.recipes.scaffold aws_mq_broker
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[4]
RECIPES: Final = Path("src/infragod/price/recipes")
PLANS: Final = Path("tests/price/plans")
KIND: Final = re.compile(r"(aws|google)_[a-z0-9]+(_[a-z0-9]+)*")
ENTRY: Final = re.compile(r'    "(\w+)": ')
FOLDERS: Final = {"aws": "aws", "google": "gcp"}
REGIONS: Final = {"aws": "us-east-1", "google": "us-central1"}
RECIPE: Final = '''"""{kind}: what it is billed by, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

DIMENSIONS: Final = (Dimension("Hours", "hours"),)


def price(item: Item) -> Iterator[Component]:
    """The components of one {noun}."""
    yield item.hours("Hours", item.rate("{service}", "hours"))
'''


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write what is missing for a recipe of the type that is named; 2 where it can't be."""
    kind = arguments[0] if len(arguments) == 1 else ""
    problem = _problem(kind, root)
    if problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    for line in write(kind, root):
        print(line)
    return 0


def _problem(kind: str, root: Path) -> str:
    if not KIND.fullmatch(kind):
        return f"{kind!r} is no resource type of AWS or Google Cloud; give one, such as aws_mq_broker"
    if f'"{kind}":' in (root / RECIPES / "__init__.py").read_text(encoding="utf-8"):
        return f"{kind} has a recipe; see {RECIPES}"
    return ""


def write(kind: str, root: Path) -> Iterator[str]:
    """Write the three files, and say what to do with each."""
    provider, _, rest = kind.partition("_")
    folder = FOLDERS[provider]
    recipe, registry, plan = (
        RECIPES / folder / f"{kind}.py",
        RECIPES / "__init__.py",
        PLANS / f"{kind}.json",
    )
    (root / recipe).write_text(
        RECIPE.format(kind=kind, noun=rest.replace("_", " "), service=rest.split("_")[0]), encoding="utf-8"
    )
    yield f"{recipe}: write its components; the price keys are rows of src/infragod/price/sheets/{provider}/"
    text = (root / registry).read_text(encoding="utf-8")
    (root / registry).write_text(registered(text, kind, folder), encoding="utf-8")
    yield f"{registry}: has its line"
    (root / plan).write_text(json.dumps(example(kind, provider), indent=1) + "\n", encoding="utf-8")
    yield f"{plan}: add the attributes that change the price, a resource for each case"
    yield "then: pytest -q tests/price --update-golden, read tests/price/golden/, and python tools/docs.py"


def registered(text: str, kind: str, folder: str) -> str:
    """The registry with the type's line, in its place in the alphabet."""
    lines = text.splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if _is_after(line, kind))
    entry = f'    "{kind}": "infragod.price.recipes.{folder}.{kind}:price",\n'
    return "".join([*lines[:place], entry, *lines[place:]])


def _is_after(line: str, kind: str) -> bool:
    """Whether the line is a later type's, or the end of the registry."""
    match = ENTRY.match(line)
    return match[1] > kind if match else line == "}\n"


def example(kind: str, provider: str) -> Mapping[str, Any]:
    """A plan that creates one resource of the type, with nothing set."""
    address = f"{kind}.main"
    registry = f"registry.terraform.io/hashicorp/{provider}"
    common = {"address": address, "mode": "managed", "type": kind, "name": "main"}
    change = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {"id": True}}
    region = {"region": {"constant_value": REGIONS[provider]}}
    settings = {"name": provider, "full_name": registry, "expressions": region}
    configured = {**common, "provider_config_key": provider, "expressions": {}, "schema_version": 0}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": [{**common, "provider_name": registry, "change": change}],
        "configuration": {"provider_config": {provider: settings}, "root_module": {"resources": [configured]}},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
