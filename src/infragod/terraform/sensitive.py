"""What of a plan is sensitive, and the HMAC that stands in its place.

Three ways lead to a mask: Terraform's own marks (`before_sensitive`, `after_sensitive`), the value of a sensitive
variable wherever it stands as a whole, and names that hold secrets (Terraform before 0.15 writes no marks, and
providers forget some).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from infragod.terraform.unknowns import any_true

PREFIX: Final = "hmac:"
SHORTEST_TEXT = 4  # shorter values of sensitive variables are too common to be told apart from ordinary ones
SHORTEST_NUMBER = 100_000
NAMES_KEPT = 100_000
TAG_MAPS: Final = frozenset({"tags", "tags_all", "labels", "effective_labels", "terraform_labels", "resource_labels"})

_MASKED = re.compile(r"hmac:[0-9a-f]{64}\Z")
_canonical = msgspec.json.Encoder(order="sorted").encode
_NAMES = re.compile(
    r"""(?: password | passwd | passphrase | secret | token
        | (?:^|_) (?: api_?key | access_?key | secret_?key | private_?key | shared_?key | presharedkey | preshared_key
                    | auth_?key | account_?key | client_?key | raw_key | ssh_key_private | pwd )
        | (?:^|_) (?:primary|secondary) (?:_[a-z]+)? _key
        | connection_?strings? | credentials | credentials_(?:json|file) | private_key_[a-z0-9_]+
        | secret_(?:string|binary|data|value|text|payload) | plaintext(?:_value)? | kube_config_raw
        | user_data(?:_base64)? | custom_data | smtp_password_v4 | bcrypt_hash | (?:password|secret|token|string)_wo
        )\Z""",
    re.VERBOSE,
)
# attributes whose names do not give them away, and those that are maps or lists
_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_elasticache_user": ("passwords",),
    "aws_ssm_parameter": ("value", "value_wo"),
    "azurerm_key_vault_secret": ("value", "value_wo"),
    "azurerm_kubernetes_cluster": ("kube_config", "kube_admin_config"),
    "gitlab_group_variable": ("value",),
    "gitlab_project_variable": ("value",),
    "kubernetes_secret": ("data", "binary_data"),
    "kubernetes_secret_v1": ("data", "binary_data"),
    "local_sensitive_file": ("content", "content_base64"),
    "random_password": ("result",),
    "tfe_variable": ("value",),
    "vault_generic_secret": ("data_json", "data"),
    "vault_kv_secret": ("data_json", "data"),
    "vault_kv_secret_v2": ("data_json", "data"),
}


class _Names(dict[str, bool]):
    """Whether a name holds a secret; each is judged once."""

    def __missing__(self, name: str) -> bool:
        if len(self) > NAMES_KEPT:
            self.clear()
        self[name] = found = _NAMES.search(name.lower()) is not None
        return found


secret_name = _Names().__getitem__


class Masker:
    """Masks the sensitive values of one plan, with one key.

    `done` says that the plan has been masked before (`infragod_masked`): masks in it stay as they are.
    """

    def __init__(self, key: bytes, *, secrets: frozenset[Any] = frozenset(), done: bool = False) -> None:
        self._key = key
        self._done = done
        self._secrets = secrets
        self._texts: dict[str, str] = {}

    def token(self, value: Any) -> Any:
        """The mask of `value`; equal values of one type have equal masks, null stays null."""
        if value is None or (self._done and isinstance(value, str) and _MASKED.match(value)):
            return value
        return PREFIX + hmac.new(self._key, _canonical(value), hashlib.sha256).hexdigest()

    def side(self, kind: str, values: dict[str, Any], marks: Any) -> dict[str, Any]:
        """`values` of a resource of type `kind`, masked where it stands."""
        if marks is True:
            return {name: self.token(value) for name, value in values.items()}
        if isinstance(marks, dict) and marks:
            self._marked(values, marks)
        for name in _ATTRIBUTES.get(kind, ()):
            if values.get(name):
                values[name] = self.token(values[name])
        self._named(values)
        if self._secrets:
            self._known(values, values.items())
        return values

    def plain(self, value: Any) -> Any:
        """`value` of a place without marks (a tag of the provider), masked if it is the one of a variable."""
        return self.token(value) if _scalar(value) and _typed(value) in self._secrets else value

    def _marked(self, values: dict[str, Any], marks: dict[str, Any]) -> None:
        for name, mark in marks.items():
            if mark and name in values:
                values[name] = self._under(values[name], mark)

    def _under(self, value: Any, mark: Any) -> Any:
        if mark is True:
            return self.token(value)
        if isinstance(mark, dict) and isinstance(value, dict):
            self._marked(value, mark)
            return value
        if isinstance(mark, list) and isinstance(value, list) and len(mark) == len(value):
            return [self._under(v, m) if m else v for v, m in zip(value, mark, strict=True)]
        return self.token(value) if any_true(mark) else value

    def _named(self, values: dict[str, Any]) -> None:
        same = self._texts.setdefault  # equal texts are kept once: plans repeat themselves
        for name, value in values.items():
            kind = type(value)
            if kind is str:
                values[name] = self.token(value) if value and secret_name(name) else same(value, value)
            elif kind is dict:
                if name not in TAG_MAPS:
                    self._named(value)
            elif kind is list:
                self._named_list(value)

    def _named_list(self, values: list[Any]) -> None:
        for value in values:
            kind = type(value)
            if kind is dict:
                self._named(value)
            elif kind is list:
                self._named_list(value)

    def _known(self, holder: Any, items: Any) -> None:
        for place, value in items:
            if isinstance(value, dict):
                self._known(value, value.items())
            elif isinstance(value, list):
                self._known(value, enumerate(value))
            elif _typed(value) in self._secrets:
                holder[place] = self.token(value)


def scalars(value: Any) -> set[Any]:
    """The scalars in the value of a sensitive variable that are long enough to be looked for elsewhere."""
    if isinstance(value, dict):
        return set().union(*map(scalars, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(scalars, value)) if value else set()
    long_text = isinstance(value, str) and len(value) >= SHORTEST_TEXT
    long_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= SHORTEST_NUMBER
    return {_typed(value)} if long_text or long_number else set()


def secret_parts(name: str, value: Any) -> set[Any]:
    """The scalars of a variable that stand under a name that holds a secret."""
    if secret_name(name):
        return scalars(value)
    if isinstance(value, dict):
        return set().union(*(secret_parts(k, v) for k, v in value.items())) if value else set()
    if isinstance(value, list):
        return set().union(*(secret_parts("", v) for v in value)) if value else set()
    return set()


def _scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _typed(value: Any) -> Any:
    """`value` so that 1 and true are two things."""
    return (value,) if isinstance(value, bool) else value
