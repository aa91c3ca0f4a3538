"""Encryption at rest: AES-GCM under a key of the setting `state_key`, or of the home folder's key file.

A sealed text is `version, key id, nonce, ciphertext`; its context (what it is, whose, which serial) is authenticated
with it, so that no row of the database can be passed off as another.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infragod import keyfile
from infragod.errors import SetupError, StoreError
from infragod.settings import Settings

FOLDER: Final = "keys"
FILE: Final = "state.key"

_VERSION: Final = b"\x01"
_ID: Final = 8
_NONCE: Final = 12
_HEAD: Final = len(_VERSION) + _ID + _NONCE


@dataclass(frozen=True, slots=True)
class Vault:
    """The keys, by their id; the first seals, all of them open."""

    keys: dict[bytes, bytes]
    where: str

    @classmethod
    def open(cls, settings: Settings, *, sealed: bool) -> Vault:
        """The vault of `settings`; where something is `sealed` already, no new key is made in silence."""
        if settings.state_key:
            return cls(_by_id(keyfile.parse(settings.state_key, "state_key")), "the setting state_key")
        path = settings.home / FOLDER / FILE
        return cls(_by_id(_from_file(path, sealed=sealed)), str(path))

    def seal(self, data: bytes, context: str) -> bytes:
        """`data`, encrypted and bound to `context`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        name, key = next(iter(self.keys.items()))
        head = _VERSION + name + secrets.token_bytes(_NONCE)
        return head + AESGCM(key).encrypt(head[-_NONCE:], data, head + context.encode())

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """What was sealed with that context; one sentence if it was changed, or if its key is not here."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        head, body = sealed[:_HEAD], sealed[_HEAD:]
        name = head[1 : 1 + _ID]
        if name not in self.keys:
            raise SetupError(
                f"a state was encrypted by the key {name.hex()}, which is not in {self.where}; bring that key back"
            )
        try:
            return AESGCM(self.keys[name]).decrypt(head[-_NONCE:], body, head + context.encode())
        except InvalidTag:
            raise StoreError(
                f"a stored state ({context!r}) was changed since it was encrypted; restore the database from a backup"
            ) from None


def _by_id(keys: list[bytes]) -> dict[bytes, bytes]:
    return {hashlib.sha256(b"infragod state key\0" + key).digest()[:_ID]: key for key in keys}


def _from_file(path: Path, *, sealed: bool) -> list[bytes]:
    if sealed and not path.exists():
        raise SetupError(f"{path} is missing, and stored states are encrypted by it; bring it back from a backup")
    return keyfile.keys(path, "key of states", "bring the right one back from a backup, or set state_key")
