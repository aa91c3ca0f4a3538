"""By what a pool is given away in one month and currency: the key of each target, none negative, not all zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from infragod.errors import InputError
from infragod.finance.allocation import Pool
from infragod.finance.allocation.known import Known, owner_id
from infragod.finance.allocation.usage import Usage

SUSPENSE: Final = "suspense"
Cost = Mapping[str, Decimal]
KeyRow = tuple[str, str, str | None, str | None, str | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Keys:
    """A key by target, and the unit that all are in."""

    unit: str
    by_target: Mapping[str, Decimal]

    def weights(self) -> dict[str, int]:
        """The keys as whole numbers of the same proportions."""
        places = max((-int(k.as_tuple().exponent) for k in self.by_target.values()), default=0)
        return {t: int(f"{k:.{max(places, 0)}f}".replace(".", "")) for t, k in self.by_target.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """One pool in one month and currency, and all that its keys are found from."""

    pool: Pool
    month: str
    currency: str
    known: Known
    pools: tuple[str, ...]
    usage: Usage

    @property
    def where(self) -> str:
        """How a fault begins."""
        return f"allocation.toml, pool {self.pool.name}, {self.month}"


def keys(asked: Asked, cost: Cost) -> Keys:
    """The keys of one pool; `cost` is by owner and pool what proportional goes by."""
    if asked.pool.method == "keep":
        return Keys("", {SUSPENSE: Decimal(1)})
    found = _METHODS[asked.pool.method](asked, cost)
    for target, key in found.by_target.items():
        if key < 0:
            raise InputError(
                f"{asked.where}: the key of {target} is {key:f}, and a key is never negative; "
                "narrow what it goes by with of, or leave it out with except"
            )
    if any(found.by_target.values()):
        return found
    return _zero(asked, found)


def costs(rows: Iterable[KeyRow], month: str, currency: str) -> dict[str, Decimal]:
    """The cost of each team, of each of its services, of each service whoever has it, and of each pool."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for of_month, of_currency, pool, team, service, cost in rows:
        if (of_month, of_currency) != (month, currency) or cost is None:
            continue
        if pool is not None:
            found[pool] += cost
        elif team is not None:
            found[owner_id(team, None)] += cost
            if service is not None:
                found[owner_id(team, service)] += cost
                found[f"service:{service}"] += cost
    return found


def _zero(asked: Asked, found: Keys) -> Keys:
    if not found.by_target and asked.pool.zero != SUSPENSE:
        raise InputError(f"{asked.where}: there is nobody to give it to; name teams, services or pools in to")
    if asked.pool.zero == SUSPENSE:
        return Keys("", {SUSPENSE: Decimal(1)})
    if asked.pool.zero == "even" and found.by_target:
        return Keys("shares", dict.fromkeys(found.by_target, Decimal(1)))
    raise InputError(
        f"{asked.where}: all keys are zero, so that {asked.currency} of it would vanish; "
        'mend what it goes by, or say if_zero = "even" or "suspense"'
    )


def _targets(asked: Asked) -> list[str]:
    def meant(patterns: Iterable[str]) -> list[str]:
        return [t for p in patterns for t in asked.known.targets(p, asked.pools, asked.where)]

    without = {*meant(asked.pool.but), f"pool:{asked.pool.name}"}
    return [t for t in dict.fromkeys(meant(asked.pool.to)) if t not in without]


def _even(asked: Asked, _: Cost) -> Keys:
    return Keys("shares", dict.fromkeys(_targets(asked), Decimal(1)))


def _fixed(asked: Asked, _: Cost) -> Keys:
    return Keys("per cent", _resolved(asked, asked.pool.percent))


def _proportional(asked: Asked, cost: Cost) -> Keys:
    def key(target: str) -> Decimal:
        return cost.get(asked.known.service(target) or target, Decimal(0))

    return Keys(asked.currency, {t: key(t) for t in _targets(asked)})


def _usage(asked: Asked, _: Cost) -> Keys:
    used = asked.usage.get((asked.month, asked.pool.key))
    if used is None:
        raise InputError(
            f"{asked.where}: there is no {asked.pool.key} of {asked.month} in the usage file; add its rows"
        )
    return Keys(asked.pool.key, _resolved(asked, used))


def _resolved(asked: Asked, given: Mapping[str, Decimal]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for pattern, value in given.items():
        targets = asked.known.targets(pattern, asked.pools, asked.where)
        if len(targets) != 1:
            raise InputError(f"{asked.where} gives {pattern} {value:f}; a share goes to one target, name it")
        found[targets[0]] += value
    return found


_METHODS: Final = {"even": _even, "fixed": _fixed, "proportional": _proportional, "usage": _usage}
