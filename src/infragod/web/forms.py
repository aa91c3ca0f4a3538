"""The fields of a small form that was posted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from fastapi import Request

from infragod.web.errors import RequestError

LIMIT: Final = 16_384


async def fields(request: Request, limit: int = LIMIT) -> dict[str, str]:
    """Each field's first value; ``RequestError`` if the form is larger than any of ours."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this form is too long; shorten what you wrote")
    try:
        found = parse_qs(content.decode("utf-8", "replace"), max_num_fields=8)
    except ValueError:
        raise RequestError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "this is no form of this server; open the page again"
        ) from None
    return {name: values[0] for name, values in found.items()}
