"""Where events are sent: the tables `[notify.webhooks.<name>]` of the settings, read and held to safe addresses.

[notify.webhooks.chat]
kind = "slack"                          # json (default, signed) or slack (an incoming webhook)
url_env = "CHAT_WEBHOOK"                # or url = "https://…"
events = ["decision", "approval.*"]     # kinds of audit entries; all of them by default
links = false                           # true: with the links by which approvers answer, each of which is a credential
secret_env = "CHAT_SECRET"              # the variable that holds the key of the signature; json needs one
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import urlsplit

from infragod.errors import SetupError
from infragod.notify import mailbox
from infragod.notify.mailbox import Mailbox
from infragod.settings import Settings

KINDS: Final = ("json", "slack")
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
SECRET_BYTES: Final = 16
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_KEYS: Final = ("kind", "url", "url_env", "events", "secret_env", "links")


@dataclass(frozen=True, slots=True)
class Target:
    """One place that events are sent to; address and secret stay out of its `repr`, so out of logs."""

    name: str
    kind: str
    url: str = field(repr=False)
    events: tuple[str, ...] = ("*",)
    secret: bytes = field(default=b"", repr=False)
    links: bool = False
    mail: Mailbox | None = None

    @property
    def shown(self) -> str:
        """The address without its path: that of a chat's webhook is a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def wants(self, kind: str) -> bool:
        """Whether events of `kind` are sent here."""
        return any(fnmatchcase(kind, pattern) for pattern in self.events)


def targets(settings: Settings, env: Mapping[str, str] | None = None) -> list[Target]:
    """Every target of the settings, by name; ``SetupError`` names the first wrong one."""
    notify = settings.tables.get("notify", {})
    tables = notify.get("webhooks", {}) if isinstance(notify, Mapping) else None
    if not isinstance(tables, Mapping):
        raise SetupError("notify.webhooks is no table; write [notify.webhooks.NAME] with url, events and secret_env")
    known = os.environ if env is None else env
    found = [_target(name, table, known) for name, table in sorted(tables.items())]
    return found + ([_mail(notify[mailbox.NAME], known, settings)] if mailbox.NAME in notify else [])


def _mail(table: Any, env: Mapping[str, str], settings: Settings) -> Target:
    box = mailbox.mailbox(table, env, settings.folder)
    events = _events(mailbox.WHERE, table) if "events" in table else mailbox.EVENTS
    links = _links(mailbox.WHERE, table, default=True)
    return Target(mailbox.NAME, "email", f"smtp://{box.host}:{box.port}", events, links=links, mail=box)


def _target(name: str, table: Any, env: Mapping[str, str]) -> Target:
    where = f"[notify.webhooks.{name}]"
    if not _NAME.fullmatch(name) or name == mailbox.NAME:
        raise SetupError(
            f"{where} has no usable name; use small letters, digits, - and _, at most 63, and not {mailbox.NAME}"
        )
    if not isinstance(table, Mapping):
        raise SetupError(f"{where} is no table; give it url, events and secret_env")
    if odd := sorted(set(table) - set(_KEYS)):
        raise SetupError(f"{where} sets {odd[0]!r}, which it does not know; it knows {', '.join(_KEYS)}")
    kind = table.get("kind", "json")
    if kind not in KINDS:
        raise SetupError(f"{where} sets kind to {kind!r}; it is {' or '.join(KINDS)}")
    url, secret = _url(where, table, env), _secret(where, kind, table, env)
    return Target(name, kind, url, _events(where, table), secret, _links(where, table, default=False))


def _links(where: str, table: Mapping[str, Any], *, default: bool) -> bool:
    links = table.get("links", default)
    if not isinstance(links, bool):
        raise SetupError(f"{where} sets links to {links!r}; it is true or false")
    return links


def _url(where: str, table: Mapping[str, Any], env: Mapping[str, str]) -> str:
    if ("url" in table) == ("url_env" in table):
        raise SetupError(f"{where} needs url, or url_env with the name of the variable that holds it; set one of them")
    url = table["url"] if "url" in table else _variable(where, "url_env", table, env)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except (ValueError, AttributeError, TypeError):
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise SetupError(f"the address of {where} is no http(s) address; correct it")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise SetupError(f"{where} would send events to {host} in clear text; use https")
    return str(url)


def _events(where: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    events = table.get("events", ["*"])
    if not isinstance(events, list) or not events or not all(isinstance(event, str) and event for event in events):
        raise SetupError(f'{where} sets events to {events!r}; it is a list such as ["decision", "approval.*"]')
    return tuple(events)


def _secret(where: str, kind: str, table: Mapping[str, Any], env: Mapping[str, str]) -> bytes:
    if "secret_env" not in table:
        if kind == "slack":
            return b""
        raise SetupError(f"{where} has no secret_env; name the variable that holds the key by which events are signed")
    secret = _variable(where, "secret_env", table, env).encode()
    if len(secret) < SECRET_BYTES:
        raise SetupError(
            f"the secret of {where} is shorter than {SECRET_BYTES} bytes; make one by openssl rand -hex 32"
        )
    return secret


def _variable(where: str, key: str, table: Mapping[str, Any], env: Mapping[str, str]) -> str:
    name = table[key]
    if not isinstance(name, str) or not env.get(name):
        raise SetupError(f"{where} takes {key[:-4]} from the variable {name!r}, which is not set; set it")
    return env[name]
