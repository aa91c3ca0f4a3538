"""The versions of stored states: read one, seal one, bring an earlier one back."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any, Final

from infragod.db import audit
from infragod.db.connection import Connection, Database
from infragod.errors import InputError
from infragod.settings import Settings
from infragod.terraform import state_document, store
from infragod.terraform.crypt import Vault
from infragod.terraform.refusal import HeldError
from infragod.terraform.store import Version

_COMPRESSION: Final = 3


class ConflictError(InputError):
    """It does not fit to what is stored or locked."""


def vault(settings: Settings, connection: Connection) -> Vault:
    """The keys of the states; where one is stored already, no new key is made."""
    return Vault.open(settings, sealed=store.anything(connection))


def seal(keys: Vault, new: Version, data: bytes) -> bytes:
    """What is stored of `data` as that version."""
    return keys.seal(zlib.compress(data, _COMPRESSION), _context(new))


def unseal(keys: Vault, connection: Connection, version: Version) -> bytes:
    """The state that was stored as `version`, byte for byte."""
    return zlib.decompress(keys.unseal(store.content(connection, version), _context(version)))


def content(settings: Settings, connection: Connection, version: Version) -> bytes:
    """The same, where no vault is open."""
    return unseal(vault(settings, connection), connection, version)


def restore(settings: Settings, database: Database, workspace: str, number: int, actor: str) -> Version:
    """Make the content of an earlier version the current state again, under a serial higher than any before."""
    with database.begin() as connection:
        store.hold(connection, workspace)
        old = _restorable(connection, workspace, number)
        keys = vault(settings, connection)
        serial = store.highest_serial(connection, workspace) + 1
        data = state_document.with_serial(unseal(keys, connection, old), serial)
        new = replace(
            old,
            version=store.newest(connection, workspace) + 1,
            serial=serial,
            size=len(data),
            created_at=store.now(),
            actor=actor,
            operation=f"{store.RESTORE}{number}",
            lock_id="",
            aside="",
        )
        store.add(connection, new, seal(keys, new, data))
        audit.append(connection, "state.restore", actor, told(new) | {"from": number})
    return new


def told(version: Version) -> dict[str, Any]:
    """What the log says of a version."""
    names = ("workspace", "version", "lineage", "serial", "resources", "size", "operation", "lock_id", "aside")
    return {name: getattr(version, name) for name in names}


def _restorable(connection: Connection, workspace: str, number: int) -> Version:
    old = store.get(connection, workspace, number)
    if old is None:
        raise InputError(f"{workspace} has no version {number}; `infragod state versions {workspace}` lists them")
    if not old.lineage:
        raise InputError(
            f"version {number} of {workspace} came damaged and is no state; `infragod state export` reads it"
        )
    if lock := store.held(connection, workspace):
        raise ConflictError(
            f"{HeldError(lock)} (ID {lock.id}); wait for its end, or break it by `terraform force-unlock`"
        )
    return old


def _context(version: Version) -> str:
    return f"state {version.workspace!r} lineage {version.lineage} serial {version.serial}"
