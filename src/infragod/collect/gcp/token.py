"""Where a token for Google's APIs comes from, in this order.

GOOGLE_OAUTH_ACCESS_TOKEN            a token, as Terraform's provider takes it
GOOGLE_APPLICATION_CREDENTIALS       the file of a service account's key, or of a user
~/.config/gcloud/application_default_credentials.json
the metadata server                  on Google's own machines; GCE_METADATA_HOST gives another address
"""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path
from typing import Any, Final

from infragod.errors import SetupError

SCOPE: Final = "https://www.googleapis.com/auth/devstorage.read_only"
_LASTS: Final = 3600
_EARLY: Final = 300
_USER_FILE: Final = Path("~/.config/gcloud/application_default_credentials.json")
_TOKEN_ADDRESS: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
_SIGN_IN: Final = "set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`"

_kept: dict[str, tuple[str, float]] = {}


def header() -> dict[str, str]:
    """The header that shows the token; none for an emulator."""
    if os.environ.get("STORAGE_EMULATOR_HOST") and not os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        return {}
    return {"Authorization": f"Bearer {_token()}"}


def _token() -> str:
    given = os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN")
    if given:
        return given
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    path = Path(named) if named else _USER_FILE.expanduser()
    source = str(path) if named or path.is_file() else ""
    kept = _kept.get(source)
    if kept is None or time.time() > kept[1]:
        answer = _by_file(path) if source else _by_metadata()
        kept = _kept[source] = (str(answer["access_token"]), time.time() + int(answer["expires_in"]) - _EARLY)
    return kept[0]


def _by_file(path: Path) -> dict[str, Any]:
    try:
        key: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        kind = key["type"]
        if kind == "authorized_user":
            form = {name: key[name] for name in ("client_id", "client_secret", "refresh_token")}
            return _exchange(_TOKEN_ADDRESS, {"grant_type": "refresh_token", **form}, str(path))
        if kind == "service_account":
            address = key.get("token_uri", _TOKEN_ADDRESS)
            form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": _assertion(key, address)}
            return _exchange(address, form, str(path))
    except OSError as error:
        raise SetupError(f"cannot read {path}: {error.strerror}; {_SIGN_IN}") from None
    except (ValueError, KeyError, TypeError):
        raise SetupError(f"{path} is no file of Google's credentials; {_SIGN_IN}") from None
    raise SetupError(f"{path} holds credentials of the kind {str(kind)[:40]!r}, which are not known here; {_SIGN_IN}")


def _assertion(key: dict[str, Any], address: str) -> str:
    """What a service account says of itself, signed by its key (RFC 7523)."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    now = int(time.time())
    claims = {"iss": key["client_email"], "scope": SCOPE, "aud": address, "iat": now, "exp": now + _LASTS}
    head = {"alg": "RS256", "typ": "JWT", "kid": key.get("private_key_id", "")}
    text = f"{_encoded(head)}.{_encoded(claims)}"
    private = serialization.load_pem_private_key(key["private_key"].encode(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError
    signature = private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{_base64(signature)}"


def _encoded(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _exchange(address: str, form: dict[str, str], where: str) -> dict[str, Any]:
    import httpx

    try:
        answer = httpx.post(address, data=form, timeout=30)
    except httpx.HTTPError as error:
        raise SetupError(f"no token by {where}: {type(error).__name__} at {address}; check the network") from None
    return _answer(answer, f"no token by {where}")


def _by_metadata() -> dict[str, Any]:
    import httpx

    host = os.environ.get("GCE_METADATA_HOST", "metadata.google.internal")
    address = f"http://{host}/computeMetadata/v1/instance/service-accounts/default/token"
    try:
        answer = httpx.get(address, headers={"Metadata-Flavor": "Google"}, timeout=5)
    except httpx.HTTPError:
        raise SetupError(f"there are no credentials for Google Cloud; {_SIGN_IN}") from None
    return _answer(answer, "no token by the metadata server")


def _answer(answer: Any, what: str) -> dict[str, Any]:
    """The token, without a word of the answer in the error: it may hold one."""
    try:
        found: dict[str, Any] = answer.json() if answer.is_success else {}
    except ValueError:
        found = {}
    if not isinstance(found, dict) or not {"access_token", "expires_in"} <= found.keys():
        raise SetupError(f"{what}: it answers {answer.status_code}; {_SIGN_IN}")
    return found
