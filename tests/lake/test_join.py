"""Rows of the bill find their resource in the states by whatever the bill calls it; no total changes."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lake.conftest import WriteBill

from infragod import pipeline
from infragod.errors import StoreError
from infragod.focus import BASES
from infragod.lake.delta import DataFile
from infragod.lake.join import Estate
from infragod.lake.lake import Lake
from infragod.org.ownership import Ownership
from infragod.progress import SILENT
from infragod.terraform.estate.store import RESOURCE_COLUMNS

RULES = Ownership.parse('[[rule]]\ntag = "team"\ngives = "team"\n[[rule]]\ntag = "service"\ngives = "service"\n')
SHOWN = "x_terraform_address", "x_terraform_workspace", "x_terraform_module", "x_terraform_repository"

Row = dict[str, Any]


def known(
    address: str, *ids: str, held: Sequence[str] = (), tags: Mapping[str, str] | None = None, **more: str | None
) -> Row:
    kind = address.split(".")[-2]
    return {
        "workspace": "shop",
        "repository": "infra",
        "address": address,
        "module": address.rpartition(".")[0].rpartition(".")[0],
        "type": kind,
        "provider": kind.partition("_")[0],
        "ids": json.dumps(ids),
        "held": json.dumps(held),
        "tags": json.dumps(tags or {}),
        "first_seen": "2026-09-01T00:00:00+00:00",
        "gone_at": None,
        **more,
    }


def estate(*rows: Row) -> Estate:
    numbered = [{**row, "number": n} for n, row in enumerate(rows, 1)]
    return Estate(RESOURCE_COLUMNS, {c: [row[c] for row in numbered] for c in RESOURCE_COLUMNS})


def load(lake: Lake, path: Path, known: Estate | None = None, rules: Ownership = RULES) -> pipeline.LoadResult:
    return pipeline.load(lake, [path], "test", rules, SILENT, estate=known)


def stored(lake: Lake, *columns: str) -> list[tuple[Any, ...]]:
    with lake.engine() as engine:
        return engine.run(f'SELECT {", ".join(columns)} FROM cost ORDER BY "ChargeDescription", {", ".join(columns)}')


ID = "i-0123456789abcdef0"
VOLUME = "vol-0aaaaaaaaaaaaaaaa"
DB, CDN = "arn:aws:rds:eu-west-1:1:db:main", "arn:aws:cloudfront::1:distribution/E1H6PI5VWS3NLQ"
BUCKET = "https://www.googleapis.com/storage/v1/b/assets"
ARN = f"arn:aws:ec2:us-east-1:111122223333:instance/{ID}"
PLACE = "projects/shop/zones/europe-west1-b/instances/web"
LINK = f"https://www.googleapis.com/compute/v1/{PLACE}"
NUMBER = "8674200000000000001"
SQL_LINK = "https://sqladmin.googleapis.com/sql/v1beta4/projects/shop/instances/main"


@pytest.mark.parametrize(
    ("billed", "resource"),
    [
        (ID, known("aws_instance.a", ID, ARN)),
        (ARN, known("aws_instance.a", ID, ARN)),
        (ARN, known("aws_instance.a", ID)),
        (ID, known("aws_instance.a", ARN)),
        (
            ARN.replace("instance/i-0123456789abcdef0", "volume/vol-0aaaaaaaaaaaaaaaa"),
            known("aws_instance.a", ID, held=[VOLUME]),
        ),
        (VOLUME, known("aws_instance.a", ID, held=[VOLUME])),
        ("assets", known("aws_s3_bucket.a", "assets", "arn:aws:s3:::assets")),
        ("arn:aws:s3:::assets", known("aws_s3_bucket.a", "assets", "arn:aws:s3:::assets")),
        (
            "arn:aws:rds:eu-west-1:1:db:main",
            known("aws_db_instance.a", "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "arn:aws:rds:eu-west-1:1:db:main"),
        ),
        (
            "E1H6PI5VWS3NLQ",
            known(
                "aws_cloudfront_distribution.a", "E1H6PI5VWS3NLQ", "arn:aws:cloudfront::1:distribution/E1H6PI5VWS3NLQ"
            ),
        ),
        (f"//compute.googleapis.com/{PLACE}", known("google_compute_instance.a", PLACE, LINK, NUMBER)),
        (LINK, known("google_compute_instance.a", PLACE)),
        (f"https://compute.googleapis.com/compute/beta/{PLACE}", known("google_compute_instance.a", PLACE)),
        (NUMBER, known("google_compute_instance.a", PLACE, LINK, NUMBER)),
        (
            f"//compute.googleapis.com/projects/1234/zones/europe-west1-b/instances/{NUMBER}",
            known("google_compute_instance.a", PLACE, NUMBER),
        ),
        (
            "//container.googleapis.com/projects/p/zones/z/clusters/c",
            known("google_container_cluster.a", "projects/p/locations/z/clusters/c"),
        ),
        (
            "//cloudsql.googleapis.com/projects/shop/instances/main",
            known("google_sql_database_instance.a", "main", SQL_LINK),
        ),
        (
            "//storage.googleapis.com/assets",
            known("google_storage_bucket.a", "assets", BUCKET),
        ),
        (
            "//storage.googleapis.com/projects/_/buckets/assets",
            known("google_storage_bucket.a", "assets", BUCKET),
        ),
        (
            "//bigquery.googleapis.com/projects/p/datasets/d",
            known("google_bigquery_dataset.a", "projects/p/datasets/d"),
        ),
        ("/subscriptions/1/resourcegroups/rg/x", known("azurerm_thing.a", "/subscriptions/1/resourceGroups/rg/x")),
        ("abc123", known("datadog_monitor.a", "abc123")),
    ],
)
def test_ids_meet(lake: Lake, write_bill: WriteBill, billed: str, resource: Row) -> None:
    load(lake, write_bill("a.csv", [{"ResourceId": billed}]), estate(resource))
    assert stored(lake, *SHOWN) == [(resource["address"], "shop", "", "infra")]


@pytest.mark.parametrize(
    ("billed", "resources"),
    [
        ("web", [known("aws_iam_role.a", "web")]),  # a mere name that nothing proves
        ("web", [known("aws_iam_role.a", "web", "arn:aws:iam::1:role/web"), known("aws_lb.b", "web", "arn:x:lb/web")]),
        ("subnet-0123456789abcdef0", [known("aws_instance.a", ID, ARN)]),
        ("", [known("aws_instance.a", "")]),
        ("i-0123456789abcdef1", [known("aws_instance.a", ID, ARN)]),
    ],
)
def test_ids_that_name_nothing_or_two_things(
    lake: Lake, write_bill: WriteBill, billed: str, resources: list[Row]
) -> None:
    load(lake, write_bill("a.csv", [{"ResourceId": billed}]), estate(*resources))
    assert stored(lake, *SHOWN) == [(None, None, None, None)]


def test_the_thing_itself_goes_before_what_has_its_id(lake: Lake, write_bill: WriteBill) -> None:
    bucket, arn = "assets", "arn:aws:s3:::assets"
    resources = [
        known("aws_s3_bucket_policy.p", bucket),
        known("aws_s3_bucket_versioning.v", bucket),
        known("aws_sns_topic_policy.p", "arn:aws:sns:::t", "arn:aws:sns:::t"),
        known("aws_sns_topic.t", "arn:aws:sns:::t", "arn:aws:sns:::t"),
        known("aws_ec2_instance_state.s", ID),
        known("aws_instance.i", ID, ARN, held=[VOLUME]),
        known("aws_ebs_volume.v", VOLUME),
        known("module.a.aws_s3_bucket.b", bucket, arn),
    ]
    ids = (bucket, "arn:aws:sns:::t", ID, VOLUME)
    bill = write_bill("a.csv", [{"ResourceId": i, "ChargeDescription": str(n)} for n, i in enumerate(ids)])
    load(lake, bill, estate(*resources))
    assert stored(lake, "x_terraform_address", "x_terraform_module") == [
        ("module.a.aws_s3_bucket.b", "module.a"),
        ("aws_sns_topic.t", ""),
        ("aws_instance.i", ""),
        ("aws_ebs_volume.v", ""),
    ]


def test_renamed_and_moved_by_time(lake: Lake, write_bill: WriteBill) -> None:
    days = [f"2026-10-{d:02d}T00:00:00Z" for d in (1, 9, 10, 20)]
    bill = write_bill("a.csv", [{"ResourceId": ID, "ChargePeriodStart": d, "ChargeDescription": d} for d in days])
    old = known(
        "aws_instance.old", ID, ARN, first_seen="2026-10-05T00:00:00+00:00", gone_at="2026-10-10T00:00:00+00:00"
    )
    new = known("aws_instance.new", ID, ARN, first_seen="2026-10-10T00:00:00+00:00", workspace="other")
    load(lake, bill, estate(new, old))
    assert stored(lake, "x_terraform_address", "x_terraform_workspace") == [
        ("aws_instance.old", "shop"),
        ("aws_instance.old", "shop"),
        ("aws_instance.new", "other"),
        ("aws_instance.new", "other"),
    ]


def test_owners_from_the_state_fill_what_rules_leave_open(lake: Lake, write_bill: WriteBill) -> None:
    rules = Ownership.parse(
        '[[rule]]\ntag = "team"\ngives = "team"\n[[rule]]\ntag = "service"\ngives = "service"\n'
        '[[rule]]\naccount = "prod"\nteam = "accounts"\n'
        '[[rule]]\nterraform = "module.net.*"\nteam = "network"\n'
        '[[rule]]\nworkspace = "data-*"\nteam = "data"\n'
        '[[rule]]\nrepository = "core"\nteam = "core"\n'
    )
    resources = [
        known("aws_instance.tagged", "i-00000001", tags={"team": "state", "service": "cart"}),
        known("module.net.aws_instance.x", "i-00000002", tags={"team": "state"}),
        known("aws_instance.y", "i-00000003", workspace="data-prod"),
        known("aws_instance.z", "i-00000004", repository="core"),
        known("aws_instance.none", "i-00000005"),
    ]
    plain = {"Tags": "{}", "SubAccountId": "4711"}
    rows = [{**plain, "ResourceId": f"i-0000000{n}", "ChargeDescription": str(n)} for n in range(1, 7)]
    rows.append({**plain, "ResourceId": "i-00000001", "SubAccountId": "prod", "ChargeDescription": "7"})
    rows.append({**plain, "ResourceId": "i-00000001", "Tags": '{"team": "bill"}', "ChargeDescription": "8"})
    load(lake, write_bill("a.csv", rows), estate(*resources), rules)
    assert stored(lake, "x_team", "x_service", "x_owner_by") == [
        ("state", "cart", "terraform"),
        ("network", None, "terraform"),
        ("data", None, "terraform"),
        ("core", None, "terraform"),
        (None, None, None),
        (None, None, None),
        ("accounts", "cart", "account"),
        ("bill", "cart", "tag"),
    ]


def test_an_address_of_the_file_stands_where_no_state_knows_better(lake: Lake, write_bill: WriteBill) -> None:
    bill = write_bill(
        "a.csv",
        [
            {"ResourceId": ID, "x_terraform_address": "from.file", "ChargeDescription": "1"},
            {"ResourceId": "i-other", "x_terraform_address": "from.file", "ChargeDescription": "2"},
        ],
    )
    load(lake, bill, estate(known("aws_instance.a", ID)))
    assert stored(lake, "x_terraform_address") == [("aws_instance.a",), ("from.file",)]


# ---- the same load, and months that were loaded before


def own(lake: Lake, known: Estate, rules: Ownership = RULES) -> dict[str, list[str]]:
    return {s: [str(m.period) for m in months] for s, months in pipeline.own(lake, rules, known, SILENT).items()}


def test_the_same_states_make_no_commit_and_others_only_where_they_matter(lake: Lake, write_bill: WriteBill) -> None:
    bill = write_bill("a.csv", [{"ResourceId": ID}])
    first = load(lake, bill, estate(known("aws_instance.a", ID)))
    assert not load(lake, bill, estate(known("aws_instance.a", ID))).changed
    assert not load(lake, bill, estate(known("aws_instance.a", ID), known("aws_instance.new", "i-other"))).changed
    late = known("aws_instance.z", ID, first_seen="2026-12-01T00:00:00+00:00")
    before = known("aws_instance.a", ID, gone_at="2026-12-01T00:00:00+00:00")
    assert not load(lake, bill, estate(before, late)).changed
    assert lake.version("cost") == first.version
    assert load(lake, bill, estate(known("aws_instance.b", ID))).changed


def test_months_loaded_before_get_what_a_load_would_give(lake: Lake, write_bill: WriteBill) -> None:
    bill = write_bill("a.csv", [{"ResourceId": ID, "Tags": "{}"}, {"Tags": "{}"}, {}])
    load(lake, bill)
    states = estate(known("aws_instance.a", ID, tags={"team": "state"}))
    totals = lake.totals("test", [p.period for p in load(lake, bill).periods])
    assert own(lake, states) == {"test": ["2026-10"]}
    assert ("aws_instance.a", "state", "terraform") in stored(lake, "x_terraform_address", "x_team", "x_owner_by")
    assert lake.totals("test", [p.period for p in load(lake, bill, states).periods]) == totals
    assert not load(lake, bill, states).changed
    assert own(lake, states) == {}
    assert own(lake, estate()) == {"test": ["2026-10"]}  # the rules alone
    assert not load(lake, bill).changed
    assert own(lake, states, Ownership.parse("")) == {"test": ["2026-10"]}


def test_nothing_loaded_nothing_owned(lake: Lake) -> None:
    assert own(lake, estate(known("aws_instance.a", ID))) == {}


def test_a_load_in_between_stands(lake: Lake, write_bill: WriteBill, monkeypatch: pytest.MonkeyPatch) -> None:
    load(lake, write_bill("a.csv", [{"ResourceId": ID}]))
    room = importlib.import_module("infragod.lake.own")

    real = room.write

    def interrupted(*arguments: Any) -> list[DataFile]:
        files: list[DataFile] = real(*arguments)
        load(Lake(lake.root), write_bill("b.csv", [{"ResourceId": ID}, {}]))
        return list(files)

    monkeypatch.setattr(room, "write", interrupted)
    with pytest.raises(StoreError, match="was loaded meanwhile; that load stands"):
        own(lake, estate(known("aws_instance.a", ID)))
    assert len(stored(lake, "1")) == 2
    assert len(list(lake.root.rglob("*.parquet"))) == 2  # the old one and the new one, none of ours


# ---- what goes in comes out

IDS = [
    ID,
    ARN,
    VOLUME,
    "assets",
    "arn:aws:s3:::assets",
    "",
    "web",
    NUMBER,
    f"//compute.googleapis.com/{PLACE}",
]
MOMENTS = [f"2026-10-{d:02d}T00:00:00+00:00" for d in (1, 5, 9, 20)]
KINDS = ["aws_instance", "aws_s3_bucket", "aws_s3_bucket_policy", "google_compute_instance"]


@st.composite
def resources(draw: st.DrawFn) -> Row:
    first, gone = sorted(draw(st.tuples(st.sampled_from(MOMENTS), st.sampled_from(MOMENTS))))
    return known(
        f"{draw(st.sampled_from(KINDS))}.{draw(st.sampled_from('abc'))}",
        *draw(st.lists(st.sampled_from(IDS), max_size=3)),
        held=draw(st.lists(st.sampled_from(IDS), max_size=2)),
        tags=draw(st.sampled_from([{}, {"team": "state"}])),
        first_seen=first,
        gone_at=draw(st.sampled_from([None, gone])),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(IDS), st.sampled_from(MOMENTS), st.decimals(-9, 9, places=12)), min_size=1, max_size=9
    ),
    st.lists(resources(), max_size=7),
)
def test_no_join_changes_a_total(
    tmp_path_factory: pytest.TempPathFactory,
    write_bill: WriteBill,
    rows: list[tuple[str, str, Decimal]],
    states: list[Row],
) -> None:
    bill = write_bill(
        "a.csv",
        [{"ResourceId": i, "ChargePeriodStart": m, "EffectiveCost": f"{c:f}", "Tags": "{}"} for i, m, c in rows],
    )
    plain, joined = (Lake(tmp_path_factory.mktemp("lake")) for _ in range(2))
    before = load(plain, bill)
    after = load(joined, bill, estate(*states))
    assert (before.rows, before.totals) == (after.rows, after.totals)
    assert after.totals["USD", "effective"] == sum((c for _, _, c in rows), Decimal(0))
    pipeline.own(plain, RULES, estate(*states), SILENT)
    columns = (*SHOWN, "x_team", "x_owner_by", "x_load_id", *BASES.values())
    assert stored(plain, *columns) == stored(joined, *columns)


def test_moments_are_utc() -> None:
    assert datetime.fromisoformat(MOMENTS[0]).tzinfo == UTC
