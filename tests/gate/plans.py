"""Plans made in a few words, in the shape that `terraform show -json` prints."""

from __future__ import annotations

import json
from typing import Any

PROVIDERS = {"aws": "registry.terraform.io/hashicorp/aws", "google": "registry.terraform.io/hashicorp/google"}


def change(
    address: str,
    actions: list[str],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    unknown: dict[str, Any] | None = None,
    sensitive: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One entry of `resource_changes`."""
    kind, name = address.split(".")[-2:]
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": PROVIDERS[kind.split("_")[0]],
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            "after_unknown": unknown or {},
            "before_sensitive": sensitive or {},
            "after_sensitive": sensitive or {},
        },
    }


def plan(*changes: dict[str, Any], region: str = "us-east-1") -> bytes:
    """A plan of these changes with one AWS provider."""
    provider = {"name": "aws", "full_name": PROVIDERS["aws"], "expressions": {"region": {"constant_value": region}}}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        "configuration": {"provider_config": {"aws": provider}, "root_module": {}},
    }
    return json.dumps(document).encode()


def server(name: str = "web", kind: str = "t3.medium", **tags: str) -> dict[str, Any]:
    """A new EC2 instance that carries `tags`."""
    after = {"ami": "ami-1", "instance_type": kind, "tags": tags or None, "tags_all": tags}
    return change(f"aws_instance.{name}", ["create"], None, after, {"id": True, "arn": True})
