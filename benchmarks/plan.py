"""Reading a plan of 10,000 changes: seconds of processor time and MiB.

usage: python benchmarks/plan.py [PLAN.json]

Without a file, the plan is made here: 10,000 instances, buckets and databases with tags, marks and unknown values.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from infragod.terraform.mask import redact
from infragod.terraform.plan import parse
from infragod.terraform.tables import tables

COUNT = 10_000
KEY = b"benchmark"
T = TypeVar("T")


def main() -> None:
    """Print one line a step."""
    data = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else made(COUNT)
    print(f"plan      {len(data) / 2**20:8.1f} MiB, resident before {_resident():.0f} MiB")
    plan = _timed("parse", lambda: parse(data, "benchmark", KEY))
    _timed("tables", lambda: tables(plan, ("instance_type", "storage_encrypted"), "benchmark"))
    _timed("redact", lambda: redact(data, "benchmark", KEY))


def made(count: int) -> bytes:
    """A plan of `count` changes in the shape that Terraform 1.11 writes."""
    change = {
        "actions": ["create"],
        "before": None,
        "after": _values(),
        "after_unknown": {"arn": True, "id": True, "tags": {}, "tags_all": {"build": True}, "disks": [{"id": True}]},
        "before_sensitive": False,
        "after_sensitive": {"password": True, "tags": {}, "tags_all": {}, "disks": [{}]},
    }
    kinds = ("aws_instance", "aws_s3_bucket", "aws_db_instance")
    entry = {"mode": "managed", "provider_name": "registry.terraform.io/hashicorp/aws", "change": change}
    changes = [
        {"address": f"{kinds[i % 3]}.n[{i}]", "type": kinds[i % 3], "name": "n", "index": i, **entry}
        for i in range(count)
    ]
    provider = {"name": "aws", "expressions": {"region": {"constant_value": "eu-central-1"}}}
    configuration = {"provider_config": {"aws": provider}, "root_module": {}}
    document = {"format_version": "1.2", "resource_changes": changes, "configuration": configuration}
    return json.dumps(document, separators=(",", ":")).encode()


def _values() -> dict[str, object]:
    values: dict[str, object] = {f"attribute_{i}": (None, "a text of some length", 42, True)[i % 4] for i in range(40)}
    tags = {"team": "checkout", "service": "carts", "environment": "production"}
    disks = [{"volume_type": "gp3", "volume_size": 100, "iops": 3000}]
    return values | {"password": "secret", "tags": tags, "tags_all": tags, "disks": disks}


def _timed(name: str, work: Callable[[], T]) -> T:
    start = time.process_time()
    found = work()
    print(f"{name:8} {time.process_time() - start:8.3f} s of processor time, peak {_resident():.0f} MiB")
    return found


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
