"""What a plan file says of itself; and files that are none, damaged, or bombs."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from infragod.errors import InputError
from infragod.terraform import planfile

STATE = b'{"version": 4, "serial": 7, "lineage": "1-2-3", "resources": []}'


def archive(*entries: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return data.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "plan.tfplan"
        path.write_bytes(data)
        return path

    return write


def test_lineage_serial_and_digest(file: Callable[[bytes], Path]) -> None:
    data = archive(("tfplan", b"x"), ("tfstate", STATE))
    found = planfile.read(file(data))
    assert found == planfile.PlanFile("1-2-3", 7, hashlib.sha256(data).hexdigest())
    assert planfile.digest(file(data)) == found.digest


def test_what_terraform_writes(terraform: Callable[..., str], tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "main.tf").write_text('resource "terraform_data" "a" { input = 1 }\n')
    terraform(folder, "init")
    terraform(folder, "plan", "-out=first")
    first = planfile.read(folder / "first")
    assert (first.lineage, first.serial) == ("", 0)
    terraform(folder, "apply", "first")
    terraform(folder, "plan", "-destroy", "-out=second")
    second = planfile.read(folder / "second")
    assert second.lineage
    assert second.serial == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no plan file"),
        (b'{"format_version": "1.2"}', "is JSON and no plan file"),
        (b'{"remote_plan_format": 1, "run_id": "run-1"}', "that HCP Terraform keeps"),
        (b"PK\x03\x04 and nothing", "damaged or cut off"),
        (archive(("tfplan", b"x"), ("tfstate", STATE))[:-30], "damaged or cut off"),
        (archive(("tfplan", b"x"), ("tfstate", b"{")), "damaged or cut off"),
        (archive(("tfplan", b"x"), ("tfstate", b'{"serial": "7"}')), "damaged or cut off"),
        (archive(("tfplan", b"x"), ("tfstate", b'{"serial": -1}')), "the serial -1"),
        (archive(("tfplan", b"x")), "no plan that Terraform wrote"),
        (archive(("tfstate", STATE)), "no plan that Terraform wrote"),
    ],
)
def test_what_is_no_plan_file_is_one_sentence(file: Callable[[bytes], Path], data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        planfile.read(file(data))
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_states_in_one_file_are_refused(file: Callable[[bytes], Path]) -> None:
    data = archive(("tfplan", b"x"), ("tfstate", STATE), ("tfstate", STATE.replace(b"7", b"8")))
    with pytest.raises(InputError, match="no plan that Terraform wrote"):
        planfile.read(file(data))


def test_a_bomb_meets_the_limit_whatever_it_claims(
    file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planfile, "LARGEST", 1 << 20)
    bomb = archive(("tfplan", b"x"), ("tfstate", b'{"serial": 7}' + b" " * (4 << 20)))
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        planfile.read(file(bomb))


def test_a_damaged_entry_is_told(file: Callable[[bytes], Path]) -> None:
    data = bytearray(archive(("tfplan", b"x"), ("tfstate", STATE * 50)))
    at = data.index(b"tfstate") + 20
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(InputError, match="damaged or cut off"):
        planfile.read(file(bytes(data)))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for read in (planfile.read, planfile.digest):
        with pytest.raises(InputError, match="cannot read the plan file"):
            read(tmp_path / "none")
