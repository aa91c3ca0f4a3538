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
GRANT: Final[dict[int | str, dict[str, Any]]] = {
    **_DENIED,
    404: _error("there is no such decision or grant"),
    409: _error("refused: `refusal` is denied, approval, refused, local, outdated, budget, state or binding"),
    422: _error("the body is wrong"),
}
GRANTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "grants, newest first, each with `holds`: team, month, amount, currency, until"},
    **_DENIED,
    422: _error("there is no such state, or no such grant to page on from"),
}
CREDENTIALS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "`credentials` as the setting credential_process of AWS's tools reads them; the role, its "
        "policy's digest, the server's time",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
    **_DENIED,
    409: _error("refused: `refusal` is state, role, scope, region, size or aws"),
    422: _error("the body is wrong"),
    503: _error("the server has no AWS credentials of its own, or AWS is out of reach"),
}
APPROVALS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "requests that wait, newest first"},
    **_DENIED,
}
APPROVAL: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "how it stands now, as `approval` in docs/reference/check.schema.json"},
    **_DENIED,
    404: _error("there is no such decision"),
    422: _error("why that may not be: four eyes, not in approvals.toml, answered, expired, withdrawn"),
}
READY: Final[dict[int | str, dict[str, Any]]] = {
    503: {
        "description": "something is missing; `failing` names it",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
STATE_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "a state of format 4, 512 MiB at most; Content-MD5 is checked where it is sent",
        "content": {"application/json": {"schema": {"type": "object", "description": "Terraform's state format"}}},
    }
}
_STATE_DENIED: Final[dict[int | str, dict[str, Any]]] = {
    401: _error("no token, or one that is unknown, expired or revoked"),
    403: _error("the token may not use states, or not this one"),
}
STATE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "the state; a token that may only apply gets a stand-in, except under its own lock",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
    204: {"description": "there is no state yet"},
    **_STATE_DENIED,
}
STORED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "it is kept"},
    **_STATE_DENIED,
    400: _error("it is no state, or does not match its Content-MD5"),
    409: _error("it is of another lineage or an older serial, and no apply sent it"),
    413: _error("the state is too large"),
}
RUN: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "the request of a run task, 1 MiB at most, signed in X-TFC-Task-Signature",
        "content": {"application/json": {"schema": {"type": "object", "description": "payload version 1"}}},
    }
}
RUN_TAKEN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "it is taken; its callback is told the rest"},
    401: _error("the signature is wrong"),
    403: _error("no key is set, so nothing is taken"),
    409: _error("this task result was asked for before"),
    413: _error("the request is too large"),
    422: _error("it is no such request, or it names a host that is not in run_task_hosts"),
    503: _error("too many are under way"),
}
