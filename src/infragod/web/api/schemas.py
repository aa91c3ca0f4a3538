"""What the API's description (OpenAPI) says of bodies that are not made of classes here."""

from __future__ import annotations

from typing import Any, Final

_ERROR: Final = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error", "request_id"],
                "properties": {
                    "error": {"type": "string", "description": "one sentence: what, where, how to mend it"},
                    "request_id": {"type": "string", "description": "number under which the server's log has it"},
                },
            }
        }
    }
}


def _error(description: str) -> dict[str, Any]:
    return {"description": description, **_ERROR}


PLAN: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "a plan as JSON, 200 MiB at most unpacked; Content-Encoding gzip is understood",
        "content": {"application/json": {"schema": {"type": "object", "description": "Terraform's plan format"}}},
    }
}
_DECISION: Final[dict[str, Any]] = {
    "description": "the decision, as `infragod check --format json` prints it",
    "content": {"application/json": {"schema": {"type": "object", "description": "docs/reference/check.schema.json"}}},
}
_DENIED: Final[dict[int | str, dict[str, Any]]] = {
    401: _error("no token, or one that is unknown, expired or revoked"),
    403: _error("the token lacks the scope"),
}
CHECK: Final[dict[int | str, dict[str, Any]]] = {
    200: _DECISION,
    **_DENIED,
    409: _error("the Idempotency-Key was used for another request"),
    413: _error("the plan is too large"),
    415: _error("the Content-Encoding is not understood"),
    422: _error("the body is no plan, or a parameter is wrong"),
    503: _error("too many checks wait, or the server can't reach its data"),
}
DECISION: Final[dict[int | str, dict[str, Any]]] = {
    200: _DECISION,
    **_DENIED,
    404: _error("there is no such decision"),
}
READY: Final[dict[int | str, dict[str, Any]]] = {
    503: {
        "description": "something is missing; `failing` names it",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
