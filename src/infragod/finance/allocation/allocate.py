"""Makes the table `allocated` in an engine of the lake: every cent of some months with its owner."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from infragod.errors import InputError, StoreError
from infragod.finance.allocation import UNTAGGED, Allocation, Match, Pool
from infragod.finance.allocation.flow import POOL, Amounts, flow
from infragod.finance.allocation.known import Known
from infragod.finance.allocation.places_sql import cells, places, savings, statement
from infragod.finance.allocation.places_sql import keys as keys_sql
from infragod.finance.allocation.split import UNIT, split, text, units
from infragod.finance.allocation.usage import Usage
from infragod.finance.allocation.weights import SUSPENSE, Asked, KeyRow, Keys, costs, keys
from infragod.focus import BASES, SQL_TYPES, Kind
from infragod.lake.engine import Engine
from infragod.org.organisation import Organisation

UNUSED: Final = "unused "
_TEXTS: Final = (
    *("month", "currency", "x_team", "x_service", "x_cost_centre", "x_how", "x_pool"),
    *("AllocatedMethodId", "AllocatedMethodDetails", "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags"),
    "x_allocation",
)
_SHARES: Final = dict.fromkeys(_TEXTS, "VARCHAR") | dict.fromkeys(BASES.values(), SQL_TYPES[Kind.MONEY])
_TARGETS: Final = dict.fromkeys(("place", "team", "service", "cost_centre"), "VARCHAR")


@dataclass(slots=True)
class Work:
    """One run: the file, whom it can name, what was used, and the costs that were asked for already."""

    engine: Engine
    allocation: Allocation
    known: Known
    usage: Usage
    rows: dict[str, list[KeyRow]] = field(default_factory=dict)
    used: dict[tuple[str, str, str], dict[str, Decimal]] = field(default_factory=dict)

    def cost(self, of: Match, month: str, currency: str) -> dict[str, Decimal]:
        """What proportional goes by; the same narrowing is asked for once."""
        sql = keys_sql(of)
        if sql not in self.rows:
            self.rows[sql] = [*self.engine.run(sql)]
        return costs(self.rows[sql], month, currency)


def allocate(
    engine: Engine,
    allocation: Allocation,
    organisation: Organisation | None = None,
    usage: Usage | None = None,
    *,
    first: str | None = None,
    last: str | None = None,
) -> None:
    """Make the table `allocated`; ``InputError`` where the file cannot be followed, and then there is none."""
    months = {"first": first, "last": last}
    apart = allocation.commitments.unused != "buyer" or allocation.commitments.savings != "users"
    engine.make("allocation_raw", cells(allocation), months | {"commitments": apart})
    moved = allocation.commitments.savings != "users"
    engine.make("allocation_cell", savings(allocation) if moved else "SELECT * FROM allocation_raw")
    billed = engine.run("SELECT DISTINCT team, service, cost_centre FROM allocation_cell ORDER BY ALL")
    work = Work(engine, allocation, Known.of(organisation, billed), usage or {})
    _currencies(work)
    _targets(work)
    engine.make("allocation_place", places(allocation))
    shares = _shares(work)
    engine.load("allocation_share", _SHARES, {n: [s[i] for s in shares] for i, n in enumerate(_SHARES)})
    engine.make("allocated", statement("allocated"), {"version": allocation.version})
    _proven(engine, months)


def _proven(engine: Engine, months: Mapping[str, str | None]) -> None:
    """What went in has come out; where not, nothing is shown."""
    for month, currency in engine.run(statement("difference"), months):
        engine.run("DROP TABLE allocated")
        raise StoreError(f"the allocation of {month} in {currency} does not sum to the bill; report it")


def _currencies(work: Work) -> None:
    """A currency that no loaded bill is in, in any month, is mistyped."""
    said = [(f"pool {p.name}", p.currency) for p in work.allocation.pools]
    said += [(f"override {i}", r.currency) for i, r in enumerate(work.allocation.overrides, 1)]
    said += [(f"rule {i}", r.currency) for i, r in enumerate(work.allocation.rules, 1)]
    if not any(currency for _, currency in said):
        return
    there = sorted(str(row[0]) for row in work.engine.run('SELECT DISTINCT "BillingCurrency" FROM cost'))
    for where, currency in said:
        if currency and there and currency not in there:
            raise InputError(f"allocation.toml, {where}: no bill is in {currency!r}; they are in {', '.join(there)}")


def _targets(work: Work) -> None:
    """The table of owners that overrides and rules name."""
    found: list[tuple[str, str, str | None, str | None]] = []
    for kind, rules in (("override", work.allocation.overrides), ("rule", work.allocation.rules)):
        for i, rule in enumerate(rules):
            if not rule.to.startswith(POOL):
                target = work.known.targets(rule.to, (), f"allocation.toml, {kind} {i + 1}")[0]
                team, service = work.known.owners[target]
                found.append((f"{kind}:{i}", team, service, work.known.centre(team)))
    columns = {name: [row[i] for row in found] for i, name in enumerate(_TARGETS)}
    work.engine.load("allocation_target", _TARGETS, columns)


def _shares(work: Work) -> list[tuple[Any, ...]]:
    """The rows of what pools give to owners."""
    held: dict[tuple[str, str], dict[str, Amounts]] = defaultdict(dict)
    for month, currency, pool, *amounts in work.engine.run(statement("pools")):
        held[month, currency][pool] = tuple(None if a is None else units(a) for a in amounts)
    if any(pool.startswith(UNUSED) for of in held.values() for pool in of):
        _used(work)
    return [row for (month, currency), of in sorted(held.items()) for row in _month(work, month, currency, of)]


def _used(work: Work) -> None:
    for month, currency, pool, team, service, commitment, cost in work.engine.run(statement("used")):
        target = pool or work.known.add(team, service)
        work.used.setdefault((month, currency, UNUSED + commitment), {})[target] = cost


def _month(work: Work, month: str, currency: str, held: Mapping[str, Amounts]) -> Iterable[tuple[Any, ...]]:
    by_name = {p.name: p for p in (*work.allocation.pools, work.allocation.untagged)}
    names = tuple(p.name for p in work.allocation.pools)
    found: dict[str, Keys] = {}
    waiting = sorted(held)
    for name in waiting:  # those that are given something come in turn
        if name in found:
            continue
        if name in by_name:
            asked = Asked(by_name[name], month, currency, work.known, names, work.usage)
            cost = work.cost(asked.pool.of, month, currency) if asked.pool.method == "proportional" else {}
            found[name] = keys(asked, cost)
        else:
            found[name] = Keys(currency, work.used[month, currency, name])
        waiting += [t[len(POOL) :] for t, key in found[name].by_target.items() if key and t.startswith(POOL)]
    weights = {name: {t: w for t, w in k.weights().items() if w} for name, k in found.items()}
    flows = flow(held, weights, solve=work.allocation.cycles == "solve")
    ratios = {name: dict(zip(w, split(UNIT, [*w.values()]), strict=True)) for name, w in weights.items()}
    for (name, target), amounts in sorted(flows.items()):
        if not target.startswith(POOL):
            pool = by_name.get(name) or Pool(name, "usage")
            details = _details(work, found[name], target, ratios[name][target])
            yield (month, currency, *_owner(work, pool, target), *details, work.allocation.version, *_texts(amounts))


def _owner(work: Work, pool: Pool, target: str) -> tuple[str | None, ...]:
    """Team, service, cost centre, how, pool and the method's id."""
    method = f"{pool.name}:{pool.method}:{work.allocation.version}"
    if target == SUSPENSE:
        return work.allocation.suspense, None, None, "suspense", pool.name, method
    team, service = work.known.owners[target]
    how = "untagged" if pool.name == UNTAGGED else "commitment" if pool.name.startswith(UNUSED) else "shared"
    return team, service, work.known.centre(team), how, pool.name, method


def _details(work: Work, found: Keys, target: str, ratio: int) -> tuple[str, str | None, str | None, str | None]:
    """FOCUS: AllocatedMethodDetails, AllocatedResourceId, AllocatedResourceName and AllocatedTags.

    What stays in suspense is the unallocated part, which has no resource.
    """
    key = found.by_target[target]
    element = f'"AllocatedRatio": {text(ratio)}'
    if found.unit:
        element += f', "UsageUnit": {json.dumps(found.unit, ensure_ascii=False)}, "UsageQuantity": {key:f}'
    details = f'{{"Elements": [{{{element}}}]}}'
    if target == SUSPENSE:
        return details, None, None, None
    team, service = work.known.owners[target]
    tags = {"team": team} | ({"service": service} if service else {})
    return details, target, service or team, json.dumps(tags, ensure_ascii=False)


def _texts(amounts: Amounts) -> list[str | None]:
    return [None if a is None else text(a) for a in amounts]
