"""The key of the masks, and the plan without its secrets that may leave the machine."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from infragod.errors import SetupError
from infragod.settings import Settings

FILE: Final = "mask.key"
LENGTH: Final = 32


def key(settings: Settings) -> bytes:
    """The key of the HMACs: the setting, else one derived from the server's token, else the home folder's own."""
    if settings.mask_key:
        return settings.mask_key.encode()
    if settings.url and settings.token:
        return hmac.new(settings.token.encode(), b"infragod mask", hashlib.sha256).digest()
    return _from_file(settings.home / FILE)


def _from_file(path: Path) -> bytes:
    """The key in `path`; a new random one where there is none. Of two that start at once, one wins for both."""
    try:
        if not path.exists():
            _make(path)
        found = path.read_bytes()
    except OSError as error:
        raise SetupError(
            f"cannot keep the mask key in {path}: {error.strerror}; set mask_key, or mend the folder"
        ) from None
    if len(found) != LENGTH:
        raise SetupError(
            f"{path} is no mask key: it has {len(found)} bytes and not {LENGTH}; delete it, or set mask_key"
        )
    return found


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".mask-")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
