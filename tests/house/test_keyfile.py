"""Key files: whole, one for all processes, closed to others, and one sentence where something is wrong."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from infragod import keyfile
from infragod.errors import SetupError

PROCESSES = 12
RACER = """
import sys
from pathlib import Path
from infragod import keyfile
sys.stdin.readline()
for number in range(20):
    print(keyfile.key(Path(sys.argv[1]) / "keys" / f"{number}.key", "test key", "delete it").hex())
    print(keyfile.keys(Path(sys.argv[1]) / "keys" / f"{number}.keys", "test key", "delete it")[0].hex())
"""


def test_of_processes_that_start_at_once_all_get_one_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACER, str(tmp_path)]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=120)[0].split() for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * PROCESSES
    assert len(said[0]) == len(set(said[0])) == 40
    assert said == [said[0]] * PROCESSES
    files = list((tmp_path / "keys").iterdir())
    assert sorted(file.suffix for file in files) == [".key"] * 20 + [".keys"] * 20  # and nothing left beside them
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def of(path: Path) -> bytes:
    return keyfile.key(path, "test key", "delete it")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "k"
    kept = of(path)
    path.chmod(mode)
    with pytest.raises(SetupError, match=r"others than its owner may read .*/k, the test key; chmod 600"):
        of(path)
    path.chmod(0o400)
    assert of(path) == kept


def test_a_folder_that_everyone_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(SetupError, match=r"everyone may write to .*/open, which holds the test key; chmod o-w"):
        of(folder / "k")
    folder.chmod(0o1777)  # as /tmp: others may add files there, and take nothing away
    assert len(of(folder / "k")) == keyfile.LENGTH


@pytest.mark.parametrize("size", [0, 31, 33, 100_000])
def test_a_key_of_another_length_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "k"
    path.write_bytes(os.urandom(size))
    path.chmod(0o600)
    with pytest.raises(SetupError, match=r"is no test key: it has \d+ bytes and not 32; delete it"):
        of(path)


def test_keys_as_text(tmp_path: Path) -> None:
    path = tmp_path / "k"
    with pytest.raises(SetupError, match=r"cannot keep the test key in .*: No such file"):
        keyfile.keys(path, "test key", "bring it back", make=False)
    (first,) = keyfile.keys(path, "test key", "bring it back")
    second = base64.b64encode(bytes(32)).decode()
    path.write_text(f"{second}\n{path.read_text()}")
    assert keyfile.keys(path, "test key", "bring it back") == [bytes(32), first]
    for wrong, said in ((b"\xff", "is no test key"), (b"\n", "holds no key"), (b"AAAA", "something that is no key")):
        path.write_bytes(wrong)
        with pytest.raises(SetupError, match=said):
            keyfile.keys(path, "test key", "bring it back")


def test_where_no_key_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match=r"cannot keep the test key in .*: File exists; mend its folder"):
        of(tmp_path / "file" / "k")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SetupError, match="cannot keep the test key"):
        of(tmp_path)
