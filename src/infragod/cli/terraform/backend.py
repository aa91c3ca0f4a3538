"""Which backend a working folder uses, as `terraform init` noted it; and whether that is ours."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from infragod.settings import Settings

_PATH: Final = "/v1/state/"


@dataclass(frozen=True, slots=True)
class Backend:
    """Its kind and, for `http`, its address and whether a password stands in the configuration."""

    kind: str
    address: str = ""
    fixed_password: bool = False


def backend(folder: Path) -> Backend:
    """The backend that `folder` was initialised with; `local` where nothing is noted."""
    noted = folder / os.environ.get("TF_DATA_DIR", ".terraform") / "terraform.tfstate"
    try:
        found = json.loads(noted.read_bytes())["backend"]
        config = found.get("config") or {}
        kind = str(found["type"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Backend("local")
    if kind != "http":
        return Backend(kind)
    address = config.get("address") or os.environ.get("TF_HTTP_ADDRESS", "")
    return Backend(kind, str(address), bool(config.get("password")))


def own_workspace(found: Backend, settings: Settings) -> str | None:
    """The workspace whose state our own server keeps for this folder; None where another keeps it."""
    if found.kind != "http":
        return None
    there = urlsplit(found.address)
    for base in filter(None, (settings.url, settings.base_url)):
        ours = urlsplit(base.rstrip("/"))
        prefix = ours.path + _PATH
        if (there.scheme, there.netloc) == (ours.scheme, ours.netloc) and there.path.startswith(prefix):
            return unquote(there.path.removeprefix(prefix)) or None
    return None


def cli_workspace(folder: Path) -> str:
    """Terraform's own workspace that is selected in `folder`; empty for `default`."""
    noted = folder / os.environ.get("TF_DATA_DIR", ".terraform") / "environment"
    try:
        name = os.environ.get("TF_WORKSPACE") or noted.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return ""
    return "" if name == "default" else name
