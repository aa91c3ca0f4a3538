"""The apply gets the AWS credentials of its grant: by a profile that asks for them when they are needed.

Neither the environment nor the profile holds them: a private file holds the grant, and `infragod credentials` asks the
server with it. Both files go with the private folder of the apply.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infragod.cli.credentials import FILE_VARIABLE
from infragod.cli.terraform.gates import Held
from infragod.errors import SetupError
from infragod.settings import Settings

_OTHERS: Final = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)  # fmt: skip
"""By these, AWS's tools would find other credentials first."""


def handed(settings: Settings, held: Held, folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the apply, with the way to the credentials of its grant as `aws_credentials` says."""
    if settings.aws_credentials == "off":
        return dict(environment)
    if not settings.url:
        raise SetupError("credentials are given by a server alone; set url to it, or aws_credentials to off")
    grant = folder / "grant.json"
    told = {"grant": held.id, "token": held.token, "url": settings.url, "role": settings.aws_role}
    _write(grant, json.dumps(told))
    if settings.aws_credentials == "grant":
        return {**environment, FILE_VARIABLE: str(grant)}
    return _as_only_profile(grant, folder, environment)


def _as_only_profile(grant: Path, folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    profile, empty = folder / "aws-config", folder / "aws-credentials"
    command = shlex.join([sys.executable, "-m", "infragod", "credentials", "--grant-file", str(grant)])
    _write(profile, f"[default]\ncredential_process = {command}\n")
    _write(empty, "")
    return {name: value for name, value in environment.items() if name not in _OTHERS} | {
        "AWS_CONFIG_FILE": str(profile),
        "AWS_SHARED_CREDENTIALS_FILE": str(empty),
        "AWS_SDK_LOAD_CONFIG": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
