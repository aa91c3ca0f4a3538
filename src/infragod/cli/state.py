"""`infragod state list|versions|show|restore|export`: the states that the backend keeps."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infragod import settings as settings_module
from infragod.cli.actor import actor
from infragod.errors import InputError

if TYPE_CHECKING:
    from infragod.db.connection import Connection, Database
    from infragod.settings import Settings
    from infragod.terraform.store import Version


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `state`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _formatted(verbs.add_parser("list", help="list the workspaces with their current state, and who holds a lock"))
    versions = verbs.add_parser("versions", help="list every version of a state, newest first")
    _formatted(_named(versions))
    show = _named(verbs.add_parser("show", help="show what a state holds, without values"))
    show.add_argument("version", type=int, nargs="?", metavar="VERSION", help="default: the current one")
    _formatted(show)
    restore = _named(verbs.add_parser("restore", help="make an earlier version the current state again"))
    restore.add_argument("version", type=int, metavar="VERSION", help="number of the version")
    export = _named(verbs.add_parser("export", help="write a state as it was stored, with its secrets"))
    export.add_argument("version", type=int, nargs="?", metavar="VERSION", help="default: the current one")
    export.add_argument("--out", type=Path, metavar="FILE", help="file to write, readable by you alone (default: -)")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    from infragod.db.connection import Database

    settings = settings_module.load(args.config)
    with Database.open(settings, create=False) as database:
        if args.verb == "restore":
            _restore(settings, database, args)
        elif args.verb == "export":
            _export(settings, database, args)
        else:
            with database.read() as connection:
                print({"list": _list, "versions": _versions, "show": _show}[args.verb](settings, connection, args))
    return 0


def _named(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("workspace", metavar="WORKSPACE", help="name of the workspace")
    return parser


def _formatted(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("table", "json"), default="table", help="as people or as programs read it")


def _list(_settings: Settings, connection: Connection, args: argparse.Namespace) -> str:
    from infragod.terraform import store

    locks = store.locks(connection)
    found = store.currents(connection)
    if args.format == "json":
        rows = [_facts(v) | {"locked_by": locks[v.workspace].who if v.workspace in locks else None} for v in found]
        return json.dumps(rows, indent=2, ensure_ascii=False)
    if not found:
        return "no state is stored yet; docs/guides/state-backend.md says how Terraform stores one"
    head = f"{'workspace':<30}  {'version':>7}  {'serial':>6}  {'resources':>9}  {'stored (UTC)':<16}  locked by"
    return "\n".join([head, *(_list_line(v, locks[v.workspace].who if v.workspace in locks else "-") for v in found)])


def _list_line(found: Version, locked: str) -> str:
    counts = f"{found.version:>7}  {found.serial:>6}  {found.resources:>9}"
    return f"{found.workspace:<30}  {counts}  {found.created_at:%F %H:%M}  {locked}"


def _versions(_settings: Settings, connection: Connection, args: argparse.Namespace) -> str:
    from infragod.terraform import store

    found = store.versions(connection, args.workspace)
    if args.format == "json":
        return json.dumps([_facts(v) for v in found], indent=2, ensure_ascii=False)
    if not found:
        raise _unknown(args.workspace)
    now = store.current(connection, args.workspace)
    head = f"{'version':>7}  {'serial':>6}  {'resources':>9}  {'stored (UTC)':<16}  {'by':<20}  what"
    return "\n".join([head, *(_version_line(v, current=now is not None and v.version == now.version) for v in found)])


def _version_line(found: Version, *, current: bool) -> str:
    what = f"{found.operation}{' (current)' if current else ''}"
    aside = f"; kept aside: {found.aside}" if found.aside else ""
    counts = f"{found.version:>7}  {found.serial:>6}  {found.resources:>9}"
    return f"{counts}  {found.created_at:%F %H:%M}  {found.actor:<20}  {what}{aside}"


def _show(settings: Settings, connection: Connection, args: argparse.Namespace) -> str:
    from infragod.terraform import state_document

    found = _one(connection, args.workspace, args.version)
    objects = state_document.parse(_content(settings, connection, found), f"version {found.version}").objects
    if args.format == "json":
        return json.dumps(_facts(found) | {"addresses": sorted(objects)}, indent=2, ensure_ascii=False)
    facts = [f"{name:<18} {value if value not in (None, '') else '-'}" for name, value in _facts(found).items()]
    return "\n".join([*facts, "", *sorted(objects)])


def _restore(settings: Settings, database: Database, args: argparse.Namespace) -> None:
    from infragod.terraform.history import restore

    new = restore(settings, database, args.workspace, args.version, actor())
    print(f"{new.workspace} has the content of version {args.version} again, as version {new.version}")
    print(f"with serial {new.serial}; plans that were made before are stale now", file=sys.stderr)


def _export(settings: Settings, database: Database, args: argparse.Namespace) -> None:
    from infragod.db import audit

    with database.begin() as connection:
        found = _one(connection, args.workspace, args.version)
        data = _content(settings, connection, found)
        audit.append(connection, "state.export", actor(), {"workspace": found.workspace, "version": found.version})
    if args.out is None or str(args.out) == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        with os.fdopen(os.open(args.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    except FileExistsError:
        raise InputError(f"{args.out} is there already; name another file, or remove it") from None
    except OSError as error:
        raise InputError(f"cannot write {args.out}: {error.strerror}; name another file") from None
    print(f"{args.out} holds version {found.version} of {found.workspace}, with its secrets", file=sys.stderr)


def _content(settings: Settings, connection: Connection, found: Version) -> bytes:
    from infragod.terraform.history import content

    return content(settings, connection, found)


def _one(connection: Connection, workspace: str, number: int | None) -> Version:
    from infragod.terraform import store

    found = store.current(connection, workspace) if number is None else store.get(connection, workspace, number)
    if found is not None:
        return found
    if number is None or not store.newest(connection, workspace):
        raise _unknown(workspace)
    raise InputError(f"{workspace} has no version {number}; `infragod state versions {workspace}` lists them")


def _unknown(workspace: str) -> InputError:
    return InputError(f"no state of {workspace!r} is stored here; `infragod state list` shows those that are")


def _facts(found: Version) -> dict[str, Any]:
    return {
        "workspace": found.workspace,
        "version": found.version,
        "lineage": found.lineage,
        "serial": found.serial,
        "terraform_version": found.terraform_version,
        "resources": found.resources,
        "bytes": found.size,
        "stored_at": found.created_at.isoformat(),
        "stored_by": found.actor,
        "operation": found.operation,
        "kept_aside": found.aside or None,
    }
