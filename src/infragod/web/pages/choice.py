"""What the reader chose to see: the month, the basis and the currency, from the address or by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query, Request

from infragod.errors import InputError
from infragod.focus import BASES, Period
from infragod.web.access import site_of
from infragod.web.site import Site, today

BASIS_TITLES: Final = {
    "effective": "Effective cost",
    "billed": "Billed cost",
    "contracted": "Contracted cost",
    "list": "List cost",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice, with all that could be chosen; `month` is None where nothing is loaded."""

    month: Period | None
    months: tuple[Period, ...]
    basis: str
    currency: str
    currencies: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether the month goes on, so that its spend can't be compared with a whole one."""
        return self.month is not None and self.month >= Period.of(today())

    @property
    def bases(self) -> dict[str, str]:
        """The bases and their titles."""
        return BASIS_TITLES

    def query(self) -> dict[str, str]:
        """The choice as it stands in links."""
        made = {"month": str(self.month), "basis": self.basis}
        return made | ({"currency": self.currency} if len(self.currencies) > 1 else {})


def choice(
    request: Request,
    month: Annotated[str, Query(max_length=7)] = "",
    basis: Annotated[str, Query(max_length=20)] = "effective",
    currency: Annotated[str, Query(max_length=10)] = "",
) -> Choice:
    """The choice that the address states; ``InputError`` if it can't be had."""
    site = site_of(request)
    months = site.figures.months()
    if basis not in BASES:
        raise InputError(f"{basis!r} is no basis of cost; it is one of {', '.join(BASES)}")
    if not months:
        return Choice(None, (), basis, site.settings.currency, ())
    chosen = Period.parse(month) if month else months[0]
    if chosen not in months:
        raise InputError(f"nothing is loaded of {chosen.title}; the newest month is {months[0]}")
    known = _currencies(site, chosen)
    return Choice(chosen, tuple(months), basis, _currency(site, currency, known), tuple(known))


def _currencies(site: Site, month: Period) -> list[str]:
    return [row["currency"] for row in site.figures.rows("spend", first=month, last=month)]


def _currency(site: Site, asked: str, known: list[str]) -> str:
    if asked and asked not in known:
        raise InputError(f"nothing was charged in {asked!r} in that month; the currencies are {', '.join(known)}")
    ours = site.settings.currency
    return asked or (ours if ours in known else known[0])
