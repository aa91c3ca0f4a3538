"""Databases for tests: each test that asks for `database` runs on SQLite and on a real PostgreSQL of its own.

The machine's PostgreSQL is started in a temporary folder on a Unix socket, as an unprivileged user where the tests run
as root. Where there is none, the tests fail and say what to install: they are never left out.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infragod.db.connection import Database
from infragod.settings import Settings

_COUNT = itertools.count()


def _programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    pytest.fail("PostgreSQL is missing; install it, on Debian by apt-get install postgresql")


def _user() -> str | None:
    """The user that runs the server; PostgreSQL refuses root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running server, without a database name."""
    programs, user = _programs(), _user()
    folder = Path(tempfile.mkdtemp(prefix="infragod-pg-"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "infragod", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=True,
        user=user,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )
    options = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=60")
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, *(part for o in options for part in ("-c", o))],
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(folder)
        yield f"host={folder}&user=infragod"
    finally:
        server.send_signal(signal.SIGINT)  # ends at once, though a failed test left a connection open
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path) -> None:
    import time

    import psycopg

    for _ in range(200):
        try:
            psycopg.connect(f"host={folder} user=infragod dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the PostgreSQL of the tests did not start within ten seconds")


def new_postgres(server: str) -> str:
    """The address of a new, empty database."""
    import psycopg

    name = f"test_{next(_COUNT)}"
    with psycopg.connect(server.replace("&", " ") + " dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"postgresql:///{name}?{server}"


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings that name an empty database of each kind."""
    url = "" if request.param == "sqlite" else new_postgres(request.getfixturevalue("postgres"))
    return Settings(home=tmp_path / "home", database_url=url)


@pytest.fixture
def database(where: Settings) -> Iterator[Database]:
    """An open database of each kind, with its tables."""
    with Database.open(where) as opened:
        yield opened
