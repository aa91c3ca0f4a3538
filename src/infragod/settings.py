"""Every setting: its name, default and help; read from files, the environment and flags, later ones winning.

Order: defaults, then `infragod.toml` in the working folder or the nearest folder above it, then the file given by
``--config``, then `INFRAGOD_…` variables. Tables of the file (``[rules.<id>]``) are kept as they are: the policy room
reads them, and holds them against the bundle.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from infragod.errors import SetupError

FILE_NAME = "infragod.toml"
TABLES = ("rules", "packs", "notify", "sources", "broker")
HOME = Path("~/.infragod")


def _setting(default: Any, help_text: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"help": help_text, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run; each field's metadata holds its help text and whether it is a secret."""

    home: Path = _setting(HOME, "folder of the lake, the database, prices and keys")
    database_url: str = _setting(
        "", "SQLAlchemy address of the database; empty: SQLite in the home folder", secret=True
    )
    url: str = _setting("", "address of the InfraGod server that decides; empty: decide here")
    token: str = _setting("", "token for that server", secret=True)
    timeout: int = _setting(60, "seconds to wait for that server")
    on_outage: str = _setting("closed", "what a check answers when that server cannot be reached: closed or open")
    mask_key: str = _setting("", "key of the HMAC that stands in place of sensitive values", secret=True)
    state_key: str = _setting(
        "",
        "keys that encrypt stored states: base64 of 32 bytes each, the first encrypts, all decrypt; "
        "empty: `keys/state.key` in the home folder",
        secret=True,
    )
    state_versions: int = _setting(0, "versions of each stored state that are kept; 0 keeps every one")
    google_api_key: str = _setting(
        "", "API key of Google Cloud, to read its price catalogue by `infragod prices import gcp`", secret=True
    )
    currency: str = _setting("USD", "ISO 4217 code of the currency that prices and budgets are in")
    workspace: str = _setting("", "name of the workspace that is checked; empty: the plan file's folder")
    requester: str = _setting("", "for whom a pipeline asks, who may not approve the plan; empty: whoever runs it")
    engine: str = _setting("duckdb", "engine that reads the lake")
    retention_days: int = _setting(30, "days that replaced files of the lake are kept")
    ownership: Path = _setting(Path("ownership.toml"), "file that says how owners are found, beside the settings file")
    usage: Path = _setting(Path("usage.toml"), "file of expected usage, beside the settings file")
    rules_folder: Path = _setting(Path("rules"), "folder of the company's own rule files, beside the settings file")
    host: str = _setting("127.0.0.1", "address that the server listens on")
    port: int = _setting(8080, "port that the server listens on")
    public_url: str = _setting("", "address under which people reach the server; empty: only `serve` gives links")
    facts_days: int = _setting(
        90, "days that what the rules saw of a plan is kept, for `infragod rules simulate`; 0 keeps nothing"
    )
    grant_minutes: int = _setting(60, "minutes that a grant to apply a plan lasts, at most a day")
    aws_credentials: str = _setting(
        "off",
        "how `infragod terraform apply` hands over the credentials of its grant: off, profile (as the only profile), "
        "grant (your own AWS profiles call `infragod credentials`)",
    )
    aws_role: str = _setting("", "role of the server's [broker.roles] to ask for, where several are for a workspace")
    remind_minutes: int = _setting(
        60, "minutes after which the server looks again for approvals to remind of and waivers about to end; 0: never"
    )
    run_task_key: str = _setting(
        "", "key that HCP Terraform signs the requests of a run task with; empty: they are refused", secret=True
    )
    run_task_unsigned: str = _setting("refuse", "requests of a run task without a key: refuse or allow")
    run_task_hosts: str = _setting(
        "app.terraform.io,archivist.terraform.io",
        "hosts that plans of a run task are fetched from, and answers sent to",
    )
    check_processes: int = _setting(
        0, "processes of the server that decide on plans, 0: one a processor, 1: none beside the server's own"
    )
    demotion_findings: int = _setting(20, "changes that a rule has stopped before it may propose its own demotion")
    demotion_percent: int = _setting(
        50, "of a hundred stopped changes, how many may pass all the same before the rule proposes its own demotion"
    )
    demotion_days: int = _setting(
        90, "days that these are counted over, and that a rejected proposal is not made again for"
    )
    creator_tags: str = _setting(
        "aws:createdBy,createdBy,created-by,created_by,creator",
        "tags that name who made a resource, the first that is there counting, for the report `ungated`",
    )
    folder: Path = field(default=Path(), metadata={"help": "", "internal": True})
    tables: Mapping[str, Any] = field(default_factory=dict, metadata={"help": "", "internal": True})

    @property
    def lake(self) -> Path:
        """Folder of the lake's tables."""
        return self.home / "lake"

    @property
    def base_url(self) -> str:
        """Address for links, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def beside(self, path: Path) -> Path:
        """`path`, relative to the folder of the settings file."""
        return path if path.is_absolute() else self.folder / path


def documented() -> list[tuple[str, str, str, str]]:
    """Each setting as (name, environment variable, default, help), for the documentation and its test."""
    return [
        (f.name, f"INFRAGOD_{f.name.upper()}", str(f.default), str(f.metadata["help"]))
        for f in fields(Settings)
        if not f.metadata.get("internal")
    ]


def load(config: Path | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Settings:
    """The settings in force for a run in `cwd`; ``SetupError`` names the first wrong one and where it stands."""
    env = os.environ if env is None else env
    cwd = cwd or Path.cwd()
    values: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    folder = cwd
    for path in filter(None, (_nearest(cwd), config)):
        document = _read(path)
        tables.update({name: document.pop(name) for name in TABLES if name in document})
        values.update(_checked(document, str(path)))
        folder = path.resolve().parent
    known = {name.upper() for name in _types()}
    given = {k[9:].lower(): v for k, v in env.items() if k.startswith("INFRAGOD_") and k[9:] in known}
    values.update(_checked(given, "the environment"))
    values["home"] = _home(values.get("home", HOME))
    return Settings(**values, folder=folder, tables=tables)


def _home(path: Path) -> Path:
    if re.match(r"[a-z][a-z0-9]+:/", str(path)):
        raise SetupError(f"home is {str(path)!r}, which is no folder; object stores are not taken yet, name a folder")
    return path.expanduser().absolute()


def _nearest(cwd: Path) -> Path | None:
    return next((d / FILE_NAME for d in (cwd, *cwd.parents) if (d / FILE_NAME).is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"cannot read the settings file {path}: {error.strerror}; check its name and rights") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} is not valid TOML: {error}; correct that line") from None


def _types() -> dict[str, type]:
    hints = get_type_hints(Settings)
    return {f.name: hints[f.name] for f in fields(Settings) if not f.metadata.get("internal")}


def _checked(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    types = _types()
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in types:
            raise SetupError(f"{where} sets {name!r}, which is no setting; the settings are: {', '.join(types)}")
        values[name] = _typed(name, value, types[name], where)
    if values.get("run_task_unsigned", "refuse") not in ("refuse", "allow"):
        raise SetupError(f"{where} sets run_task_unsigned to {values['run_task_unsigned']!r}; it is refuse or allow")
    if values.get("aws_credentials", "off") not in ("off", "profile", "grant"):
        raise SetupError(f"{where} sets aws_credentials to {values['aws_credentials']!r}; it is off, profile or grant")
    if values.get("on_outage", "closed") not in ("closed", "open"):
        raise SetupError(f"{where} sets on_outage to {values['on_outage']!r}; it is closed or open")
    return values


def _typed(name: str, value: Any, kind: type, where: str) -> Any:
    try:
        return int(value) if kind is int else kind(value)
    except (TypeError, ValueError):
        raise SetupError(f"{where} sets {name} to {value!r}, which is no {kind.__name__}; correct it") from None
