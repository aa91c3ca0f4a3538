"""What of a month's new spend passed the gate: the table `gated` that the reports on it read, and its headline.

    cost → new_spend      one row a resource: is it new this month, what did it cost      sql/analyse/new_spend.sql
    the gate → passage    what was said of the new ones' addresses, fetched by the caller
    both → gated          each new resource with the best that was said in time           sql/analyse/gated.sql

The engine's tables are temporary, and those of the caller alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

from infragod.focus import BASES, Period, money
from infragod.lake.engine import Engine
from infragod.lake.tables import literal

ZERO: Final = Decimal(0)
DAYS: Final = 90
"""Days before its first charge that a passage of a resource counts."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FOLDER: Final = files("infragod") / "sql" / "analyse"

Places = list[tuple[str, str]]
Look = Callable[[Places, datetime, datetime], Mapping[str, Sequence[Any]]]
"""From (workspace, address) pairs and a span of time to columns of passages."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Which month is looked at, on which basis, and which tags name who made a resource."""

    month: Period
    basis: str = "effective"
    creator_tags: tuple[str, ...] = ()
    days: int = DAYS


@dataclass(frozen=True, slots=True)
class Share:
    """New spend in one currency: what passed the gate, and the rest."""

    currency: str
    passed: Decimal
    rest: Decimal

    @property
    def total(self) -> Decimal:
        """All new spend."""
        return self.passed + self.rest

    @property
    def percent(self) -> Decimal | None:
        """How much of a hundred passed; None where nothing new was charged, or the sums are of both signs."""
        if self.total <= 0 or self.passed < 0 or self.rest < 0:
            return None
        return 100 * self.passed / self.total


def asked(month: Period, basis: str, creator_tags: str) -> Ask:
    """The question, with the tags as the setting names them."""
    return Ask(month, basis, tuple(tag.strip() for tag in creator_tags.split(",") if tag.strip()))


def gate(engine: Engine, ask: Ask, types: Mapping[str, str], look: Look) -> None:
    """Make the table `gated` in `engine`; `types` are the columns of what `look` gives."""
    names = {"{basis}": f'"{BASES[ask.basis]}"', "{creator}": _creator(ask.creator_tags)}
    values = {"month": str(ask.month), "previous": str(ask.month.plus(-1))}
    engine.make("new_spend", _sql("new_spend", names), values)
    places, since, until = _wanted(engine)
    found = look(places, since - timedelta(days=ask.days), until) if since and until else {name: [] for name in types}
    engine.load("passage", types, found)
    engine.make("gated", _sql("gated", {}), {"days": ask.days})


def shares(rows: Sequence[Mapping[str, Any]]) -> list[Share]:
    """What passed and what did not, by currency, from the rows of the report `coverage`."""
    return [
        Share(
            currency,
            sum((row["passed"] or ZERO for row in rows if row["currency"] == currency), ZERO),
            sum((row["rest"] or ZERO for row in rows if row["currency"] == currency), ZERO),
        )
        for currency in dict.fromkeys(row["currency"] for row in rows)
    ]


def headline(rows: Sequence[Mapping[str, Any]]) -> str:
    """`83 % of the new spend of October 2026 passed the gate: $83.00 of $100.00`; a line a currency."""
    return "\n".join(_line(Period.parse(rows[0]["month"]), share) for share in shares(rows))


def _line(month: Period, share: Share) -> str:
    passed, total = money(share.passed, share.currency), money(share.total, share.currency)
    if share.percent is not None:
        said = percent(share.percent)
        return f"{said} of the new spend of {month.title} passed the gate: {passed} of {total}"
    if not share.total:
        return f"nothing new was charged in {month.title} in {share.currency}, as far as can be told"
    return f"of the new spend of {month.title}, {total}, {passed} passed the gate"


def percent(value: Decimal) -> str:
    """A whole number, which is 100 or 0 only where it is."""
    whole = min(max(round(value), 1 if value > 0 else 0), 100 if value == 100 else 99)  # noqa: PLR2004
    return f"{whole} %"


def _wanted(engine: Engine) -> tuple[Places, datetime | None, datetime | None]:
    """The addresses of new resources, and the span of their first charges."""
    rows = engine.run(
        "SELECT DISTINCT x_terraform_workspace, x_terraform_address FROM new_spend WHERE kind = 'new' "
        "AND x_terraform_workspace IS NOT NULL AND x_terraform_address IS NOT NULL ORDER BY ALL"
    )
    first, last = engine.run(
        "SELECT MIN(EPOCH_US(first_charge)), MAX(EPOCH_US(first_charge_end)) FROM new_spend WHERE kind = 'new'"
    )[0]
    return [(workspace, address) for workspace, address in rows], _moment(first), _moment(last)


def _moment(microseconds: int | None) -> datetime | None:
    """The engine hands moments out only with a library of time zones."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def _sql(name: str, names: Mapping[str, str]) -> str:
    lines = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    sql = "\n".join(line for line in lines if not line.startswith("--"))
    for placeholder, put in names.items():
        sql = sql.replace(placeholder, put)
    return sql


def _creator(tags: Sequence[str]) -> str:
    lookups = [f"NULLIF(c.\"Tags\"[{literal(tag)}], '')" for tag in tags]
    return f"COALESCE({', '.join(lookups)}, NULL)" if lookups else "NULL::VARCHAR"
