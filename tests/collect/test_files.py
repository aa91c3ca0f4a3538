"""Which files a list of paths means."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from infragod.collect.files import Format, find
from infragod.errors import InputError
from infragod.focus import Period


def put(path: Path, content: str = "", *, age: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        gzip.compress((content or str(path)).encode()) if path.suffix == ".gz" else (content or str(path)).encode()
    )
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def names(folder: Path) -> list[str]:
    return [str(f.path.relative_to(folder)) for f in find([folder])]


def test_files_and_folders_each_once(tmp_path: Path) -> None:
    a = put(tmp_path / "x" / "a.csv")
    b = put(tmp_path / "x" / "deep" / "b.CSV.GZ")
    put(tmp_path / "x" / "notes.txt")
    put(tmp_path / "x" / ".hidden.csv")
    put(tmp_path / "x" / "_temporary" / "c.csv")
    found = find([tmp_path / "x", a])
    assert [f.path for f in found] == [a, b]
    assert {f.format for f in found} == {Format.CSV}
    assert [f.period for f in found] == [None, None]


def test_parquet_is_known_by_its_content(tmp_path: Path) -> None:
    assert find([put(tmp_path / "data", "PAR1...")])[0].format is Format.PARQUET


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    one, two = find([put(tmp_path / "a.csv", "1"), put(tmp_path / "b.csv", "2")])
    assert one.digest != two.digest
    assert find([put(tmp_path / "c.csv", "1")])[0].digest == one.digest


@pytest.mark.parametrize("folder", ["billing_period=2026-10", "BILLING_PERIOD=2026-10", "billing_period=2026-10-01"])
def test_a_hive_folder_claims_a_period(folder: str, tmp_path: Path) -> None:
    put(tmp_path / folder / "provider=aws" / "a.csv")
    put(tmp_path / folder / "provider=gcp" / "a.csv")
    assert [f.period for f in find([tmp_path])] == [Period(2026, 10)] * 2


OCTOBER = "data/BILLING_PERIOD=2026-10"


def test_an_overwritten_export_is_its_files(tmp_path: Path) -> None:
    put(tmp_path / OCTOBER / "e-00001.csv.gz")
    put(tmp_path / OCTOBER / "e-00002.csv.gz")
    put(tmp_path / "data/BILLING_PERIOD=2026-09" / "e-00001.csv.gz")
    assert names(tmp_path) == [
        "data/BILLING_PERIOD=2026-09/e-00001.csv.gz",
        f"{OCTOBER}/e-00001.csv.gz",
        f"{OCTOBER}/e-00002.csv.gz",
    ]


def test_of_created_exports_the_newest_execution_counts(tmp_path: Path) -> None:
    put(tmp_path / OCTOBER / "20261102T041500Z-aaaa" / "e-00001.csv.gz", age=5)
    put(tmp_path / OCTOBER / "20261103T041500Z-0000" / "e-00001.csv.gz", age=9)
    assert names(tmp_path) == [f"{OCTOBER}/20261103T041500Z-0000/e-00001.csv.gz"]


def test_executions_without_a_time_go_by_their_files_age(tmp_path: Path) -> None:
    put(tmp_path / OCTOBER / "bbbb" / "e-00001.csv.gz", age=100)
    put(tmp_path / OCTOBER / "aaaa" / "e-00001.csv.gz", age=0)
    assert names(tmp_path) == [f"{OCTOBER}/aaaa/e-00001.csv.gz"]


def manifest(root: Path, files: list[str], name: str = "e-Manifest.json", age: int = 0) -> Path:
    document = {"executionId": "x", "dataFiles": [f"s3://bucket/prefix/e/{f}" for f in files]}
    return put(root / "metadata" / "BILLING_PERIOD=2026-10" / name, json.dumps(document), age=age)


def test_a_manifest_says_which_files_count(tmp_path: Path) -> None:
    put(tmp_path / OCTOBER / "e-00001.csv.gz")
    put(tmp_path / OCTOBER / "e-00002.csv.gz")
    manifest(tmp_path, [f"{OCTOBER}/e-00001.csv.gz"])
    assert names(tmp_path) == [f"{OCTOBER}/e-00001.csv.gz"]


def test_the_newest_manifest_counts(tmp_path: Path) -> None:
    for run in ("run-a", "run-b"):
        put(tmp_path / OCTOBER / run / "e-00001.csv.gz")
    manifest(tmp_path, [f"{OCTOBER}/run-a/e-00001.csv.gz"], "run-a/e-Manifest.json", age=1)
    manifest(tmp_path, [f"{OCTOBER}/run-b/e-00001.csv.gz"], "run-b/e-Manifest.json", age=50)
    assert names(tmp_path) == [f"{OCTOBER}/run-a/e-00001.csv.gz"]


def test_a_file_of_the_manifest_that_is_not_there(tmp_path: Path) -> None:
    put(tmp_path / OCTOBER / "e-00001.csv.gz")
    manifest(tmp_path, [f"{OCTOBER}/e-00002.csv.gz"])
    with pytest.raises(InputError, match=r"lists .*e-00002.csv.gz, which is not there"):
        find([tmp_path])


@pytest.mark.parametrize("content", ["{", "[]", '{"dataFiles": ["s3://b/data/BILLING_PERIOD=2026-09/a.csv"]}', "{}"])
def test_a_manifest_that_makes_no_sense(content: str, tmp_path: Path) -> None:
    put(tmp_path / OCTOBER / "e-00001.csv.gz")
    put(tmp_path / "metadata" / "BILLING_PERIOD=2026-10" / "e-Manifest.json", content)
    with pytest.raises(InputError, match="does not list files of BILLING_PERIOD=2026-10"):
        find([tmp_path])


def test_a_manifest_that_cannot_be_read(tmp_path: Path) -> None:
    put(tmp_path / OCTOBER / "e-00001.csv.gz")
    (tmp_path / "metadata" / "BILLING_PERIOD=2026-10" / "e-Manifest.json").mkdir(parents=True)
    with pytest.raises(InputError, match="cannot read"):
        find([tmp_path])


def test_what_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "a.csv")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"cannot read .*a\.csv: Permission denied"):
        find([path])
    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(InputError, match=r"cannot read .*a\.csv: Permission denied"):
        find([path])
