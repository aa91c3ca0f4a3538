"""AWS Data Exports: of all that lies in an export's folder, the files of each period's newest execution.

    <export>/data/BILLING_PERIOD=2026-10/<export>-00001.csv.gz                       overwritten at every refresh
    <export>/data/BILLING_PERIOD=2026-10/<execution>/<export>-00001.csv.gz           created new at every refresh
    <export>/metadata/BILLING_PERIOD=2026-10/[<execution>/]<export>-Manifest.json    names the files in `dataFiles`

A manifest is written last, so its list is the truth where there is one: chunks that an earlier and larger refresh left
behind are not loaded. https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from infragod.errors import InputError

_PARTITION = re.compile(r"billing_?period=.*", re.IGNORECASE)
_STAMP = re.compile(r"\d{8}T?\d{4,6}")


def current(files: Iterable[Path]) -> Iterator[Path]:
    """`files` without those that a newer execution of the same export and period has replaced."""
    partitions: dict[Path | None, list[Path]] = defaultdict(list)
    for file in files:
        partitions[_partition(file)].append(file)
    for folder, members in partitions.items():
        yield from members if folder is None else _of_partition(folder, members)


def _partition(file: Path) -> Path | None:
    return next((p for p in file.parents if _PARTITION.fullmatch(p.name)), None)


def _of_partition(folder: Path, members: Sequence[Path]) -> Sequence[Path]:
    manifest = _manifest(folder)
    if manifest is not None:
        return _listed(manifest, folder)
    executions = defaultdict(list)
    for file in members:
        below = file.relative_to(folder).parts
        executions[below[0] if len(below) > 1 and "=" not in below[0] else ""].append(file)
    if len(executions) == 1:
        return members
    return executions[max(executions, key=lambda name: _age(name, executions[name]))]


def _age(name: str, files: Sequence[Path]) -> tuple[str, float]:
    """By the time in the execution's name where it has one, else by the files' own."""
    stamp = _STAMP.match(name)
    return (stamp[0] if stamp else "", max(f.stat().st_mtime for f in files))


def _manifest(folder: Path) -> Path | None:
    """The newest manifest of the partition `folder`, which lies in <export>/data/."""
    if folder.parent.name != "data":
        return None
    found = list((folder.parent.parent / "metadata" / folder.name).rglob("*Manifest.json"))
    return max(found, key=lambda m: (*_age(m.parent.name, [m]), m.name), default=None)


def _listed(manifest: Path, folder: Path) -> list[Path]:
    try:
        document = json.loads(manifest.read_bytes())
        names = [PurePosixPath(name) for name in document["dataFiles"]]
        below = [name.parts[name.parts.index(folder.name) + 1 :] for name in names]
    except OSError as error:
        raise InputError(f"cannot read {manifest}: {error.strerror}; check its rights") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{manifest} does not list files of {folder.name} in dataFiles; copy the export's folder again"
        ) from None
    files = [folder.joinpath(*parts) for parts in below]
    for file in files:
        if not file.is_file():
            raise InputError(f"{manifest} lists {file}, which is not there; copy the export's folder again")
    return files
