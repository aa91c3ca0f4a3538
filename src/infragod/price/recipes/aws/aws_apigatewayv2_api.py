"""aws_apigatewayv2_api: requests of an HTTP API; messages and minutes of connection of a WebSocket API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

MILLION: Final = 10**6
HTTP: Final = (
    Use(
        "Requests",
        "1M requests",
        "monthly_requests",
        "apigateway",
        "http/requests",
        per=MILLION,
        tiers=((300, "first 300M"), (None, "over 300M")),
    ),
)
WEBSOCKET: Final = (
    Use(
        "Messages",
        "1M messages",
        "monthly_messages",
        "apigateway",
        "websocket/messages",
        per=MILLION,
        tiers=((1000, "first 1B"), (None, "over 1B")),
    ),
    Use(
        "Connection duration",
        "1M minutes",
        "monthly_connection_mins",
        "apigateway",
        "websocket/minutes",
        per=MILLION,
    ),
)
DIMENSIONS: Final = dimensions(*HTTP, *WEBSOCKET)


def price(item: Item) -> Iterator[Component]:
    """The components of one API by its protocol."""
    yield from components(item, WEBSOCKET if item.word("protocol_type", "HTTP") == "WEBSOCKET" else HTTP)
