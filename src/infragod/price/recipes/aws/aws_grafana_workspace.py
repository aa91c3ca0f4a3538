"""aws_grafana_workspace: licences of editors and viewers, and of the enterprise plugins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

LINES: Final = (
    Use("Editor/administrator licenses", "users", "editor_administrator_users", "grafana", "editor"),
    Use("Viewer licenses", "users", "viewer_users", "grafana", "viewer"),
)
ENTERPRISE: Final = Use("Enterprise plugins licenses", "users", "enterprise_plugins_users", "grafana", "enterprise")
DIMENSIONS: Final = dimensions(*LINES, ENTERPRISE)


def price(item: Item) -> Iterator[Component]:
    """The licences of one workspace."""
    yield from components(item, LINES)
    if item.word("license_type").startswith("ENTERPRISE"):
        yield from ENTERPRISE.components(item)
