"""The page docs/reference/recipes.md: types and their cost dimensions, as the recipes declare them.

python -m infragod.price.recipes.reference > docs/reference/recipes.md
"""

from __future__ import annotations

from collections.abc import Iterator

from infragod.price.recipes import RECIPES, dimensions_of, usage_keys


def page() -> str:
    """The page's text."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Resource types and their cost dimensions"
    yield ""
    yield "Generated from the recipes; do not edit. A dimension with a usage key costs what `usage.toml` expects"
    yield "([the guide](../guides/usage.md)); without it the dimension is unknown and shown with its unit price."
    yield "Types that cost nothing themselves are listed in `src/infragod/price/recipes/free/`. Every other type is"
    yield "unknown, and named in the total."
    yield ""
    yield "| type | dimension | unit | usage keys |"
    yield "|---|---|---|---|"
    for kind in sorted(RECIPES):
        for dimension in dimensions_of(kind):
            keys = ", ".join(f"`{key}`" for key in dimension.usage)
            name = dimension.name.replace("<", "&lt;")
            yield f"| `{kind}` | {name} | {dimension.unit} | {keys} |"
    yield ""
    yield "Usage keys that are a choice instead of a number:"
    yield ""
    for key, choices in usage_keys().items():
        if choices:
            yield f"- `{key}`: {', '.join(choices)}"


if __name__ == "__main__":
    print(page(), end="")
