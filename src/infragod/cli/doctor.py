"""`infragod doctor`: look at each part of the set-up, and say how to mend what is wrong."""

from __future__ import annotations

import argparse
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Final, NamedTuple

from infragod import settings as settings_module
from infragod.errors import InfragodError
from infragod.settings import Settings

OK, WARN, FAIL = "ok", "warn", "fail"
_LEAST_FREE: Final = 2 * 1024**3
_OLD_PRICES: Final = 180
_FEW_SECONDS: Final = 5


class Line(NamedTuple):
    """What was found of one part; the sentence names the mend where there is something to mend."""

    state: str
    part: str
    sentence: str


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `doctor`."""
    parser.add_argument("--upgrade", action="store_true", help="bring the database up to this InfraGod's schema first")
    parser.epilog = "Exit: 0 all well (with warnings too), 2 something fails."


def run(args: argparse.Namespace) -> int:
    """Print one line a part."""
    settings = settings_module.load(args.config)
    if args.upgrade:
        from infragod.db.connection import Database

        Database.open(settings, migrate=True).close()
    failed = False
    for line in examine(settings):
        print(f"{line.state:<4}  {line.part:<9}  {line.sentence}")
        failed = failed or line.state == FAIL
    return 2 if failed else 0


def examine(settings: Settings) -> Iterator[Line]:
    """Every part's line; an error of a part is its line, and the next parts are still looked at."""
    for part, look in _PARTS.items():
        try:
            yield from (Line(state, part, sentence) for state, sentence in look(settings))
        except InfragodError as error:
            yield Line(FAIL, part, str(error))


Found = Iterator[tuple[str, str]]


def _home(settings: Settings) -> Found:
    home = settings.home
    if not home.exists():
        yield WARN, f"{home} is not there yet; the first import or load makes it"
    elif not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        yield FAIL, f"{home} may not be read and written by you; change its owner, or set INFRAGOD_HOME"
    elif stat.S_IMODE(home.stat().st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        yield WARN, f"{home} may be written by others; run chmod go-w {home}"
    else:
        yield OK, str(home)


def _disk(settings: Settings) -> Found:
    folder = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    shown = f"{free / 1024**3:,.1f} GiB free at {folder}"
    yield (OK, shown) if free >= _LEAST_FREE else (WARN, f"{shown}; a load needs about twice the size of its files")


def _database(settings: Settings) -> Found:
    from infragod.db import audit
    from infragod.db.connection import Database, address, exists, file_of

    if not exists(settings):
        yield WARN, "there is none yet, so checks know no owners and no budgets; run infragod org import FILE"
        return
    with Database.open(settings, create=False, migrate=False) as database:
        yield OK, f"{database.shown}, schema {database.revision()}"
        with database.read() as connection:
            entries = audit.entries(connection, limit=1)
        yield OK, f"audit log with {entries[0].number if entries else 0} entries; infragod audit verify proves it"
    path = file_of(address(settings))
    if path is not None and stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        yield WARN, f"{path} may be read by others; run chmod 600 {path}"


def _lake(settings: Settings) -> Found:
    from infragod.lake.lake import Lake

    sources = Lake(settings.lake).sources()
    if not sources:
        yield WARN, "nothing is loaded, so checks know no spend; run infragod load focus FILE --source NAME"
    for source in sources:
        months = f"{source.periods[0]} to {source.periods[-1]}" if source.periods else "no month"
        yield OK, f"{source.source}: {source.rows:,} rows, {months}, loaded {source.loaded_at:%F %H:%M} UTC"


def _terraform(_: Settings) -> Found:
    found = next((path for name in ("terraform", "tofu") if (path := shutil.which(name))), None)
    if found:
        yield OK, found
    else:
        yield WARN, "neither terraform nor tofu is on PATH; plans as JSON need neither, binary plan files do"


def _prices(settings: Settings) -> Found:
    from infragod.price.sheet import BUILT_IN

    dates = [source.date for source in BUILT_IN.sources.values()] or [date.min]
    newest, oldest = max(dates), min(dates)
    age = (datetime.now(UTC).date() - newest).days
    if age > _OLD_PRICES:
        yield WARN, f"built-in prices are of {newest}, {age} days old; the estimate names the date of each price"
    else:
        yield OK, f"built-in prices of {oldest} to {newest}, in US dollars; the estimate names the date of each"
    if settings.currency != "USD":
        yield WARN, f"the currency is {settings.currency}, and prices are in USD; set currency to USD"


def _server(settings: Settings) -> Found:
    if not settings.url:
        yield OK, "none set; checks are decided here"
        return
    import httpx

    try:
        answer = httpx.get(f"{settings.url.rstrip('/')}/healthz", timeout=_FEW_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        yield FAIL, f"{settings.url} cannot be reached ({error}); see whether infragod serve runs, or correct url"
        return
    if answer.status_code != HTTPStatus.OK:
        yield FAIL, f"{settings.url} answers {answer.status_code}; see whether it is an InfraGod server, or correct url"
    elif not settings.token:
        yield FAIL, f"{settings.url} answers, but there is no token; set INFRAGOD_TOKEN"
    else:
        yield OK, f"{settings.url} answers"


_PARTS: Final[dict[str, Callable[[Settings], Found]]] = {
    "home": _home,
    "disk": _disk,
    "database": _database,
    "lake": _lake,
    "terraform": _terraform,
    "prices": _prices,
    "server": _server,
}
