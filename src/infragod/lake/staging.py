"""A workplace for one load: a folder of its own beside the tables, and an engine with a bounded memory that may write.

A killed load leaves its folder; the next one sweeps it, for a living load holds a lock on its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import duckdb

from infragod.errors import InfragodError, InputError, StoreError
from infragod.lake.engine import FULL, MEMORY, Engine

_FOLDER: Final = ".staging"


class Staging:
    """The folder and the engine of one load."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.engine = engine

    def path(self, name: str) -> Path:
        """A place for the file `name`."""
        return self.folder / name

    def lend_threads(self, number: int) -> None:
        """Let the engine work with `number` threads besides those that ask it."""
        total = self.engine.run("SELECT current_setting('threads')")[0][0]
        self.engine.connection.execute(f"SET external_threads = {total - number}")

    @contextmanager
    def side_by_side(self, workers: int) -> Iterator[Callable[..., Future[Any]]]:
        """Run functions of an engine in threads, each with a connection of its own to the same database.

        Whatever goes wrong inside stops them all, and nothing runs any more when this is left.
        """
        engines = [Engine(self.engine.connection.cursor()) for _ in range(workers)]
        idle: SimpleQueue[Engine] = SimpleQueue()
        for engine in engines:
            idle.put(engine)
        pool = ThreadPoolExecutor(workers)
        try:
            yield lambda function, *arguments: pool.submit(_borrowing, idle, function, *arguments)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for engine in engines:
                engine.connection.interrupt()
            raise
        finally:
            pool.shutdown()
            for engine in engines:
                engine.connection.close()


@contextmanager
def staging(root: Path, threads: int = 2) -> Iterator[Staging]:
    """A workplace under the lake's folder `root`, gone afterwards."""
    with folder_errors(root):
        (root / _FOLDER).mkdir(parents=True, exist_ok=True)
        folder, lock = _workplace(root / _FOLDER)
    try:
        with Engine(_connect(folder, threads)) as engine:
            yield Staging(folder, engine)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _borrowing(idle: SimpleQueue[Engine], function: Callable[..., Any], *arguments: Any) -> Any:
    engine = idle.get()
    try:
        return function(engine, *arguments)
    finally:
        idle.put(engine)


@contextmanager
def folder_errors(root: Path) -> Iterator[None]:
    """Turn what the disk refuses into one sentence that names the lake."""
    try:
        yield
    except OSError as error:
        raise StoreError(_disk_sentence(root, error)) from None
    except duckdb.IOException as error:
        raise StoreError(_io_sentence(root, str(error))) from None
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            f"the load ran out of memory or of room in {root}: {_reason(error)}; nothing was changed"
        ) from None


def read_error(path: Path | str, error: duckdb.Error) -> InfragodError:
    """The sentence for a file that DuckDB could not read."""
    return InputError(f"cannot read {path}: {_reason(error)}; fetch the file again from the provider")


def _disk_sentence(root: Path, error: OSError) -> str:
    if error.errno in FULL:
        return f"the disk of the lake {root} is full; nothing was changed, free some space and load again"
    return f"cannot write to the lake {root}: {error.strerror}; check its folder and rights"


def _io_sentence(root: Path, text: str) -> str:
    """The engine tells the operating system's error by its words alone."""
    for code in FULL:
        if os.strerror(code) in text:
            return _disk_sentence(root, OSError(code, os.strerror(code)))
    return f"cannot write to the lake {root}: {text.strip().splitlines()[0]}; nothing was changed"


def _reason(error: duckdb.Error) -> str:
    text = str(error).strip().splitlines()[0]
    return text.split(": ", 1)[-1].rstrip(".")


def _connect(folder: Path, threads: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config={"threads": threads, "memory_limit": MEMORY, "temp_directory": str(folder / "spill")}
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # it would print to standard output
    connection.execute("SET python_enable_replacements = false")
    return connection


def _workplace(parent: Path) -> tuple[Path, int]:
    """A new folder and the lock on it; under a lock on all, so that one without a lock is known to be dead."""
    all_of_them = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(all_of_them, fcntl.LOCK_EX)
        _sweep(parent)
        folder = parent / uuid.uuid4().hex
        folder.mkdir()
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
    finally:
        os.close(all_of_them)
    return folder, lock


def _sweep(parent: Path) -> None:
    for folder in parent.iterdir():
        if not _is_alive(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(folder: Path) -> bool:
    try:
        lock = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
