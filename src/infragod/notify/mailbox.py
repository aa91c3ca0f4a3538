"""E-mail as a target: the table `[notify.email]` of the settings, read and held to encrypted connections.

[notify.email]
host = "smtp.example.com"
from = "infragod@example.com"
security = "starttls"                   # or ssl; none is for this machine alone
user = "infragod"
password_env = "SMTP_PASSWORD"          # or password_file = "/run/secrets/smtp"
to = ["finops@example.com"]             # gets every event, and never a link; approvers get theirs by approvals.toml
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from infragod.errors import SetupError

WHERE: Final = "[notify.email]"
NAME: Final = "email"
EVENTS: Final = (
    "approval.opened",
    "approval.reminded",
    "waiver.ending",
    "incident.opened",
)
PORTS: Final = {"starttls": 587, "ssl": 465, "none": 25}
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,189}")
_KEYS: Final = (
    "host",
    "port",
    "security",
    "from",
    "to",
    "user",
    "password_env",
    "password_file",
    "ca_file",
    "events",
    "links",
)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """How mail is sent; the password stays out of the `repr`, so out of logs."""

    host: str
    port: int
    security: str
    sender: str
    to: tuple[str, ...] = ()
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""


def is_address(text: str) -> bool:
    """Whether mail can be sent to `text`."""
    return _ADDRESS.fullmatch(text) is not None


def mailbox(table: Any, env: Mapping[str, str], folder: Path) -> Mailbox:
    """The mailbox of the table; ``SetupError`` names the first thing that is wrong with it."""
    if not isinstance(table, Mapping):
        raise SetupError(f"{WHERE} is no table; give it host and from")
    if odd := sorted(set(table) - set(_KEYS)):
        raise SetupError(f"{WHERE} sets {odd[0]!r}, which it does not know; it knows {', '.join(_KEYS)}")
    host, security = _text(table, "host"), table.get("security", "starttls")
    if security not in PORTS:
        raise SetupError(f"{WHERE} sets security to {security!r}; it is {', '.join(PORTS)}")
    if security == "none" and host not in _LOOPBACK:
        raise SetupError(f"{WHERE} would send mail to {host} in clear text; use starttls or ssl")
    port = table.get("port", PORTS[security])
    if type(port) is not int or not 0 < port < 2**16:
        raise SetupError(f"{WHERE} sets port to {port!r}; it is a number from 1 to 65535")
    user = _text(table, "user") if "user" in table else ""
    return Mailbox(
        host=host,
        port=port,
        security=security,
        sender=_addresses([table.get("from")], "from")[0],
        to=_addresses(table.get("to", []), "to"),
        user=user,
        password=_password(table, env, folder) if user else "",
        ca_file=str(folder / _text(table, "ca_file")) if "ca_file" in table else "",
    )


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise SetupError(f"{WHERE} lacks {key}; add it as text")
    return value.strip()


def _addresses(given: Any, key: str) -> tuple[str, ...]:
    found = given if isinstance(given, list) else [given]
    for one in found:
        if not isinstance(one, str) or not is_address(one):
            raise SetupError(f"{WHERE} sets {key} to {one!r}, which is no mail address; correct it")
    return tuple(found)


def _password(table: Mapping[str, Any], env: Mapping[str, str], folder: Path) -> str:
    if ("password_env" in table) == ("password_file" in table):
        raise SetupError(
            f"{WHERE} needs password_env or password_file, where user's password is; the file of the settings "
            "is no place for it"
        )
    if "password_env" in table:
        name = _text(table, "password_env")
        if not env.get(name):
            raise SetupError(f"{WHERE} takes the password from the variable {name!r}, which is not set; set it")
        return env[name]
    path = folder / _text(table, "password_file")
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{WHERE}: cannot read the password in {path} ({type(error).__name__}); correct it") from None
