"""The bundled assets: their hashed names, and long caching, since a changed file has another name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from infragod.errors import SetupError

FOLDER: Final = Path(__file__).parent / "static"


def manifest(folder: Path = FOLDER) -> Mapping[str, str]:
    """Name of each asset to the name of its file."""
    try:
        names: dict[str, str] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SetupError(
            f"the pages' assets are not in {folder}; install the package again, or run `npm ci && npm run build`"
        ) from None
    return names


class Assets(StaticFiles):
    """Static files whose name holds the hash of their content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """The file, to be kept for a year."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
