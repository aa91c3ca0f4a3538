"""Advice: equal machines and volumes, priced by the resource's own recipe; what is not known is no advice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.gate import plans

from infragod.policy.decision import advice_document
from infragod.policy.render.advice import advice_lines
from infragod.price.advice.families import equals, near
from infragod.price.estimate import estimate
from infragod.price.sheet import Prices
from infragod.price.usage import Usage
from infragod.resource import UNKNOWN, Action, Advice, Change, Plan, Resource
from infragod.terraform.plan import parse

TODAY = date(2026, 11, 22)
BASE = Plan(**{name: getattr(parse(plans.plan(), "p", b"k"), name) for name in Plan.__slots__})


def change(
    kind: str, values: dict[str, Any], action: Action = Action.CREATE, region: str = "us-east-1", **tags: str
) -> Change:
    provider = "google" if kind.startswith("google") else "aws"
    resource = Resource(f"{kind}.it", kind, provider, region, values)
    before = None if action is Action.CREATE else resource
    after = None if action is Action.DELETE else resource
    return Change(
        resource.address, "", "managed", kind, "it", None, provider, action, before, after, tags=tags, taggable=True
    )


def advice(*changes: Change) -> tuple[Advice, ...]:
    plan = replace(BASE, changes=changes, references={})
    return estimate(plan, Prices(), Usage(), currency="USD", as_of=TODAY).advice


def said(*changes: Change) -> list[str]:
    return [f"{one.kind} {one.what} {one.monthly_saving.normalize():f}" for one in advice(*changes)]


def test_each_kinds_best_is_told_the_largest_saving_first() -> None:
    instance = {"instance_type": "m5.xlarge", "root_block_device": [{"volume_type": "gp3", "volume_size": 8}]}
    assert said(change("aws_instance", instance)) == [
        "arm m5.xlarge → m6g.xlarge 27.74",
        "generation m5.xlarge → m5a.xlarge 14.6",
    ]


def test_gp3_is_given_what_gp2_has_at_that_size() -> None:
    assert said(change("aws_ebs_volume", {"type": "gp2", "size": 100})) == ["volume gp2 → gp3 2"]
    # 2,000 GB of gp2 have 6,000 IOPS and 250 MB/s: $200 against $160 and 3,000 more IOPS ($15) and 125 MB/s ($5)
    assert said(change("aws_ebs_volume", {"type": "gp2", "size": 2000})) == [
        "volume gp2 → gp3 with iops = 6,000 with throughput = 250 20"
    ]


@pytest.mark.parametrize(
    "quiet",
    [
        change("aws_ebs_volume", {"type": "gp3", "size": 100}),
        change("aws_ebs_volume", {"type": "gp2", "size": 8}),
        change("aws_ebs_volume", {"type": "gp2", "size": 100}, Action.DELETE),
        change("aws_ebs_volume", {"type": "gp2", "size": 100}, Action.NO_OP),
        change("aws_instance", {"instance_type": "m5.metal"}),
        change("aws_instance", {"instance_type": "u-6tb1.metal"}),
        change("aws_s3_bucket", {}),
        change("aws_quantum_ledger", {"instance_type": "m5.xlarge"}),
    ],
    ids=["newest", "a-few-cents", "deleted", "kept", "metal", "strange", "usage", "unknown-type"],
)
def test_nothing_is_said_where_nothing_is_saved_or_known(quiet: Change) -> None:
    assert advice(quiet) == ()


def test_arm_is_not_advised_to_databases_that_do_not_run_on_it() -> None:
    values = {"instance_class": "db.m5.large", "allocated_storage": 100, "storage_type": "gp3"}
    engines = {
        engine: {one.kind for one in advice(change("aws_db_instance", values | {"engine": engine}))}
        for engine in ("mysql", "oracle-se2", "sqlserver-ex")
    }
    assert "arm" in engines["mysql"]
    assert "arm" not in engines["oracle-se2"] | engines["sqlserver-ex"]


def test_values_that_the_apply_will_tell_stop_nothing() -> None:
    values = {"instance_class": "db.m5.large", "allocated_storage": 100, "engine": UNKNOWN}
    assert advice(change("aws_db_instance", values)) == ()
    machine = {"machine_type": "n1-standard-4", "scheduling": [{"preemptible": UNKNOWN}]}
    kinds = {one.kind for one in advice(change("google_compute_instance", machine, region="us-central1", env="dev"))}
    assert "spot" not in kinds


def test_what_is_short_lived_may_run_on_spot() -> None:
    machine = {"machine_type": "n1-standard-4", "boot_disk": [{"initialize_params": [{"size": 10}]}]}
    kinds = {one.kind for one in advice(change("google_compute_instance", machine, region="us-central1", env="dev"))}
    assert "spot" in kinds
    for environment in ("production", ""):
        found = advice(change("google_compute_instance", machine, region="us-central1", env=environment))
        assert "spot" not in {one.kind for one in found}


def test_e2_follows_n1_alone_and_nothing_leaves_arm() -> None:
    assert {one.type for one in equals("google", "n1-standard-4")} == {
        "n2-standard-4",
        "n4-standard-4",
        "n2d-standard-4",
        "c4a-standard-4",
        "e2-standard-4",
    }
    assert "e2-standard-4" not in {one.type for one in equals("google", "n2-standard-4")}
    assert {one.type for one in equals("aws", "m6g.large")} == {"m7g.large", "m8g.large"}
    assert equals("aws", "db.t2.micro")[0].type == "db.t3.micro"


def test_regions_of_an_area_are_near_one_another() -> None:
    assert near("aws", "us-west-2") == ("us-west-1",)
    assert near("aws", "me-south-1") == ()
    assert near("azurerm", "westeurope") == ()


def test_a_cheaper_region_is_told_of_the_whole_plan_and_only_if_all_of_it_is_priced_there() -> None:
    machine = change("aws_launch_configuration", {"instance_type": "m5.xlarge"}, region="us-west-1")
    volume = change("aws_ebs_volume", {"type": "gp3", "size": 100}, region="us-west-1")
    alone = change("google_compute_disk", {"type": "pd-ssd", "size": 1000, "zone": "us-west2-a"}, region="us-west2")
    found = [one for one in advice(alone) if one.kind == "region"]
    assert [one.address for one in found] == ["plan"]
    assert found[0].what.startswith("us-west2 → us-west")
    assert [one for one in advice(machine, volume) if one.kind == "region"] == []


def test_the_words_fold_and_tell_one_alternative_of_each_resource() -> None:
    some = [Advice(f"aws_instance.a[{n}]", "arm", "m5.large → m6g.large", Decimal("13.87"), "Arm") for n in range(3)]
    other = Advice("aws_instance.a[0]", "generation", "m5.large → m5a.large", Decimal("7.3"))
    volume = Advice("aws_ebs_volume.b", "volume", "gp2 → gp3", Decimal(20))
    plan = replace(BASE, changes=(), references={})
    result = replace(estimate(plan, Prices(), Usage(), currency="USD", as_of=TODAY), advice=(volume, *some, other))
    document = {"currency": "USD", "advice": advice_document(result)}
    assert list(advice_lines(document)) == [
        "saves $13.87 a month each: m5.large → m6g.large, aws_instance.a[0] and 2 more (Arm)",
        "saves $20.00 a month: gp2 → gp3, aws_ebs_volume.b",
    ]
    assert list(advice_lines(document, 1))[1:] == ["and 1 more; --format json lists them all"]
    assert list(advice_lines({"currency": "USD"})) == [], "decisions of before have none"
