"""The API's reference for people, made from the application's own description (OpenAPI)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HEAD = """# The API

Made from the server's own description, which stands at `/v1/openapi.json`.
Requests to `/v1` carry `Authorization: Bearer TOKEN`; `infragod token create` makes the token. An error is
`{"error": "one sentence", "request_id": "…"}`, and the server's log has the same number.
"""


def markdown(description: Mapping[str, Any]) -> str:
    """The reference as Markdown."""
    return "\n".join((HEAD, *(line for path, ways in description["paths"].items() for line in _path(path, ways))))


def _path(path: str, ways: Mapping[str, Any]) -> Iterator[str]:
    for verb, way in ways.items():
        yield f"## {verb.upper()} {path}\n"
        yield f"{way['summary']}. {way.get('description', '')}".strip() + "\n"
        if "description" in way.get("requestBody", {}):
            yield f"Body: {way['requestBody']['description']}.\n"
        if way.get("parameters"):
            yield from ("| parameter | where | needed | what |", "|---|---|---|---|")
            yield from (_parameter(parameter) for parameter in way["parameters"])
            yield ""
        yield from ("| status | what |", "|---|---|")
        yield from (f"| {status} | {answer['description']} |" for status, answer in sorted(way["responses"].items()))
        yield ""


def _parameter(parameter: Mapping[str, Any]) -> str:
    needed = "yes" if parameter["required"] else f"no{_default(parameter['schema'])}"
    return f"| `{parameter['name']}` | {parameter['in']} | {needed} | {parameter.get('description', '')} |"


def _default(schema: Mapping[str, Any]) -> str:
    return f", else `{str(schema['default']).lower()}`" if "default" in schema else ""


def page() -> str:
    """The page's text."""
    from infragod.settings import Settings
    from infragod.web.app import create

    with tempfile.TemporaryDirectory() as folder:
        return markdown(create(Settings(home=Path(folder))).openapi())
