"""What each pool gives to each target: pools in order of the hierarchy, cycles refused or solved exactly.

A pool's amounts are whole units by basis, None where nothing is known of it: unknown is passed on as unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from infragod.errors import InputError
from infragod.finance.allocation.split import settle, split

Amounts = tuple[int | None, ...]
Weights = Mapping[str, Mapping[str, int]]
Flows = dict[tuple[str, str], Amounts]
POOL: Final = "pool:"


def flow(direct: Mapping[str, Amounts], weights: Weights, *, solve: bool = False) -> Flows:
    """What flows along each edge (pool, target) to the outside of a cycle, or between pools where there is none.

    `direct` is what each pool holds at first; `weights` are by pool and target, a target `pool:NAME` being a pool.
    """
    held = dict(direct)
    flows: Flows = {}
    for group in ordered(weights):
        names = [name for name in group if held.get(name) is not None]
        if not names:
            continue
        if len(group) == 1 and not weights[group[0]].get(POOL + group[0]):
            given = _one(group[0], held, weights)
        elif solve:
            given = _cycle(group, held, weights)
        else:
            raise InputError(
                f"the pools {' and '.join(sorted(group))} give to each other; "
                'break the cycle in allocation.toml, or say cycles = "solve"'
            )
        flows.update(given)
        for (_, target), amounts in given.items():
            if target.startswith(POOL):
                held[target[len(POOL) :]] = added(held.get(target[len(POOL) :]), amounts)
    return flows


def added(first: Amounts | None, second: Amounts) -> Amounts:
    """The sum, basis by basis; unknown adds nothing."""
    if first is None:
        return second
    return tuple(b if a is None else a if b is None else a + b for a, b in zip(first, second, strict=True))


def ordered(weights: Weights) -> Iterator[list[str]]:
    """The pools in an order in which each comes after all that give to it; those of one cycle together."""
    order: list[str] = []
    seen: set[str] = set()
    for name in sorted(weights):
        _after(name, weights, seen, order)
    givers: dict[str, list[str]] = {name: [] for name in weights}
    for name in weights:
        for target in _pools(weights, name):
            givers[target].append(name)
    grouped: set[str] = set()
    for name in reversed(order):
        if name not in grouped:
            group = _reach(name, givers, grouped)
            yield sorted(group)


def _pools(weights: Weights, name: str) -> list[str]:
    return [t[len(POOL) :] for t, w in sorted(weights[name].items()) if w and t.startswith(POOL)]


def _after(start: str, weights: Weights, seen: set[str], order: list[str]) -> None:
    """Append to `order` what `start` reaches, each after all that it gives to."""
    if start in seen:
        return
    seen.add(start)
    stack = [(start, iter(_pools(weights, start)))]
    while stack:
        name, targets = stack[-1]
        following = next((t for t in targets if t not in seen), None)
        if following is None:
            order.append(name)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(_pools(weights, following))))


def _reach(start: str, givers: Mapping[str, Sequence[str]], grouped: set[str]) -> list[str]:
    grouped.add(start)
    group = [start]
    for name in group:
        for giver in givers[name]:
            if giver not in grouped:
                grouped.add(giver)
                group.append(giver)
    return group


def _one(name: str, held: Mapping[str, Amounts], weights: Weights) -> Flows:
    targets = sorted(t for t, w in weights[name].items() if w)
    numbers = [weights[name][t] for t in targets]
    parts = [[None] * len(targets) if a is None else split(a, numbers) for a in held[name]]
    return {(name, t): tuple(part[i] for part in parts) for i, t in enumerate(targets)}


def _cycle(group: Sequence[str], held: Mapping[str, Amounts], weights: Weights) -> Flows:
    """The reciprocal method: what passes through each pool solves a linear system; what leaves them is rounded once."""
    width = len(next(held[name] for name in group if name in held))
    bases = [[held[name][i] if name in held else None for name in group] for i in range(width)]
    through = _solved(group, weights, [[b or 0 for b in basis] for basis in bases])
    inside = {POOL + name for name in group}
    edges = [(n, t) for n in group for t, w in sorted(weights[n].items()) if w and t not in inside]
    columns: list[list[int] | list[None]] = []
    for i, basis in enumerate(bases):
        if all(b is None for b in basis):
            columns.append([None] * len(edges))
        else:
            exact = [through[group.index(n)][i] * _share(weights[n], t) for n, t in edges]
            columns.append(settle(exact, sum(b or 0 for b in basis)))
    return {edge: tuple(column[i] for column in columns) for i, edge in enumerate(edges)}


def _share(weights: Mapping[str, int], target: str) -> Fraction:
    return Fraction(weights.get(target, 0), sum(weights.values()))


def _solved(group: Sequence[str], weights: Weights, bases: Sequence[Sequence[int]]) -> list[list[Fraction]]:
    """By pool, what passes through it on each basis: Gauss-Jordan in exact fractions."""
    size = len(group)
    rows = [
        [Fraction(int(i == j)) - _share(weights[group[j]], POOL + group[i]) for j in range(size)]
        + [Fraction(basis[i]) for basis in bases]
        for i in range(size)
    ]
    for i in range(size):
        pivot = next((r for r in range(i, size) if rows[r][i]), None)
        if pivot is None:
            raise InputError(
                f"the pools {' and '.join(group)} give all they have to each other and nothing to an owner; "
                "give a part of them to a team or a service"
            )
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(size):
            if r != i and (factor := rows[r][i]):
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [row[size:] for row in rows]
