"""The repository that a change request lies in, as far as its name tells."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(
    r"https?://(?:[^/@]*@)?(?P<place>[^/?#]+/[^?#]+?)/(?:-/)?(?:pulls?|merge_requests|pull-requests|pullrequest)/[0-9]+"
)
_SHORT: Final = re.compile(r"(?P<place>[\w.-]+(?:/[\w.-]+)+)[#!][0-9]+")


def repository_of(change_request: str) -> str | None:
    """`github.com/owner/name` of the address of a pull or merge request, `owner/name` of `owner/name#7`."""
    found = _ADDRESS.match(change_request) or _SHORT.fullmatch(change_request)
    return found["place"] if found else None
