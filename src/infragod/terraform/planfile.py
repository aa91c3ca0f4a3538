"""A plan file's own facts: the state that the plan was made on, and the digest of the very file.

The file is a zip. What it holds is unpacked in steps and never beyond a limit, whatever its directory claims; a name
that it holds twice is refused, for two readers might take different ones.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import msgspec

from infragod.errors import InputError
from infragod.terraform.binary import MAGIC

ENTRY: Final = "tfstate"
LARGEST: Final = 1 << 28  # bytes that the state in a plan file may unpack to
_ENTRIES: Final = 100_000
_STEP: Final = 1 << 20
_MEND: Final = "make the plan again by `terraform plan -out=FILE`"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a plan file says of the state that it was made on, and the file's SHA-256 in hex.

    A first plan has an empty lineage and serial 0.
    """

    lineage: str
    serial: int
    digest: str


class _State(msgspec.Struct):
    lineage: str = ""
    serial: int = 0


def read(path: Path) -> PlanFile:
    """The facts of the plan file at `path`; ``InputError`` says what is there instead."""
    try:
        with path.open("rb") as file:
            _refuse_other(file, path)
            state = _state(file, path)
            return PlanFile(state.lineage, state.serial, _digest(file))
    except OSError as error:
        raise InputError(f"cannot read the plan file {path}: {error.strerror}; check its name and rights") from None


def digest(path: Path) -> str:
    """The SHA-256 of the file at `path`, in hex."""
    try:
        with path.open("rb") as file:
            return _digest(file)
    except OSError as error:
        raise InputError(f"cannot read the plan file {path}: {error.strerror}; check its name and rights") from None


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # its type is too narrow


def _refuse_other(file: IO[bytes], path: Path) -> None:
    head = file.read(4096)
    if b'"remote_plan_format"' in head:
        raise InputError(f"{path} names a plan that HCP Terraform keeps; there, runs are gated by a run task")
    if head[:1] == b"{":
        raise InputError(f"{path} is JSON and no plan file, so nothing can be applied from it; {_MEND}")
    if not head.startswith(MAGIC):
        raise InputError(f"{path} is no plan file, or one that OpenTofu has encrypted; {_MEND}")


def _state(file: IO[bytes], path: Path) -> _State:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if len(names) > _ENTRIES or names.count(ENTRY) != 1 or names.count("tfplan") != 1:
                raise InputError(f"{path} is a zip file but no plan that Terraform wrote; {_MEND}")
            data = _unpacked(archive, path)
        found = msgspec.json.decode(data, type=_State)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise InputError(f"{path} begins as a plan file but is damaged or cut off; {_MEND}") from None
    if found.serial < 0:
        raise InputError(f"{path} holds a state with the serial {found.serial}, which is none; {_MEND}")
    return found


def _unpacked(archive: zipfile.ZipFile, path: Path) -> bytes:
    parts: list[bytes] = []
    size = 0
    with archive.open(ENTRY) as entry:
        while part := entry.read(_STEP):
            size += len(part)
            if size > LARGEST:
                raise InputError(f"the state in {path} unpacks to more than {LARGEST >> 20} MiB; {_MEND}")
            parts.append(part)
    return b"".join(parts)
