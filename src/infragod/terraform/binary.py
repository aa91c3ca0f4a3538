"""Binary plan files (`terraform plan -out`): a zip that Terraform itself has to read."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infragod.errors import InputError, SetupError

MAGIC: Final = b"PK\x03\x04"
PROGRAMS: Final = ("terraform", "tofu")
LARGEST: Final = 1 << 30  # bytes that a plan file may unpack to, and that its JSON may have
TIMEOUT: Final = 600  # seconds

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_BOX = re.compile(r"^[│╷╵|\s]+", re.MULTILINE)


def show(path: Path | None, data: bytes, where: str) -> bytes:
    """The JSON of the binary plan `data`, by `terraform show -json` in the plan's working folder."""
    _refuse_other_zip(data, where)
    programs = [p for p in PROGRAMS if shutil.which(p)]
    if not programs:
        raise SetupError(
            f"{where} is a binary plan, and neither terraform nor tofu is on PATH to read it; "
            "install one, or give the output of `terraform show -json`"
        )
    with _on_disk(path, data) as file:
        problems: list[str] = []
        for program in programs:
            done = _run(program, file, where)
            if isinstance(done, bytes):
                return done
            problems.append(f"{program}: {done}")
    raise InputError(
        f"{where} is a binary plan that cannot be read in {_folder(path)} ({'; '.join(problems)}); "
        "run this where the plan was made, after init, or give the output of `terraform show -json`"
    )


def _refuse_other_zip(data: bytes, where: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {e.filename: e.file_size for e in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise InputError(f"{where} begins as a binary plan but is damaged or cut off; make the plan again") from None
    if "tfplan" not in entries:
        raise InputError(f"{where} is a zip file but no plan: it has no entry tfplan; give a plan file")
    if sum(entries.values()) > LARGEST:
        raise InputError(
            f"{where} unpacks to {sum(entries.values()):,} bytes, and a plan may have {LARGEST:,}; make the plan again"
        )


@contextlib.contextmanager
def _on_disk(path: Path | None, data: bytes) -> Iterator[Path]:
    """The plan as a file: where it lies, or a private copy of what came on standard input."""
    if path is not None:
        yield path.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="infragod-") as folder:
        file = Path(folder) / "plan.tfplan"
        file.write_bytes(data)
        yield file


def _folder(path: Path | None) -> Path:
    """The folder that Terraform was initialised in: the plan's, one above it, or the working folder."""
    here = Path.cwd()
    parents = path.absolute().parents if path else ()
    return next((p for p in (*parents, here) if (p / ".terraform").is_dir()), path.absolute().parent if path else here)


def _run(program: str, file: Path, where: str) -> bytes | str:
    """The JSON, or what the program said of its failure."""
    environment = {k: v for k, v in os.environ.items() if k not in ("TF_LOG", "TF_CLI_ARGS", "TF_CLI_ARGS_show")}
    command = [program, "show", "-json", "-no-color", str(file)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            done = subprocess.run(
                command, cwd=_folder(file), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                timeout=TIMEOUT, check=False, env=environment,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"no answer within {TIMEOUT} s"
        except OSError as error:
            return str(error.strerror)
        if done.returncode == 0 and out.tell() > LARGEST:
            raise InputError(f"{where} is {out.tell():,} bytes of JSON, and a plan may have {LARGEST:,}; split it")
        said = out if done.returncode == 0 else err
        said.seek(0)
        return said.read() if done.returncode == 0 else sentence(said.read().decode(errors="replace"), done.returncode)


def sentence(said: str, code: int) -> str:
    """Terraform's error, without its box, as one line."""
    lines = [" ".join(line.split()) for line in _BOX.sub("\n", _COLOUR.sub("", said)).splitlines()]
    start = next((i for i, line in enumerate(lines) if line.startswith("Error: ")), None)
    if start is None:
        return next(filter(None, lines), f"exit code {code}")[:300]
    text = " ".join(filter(None, lines[start : start + 8]))
    return text.removeprefix("Error: ").rstrip(".")[:400]
