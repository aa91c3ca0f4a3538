"""What is given as a plan and is none, is wrapped, or is encoded otherwise: one sentence, or the plan."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.errors import InputError, SetupError
from infragod.resource import Plan
from infragod.terraform import binary
from infragod.terraform.plan import load, parse, read

from .conftest import KEY, PLANS

PLAN = (PLANS / "actions.json").read_bytes()
COMPACT = json.dumps(json.loads(PLAN), separators=(",", ":"))
SMALL = '{"format_version":"1.2","resource_changes":[]}'


def plan(data: bytes | str) -> Plan:
    return parse(data if isinstance(data, bytes) else data.encode(), "plan.json", KEY)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + PLAN,
        PLAN.decode().encode("utf-16"),
        b"\xfe\xff" + PLAN.decode().encode("utf-16-be"),
        COMPACT.encode("utf-16-le"),
        COMPACT.encode("utf-16-be"),
        b"\r\n  " + PLAN + b"\n\n",
        b"[command]/opt/terraform-bin show -json plan.tfplan\n" + PLAN + b"\n::debug::exitcode: 0\n",
        b'Running {in} a wrapper { "key": 1 }\n' + PLAN + b"%0A::set-output name=stderr::",
        b"{not json}\n" + PLAN + b"{}",
    ],
    ids=["bom", "utf-16", "utf-16-be", "le without bom", "be without bom", "blank", "wrapped", "braces", "more"],
)
def test_encodings_and_wrappers(data: bytes) -> None:
    assert plan(data) == plan(PLAN)


def test_keys_in_another_order() -> None:
    ordered = json.dumps(json.loads(PLAN), sort_keys=True).encode()
    assert plan(b"make: entering\n" + ordered + b"\nmake: leaving").digest == plan(PLAN).digest


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1", "1.2", "1.17"])
def test_formats_that_are_read(version: str) -> None:
    assert plan(SMALL.replace("1.2", version)).format_version == version


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "plan.json is empty"),
        (" \n", "plan.json is empty"),
        (b"\xff\xfe", "plan.json is empty"),
        (b"\xff\xfe{\0x", "goes on otherwise"),
        (b"\x1f\x8b\x08", "compressed by gzip"),
        (SMALL.replace("1.2", "2.0"), "has the plan format 2.0, and this InfraGod reads 0.1 to 1.x"),
        (SMALL.replace("1.2", "x"), "has the plan format that is none"),
        ('{"resource_changes":[]}', "has no format_version"),
        (COMPACT[:1500], "ends in the middle of the plan, after 1,500 bytes"),
        ("[command]terraform show\n" + COMPACT[:1500], "ends in the middle of the plan"),
        (COMPACT.replace("[", "[,", 1), "is not valid JSON"),
        ("hello", "holds no JSON object"),
        ("[1, 2]", "holds no JSON object"),
        (
            '{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"x","resources":[]}',
            "is a state, not a plan",
        ),
        ('{"format_version":"1.0","values":{"root_module":{}}}', "is a state, not a plan"),
        ('{"format_version":"1.0","provider_schemas":{}}', "holds provider schemas"),
        ('{"format_version":"1.0","valid":true}', "it has no resource_changes"),
        ('{"meta":{},"encrypted_data":"x","encryption_version":"v0"}', "encrypted by OpenTofu"),
        (
            '{"@level":"info","@message":"Terraform 1.11.4","type":"version"}\n{"@level":"info","@message":"x"}',
            "is the log",
        ),
        ("Terraform will perform the following actions:\n  # x {", "prints for people"),
        ('{"format_version":1}', "format_version: expected `str | null`, got `int`"),
        ('{"format_version":"1.2","resource_changes":[{"address":3}]}', "resource_changes[0].address: expected `str`"),
        ('{"format_version":"1.2","resource_changes":[{"address":"a.b"}]}', "resource_changes[0]"),
        ('{"format_version":"1.2","resource_changes":[],"configuration":[]}', "configuration: expected `object`"),
        ('{"format_version":"1.2","resource_changes":[],"variables":{"a":[]}}', "variables: expected `object`"),
        (SMALL.replace("[]", '[{"address":"a.b","type":"a","change":{"actions":["explode"]}}]'), "(a.b) has actions"),
        ('{"format_version":"1.2","resource_changes":' + "[" * 100_000, "nested too deeply"),
        ("{" * 3, "is not valid JSON"),
        (b'{"format_version":"1.2","x":"\xff"}', "plan.json"),
    ],
)
def test_refused(data: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        plan(data)
    text = str(caught.value)
    assert message in text
    assert text.startswith("plan.json ")
    assert "\n" not in text


@pytest.mark.parametrize("depth", [300, 600, 950, 2000, 100_000])
def test_values_nested_deeply(depth: int) -> None:
    """Either the plan or one sentence, however deep."""
    deep = '{"a":[' * depth + "1" + "]}" * depth
    changes = f'[{{"address":"a.b","type":"a","change":{{"actions":["create"],"after":{{"x":{deep}}}}}}}]'
    try:
        assert plan(SMALL.replace("[]", changes)).changes
    except InputError as error:
        assert "nested too deeply" in str(error)  # noqa: PT017
    else:
        assert depth <= 600


def test_bytes_that_are_no_utf_8() -> None:
    expression = (
        '{"format_version":"1.2","resource_changes":[{"address":"a.b","type":"a","change":{"actions":["create"]}}],'
    )
    expression += '"configuration":{"root_module":{"resources":[{"address":"a.b","expressions":{"x":"?"}}]}}}'
    assert plan(expression.encode().replace(b"?", b"\x80")).references["a.b"] == {}
    for part in ('"variables":{"v":{"value":"?"}}', '"configuration":{"x":1,"provider_config":{"?":{}}}'):
        with pytest.raises(InputError, match=part[1:10]):
            plan(SMALL.replace("}", f",{part}}}").encode().replace(b"?", b"\x80"))
    with pytest.raises(InputError, match=r"resource_changes\[0\]"):
        plan(SMALL.replace("[]", '[{"address":"?","type":"a","change":{}}]').encode().replace(b"?", b"\x80"))


def test_nothing_to_do_is_a_plan() -> None:
    empty = plan('{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{"root_module":{}}}')
    assert empty.changes == []
    assert empty.applyable


def test_flags() -> None:
    flagged = plan(SMALL.replace("}", ',"applyable":false,"errored":true}'))
    assert (flagged.applyable, flagged.errored) == (False, True)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PLAN)))
    assert read(None, KEY) == plan(PLAN)


def test_a_terminal_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    with pytest.raises(InputError, match="standard input is a terminal"):
        read(None, KEY)


def test_what_never_ends_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(binary, "LARGEST", 1 << 20)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b" " * (1 << 20) + PLAN)))
    with pytest.raises(InputError, match="standard input is larger than 1 MiB, and no plan is; look at what it holds"):
        load(None)
    (tmp_path / "plan.json").write_bytes(b" " * (1 << 20) + PLAN)
    with pytest.raises(InputError, match=r"plan\.json is larger than 1 MiB"):
        load(tmp_path / "plan.json")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the plan .*No such file.*; check its name"):
        read(tmp_path / "no.json", KEY)
    with pytest.raises(InputError, match="Is a directory"):
        read(tmp_path, KEY)


def zipped(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zipped(tfplan=b"x")[:-30], "damaged or cut off"),
        (zipped(other=b"x"), "is a zip file but no plan"),
    ],
    ids=["cut off", "no plan inside"],
)
def test_zips_that_are_no_plan(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(data)
    with pytest.raises(InputError, match=message):
        read(tmp_path / "p", KEY)


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "LARGEST", 1_000_000)
    (tmp_path / "p").write_bytes(zipped(tfplan=b"\0" * 2_000_000))
    with pytest.raises(InputError, match="unpacks to 2,000,000 bytes"):
        read(tmp_path / "p", KEY)


def test_no_program_to_read_a_binary_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "p").write_bytes(zipped(tfplan=b"x"))
    with pytest.raises(SetupError, match="neither terraform nor tofu is on PATH"):
        read(tmp_path / "p", KEY)


def program(folder: Path, script: str) -> None:
    (folder / "terraform").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "terraform").chmod(0o755)


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A program that stands where terraform is looked for, and a binary plan."""

    def place(script: str) -> Path:
        program(tmp_path, script)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
        (tmp_path / "p").write_bytes(zipped(tfplan=b"x"))
        return tmp_path / "p"

    return place


def test_a_program_that_does_not_answer(only: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "TIMEOUT", 0.2)
    with pytest.raises(InputError, match=r"no answer within 0\.2 s"):
        read(only("exec sleep 5"), KEY)


def test_a_program_that_says_nothing(only: Callable[[str], Path]) -> None:
    with pytest.raises(InputError, match="terraform: exit code 7"):
        read(only("exit 7"), KEY)


def test_a_program_that_says_too_much(only: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "LARGEST", 1000)
    with pytest.raises(InputError, match="bytes of JSON"):
        read(only("head -c 2000 /dev/zero"), KEY)


def test_a_program_that_cannot_start(only: Callable[[str], Path]) -> None:
    path = only("x")
    (path.parent / "terraform").write_text("#!/no/such/shell\n")
    with pytest.raises(InputError, match="terraform: No such file or directory"):
        read(path, KEY)
