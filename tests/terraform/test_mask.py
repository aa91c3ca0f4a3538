"""The key of the masks, what is masked, and that no secret is left anywhere."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infragod.errors import InputError, SetupError
from infragod.resource import Plan
from infragod.settings import Settings
from infragod.terraform.mask import key, redact
from infragod.terraform.plan import parse
from infragod.terraform.sensitive import Masker, secret_name

from .conftest import KEY, PLANS, plan_files

SECRET = "Sécret-"  # every secret of the generated plans begins so; the accent proves that escapes hide none


def everything(plan: Plan) -> str:
    """All that a plan can show of itself."""
    as_json = msgspec.json.encode(plan, enc_hook=repr).decode()
    references = repr({a: dict(p) for a, p in plan.references.items()})
    return repr(plan) + as_json + references + repr(plan.by_address)


# the key


def test_key_of_the_setting(tmp_path: Path) -> None:
    assert key(Settings(home=tmp_path, mask_key="x", url="http://s", token="t")) == b"x"


def test_key_of_the_servers_token(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, url="http://s", token="t")
    assert key(settings) == key(settings) != key(replace(settings, token="u"))
    assert key(settings) != b"t"
    assert list(tmp_path.iterdir()) == []


def test_key_of_the_home_folder(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new" / "home")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(key, [settings] * 32))
    assert keys == {key(settings)}
    files = list(settings.home.iterdir())
    assert [f.name for f in files] == ["mask.key"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_a_key_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "mask.key").write_bytes(b"short")
    (tmp_path / "mask.key").chmod(0o600)
    with pytest.raises(SetupError, match="is no mask key: it has 5 bytes and not 32"):
        key(Settings(home=tmp_path))


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    with pytest.raises(SetupError, match="cannot keep the mask key in"):
        key(Settings(home=tmp_path / "home"))


# what is masked


@pytest.mark.parametrize(
    "name",
    [
        "password", "master_password", "root_password", "DB_PASSWORD", "dbPassword", "passphrase", "secret", "token",
        "auth_token", "client_secret", "secret_string", "secret_binary", "secret_data", "private_key",
        "private_key_pem", "api_key", "apikey", "access_key", "secret_key", "primary_access_key", "connection_string",
        "primary_connection_string", "connection_strings", "plaintext_value", "user_data", "user_data_base64",
        "custom_data", "pre_shared_key", "tunnel1_preshared_key", "credentials", "kube_config_raw", "password_wo",
        "raw_key", "ses_smtp_password_v4", "bcrypt_hash", "SLACK_TOKEN",
    ],
)  # fmt: skip
def test_names_that_hold_secrets(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "kms_key_id", "kms_key", "secret_arn", "secret_id", "secret_name", "token_type", "http_tokens", "key_name",
        "password_length", "public_key", "key", "hash_key", "range_key", "crypto_key", "password_policy", "tokens_max",
        "partition_key", "encryption_key", "ssh_keys", "value", "name", "s3_key", "object_key", "tags", "description",
    ],
)  # fmt: skip
def test_names_that_do_not(name: str) -> None:
    assert not secret_name(name)


def test_masks_compare_as_the_values_do() -> None:
    masker = Masker(KEY)
    values: list[Any] = ["1", 1, True, [1], {"a": 1}, {"a": "1"}, 1.5, "", "true", None]
    masks = [masker.token(v) for v in values]
    assert len({str(m) for m in masks}) == len(values)
    assert masks == [Masker(KEY).token(json.loads(json.dumps(v))) for v in values]
    assert masker.token({"a": 1, "b": 2}) == masker.token({"b": 2, "a": 1})
    assert masker.token("x") != Masker(b"other").token("x")


def test_a_value_that_looks_like_a_mask_is_masked_in_a_raw_plan() -> None:
    fake = "hmac:" + "0" * 64
    assert Masker(KEY).token(fake) != fake
    assert Masker(KEY, done=True).token(fake) == fake


SECRETS = {
    "sensitive": ["before-Pw-1", "after-Pw-2", "variable-Pw-3", "item-Secret-4", "map-Secret-5", "deep-Secret-6",
                  "whole-Secret-7", "same-Secret-8", "provider-Secret-9", "default-Secret-10", "constant-Secret-11",
                  "list-Secret-12", "output-Secret-13", "424242"],
    "unmarked_0_12": ["plain-Before-1", "plain-After-2", "plain-Value-3", "plain-Data-4", "plain-Env-5",
                      "variable-Secret-6", "provider-Key-7", "variable-Nested-8", "output-Secret-9"],
    "google_labels": ["correct horse battery"],
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_left(name: str) -> None:
    data = (PLANS / f"{name}.json").read_bytes()
    seen = everything(parse(data, name, KEY)) + redact(data, name, KEY).decode()
    for secret in SECRETS[name]:
        assert secret.encode() in data
        assert secret not in seen


def test_marks_of_another_shape_mask_the_whole() -> None:
    masker = Masker(KEY)
    masked = masker.side(
        "x", {"a": ["s1", "s2"], "b": "s3", "c": {"d": "s4"}}, {"a": [True], "b": {"x": True}, "c": [{}]}
    )
    assert masked["a"].startswith("hmac:")
    assert masked["b"].startswith("hmac:")
    assert masked["c"] == {"d": "s4"}


def test_short_values_of_variables_are_not_looked_for() -> None:
    document: dict[str, Any] = {
        "format_version": "1.2",
        "resource_changes": [],
        "variables": {"s": {"value": {"a": "abc", "b": "long enough", "n": 12, "m": 1234567, "t": True, "e": []}}},
        "configuration": {"root_module": {"variables": {"s": {"sensitive": True}}}},
    }
    after = {"abc": "abc", "b": ["long enough"], "n": 12, "m": 1234567, "t": True, "f": 1234567.0, "one": 1}
    document["resource_changes"] = [
        {"address": "a.b", "type": "a", "change": {"actions": ["create"], "after": after, "after_sensitive": {}}}
    ]
    values = parse(json.dumps(document).encode(), "x", KEY).changes[0].resource.values
    assert {k for k, v in values.items() if str(v).startswith(("hmac:", "['hmac:"))} == {"b", "m", "f"}


# generated plans

plain = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
secrets = st.integers(0, 10**9).map(lambda n: f"{SECRET}{n}")
names = st.sampled_from(
    ["input", "tags", "tags_all", "labels", "region", "arn", "zone", "tag", "settings", "x.y", '"q"']
)
scalars = plain | texts


@st.composite
def marked(draw: st.DrawFn, depth: int = 3) -> tuple[Any, Any, Any]:
    """A value, its sensitive marks and its unknown marks."""
    kind = draw(st.sampled_from(["plain", "secret", "unknown", "map", "list"] if depth else ["plain", "secret"]))
    if kind == "plain":
        return draw(scalars), False, False
    if kind == "secret":
        return draw(secrets), True, False
    if kind == "unknown":
        return None, False, True
    below = draw(st.lists(marked(depth - 1), max_size=3))
    if kind == "list":
        return [v for v, _, _ in below], [s for _, s, _ in below], [u for _, _, u in below]
    keys = draw(st.lists(names | texts, min_size=len(below), max_size=len(below), unique=True))
    value = {k: v for k, (v, _, u) in zip(keys, below, strict=True) if u is not True}
    sensitive, unknown = ({k: part[i] for k, part in zip(keys, below, strict=True)} for i in (1, 2))
    return value, sensitive, unknown


@st.composite
def sides(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    parts = draw(st.dictionaries(names | texts, marked(), max_size=4))
    values = {k: v for k, (v, _, u) in parts.items() if u is not True}
    return values, {k: s for k, (_, s, _) in parts.items()}, {k: u for k, (_, _, u) in parts.items()}


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    actions = draw(st.sampled_from([["create"], ["delete"], ["update"], ["no-op"], ["create", "delete"], ["forget"]]))
    before, before_sensitive, _ = draw(sides())
    after, after_sensitive, after_unknown = draw(sides())
    kind = draw(st.sampled_from(["aws_instance", "google_compute_disk", "azurerm_x", "aws_autoscaling_group"]))
    index = draw(st.none() | st.integers(0, 3) | texts)
    change: dict[str, Any] = {"actions": actions, "before": None, "after": None}
    if actions != ["create"]:
        change |= {"before": before, "before_sensitive": before_sensitive}
    if actions not in (["delete"], ["forget"]):
        change |= {"after": after, "after_sensitive": after_sensitive, "after_unknown": after_unknown}
    module = draw(st.sampled_from(["", "module.m", 'module.m["a.b"].module.n[0]']))
    key_text = "" if index is None else f"[{json.dumps(index)}]"
    address = f"{module}{'.' if module else ''}{kind}.x{key_text}"
    return {"address": address, "module_address": module, "type": kind, "name": "x", "index": index, "change": change}


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    secret = draw(secrets)
    region = draw(
        st.sampled_from([{"constant_value": "eu-west-1"}, {"references": ["var.region"]}, {"references": []}])
    )
    tags = {"constant_value": draw(st.dictionaries(texts, texts | st.just(secret), max_size=2))}
    return {
        "format_version": draw(st.sampled_from(["0.1", "0.2", "1.0", "1.2"])),
        "terraform_version": "1.11.4",
        "variables": {"s": {"value": secret}, "region": {"value": "eu-west-2"}},
        "planned_values": {"outputs": {"o": {"value": secret}}},
        "resource_changes": draw(st.lists(entries(), max_size=4)),
        "resource_drift": draw(st.lists(entries(), max_size=1)),
        "configuration": {
            "provider_config": {
                "aws": {"name": "aws", "expressions": {"region": region, "default_tags": [{"tags": tags}]}}
            },
            "root_module": {
                "variables": {"s": {"sensitive": True, "default": secret}},
                "resources": [
                    {
                        "address": "aws_instance.x",
                        "provider_config_key": "aws",
                        "expressions": {
                            "a": {"constant_value": secret},
                            "b": [{"c": {"references": ["aws_instance.x"]}}],
                        },
                    }
                ],
            },
        },
    }


@given(plans())
def test_generated_plans_show_no_secret_and_redact_to_an_equal_plan(document: dict[str, Any]) -> None:
    data = json.dumps(document).encode()
    plan = parse(data, "generated", KEY)
    masked = redact(data, "generated", KEY)
    assert SECRET not in everything(plan)
    assert SECRET not in json.dumps(json.loads(masked), ensure_ascii=False)
    assert parse(masked, "generated", KEY) == plan
    assert parse(json.dumps(document, indent=3, sort_keys=True).encode(), "generated", KEY).digest == plan.digest
    shuffled = {**document, "resource_changes": document["resource_changes"][::-1], "timestamp": "2026-11-22T00:00:00Z"}
    assert parse(json.dumps(shuffled).encode(), "generated", KEY).digest == plan.digest


@given(plans(), st.data())
def test_mutations_raise_nothing_but_input_errors(document: dict[str, Any], data: st.DataObject) -> None:
    places = list(_places(document))
    holder, place = data.draw(st.sampled_from(places))
    junk: st.SearchStrategy[Any] = st.sampled_from(
        [None, True, 0, -1, "", "x", [], {}, [None], {"": None}, [[]], {"references": [1]}, 1e300]
    )
    holder[place] = data.draw(junk)
    text = json.dumps(document).encode()
    _reads_or_refuses(text)


@given(st.sampled_from(plan_files()), st.integers(0, 20_000), st.binary(max_size=3))
def test_damaged_bytes_raise_nothing_but_input_errors(path: Path, at: int, junk: bytes) -> None:
    data = path.read_bytes()
    at %= len(data)
    _reads_or_refuses(data[:at] + junk + data[at + len(junk) :])
    _reads_or_refuses(data[:at])


def _reads_or_refuses(data: bytes) -> None:
    try:
        plan = parse(data, "mutated", KEY)
        list(plan.references.items())
        assert parse(redact(data, "mutated", KEY), "mutated", KEY) == plan
    except InputError as error:
        assert str(error).startswith("mutated")  # noqa: PT017
        assert SECRET not in str(error)  # noqa: PT017


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, below in list(items):
        yield value, place
        yield from _places(below)
