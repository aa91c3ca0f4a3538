"""The objects of a Google Cloud Storage bucket, by the JSON API (storage/v1).

STORAGE_EMULATOR_HOST gives another address, as Google's own libraries have it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from infragod.collect.found import Found
from infragod.collect.gcp import token
from infragod.errors import RemoteError

if TYPE_CHECKING:
    import httpx

_ADDRESS: Final = "https://storage.googleapis.com"
_FIELDS: Final = "nextPageToken,items(name,updated)"
_TRIES: Final = 4
_SECONDS: Final = 60
_AGAIN: Final = (408, 429, 500, 502, 503, 504)
_WHY: Final = {
    401: "the token is not accepted; sign in again",
    403: "access is denied; give this account the role Storage Object Viewer",
    404: "there is no such bucket or object; check the name",
}


def objects(bucket: str, prefix: str) -> Iterator[Found]:
    """The objects of `bucket` whose names begin with `prefix`; a path is the whole name."""
    base = f"{_address()}/storage/v1/b/{quote(bucket, safe='')}/o"
    query: dict[str, str] = {"prefix": prefix, "fields": _FIELDS}
    while True:
        page: dict[str, Any] = _get(base, query, f"gs://{bucket}").json()
        for item in page.get("items", ()):
            address = f"{base}/{quote(item['name'], safe='')}"
            place = f"gs://{bucket}/{item['name']}"
            yield Found(item["name"], place, datetime.fromisoformat(item["updated"]), _reader(address, place))
        if not page.get("nextPageToken"):
            return
        query["pageToken"] = page["nextPageToken"]


def _reader(address: str, place: str) -> Callable[[], bytes]:
    return lambda: _get(address, {"alt": "media"}, place).content


def _address() -> str:
    given = os.environ.get("STORAGE_EMULATOR_HOST", "")
    return (given if "://" in given or not given else f"http://{given}").rstrip("/") or _ADDRESS


def _get(address: str, query: dict[str, str], where: str) -> httpx.Response:
    """The answer; what may pass by itself is tried again after 1, 2 and 4 seconds."""
    import time

    import httpx

    problem = ""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(2 ** (attempt - 1))
        try:
            answer = httpx.get(address, params=query, headers=token.header(), timeout=_SECONDS)
        except httpx.HTTPError as error:
            problem = f"{type(error).__name__}: {error}; check the network"
            continue
        if answer.is_success:
            return answer
        problem = _WHY.get(answer.status_code, f"Google answers {answer.status_code}; try again")
        if answer.status_code not in _AGAIN:
            break
    raise RemoteError(f"cannot read {where}: {problem}")
