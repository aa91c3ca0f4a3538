"""`infragod credentials`: the AWS credentials of a grant, in the form that `credential_process` reads, and no more.

The grant comes from a file, which `infragod terraform apply` writes and names by INFRAGOD_GRANT_FILE, or from
INFRAGOD_GRANT and INFRAGOD_GRANT_TOKEN. Its token is never a word of the command line: everybody could read it there.
"""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from infragod import settings as settings_module
from infragod.errors import InputError, SetupError
from infragod.settings import Settings

FILE_VARIABLE: Final = "INFRAGOD_GRANT_FILE"
ID_VARIABLE: Final = "INFRAGOD_GRANT"
TOKEN_VARIABLE: Final = "INFRAGOD_GRANT_TOKEN"  # noqa: S105 - the name of a variable
SKEW: Final = timedelta(minutes=5)
"""AWS refuses a request whose time is further off."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `credentials`."""
    parser.add_argument("--role", metavar="NAME", help="role of the server's [broker.roles] (default: aws_role)")
    parser.add_argument(
        "--grant-file",
        type=Path,
        metavar="FILE",
        help=f"file that holds the grant (default: {FILE_VARIABLE}, or {ID_VARIABLE} and {TOKEN_VARIABLE})",
    )


def run(args: argparse.Namespace) -> int:
    """Ask the server, and print what it gives."""
    from infragod.cli.terraform.gates import Remote

    settings = settings_module.load(args.config)
    file = args.grant_file or (Path(os.environ[FILE_VARIABLE]) if os.environ.get(FILE_VARIABLE) else None)
    grant = _of_file(file) if file else _of_variables()
    settings = replace(settings, url=grant.get("url") or settings.url)
    _refuse_no_server(settings)
    role = grant.get("role", "") if args.role is None else args.role
    answer = Remote(settings).credentials(grant["grant"], grant["token"], role or settings.aws_role)
    _warn_of_skew(answer)
    print(json.dumps(answer["credentials"]))
    return 0


def _of_file(path: Path) -> dict[str, str]:
    try:
        mode = path.stat().st_mode
        found = json.loads(path.read_bytes())
        grant = {name: str(found[name]) for name in ("grant", "token", "url", "role")}
    except OSError as error:
        raise SetupError(
            f"cannot read the grant in {path}: {error.strerror}; it is gone when its apply has ended"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} holds no grant; `infragod terraform apply` writes one") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and os.name == "posix":
        raise SetupError(f"others than its owner may read the grant in {path}; chmod 600 {path}")
    return grant


def _of_variables() -> dict[str, str]:
    grant, token = os.environ.get(ID_VARIABLE, ""), os.environ.get(TOKEN_VARIABLE, "")
    if not grant or not token:
        raise SetupError(
            f"there is no grant; run this under `infragod terraform apply`, or set {ID_VARIABLE} and {TOKEN_VARIABLE}"
        )
    return {"grant": grant, "token": token}


def _refuse_no_server(settings: Settings) -> None:
    from infragod.cli.remote import refuse_clear_text

    if not settings.url:
        raise SetupError("credentials are given by a server alone; set url or INFRAGOD_URL to it")
    refuse_clear_text(replace(settings, token="the grant's own"))  # noqa: S106 - which is sent in its place


def _warn_of_skew(answer: dict[str, Any]) -> None:
    off = abs(datetime.now(UTC) - datetime.fromisoformat(answer["now"]))
    if off > SKEW:
        print(
            f"infragod: this machine's clock is {off.total_seconds() / 60:.0f} minutes off the server's; AWS refuses "
            "what is signed more than 5 minutes off; set it by NTP",
            file=sys.stderr,
        )
