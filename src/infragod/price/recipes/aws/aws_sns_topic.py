"""aws_sns_topic: requests and deliveries by their way; FIFO topics by messages and their size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.used import Use, components, dimensions
from infragod.resource import Component

MILLION: Final = 10**6
HUNDRED_THOUSAND: Final = 10**5
REQUESTS: Final = "monthly_requests"
STANDARD: Final = (
    Use("API requests (over 1M)", "1M requests", REQUESTS, "sns", "requests", per=MILLION, free=MILLION),
    Use(
        "HTTP/HTTPS notifications (over 100k)",
        "100k notifications",
        "http_subscriptions_notifications",
        "sns",
        "http",
        per=HUNDRED_THOUSAND,
        free=HUNDRED_THOUSAND,
        extra=True,
    ),
    Use(
        "Email/Email-JSON notifications (over 1k)",
        "100k notifications",
        "email_notifications",
        "sns",
        "email",
        per=HUNDRED_THOUSAND,
        free=1000,
        extra=True,
    ),
    *(
        Use(f"{name} notifications", "1M notifications", usage, "sns", price, per=MILLION, extra=True)
        for name, usage, price in (
            ("Kinesis Firehose", "kinesis_notifications", "firehose"),
            ("Mobile Push", "mobile_push_notifications", "mobile-push"),
            ("MacOS", "macos_notifications", "macos"),
        )
    ),
    Use("SMS notifications (over 100)", "100 notifications", "sms_notifications", "sns", "sms", 100, 100, extra=True),
)
FIFO: Final = (
    Use("FIFO Publish API requests", "1M requests", REQUESTS, "sns", "fifo/requests", per=MILLION),
    Use("FIFO Publish API payload", "GB", "monthly_publish_payload_gb", "sns", "fifo/payload"),
    Use(
        "FIFO notifications",
        "1M notifications",
        "monthly_notifications",
        "sns",
        "fifo/notifications",
        per=MILLION,
        extra=True,
    ),
    Use("FIFO notification payload", "GB", "monthly_notification_payload_gb", "sns", "fifo/notified", extra=True),
)
DIMENSIONS: Final = dimensions(*STANDARD, *FIFO)


def price(item: Item) -> Iterator[Component]:
    """The components of one topic; a message of 64 KB is one request."""
    yield from components(item, FIFO if item.flag("fifo_topic") else STANDARD)
