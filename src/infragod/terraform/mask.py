"""The key of the masks, and the plan without its secrets that may leave the machine."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from infragod import keyfile
from infragod.errors import InputError
from infragod.settings import Settings
from infragod.terraform.configuration import decoded
from infragod.terraform.entries import Entries
from infragod.terraform.format import ConfigModule, Entry

FILE: Final = "mask.key"


def key(settings: Settings) -> bytes:
    """The key of the HMACs: the setting, else one derived from the server's token, else the home folder's own."""
    if settings.mask_key:
        return settings.mask_key.encode()
    if settings.url and settings.token:
        return hmac.new(settings.token.encode(), b"infragod mask", hashlib.sha256).digest()
    return keyfile.key(settings.home / FILE, "mask key", "delete it, or set mask_key")


def redact(data: bytes, where: str, mask_key: bytes) -> bytes:
    """The plan in `data` as JSON in Terraform's own shape, masked: this may leave the machine.

    `parse` reads it with an equal result. What we don't read (planned values, prior state, outputs, variables,
    constants of the configuration) is left out; regions and default tags stand as constants.
    """
    try:
        return _redacted(Entries(data, where, mask_key))
    except RecursionError:
        raise InputError(f"{where} is nested too deeply for a plan; make the plan again") from None


def _redacted(entries: Entries) -> bytes:
    top = entries.top
    return msgspec.json.encode(
        {
            "format_version": top.format_version,
            "terraform_version": top.terraform_version,
            "infragod_masked": "1",
            "resource_changes": [Raw(msgspec.json.encode(_entry(entry))) for _, entry in entries],
            "resource_drift": [{}] * len(top.resource_drift or ()),
            "deferred_changes": [{}] * len(top.deferred_changes or ()),
            "configuration": {
                "provider_config": _providers(entries),
                "root_module": _module(entries.view.root),
            },
            "applyable": top.applyable,
            "errored": top.errored,
        }
    )


def _entry(entry: Entry) -> dict[str, Any]:
    """An entry whose values are masked already; an import keeps that it is one, not what is imported."""
    kept: dict[str, Any] = msgspec.structs.asdict(entry)
    kept["change"] = msgspec.structs.asdict(entry.change)
    if entry.change.importing is not None:
        kept["change"]["importing"] = {}
    return kept


def _providers(entries: Entries) -> dict[str, Any]:
    """The provider configurations, with what we know of them in place of their expressions."""
    return {key: _provider(entries, key) for key in entries.view.providers}


def _provider(entries: Entries, key: str) -> dict[str, Any]:
    config = entries.view.providers[key]
    kept: dict[str, Any] = {
        "name": config.name,
        "full_name": config.full_name,
        "alias": config.alias,
        "module_address": config.module_address,
    }
    if config.expressions is not UNSET:
        facts = entries.view.facts(config)
        tags = {k: entries.masker.plain(v) for k, v in facts.tags.items()}
        places = {"region": facts.region, "zone": facts.zone}
        kept["expressions"] = {k: _constant(v) for k, v in places.items() if v is not None}
        kept["expressions"]["default_tags"] = [{"tags": {"constant_value": tags}}]
    return kept


def _constant(value: Any) -> dict[str, Any]:
    """An expression that gives `value`; one that names nothing gives what is unknown."""
    return {"constant_value": value} if isinstance(value, str) else {"references": []}


def _module(module: ConfigModule) -> dict[str, Any]:
    return {
        "resources": [
            {
                "address": block.address,
                "mode": block.mode,
                "provider_config_key": block.provider_config_key,
                "expressions": _names(decoded(block.expressions)),
                "for_each_expression": _names(decoded(block.for_each_expression)),
            }
            for block in module.resources or ()
        ],
        "outputs": {
            name: {"expression": _names(decoded(output.expression))} for name, output in (module.outputs or {}).items()
        },
        "module_calls": {
            name: {
                "expressions": _names(decoded(call.expressions)),
                "for_each_expression": _names(decoded(call.for_each_expression)),
                "module": _module(call.module) if call.module else None,
            }
            for name, call in (module.module_calls or {}).items()
        },
    }


def _names(expressions: Any) -> Any:
    """`expressions` with the names in them only, each in its place."""
    if isinstance(expressions, list):
        return [_names(below) for below in expressions]
    if not isinstance(expressions, dict) or "constant_value" in expressions:
        return {}
    if "references" in expressions:
        names = expressions["references"]
        return {"references": [n for n in names if isinstance(n, str)] if isinstance(names, list) else []}
    return {name: _names(below) for name, below in expressions.items()}
