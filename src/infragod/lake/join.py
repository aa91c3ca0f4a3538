"""The join of a bill with what Terraform's states know: `sql/join/*.sql`, in the engine of one load.

    estate_resource → estate, estate_key          what the states know, and under which keys
    charged → candidate → terraform_match         which of it each id of the bill names, from when to when

A row of the bill takes the match of its ResourceId at the beginning of its charge period: at most one, so no row is
ever doubled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from infragod.focus import Period
from infragod.lake import normalise
from infragod.lake.engine import Engine
from infragod.lake.spans import Claim, spans
from infragod.lake.tables import quote

FOLDER: Final = Path(__file__).parent.parent / "sql" / "join"
VERSION: Final = "2"
"""Part of every load's id: raise it when the same states would be joined otherwise."""


@dataclass(frozen=True, slots=True)
class Estate:
    """What the states know: columns of resources and their SQL types, as `terraform.estate.store` gives them."""

    types: Mapping[str, str]
    columns: Mapping[str, Sequence[Any]]

    def __bool__(self) -> bool:
        return any(self.columns.values())


@dataclass(frozen=True, slots=True)
class Joined:
    """Whether a load is joined with states (`any`), and a hash per period of what the join says of it."""

    digests: Mapping[Period, str]
    any: bool

    def digest(self, period: Period) -> str:
        """What the join says of `period`: empty where it says nothing."""
        return self.digests.get(period, "")


NOTHING: Final = Joined({}, any=False)


def join(engine: Engine, estate: Estate, owners: Mapping[str, str], rows: str) -> Joined:
    """Make `terraform_match` for the relation `rows` of mended rows; nothing at all where no state is known."""
    if not estate:
        return NOTHING
    know(engine, estate, owners)
    return match(engine, rows)


def know(engine: Engine, estate: Estate, owners: Mapping[str, str]) -> None:
    """Make the tables of what the states know; `owners` are the ownership rules, which read a resource's own tags."""
    engine.load("estate_resource", estate.types, estate.columns)
    engine.connection.execute(sql("keys"))
    engine.connection.execute(sql("estate"))
    engine.connection.execute(_owned(owners))


def match(engine: Engine, rows: str) -> Joined:
    """Make `terraform_match` for the relation `rows`, in place of the one there was."""
    engine.connection.execute(_charged(rows))
    engine.connection.execute(sql("candidates"))
    _share(engine)
    engine.connection.execute(sql("matches"))
    return Joined(_digests(engine), any=True)


def sql(name: str) -> str:
    """The statements of a file of `sql/join`."""
    lines = (FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def _owned(owners: Mapping[str, str]) -> str:
    """The owner that the ownership rules find in a resource's own tags; of those that a bill may name alone."""
    items = ", ".join(f"{owners[n]} AS {quote(n.replace('x_', 'estate_', 1))}" for n in normalise.OWNERS)
    return (
        "CREATE VIEW estate_owned AS SELECT number, address, workspace, module, repository, "  # noqa: S608
        f"{items} FROM estate WHERE number IN (SELECT number FROM candidate)"
    )


def _charged(rows: str) -> str:
    at = normalise.CHARGED_AT
    return (
        "CREATE OR REPLACE TABLE charged AS SELECT strftime(began, '%Y-%m') AS period, id, first, last FROM ("  # noqa: S608
        f'SELECT "BillingPeriodStart" AS began, "ResourceId" AS id, min({at}) AS first, max({at}) AS last '
        f'FROM {rows} WHERE "ResourceId" IS NOT NULL GROUP BY ALL)'
    )


def _share(engine: Engine) -> None:
    """Tell who held each id that several resources claim, and when."""
    rows = engine.run(
        "SELECT candidate.id, number, type, epoch_us(CAST(first_seen AS TIMESTAMPTZ)), "
        "epoch_us(CAST(gone_at AS TIMESTAMPTZ)) FROM candidate JOIN estate_resource USING (number) "
        "WHERE candidate.id IN (SELECT id FROM candidate GROUP BY id HAVING count(*) > 1) ORDER BY ALL"
    )
    made: dict[str, list[Any]] = {"id": [], "number": [], "since": [], "until": []}
    for name, group in groupby(rows, itemgetter(0)):
        for span in spans([Claim(*row[1:]) for row in group]):
            for column, value in zip(made, (name, span.number, span.since, span.until), strict=True):
                made[column].append(value)
    engine.load("shared_span", {"id": "VARCHAR", "number": "BIGINT", "since": "BIGINT", "until": "BIGINT"}, made)


def _digests(engine: Engine) -> dict[Period, str]:
    """A hash per period of the matches that reach into its charges: what does not concern it does not change it."""
    rows = engine.run(
        """
        SELECT charged.period, count(*), bit_xor(CASE
            WHEN m.since > charged.first OR m.until <= charged.last THEN md5_number(CAST(to_json([
                CAST(m.says AS VARCHAR), CAST(CASE WHEN m.since > charged.first THEN epoch_us(m.since) END AS VARCHAR),
                CAST(CASE WHEN m.until <= charged.last THEN epoch_us(m.until) END AS VARCHAR)
            ]) AS VARCHAR))
            ELSE m.says
        END)
        FROM charged JOIN terraform_match AS m ON m.id = charged.id
        WHERE m.since <= charged.last AND m.until > charged.first
        GROUP BY charged.period
        """
    )
    return {
        Period.parse(period): hashlib.sha256(f"{VERSION} {count} {folded}".encode()).hexdigest()
        for period, count, folded in rows
    }
