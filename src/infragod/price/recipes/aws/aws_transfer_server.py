"""aws_transfer_server: each protocol by the hour, and GB in and out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infragod.price.item import Item
from infragod.price.recipes.dimension import Dimension
from infragod.resource import Component

UPLOADED: Final = "monthly_data_uploaded_gb"
DOWNLOADED: Final = "monthly_data_downloaded_gb"
BILLED: Final = ("SFTP", "FTPS", "FTP")
DIMENSIONS: Final = (
    Dimension("<Protocol> protocol enabled", "hours"),
    Dimension("Data uploaded", "GB", (UPLOADED,)),
    Dimension("Data downloaded", "GB", (DOWNLOADED,)),
)


def price(item: Item) -> Iterator[Component]:
    """The components of one server; it speaks SFTP where the plan names no protocol."""
    named = item.value("protocols", ["SFTP"])
    protocols = [str(name) for name in named] if isinstance(named, list) and named else ["SFTP"]
    for protocol in protocols:
        rate = item.rate("transfer", "protocol" if protocol in BILLED else f"protocol/{protocol.lower()}")
        yield item.hours(f"{protocol} protocol enabled", rate)
    yield item.used("Data uploaded", "GB", UPLOADED, item.rate("transfer", "uploaded"))
    yield item.used("Data downloaded", "GB", DOWNLOADED, item.rate("transfer", "downloaded"))
