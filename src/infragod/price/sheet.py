"""A sheet of unit prices: exactly one row per (provider, service, region, key, purchase option).

A price is resolved when a sheet is built (`build_sheet.py`): a zero, an ambiguous or a foreign price never gets in, so
a lookup is one dictionary access that answers the price or nothing. A sheet is a folder of files
`<provider>/<service>/<region>.csv` with rows `key,option,price,unit,source`, and a `sources.toml` that says what each
source is and of which date; a file is read when the first price of its service and region is asked for.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, Protocol

from infragod.errors import InputError, SetupError

COLUMNS: Final = ("key", "option", "price", "unit", "source")
ON_DEMAND: Final = "on-demand"
CURRENCY: Final = "USD"
GLOBAL: Final = "global"
HOME_REGION: Final[Mapping[str, str]] = {"aws": "us-east-1", "google": "us-central1"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where prices are from, and of which day they are."""

    id: str
    title: str
    date: date

    def __str__(self) -> str:
        return f"{self.title}, {self.date.isoformat()}"


@dataclass(frozen=True, slots=True)
class Price:
    """One unit price in US dollars, and where it is from."""

    amount: Decimal
    unit: str
    source: Source


Row = tuple[str, str]
Rows = Mapping[Row, Price]


@dataclass(slots=True)
class Sheet:
    """The prices under one folder."""

    folder: Path
    title: str
    _sources: dict[str, Source] = field(default_factory=dict)
    _files: dict[tuple[str, str, str], Rows] = field(default_factory=dict)

    def find(self, provider: str, service: str, region: str, key: str, option: str = ON_DEMAND) -> Price | None:
        """The price, or None where the sheet has none; never another region's."""
        return self.rows(provider, service, region).get((key, option))

    def rows(self, provider: str, service: str, region: str) -> Rows:
        """All prices of one service in one region; empty where the sheet has no such file."""
        name = (provider, service, region)
        if name not in self._files:
            path = self.folder / provider / service / f"{region}.csv"
            self._files[name] = read_rows(path, self.sources) if _plain(region) and path.is_file() else {}
        return self._files[name]

    def regions(self, provider: str, service: str) -> list[str]:
        """The regions that the sheet has prices of this service for."""
        return sorted(path.stem for path in (self.folder / provider / service).glob("*.csv"))

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources that its rows name."""
        if not self._sources:
            self._sources.update(read_sources(self.folder / "sources.toml"))
        return self._sources


def _plain(region: str) -> bool:
    """Whether a region's name can be a file's name: it comes from a plan, so it is not trusted."""
    return region.replace("-", "").replace("_", "").isalnum()


def read_sources(path: Path) -> dict[str, Source]:
    """The sources of a sheet by id."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: Source(name, str(entry["title"]), _day(entry["date"])) for name, entry in document.items()}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise SetupError(f"the price sheet's {path} cannot be read: {error}; install the package again") from None


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is no date")
    return value


def read_rows(path: Path, sources: Mapping[str, Source]) -> dict[Row, Price]:
    """The rows of one file; ``InputError`` names a row that is double, zero, negative, or without a source."""
    rows: dict[Row, Price] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        if tuple(next(reader, ())) != COLUMNS:
            raise InputError(f"{path} is no price sheet: its first line is not {','.join(COLUMNS)}")
        for number, cells in enumerate(reader, start=2):
            name, price = _row(cells, sources, f"{path}, line {number}")
            if name in rows:
                raise InputError(f"{path}, line {number}: a second price for {name[0]} {name[1]}; keep the right one")
            rows[name] = price
    return rows


def _row(cells: list[str], sources: Mapping[str, Source], where: str) -> tuple[Row, Price]:
    if len(cells) != len(COLUMNS):
        raise InputError(f"{where}: {len(cells)} cells instead of {len(COLUMNS)}; correct the line")
    key, option, text, unit, source = cells
    return (key, option), Price(amount(text, where), unit, known(source, sources, where))


def known(source: str, sources: Mapping[str, Source], where: str) -> Source:
    """The source of that id: a price without a source is absent, so a row without one is an error."""
    if source not in sources:
        raise InputError(f"{where}: the source {source!r} is not in sources.toml; a price needs a source")
    return sources[source]


def amount(text: str, where: str) -> Decimal:
    """A price above zero."""
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(0)
    if not price.is_finite() or price <= 0:
        raise InputError(f"{where}: the price {text!r} is no amount above zero; a sheet holds no other")
    return price


BUILT_IN: Final = Sheet(Path(__file__).parent / "sheets", "the built-in sheet")


class Own(Protocol):
    """The company's own rates; see `infragod.price.own`."""

    def find(self, name: tuple[str, str, str, str], option: str, account: str, listed: Price | None) -> Price | None:
        """The rate of (provider, service, region, key) for an account, or None."""

    def accounts_of(self, workspace: str) -> Mapping[str, str]:
        """The account that a workspace's resources are billed to, by provider, where that is known."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in the order they are asked: the company's own rates, imported list prices, the built-in sheet."""

    sheets: tuple[Sheet, ...] = (BUILT_IN,)
    own: Own | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)

    def of(self, workspace: str) -> Prices:
        """The prices for the account that the workspace's resources are billed to."""
        return self if self.own is None else replace(self, accounts=self.own.accounts_of(workspace))

    def find(self, provider: str, service: str, region: str, key: str, option: str = ON_DEMAND) -> Price | None:
        """The company's own rate, else the listed price, or None where nobody knows one."""
        listed = self.listed(provider, service, region, key, option)
        if self.own is None:
            return listed
        account = self.accounts.get(provider, "")
        return self.own.find((provider, service, region, key), option, account, listed) or listed

    def listed(self, provider: str, service: str, region: str, key: str, option: str = ON_DEMAND) -> Price | None:
        """The first sheet's price, or None where no sheet has one."""
        for sheet in self.sheets:
            price = sheet.find(provider, service, region, key, option)
            if price is not None:
                return price
        return None

    def has_key(self, provider: str, service: str, key: str) -> bool:
        """Whether the provider's home region knows the key: tells a wrong name from a region without prices."""
        home = HOME_REGION.get(provider, GLOBAL)
        return any((key, ON_DEMAND) in sheet.rows(provider, service, home) for sheet in self.sheets)

    @property
    def sources(self) -> list[Source]:
        """The sources of all sheets; own rates name theirs themselves."""
        return [source for sheet in self.sheets for source in sheet.sources.values()]

    @property
    def title(self) -> str:
        """What the sheets are called together."""
        return ", then ".join(sheet.title for sheet in self.sheets)
