"""The signed cookie of someone who logged in with a token: who, until when, and an HMAC over both."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infragod import keyfile

LIFETIME: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and reads the cookie's value."""

    key: bytes

    @classmethod
    def open(cls, home: Path) -> Signer:
        """The signer with the home folder's key, which is made on first use and readable by its owner alone."""
        path = home / "keys" / "session.key"
        return cls(keyfile.key(path, "session key", "delete it, and everyone logs in again"))

    def sign(self, who: str, now: float | None = None) -> str:
        """A cookie value for `who`, good for ``LIFETIME`` seconds."""
        until = int(time.time() if now is None else now) + LIFETIME
        body = json.dumps([who, until]).encode()
        return f"{_text(body)}.{_text(self._mac(body))}"

    def read(self, value: str, now: float | None = None) -> str | None:
        """Who the cookie is of, or None if it is not ours, changed or too old."""
        try:
            body, mac = (base64.urlsafe_b64decode(part + "==") for part in value.split("."))
        except (ValueError, binascii.Error):
            return None
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        who, until = json.loads(body)
        return str(who) if until > (time.time() if now is None else now) else None

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self.key, body, hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
