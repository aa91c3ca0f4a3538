"""Terraform's states where they lie: files, folders, S3 and Google Cloud Storage; and which workspace each is of.

A workspace is named by the state's folder below the place that was given: `network/terraform.tfstate` is of `network`,
`network/terraform.tfstate.d/prod/terraform.tfstate` (and `env:/prod/network/terraform.tfstate`, as the S3 backend
writes it) of `network/prod`, `network/prod.tfstate` too; a state that lies at the top, of the place's own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from infragod.collect.found import Found
from infragod.errors import InputError

SUFFIX: Final = ".tfstate"
_DEFAULT: Final = ("terraform", "default")
_LEFT_OUT: Final = ("errored.tfstate",)
_FOLDERS: Final = "terraform.tfstate.d"
_PREFIX: Final = "env:"


@dataclass(frozen=True, slots=True)
class StateFile:
    """A state to read: of which workspace, where it lies, when it was written, and how its bytes are got."""

    workspace: str
    place: str
    written_at: datetime
    read: Callable[[], bytes]


def find(places: Sequence[str], workspace: str | None = None) -> list[StateFile]:
    """The states that `places` hold; `workspace` names the only one there is."""
    found = [state for place in places for state in _at(place)]
    if workspace is not None:
        if len(found) != 1:
            raise InputError(f"--workspace names one state, and {len(found):,} were found; give one of them alone")
        return [replace(found[0], workspace=workspace)]
    _refuse_twins(found)
    return found


def _at(place: str) -> Iterator[StateFile]:
    scheme, _, rest = place.partition("://")
    if not rest:
        root, objects = _local(Path(place))
    else:
        bucket, _, prefix = rest.partition("/")
        if scheme not in ("s3", "gs") or not bucket:
            raise InputError(f"{place} is no place of states; give a path, s3://bucket/folder or gs://bucket/folder")
        named = PurePosixPath(prefix)
        root = (named.parent if prefix.endswith(SUFFIX) else named).name or bucket
        objects = list(_below(prefix, bucket, scheme))
    states = [_state(o, root) for o in objects if is_state(o.path)]
    if not states:
        raise InputError(f"{place} holds no state; one is called *{SUFFIX}, name the folder in which they lie")
    yield from states


def _below(prefix: str, bucket: str, scheme: str) -> Iterator[Found]:
    """The objects of a bucket at or below `prefix`."""
    search = _search_s3 if scheme == "s3" else _search_gcs
    whole = prefix.endswith(SUFFIX)
    folder = prefix if whole or not prefix or prefix.endswith("/") else f"{prefix}/"
    cut = len(folder.rpartition("/")[0]) + 1 if whole and "/" in folder else 0 if whole else len(folder)
    for found in search(bucket, folder):
        if not whole or found.path == folder:
            yield replace(found, path=found.path[cut:])


def _search_s3(bucket: str, prefix: str) -> Iterator[Found]:
    from infragod.collect.aws import s3

    return s3.objects(bucket, prefix)


def _search_gcs(bucket: str, prefix: str) -> Iterator[Found]:
    from infragod.collect.gcp import storage

    return storage.objects(bucket, prefix)


def _local(path: Path) -> tuple[str, list[Found]]:
    try:
        if not path.exists():
            raise InputError(f"{path} does not exist; check the path")
        if path.is_dir():
            files = sorted(f for f in path.rglob("*") if f.is_file() and f.name.endswith(SUFFIX))
            root = path
        else:
            files = [path]
            above = [p for p in path.absolute().parents if p.name == _FOLDERS]
            root = above[0].parent if above else path.absolute().parent
        return root.resolve().name, [_file(f, f.absolute().relative_to(root.absolute())) for f in files]
    except OSError as error:
        raise InputError(f"cannot read {error.filename or path}: {error.strerror}; check its rights") from None


def _file(path: Path, below: Path) -> Found:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}; check its rights") from None

    name = below.as_posix() if path.name.endswith(SUFFIX) else below.with_suffix(SUFFIX).as_posix()
    return Found(name, str(path), datetime.fromtimestamp(path.stat().st_mtime, UTC), read)


def is_state(path: str) -> bool:
    """Whether an object of this name is a state: no backup, nothing in Terraform's own hidden folders."""
    *folders, name = PurePosixPath(path).parts
    hidden = any(f.startswith(".") for f in folders)
    return name.endswith(SUFFIX) and name not in _LEFT_OUT and not hidden and not name.startswith(".")


def workspace_of(path: str, root: str) -> str:
    """The workspace of the state at `path` below the place called `root`."""
    *folders, name = PurePosixPath(path).parts
    inner: list[str] = []
    if folders[:1] == [_PREFIX] and len(folders) > 1:
        inner, folders = folders[1:2], folders[2:]
    elif _FOLDERS in folders and folders[-1] != _FOLDERS:
        at = folders.index(_FOLDERS)
        inner, folders = folders[at + 1 : at + 2], folders[:at]
    stem = name.removesuffix(SUFFIX)
    own = [] if stem in _DEFAULT else [stem]
    parts = [*folders, *own, *inner]
    return "/".join(parts if folders or own else [root, *inner])


def _state(found: Found, root: str) -> StateFile:
    return StateFile(workspace_of(found.path, root), found.place, found.written_at, found.read)


def _refuse_twins(found: Sequence[StateFile]) -> None:
    """Two states of one name would each end what the other one began."""
    places: dict[str, str] = {}
    for state in found:
        if places.setdefault(state.workspace, state.place) != state.place:
            raise InputError(
                f"{places[state.workspace]} and {state.place} are both of the workspace {state.workspace!r}; "
                "collect them one by one with --workspace"
            )
