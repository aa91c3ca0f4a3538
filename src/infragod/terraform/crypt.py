"""Encryption at rest: AES-GCM under a key of the setting `state_key`, or of the home folder's key file.

A sealed text is `version, key id, nonce, ciphertext`; its context (what it is, whose, which serial) is authenticated
with it, so that no row of the database can be passed off as another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infragod.errors import SetupError, StoreError
from infragod.settings import Settings

FOLDER: Final = "keys"
FILE: Final = "state.key"
LENGTH: Final = 32

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
            return cls(_parse(settings.state_key, "state_key"), "the setting state_key")
        path = settings.home / FOLDER / FILE
        return cls(_parse(_from_file(path, sealed=sealed), str(path)), str(path))

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


def _parse(text: str, where: str) -> dict[bytes, bytes]:
    """The keys in `text`: base64, one a line or separated by commas."""
    keys = [_key(part, where) for part in text.replace(",", " ").split()]
    if not keys:
        raise SetupError(f"{where} holds no key; bring the key back, or states cannot be read")
    return {hashlib.sha256(b"infragod state key\0" + key).digest()[:_ID]: key for key in keys}


def _key(part: str, where: str) -> bytes:
    try:
        key = base64.b64decode(part, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != LENGTH:
        raise SetupError(f"{where} holds something that is no key: a key is {LENGTH} bytes in base64; correct it")
    return key


def _from_file(path: Path, *, sealed: bool) -> str:
    try:
        if not path.exists():
            if sealed:
                raise SetupError(
                    f"{path} is missing, and stored states are encrypted by it; bring it back from a backup"
                )
            _make(path)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise SetupError(f"cannot keep the key {path}: {error.strerror}; mend its rights, or set state_key") from None
    except UnicodeDecodeError:
        raise SetupError(f"{path} is no key file; bring the right one back from a backup") from None


def _make(path: Path) -> None:
    """A new key file, readable by its owner alone; of two that start at once, one wins for both."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".state-")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(LENGTH)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
