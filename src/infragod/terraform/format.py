"""The parts of Terraform's plan JSON that we read, as typed structs; everything else is skipped unread.

Attributes stay as they come (``Any``). Big parts stay ``Raw``: they are decoded one by one, so that a plan of 200 MB
is never held twice.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType


class Document(Struct, gc=False):
    """The top of the file; the fields after `configuration` tell apart what only looks like a plan."""

    format_version: str | None = None
    terraform_version: str | None = None
    variables: dict[str, Raw] | None = None
    resource_changes: list[Raw] | None = None
    resource_drift: list[Raw] | None = None
    deferred_changes: list[Raw] | None = None
    configuration: Raw | UnsetType = UNSET
    planned_values: Raw | UnsetType = UNSET
    applyable: bool | None = None
    errored: bool | None = None
    infragod_masked: str | None = None
    values: Raw | UnsetType = UNSET
    serial: Raw | UnsetType = UNSET
    encrypted_data: Raw | UnsetType = UNSET
    provider_schemas: Raw | UnsetType = UNSET


class Delta(Struct):
    """The `change` of an entry."""

    actions: list[str]
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    after_unknown: Any = None
    before_sensitive: Any = None
    after_sensitive: Any = None
    importing: dict[str, Any] | None = None


class Entry(Struct):
    """One entry of `resource_changes`."""

    address: str
    type: str
    change: Delta
    mode: str = "managed"
    name: str = ""
    module_address: str | None = None
    index: str | int | float | None = None
    provider_name: str | None = None
    deposed: str | None = None
    previous_address: str | None = None
    action_reason: str | None = None


class Variable(Struct):
    """The value of a root variable."""

    value: Any = None


class ConfigVariable(Struct):
    """The declaration of a variable."""

    sensitive: bool | None = None
    default: Any = None


class ConfigProvider(Struct):
    """One provider configuration; `expressions` is unset where a module inherits it (before Terraform 1.1)."""

    name: str | None = None
    full_name: str | None = None
    alias: str | None = None
    module_address: str | None = None
    expressions: dict[str, Any] | UnsetType | None = UNSET


class ConfigResource(Struct):
    """A resource or data block; its expressions are decoded when somebody asks for a reference."""

    address: str
    mode: str = "managed"
    provider_config_key: str | None = None
    expressions: Raw | UnsetType = UNSET
    count_expression: Raw | UnsetType = UNSET
    for_each_expression: Raw | UnsetType = UNSET


class ConfigOutput(Struct):
    """The declaration of an output."""

    expression: Raw | UnsetType = UNSET


class ConfigModule(Struct):
    """The contents of one module."""

    resources: list[ConfigResource] | None = None
    module_calls: dict[str, ConfigCall] | None = None
    outputs: dict[str, ConfigOutput] | None = None
    variables: dict[str, ConfigVariable] | None = None


class ConfigCall(Struct):
    """A module block."""

    expressions: Raw | UnsetType = UNSET
    count_expression: Raw | UnsetType = UNSET
    for_each_expression: Raw | UnsetType = UNSET
    module: ConfigModule | None = None


class Configuration(Struct):
    """The `configuration` of a plan."""

    provider_config: dict[str, ConfigProvider] | None = None
    root_module: ConfigModule | None = None
