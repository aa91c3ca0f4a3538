"""States become ids, addresses and tags, and nothing else of them is kept."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infragod.errors import InputError
from infragod.terraform.state import State, StateResource, read

AWS = 'provider["registry.terraform.io/hashicorp/aws"]'
SECRET = "hunter2-is-no-good"


def block(kind: str, name: str, *instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    provider = more.pop("provider", AWS)
    return {"mode": "managed", "type": kind, "name": name, "provider": provider, "instances": list(instances), **more}


def document(*resources: dict[str, Any], **more: Any) -> bytes:
    top = {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "abc", "outputs": {}}
    return json.dumps({**top, "resources": resources, **more}).encode()


def one(*resources: dict[str, Any]) -> StateResource:
    (resource,) = read(document(*resources), "x.tfstate").resources
    return resource


def test_a_resource_with_its_ids_what_it_holds_and_its_tags() -> None:
    attributes = {
        "id": "i-0123456789abcdef0",
        "arn": "arn:aws:ec2:us-east-1:1:instance/i-0123456789abcdef0",
        "subnet_id": "subnet-0123456789abcdef0",
        "user_data": SECRET,
        "tags": {"team": "shop"},
        "tags_all": {"team": "shop", "env": "prod", "token": SECRET, "empty": ""},
        "root_block_device": [{"volume_id": "vol-0123456789abcdef0", "encrypted": True}],
        "ebs_block_device": [{"volume_id": "vol-1123456789abcdef0"}, {"volume_id": ""}],
    }
    found = one(block("aws_instance", "web", {"index_key": 2, "attributes": attributes}, module='module.a["x"]'))
    assert found == StateResource(
        'module.a["x"].aws_instance.web[2]',
        'module.a["x"]',
        "aws_instance",
        "aws",
        ("i-0123456789abcdef0", "arn:aws:ec2:us-east-1:1:instance/i-0123456789abcdef0"),
        ("vol-0123456789abcdef0", "vol-1123456789abcdef0"),
        {"team": "shop", "env": "prod"},
    )
    assert SECRET not in repr(found)


def test_numbers_lists_and_maps_of_ids() -> None:
    google = 'provider["registry.terraform.io/hashicorp/google"].eu'
    cluster = {
        "id": "projects/p/locations/eu/clusters/c",
        "node_pool": [{"instance_group_urls": ["https://www.googleapis.com/compute/v1/projects/p/zones/z/g/a"]}],
    }
    group = {"id": "web", "arn": "arn:aws:elasticache:eu-west-1:1:replicationgroup:web", "member_clusters": ["web-001"]}
    project = {"id": "projects/p", "number": "123456789012", "project_id": "p"}
    state = read(
        document(
            block("google_container_cluster", "c", {"attributes": cluster}, provider=google),
            block("aws_elasticache_replication_group", "g", {"attributes": group}),
            block("google_project", "p", {"attributes": project}, provider=google),
            block("aws_ec2_fleet", "f", {"attributes": {"fleet_instance_set": {"a": {"instance_ids": ["i-1"]}}}}),
        ),
        "x",
    )
    assert [(r.provider, r.ids, r.held) for r in state.resources] == [
        ("google", (cluster["id"],), ("https://www.googleapis.com/compute/v1/projects/p/zones/z/g/a",)),
        ("aws", ("web", group["arn"]), ("arn:aws:elasticache:eu-west-1:1:cluster:web-001",)),
        ("google", ("projects/p", "123456789012", "p"), ()),
        ("aws", (), ("i-1",)),
    ]


def test_what_is_sensitive_is_not_read() -> None:
    marks = [[{"type": "get_attr", "value": "id"}], [{"type": "get_attr", "value": "tags"}, {"type": "index"}], "odd"]
    attributes = {"id": SECRET, "arn": "arn:aws:x", "tags": {"team": SECRET}}
    found = one(block("aws_thing", "t", {"attributes": attributes, "sensitive_attributes": marks}))
    assert (found.ids, found.tags) == (("arn:aws:x",), {})


def test_data_sources_and_helpers_are_left_out() -> None:
    random = 'provider["registry.terraform.io/hashicorp/random"]'
    data = {**block("aws_ami", "a", {"attributes": {"id": "ami-1"}}), "mode": "data"}
    hidden = block("random_string", "s", {"attributes": {"id": SECRET}}, provider=random)
    assert read(document(data, hidden), "x").resources == ()


@pytest.mark.parametrize(
    ("key", "address"),
    [
        (None, "aws_thing.t"),
        (0, "aws_thing.t[0]"),
        ("a b", 'aws_thing.t["a b"]'),
        ('q"${x}%{y}\\é', 'aws_thing.t["q\\"$${x}%%{y}\\\\é"]'),
    ],
)
def test_addresses_are_as_terraform_writes_them(key: Any, address: str) -> None:
    instance = {"attributes": {"id": "x"}} | ({} if key is None else {"index_key": key})
    assert one(block("aws_thing", "t", instance)).address == address


def test_deposed_objects_still_cost() -> None:
    found = read(
        document(block("aws_thing", "t", {"attributes": {"id": "a"}}, {"attributes": {"id": "b"}, "deposed": "00"})),
        "x",
    )
    assert [(r.address, r.ids) for r in found.resources] == [("aws_thing.t", ("a",)), ("aws_thing.t", ("b",))]


def test_version_3() -> None:
    flat = {
        "id": "i-1",
        "arn": "arn:aws:ec2:::instance/i-1",
        "root_block_device.#": "1",
        "root_block_device.0.volume_id": "vol-1",
        "tags.%": "1",
        "tags.team": "shop",
        "password": SECRET,
        "id.odd": "x",
    }
    modules = [
        {
            "path": ["root", "a", "b"],
            "resources": {
                "aws_instance.web.1": {
                    "type": "aws_instance",
                    "provider": "provider.aws.eu",
                    "primary": {"id": "i-1", "attributes": flat},
                    "deposed": [{"id": "i-0"}],
                },
                "data.aws_ami.x": {"type": "aws_ami", "primary": {"id": "ami-1"}},
            },
        },
        {"path": ["root"], "resources": {"aws_eip.ip": {"type": "aws_eip", "primary": {"id": "eipalloc-1"}}}},
    ]
    top = {"version": 3, "serial": 1, "lineage": "l", "modules": modules}
    state = read(json.dumps(top).encode(), "old.tfstate")
    assert [(r.address, r.module, r.provider, r.ids, r.held, r.tags) for r in state.resources] == [
        (
            "module.a.module.b.aws_instance.web[1]",
            "module.a.module.b",
            "aws",
            ("i-1", "arn:aws:ec2:::instance/i-1"),
            ("vol-1",),
            {"team": "shop"},
        ),
        ("module.a.module.b.aws_instance.web[1]", "module.a.module.b", "aws", ("i-0",), (), {}),
        ("aws_eip.ip", "", "aws", ("eipalloc-1",), (), {}),
    ]


def test_flat_attributes_within_version_4() -> None:
    found = one(block("aws_thing", "t", {"attributes_flat": {"id": "a", "tags.team": "x"}}))
    assert (found.ids, found.tags) == (("a",), {"team": "x"})


def test_an_empty_state() -> None:
    assert read(b'{"version": 4, "serial": 1, "lineage": "l"}', "x") == State("l", 1, "", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is not valid JSON"),
        ("[1]", "its top: expected `object`"),
        ("{}", "has no version"),
        ('{"version": 2}', "has state version 2, and this InfraGod reads 3 and 4"),
        ('{"version": 9}', "has state version 9"),
        ('{"version": 3, "backend": {"type": "s3"}}', "only says where the state is kept"),
        ('{"serial": 1, "lineage": "l", "encrypted_data": "x", "encryption_version": "v0"}', "encrypted by OpenTofu"),
        ('{"format_version": "1.0", "values": {}}', "what `terraform show -json` prints"),
        ('{"version": 4, "resources": [{"type": 1}]}', "expected `str`"),
        ('{"version": 4, "resources": [' + "[" * 5000, "it is not valid JSON"),
    ],
)
def test_what_is_no_state_is_refused_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text.encode(), "x.tfstate")
    assert str(caught.value).startswith("x.tfstate ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_state_of_real_terraform(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "terraform_data" "x" {\n  input = "y"\n}\n')
    for arguments in (["init"], ["apply", "-auto-approve"]):
        subprocess.run(["terraform", *arguments], cwd=tmp_path, check=True, capture_output=True)
    state = read((tmp_path / "terraform.tfstate").read_bytes(), "x")
    assert (state.serial, len(state.lineage), state.resources) == (1, 36, ())
