"""A company in a few words: bills and states as files, plans through the gate, grants; all by the real parts."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.gate import plans

from infragod import pipeline
from infragod import settings as settings_module
from infragod.budget import store as budgets
from infragod.budget.budgets import Budget
from infragod.collect.states import find
from infragod.db.connection import Database
from infragod.finance.accuracy import Comparison, store
from infragod.finance.accuracy.store import Followed
from infragod.focus import Period
from infragod.gate import CheckRequest, House, check
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.policy.grants import Asked, Summary, Terms
from infragod.policy.grants import store as grants
from infragod.progress import SILENT
from infragod.resource import Verdict
from infragod.settings import Settings

RULES = '[[rule]]\ntag = "team"\ngives = "team"\n'
SETTINGS = """
[rules.cost-of-change]
level = "advisory"
"""
APPLIED = datetime(2026, 9, 14, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
OCTOBER = Period(2026, 10)
IDS = {"web": "i-0aaaaaaaaaaaaaaaa", "job": "i-0bbbbbbbbbbbbbbbb", "disk": "vol-0cccccccccccccccc"}


class World:
    """One company in a folder."""

    def __init__(self, folder: Path, where: Settings | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        (folder / "infragod.toml").write_text(SETTINGS)
        env = {"INFRAGOD_HOME": str(folder / "home")}
        if where is not None:
            env["INFRAGOD_DATABASE_URL"] = where.database_url
        self.settings = settings_module.load(env=env, cwd=folder)
        self.lake = Lake(self.settings.lake)
        self.database = Database.open(self.settings)
        self.serial = 0
        with self.database.begin() as connection:
            months = (Period(2026, number) for number in (9, 10, 11))  # without budgets its decisions would be local
            budgets.save(connection, [Budget("checkout", month, Decimal(100_000), "USD") for month in months])

    def state(self, workspace: str, ids: Mapping[str, str], written: datetime) -> None:
        """Collect a state of the workspace as it was written then: address to id."""
        self.serial += 1
        path = self.folder / "states" / workspace / "terraform.tfstate"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(state(ids, self.serial)))
        os.utime(path, (written.timestamp(), written.timestamp()))
        pipeline.learn(self.database, find([str(path)], workspace), SILENT)

    def bill(self, rows: Sequence[Mapping[str, str]], source: str = "aws") -> None:
        """Load rows, joined with the states."""
        path = self.folder / f"{source}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
            writer.writeheader()
            writer.writerows(rows)
        known = pipeline.estate(self.database)
        pipeline.load(self.lake, [path], source, Ownership.parse(RULES), SILENT, estate=known)

    def apply(
        self, *changes: dict[str, Any], at: datetime = APPLIED, workspace: str = "shop", request: str = "example/shop#7"
    ) -> str:
        """Check a plan, take its grant, use it; gives the decision."""
        with House.open(self.settings) as house:
            asked = CheckRequest(plans.plan(*changes), "plan.json", workspace, "pipeline", at.date())
            decision = check(asked, house)
            assert decision.verdict in (Verdict.ALLOW, Verdict.WARN), decision.findings
        terms = Terms(at.date(), decision.bundle)
        with self.database.begin() as connection:
            wanted = Asked(decision.id, "", 0, "pipeline", change_request=request)
            issued = grants.issue(connection, wanted, terms, at=at - timedelta(minutes=5))
            lock = f"lock-{decision.id}"
            grants.claim(connection, issued.token, workspace=workspace, lineage="", serial=0, lock_id=lock, at=at)
            grants.finish(connection, lock, Summary(applied=True), at=at)
        return decision.id

    def compare(self, now: datetime = NOW) -> list[Comparison]:
        """What is new."""
        return pipeline.compare(self.lake, self.database, now)

    def followed(self, decision: str) -> Followed:
        """What is known of a decision."""
        with self.database.read() as connection:
            return store.listed(connection, decision=decision)[0]

    def resources(self, decision: str) -> dict[str, dict[str, Any]]:
        """Its resources by address."""
        number = self.followed(decision).number
        with self.database.read() as connection:
            return {r["address"]: r for r in store.resources(connection, number)}


def state(ids: Mapping[str, str], serial: int) -> dict[str, Any]:
    """A state that holds these addresses under these ids."""
    found = [
        {
            "mode": "managed",
            "type": address.split(".")[0],
            "name": address.split(".")[1],
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"schema_version": 1, "attributes": {"id": own, "tags_all": {}}}],
        }
        for address, own in ids.items()
    ]
    return {
        "version": 4,
        "terraform_version": "1.13.4",
        "serial": serial,
        "lineage": "l",
        "outputs": {},
        "resources": found,
    }


def usage(
    resource: str,
    meter: str,
    unit: str,
    quantity: str,
    price: str,
    cost: str,
    *,
    month: Period = OCTOBER,
    day: int | None = None,
    **more: str,
) -> dict[str, str]:
    """A row of usage on the month's last day, or on `day`."""
    end = month.plus(1).first_day
    began = date(month.year, month.month, day) if day else end - timedelta(days=1)
    when = {
        "BillingPeriodEnd": f"{end}T00:00:00Z",
        "BillingPeriodStart": f"{month}-01T00:00:00Z",
        "ChargePeriodEnd": f"{began + timedelta(days=1)}T00:00:00Z",
        "ChargePeriodStart": f"{began}T00:00:00Z",
    }
    what = {"ChargeDescription": meter, "ResourceId": resource, "SkuMeter": meter, "SkuId": meter}
    costs = dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost)
    figures = {"ContractedUnitPrice": price, "PricingQuantity": quantity, "PricingUnit": unit}
    return ALIKE | when | what | costs | figures | more


ALIKE = {
    "BillingAccountId": "1",
    "BillingAccountName": "Example",
    "BillingCurrency": "USD",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "CommitmentDiscountStatus": "",
    "InvoiceIssuerName": "AWS",
    "ProviderName": "AWS",
    "PublisherName": "AWS",
    "ServiceCategory": "Compute",
    "ServiceName": "Compute",
    "Tags": '{"team": "checkout"}',
}


def server(name: str = "web", kind: str = "m6i.xlarge", disk: int = 100) -> dict[str, Any]:
    """A new machine with a disk, tagged as the rules want it."""
    tags = {"team": "checkout", "service": "cart", "environment": "production"}
    after = machine(kind, disk) | {"tags": tags, "tags_all": tags}
    return plans.change(f"aws_instance.{name}", ["create"], None, after, {"id": True, "arn": True})


def machine(kind: str, disk: int) -> dict[str, Any]:
    """The attributes of a machine."""
    block = {"volume_type": "gp3", "volume_size": disk, "encrypted": True, "delete_on_termination": True}
    return {"ami": "ami-1", "instance_type": kind, "ebs_optimized": True, "root_block_device": [block]}
