"""Key files: 32 random bytes each, made once, readable by their owner alone.

A new key is written beside its place and linked there whole: of processes that start at once one makes it, and all of
them read that one; nobody reads half a key.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final

from infragod.errors import SetupError

LENGTH: Final = 32
_LARGEST: Final = 1 << 16
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def key(path: Path, what: str, mend: str) -> bytes:
    """The bytes of the key in `path`, made on first use; `what` names it to people, `mend` says what to do without."""
    found = _content(path, what, mend, secrets.token_bytes(LENGTH))
    if len(found) != LENGTH:
        raise SetupError(f"{path} is no {what}: it has {len(found)} bytes and not {LENGTH}; {mend}")
    return found


def keys(path: Path, what: str, mend: str, *, make: bool = True) -> list[bytes]:
    """The keys in `path`, one in base64 a line, made on first use unless `make` is False."""
    fresh = base64.b64encode(secrets.token_bytes(LENGTH)) + b"\n"
    try:
        text = _content(path, what, mend, fresh if make else None).decode("ascii")
    except UnicodeDecodeError:
        raise SetupError(f"{path} is no {what}: a key is {LENGTH} bytes in base64; {mend}") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> list[bytes]:
    """The keys in `text`: base64, one a line or separated by commas; ``SetupError`` if there is none."""
    found = [_decoded(part, where) for part in text.replace(",", " ").split()]
    if not found:
        raise SetupError(f"{where} holds no key; bring the key back, or what it protects cannot be read")
    return found


def _decoded(part: str, where: str) -> bytes:
    try:
        found = base64.b64decode(part, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != LENGTH:
        raise SetupError(f"{where} holds something that is no key: a key is {LENGTH} bytes in base64; correct it")
    return found


def _content(path: Path, what: str, mend: str, fresh: bytes | None) -> bytes:
    """What is in `path`; where there is nothing, `fresh`, or what another process put there first."""
    try:
        if fresh is not None and not path.exists():
            _put(path, fresh)
        return _read(path, what)
    except OSError as error:
        raise SetupError(f"cannot keep the {what} in {path}: {error.strerror}; mend its folder, or {mend}") from None


def _put(path: Path, content: bytes) -> None:
    """Put `content` into `path`, whole, unless somebody was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
        _sync(path.parent)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()


def _sync(folder: Path) -> None:
    """What is encrypted by a key must not outlive it: the entry in its folder is on the disk before it is used."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path, what: str) -> bytes:
    """The file, if it is one that nobody else can read, in a folder where nobody else can replace it."""
    folder = path.parent.stat().st_mode
    if folder & stat.S_IWOTH and not folder & stat.S_ISVTX:
        raise SetupError(f"everyone may write to {path.parent}, which holds the {what}; chmod o-w {path.parent}")
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & _OTHERS and os.name == "posix":
            raise SetupError(f"others than its owner may read {path}, the {what}; chmod 600 {path}, or make a new one")
        return file.read(_LARGEST)
