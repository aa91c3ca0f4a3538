"""Which `Host` a request may name: a page of another site that resolves to this machine must get no answer."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from infragod.settings import Settings

_WILDCARDS: Final = ("", "0.0.0.0", "::")  # noqa: S104  # compared with, not bound to
PROXIED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def name_of(host: str) -> str:
    """The name in a `Host` header, in small letters, without port and brackets; empty if it is malformed."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def is_loopback(name: str) -> bool:
    """Whether `name` can only be this machine."""
    if name == "localhost":
        return True
    address = _address(name)
    return address is not None and address.is_loopback


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names under which this server answers; `private` is True if only this machine can reach it."""

    names: frozenset[str]
    wildcard: bool
    private: bool
    secure: bool

    @classmethod
    def of(cls, settings: Settings) -> Hosts:
        """What follows from the address that is listened on and the one that people use."""
        public = urlsplit(settings.public_url)
        wildcard = settings.host in _WILDCARDS
        names = {"localhost", settings.host.lower(), (public.hostname or "").lower()} - {""}
        if wildcard:
            names.add(socket.gethostname().lower())
        private = is_loopback(settings.host) and (not public.hostname or is_loopback(public.hostname))
        return cls(frozenset(names), wildcard, private, public.scheme == "https")

    def accepts(self, host: str) -> bool:
        """Whether a request with this `Host` header gets an answer.

        Where every address is listened on, a plain IP address is fine: only a name can be pointed at us by others.
        """
        name = name_of(host)
        if name in self.names or is_loopback(name):
            return True
        return self.wildcard and _address(name) is not None

    def trusts(self, host: str, client: str, header_names: set[str]) -> bool:
        """Whether the request comes from this very machine, straight, so that its user needs no token to read."""
        direct = not header_names.intersection(PROXIED)
        return self.private and direct and is_loopback(name_of(host)) and is_loopback(client)
