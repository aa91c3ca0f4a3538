"""The three plans of the example company: one that may be applied, one that needs approval, one that is denied."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from infragod.demo.plan_json import Entry, Layout, Values, document

REGIONS: Final = {"aws": "us-east-1", "google": "us-central1"}


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """A plan: the workspace it belongs to, the verdict it should get, and its JSON."""

    workspace: str
    verdict: str
    document: dict[str, Any]

    def write(self, folder: Path) -> Path:
        """Write it as `<workspace>/plan.json` and return that path."""
        path = folder / self.workspace / "plan.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.document, indent=1), encoding="utf-8")
        return path


def plans(today: date) -> tuple[DemoPlan, DemoPlan, DemoPlan]:
    """The three plans as made on `today`."""
    return allowed(today), needs_approval(today), denied(today)


def allowed(today: date) -> DemoPlan:
    """A small change in staging: a worker, its disk and its security group, with an expiry."""
    tags = _tags("search", "search-indexer", "staging") | {"expires": (today + timedelta(days=30)).isoformat()}
    entries = [
        Entry("aws_instance", "reindex", instance("t3.medium", 30), tags={"Name": "search-reindex"},
              references={"vpc_security_group_ids": ["aws_security_group.reindex.id", "aws_security_group.reindex"]},
              unknown=("vpc_security_group_ids",)),
        Entry("aws_ebs_volume", "reindex", {"availability_zone": "us-east-1a", "size": 100, "type": "gp3"}),
        Entry("aws_security_group", "reindex", {"name": "search-reindex", "description": "Reindex worker"}),
    ]  # fmt: skip
    return DemoPlan("shop-staging", "allow", _document(entries, tags, today))


def needs_approval(today: date) -> DemoPlan:
    """Bigger machines for payments, which pass the team's budget."""
    tags = _tags("payments", "payment-api", "production")
    entries = [
        Entry("aws_db_instance", "payments", database("db.m5.large", 400), database("db.t4g.small", 200)),
        Entry("aws_db_instance", "replica", database("db.m5.large", 400), index=0),
        *(_unchanged("aws_instance", "api", instance("r6i.8xlarge", 100), index=n) for n in range(5)),
        Entry("aws_instance", "api", instance("r6i.4xlarge", 100), index=5),
        Entry("aws_instance", "api", instance("r6i.4xlarge", 100), index=6),
        Entry("aws_elasticache_cluster", "sessions", cache("payment-sessions", "cache.r5.4xlarge")),
        Entry("aws_lb", "payments", {"name": "payment-api", "internal": True, "load_balancer_type": "application"}),
        Entry("google_compute_instance", "reconciler", google_instance("n2-standard-8"),
              tags=_tags("payments", "payment-router", "production")),
    ]  # fmt: skip
    return DemoPlan("payments-prod", "needs_approval", _document(entries, tags, today))


def denied(today: date) -> DemoPlan:
    """Twelve changes of the shop: buckets without an owner's tags, an instance type nobody may use, old generations."""
    tags = {"team": "checkout", "environment": "production"}
    service = {"service": "checkout-api"}
    old = instance("m5.xlarge", 100)
    entries = [
        *(Entry("aws_s3_bucket", n, {"bucket": f"example-shop-{n}", "force_destroy": False})
          for n in ("assets", "exports", "receipts", "thumbnails")),
        Entry("aws_instance", "worker", old, tags=service, index=0),
        Entry("aws_instance", "worker", old, tags=service, index=1),
        Entry("aws_instance", "recommender", instance("g4dn.2xlarge", 200), tags=service),
        Entry("aws_lambda_function", "resize", {"function_name": "resize", "memory_size": 1024, "runtime": "python3.13",
              "architectures": ["arm64"], "timeout": 30}, tags=service),
        Entry("aws_cloudwatch_log_group", "resize", logs("/aws/lambda/resize"), tags=service),
        Entry("aws_instance", "api", instance("m7i.2xlarge", 100), instance("m7i.xlarge", 100), tags=service),
        Entry("aws_db_instance", "orders", database("db.m5.large", 400), database("db.m5.large", 200), tags=service),
        Entry("aws_elasticache_cluster", "cart", cache("shop-cart", "cache.m4.large"),
              cache("cart", "cache.m4.large"), tags=service, replace=("cluster_id",)),
        *(_unchanged("aws_instance", "web", instance("m6i.4xlarge", 100), service, index=n) for n in range(3)),
        replace(_unchanged("aws_cloudwatch_log_group", "main", logs("/order-intake"), service, index=0),
                module="order_intake"),  # the bills know how much it takes in
    ]  # fmt: skip
    return DemoPlan("shop-prod", "deny", _document(entries, tags, today))


def instance(kind: str, disk: int) -> Values:
    """The attributes of an EC2 instance with a gp3 root disk."""
    return {
        "ami": "ami-0a1b2c3d4e5f60718",
        "availability_zone": "us-east-1a",
        "ebs_optimized": True,
        "instance_type": kind,
        "monitoring": False,
        "root_block_device": [
            {"volume_type": "gp3", "volume_size": disk, "encrypted": True, "delete_on_termination": True}
        ],
        "tenancy": "default",
    }


def logs(name: str) -> Values:
    """The attributes of a log group that keeps its logs for a month."""
    return {"name": name, "retention_in_days": 30, "log_group_class": "STANDARD"}


def google_instance(kind: str) -> Values:
    """The attributes of a Compute Engine instance with a balanced boot disk."""
    boot = {
        "auto_delete": True,
        "initialize_params": [{"image": "debian-cloud/debian-13", "size": 50, "type": "pd-ssd"}],
    }
    return {
        "name": "payment-reconciler",
        "machine_type": kind,
        "zone": "us-central1-b",
        "boot_disk": [boot],
        "scheduling": [],
    }


def database(kind: str, storage: int) -> dict[str, Any]:
    """The attributes of a MySQL database; its password is marked sensitive."""
    return {
        "allocated_storage": storage,
        "backup_retention_period": 7,
        "engine": "mysql",
        "engine_version": "8.4.7",
        "instance_class": kind,
        "multi_az": False,
        "password": "not-a-real-password",
        "storage_encrypted": True,
        "storage_type": "gp3",
        "username": "app",
    }


def cache(name: str, kind: str) -> Values:
    """The attributes of a Redis cache of one node."""
    return {"cluster_id": name, "engine": "redis", "node_type": kind, "num_cache_nodes": 1}


def _unchanged(kind: str, name: str, values: Values, tags: Mapping[str, str] | None = None, *, index: int) -> Entry:
    return Entry(kind, name, values, values, tags or {}, index)


def _tags(team: str, service: str, environment: str) -> dict[str, str]:
    return {"team": team, "service": service, "environment": environment}


def _document(entries: Sequence[Entry], default_tags: dict[str, str], today: date) -> dict[str, Any]:
    return document(entries, Layout(REGIONS, default_tags, f"{today.isoformat()}T09:00:00Z"))
