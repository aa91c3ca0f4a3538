"""The law of unknown values in SQL: whoever tests or adds up a value that may be NULL says what becomes of NULL.

`x <> 'a'` in a filter drops the rows whose x is unknown, and SUM skips them: both would make unknown a pass. So a
condition (WHERE, ON, HAVING, FILTER, a WHEN of CASE) that uses such a column tests the same column by IS NULL or IS NOT
NULL too, and an aggregate over one stands beside another that counts or tests its NULLs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

Key = tuple[str, str]
"""(alias of the source, column)."""


class Problem(NamedTuple):
    """One thing that is wrong, and its line in the file."""

    line: int
    message: str


def line_of(node: exp.Expr | None) -> int:
    """The line `node` stands in, as near as the tree tells."""
    while node is not None:
        lines: list[int] = [n.meta["line"] for n in node.walk() if "line" in n.meta]
        if lines:
            return min(lines)
        node = node.parent
    return 1


def named(select: exp.Expr) -> list[str]:
    """Names of the columns that a SELECT or a UNION gives."""
    return list(select.named_selects) if isinstance(select, exp.Query) else []


def silent(tree: exp.Expr, unknown: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """Places of the qualified `tree` where a NULL would vanish without a word."""
    flow = _Flow(unknown)
    for scope in traverse_scope(tree):
        yield from flow.judge(scope)


class _Flow:
    """Follows NULLs from the tables through the parts of one statement, innermost part first."""

    def __init__(self, unknown: Mapping[str, Collection[str]]) -> None:
        self.unknown = unknown
        self.outputs: dict[int, list[bool]] = {}
        self.names: dict[int, list[str]] = {}

    def judge(self, scope: Scope) -> Iterator[Problem]:
        """Problems of one part; remembers which of its columns may be unknown."""
        select = scope.expression
        self.names[id(select)] = named(select)
        if isinstance(select, exp.Union):
            sides = [self.outputs.get(id(side.unnest()), []) for side in (select.this, select.expression)]
            self.outputs[id(select)] = [any(flags) for flags in zip(*sides, strict=False)]
            return
        self.outputs[id(select)] = [self._may_be_null(e, scope, _kept(select)) for e in select.expressions]
        for condition in _conditions(select):
            yield from self._condition(condition, scope, _tested(condition), "a filter tests")
        for case in _own(select, exp.Case):
            yield from self._case(case, scope)
        yield from self._aggregates(select, scope)

    def _condition(self, node: exp.Expr, scope: Scope, said: set[Key], what: str) -> Iterator[Problem]:
        for column in self._columns(node, scope):
            if _key(column) not in said:
                yield Problem(
                    line_of(column),
                    f"{what} {column.name}, which may be unknown, and would drop it silently; say "
                    f"{column.name} IS NOT NULL (or IS NULL) beside it, or test it in the SELECT",
                )

    def _case(self, case: exp.Expr, scope: Scope) -> Iterator[Problem]:
        """A WHEN over an unknown is false, and ELSE would answer for it."""
        said = _said_above(case)
        for branch in case.args["ifs"]:
            said |= _tested(branch.this)
            yield from self._condition(branch.this, scope, said, "a WHEN tests")

    def _aggregates(self, select: exp.Expr, scope: Scope) -> Iterator[Problem]:
        aggregates = [a for a in _own(select, exp.AggFunc) if not isinstance(a, exp.Count)]
        said = _counted(select)
        for aggregate in aggregates:
            mine = _tested(aggregate.parent) if isinstance(aggregate.parent, exp.Filter) else set()
            for column in self._columns(aggregate, scope):
                if _key(column) not in said | mine:
                    yield Problem(
                        line_of(column),
                        f"{called(aggregate)} skips rows whose {column.name} is unknown; count them beside it: "
                        f"COUNT(*) FILTER (WHERE {column.name} IS NULL), or BOOL_OR({column.name} IS NULL)",
                    )

    def _columns(self, node: exp.Expr, scope: Scope) -> list[exp.Column]:
        """Columns below `node`, in this part, whose NULL would get through to it."""
        if isinstance(node, exp.Column):
            return [node] if self._unknown(node, scope) else []
        if _null_safe(node) or isinstance(node, exp.Count | exp.Select | exp.Union | exp.Case):
            return []
        if isinstance(node, exp.Coalesce) and not self._columns(node.expressions[-1], scope):
            return []
        return [c for child in node.iter_expressions() for c in self._columns(child, scope)]

    def _unknown(self, column: exp.Column, scope: Scope) -> bool:
        source = _source(column.table, scope)
        if isinstance(source, Scope):
            names = self.names.get(id(source.expression), [])
            flags = self.outputs.get(id(source.expression), [])
            return any(flag for name, flag in zip(names, flags, strict=False) if name == column.name)
        return isinstance(source, exp.Table) and column.name in self.unknown.get(source.name, ())

    def _may_be_null(self, node: exp.Expr, scope: Scope, said: set[Key]) -> bool:
        """True if the value of `node` may be NULL because something is unknown."""
        if isinstance(node, exp.Case):
            return self._case_may_be_null(node, scope, said)
        if isinstance(node, exp.Column):
            return _key(node) not in said and self._unknown(node, scope)
        if isinstance(node, exp.Subquery):
            return any(self.outputs.get(id(node.this), []))
        if isinstance(node, exp.Coalesce):
            return self._may_be_null(node.expressions[-1], scope, said) if node.expressions else False
        if _null_safe(node) or isinstance(node, exp.Count):
            return False
        return any(self._may_be_null(child, scope, said) for child in node.iter_expressions())

    def _case_may_be_null(self, case: exp.Case, scope: Scope, said: set[Key]) -> bool:
        said = set(said)
        for branch in case.args["ifs"]:
            said |= _tested(branch.this)
            then = branch.args["true"]
            if isinstance(then, exp.Null) or self._may_be_null(then, scope, said):
                return True
        default = case.args.get("default")
        return isinstance(default, exp.Null) or (default is not None and self._may_be_null(default, scope, said))


def _source(alias: str, scope: Scope | None) -> object:
    """What `alias` stands for here, or in the SELECT around."""
    while scope is not None and alias not in scope.sources:
        scope = scope.parent
    return None if scope is None else scope.sources[alias]


def called(node: exp.Expr) -> str:
    """What a function or operator is called in the file."""
    if isinstance(node, exp.Div | exp.IntDiv):
        return "/"
    return node.sql(dialect="duckdb").partition("(")[0] if isinstance(node, exp.Func) else type(node).__name__.upper()


def _key(column: exp.Expr) -> Key:
    return (column.text("table"), column.name)


def _null_safe(node: exp.Expr) -> bool:
    return isinstance(node, exp.Is | exp.NullSafeEQ | exp.NullSafeNEQ | exp.Exists)


def _kept(select: exp.Expr) -> set[Key]:
    """Columns whose NULLs this SELECT has left out, saying so in WHERE or in the ON of an inner join."""
    conditions = [select.args["where"].this] if select.args.get("where") else []
    conditions += [j.args["on"] for j in select.args.get("joins") or () if j.args.get("on") and not j.side]
    terms = [term for condition in conditions for term in _terms(condition)]
    return {_key(t.this.this) for t in terms if isinstance(t, exp.Not) and _is_null_test(t.this)}


def _terms(condition: exp.Expr) -> list[exp.Expr]:
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _is_null_test(node: exp.Expr) -> bool:
    return isinstance(node, exp.Is) and isinstance(node.expression, exp.Null) and isinstance(node.this, exp.Column)


def _own(select: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    """Nodes of `kind` in this SELECT, not in one inside it."""
    inner = exp.Select | exp.Union
    for node in select.walk(prune=lambda n: n is not select and isinstance(n, inner)):
        if isinstance(node, kind):
            yield node


def _conditions(select: exp.Expr) -> Iterator[exp.Expr]:
    for name in ("where", "having", "qualify"):
        clause = select.args.get(name)
        if clause is not None:
            yield clause.this
    for join in select.args.get("joins") or ():
        if join.args.get("on") is not None:
            yield join.args["on"]
    for filtered in _own(select, exp.Filter):
        yield filtered.expression.this


def _tested(node: exp.Expr | None) -> set[Key]:
    """Columns that `node` tests by IS NULL or IS NOT NULL, itself, not in a SELECT inside it."""
    if node is None:
        return set()
    return {_key(n.this) for n in _own(node, exp.Is) if _is_null_test(n)}


def _said_above(case: exp.Expr) -> set[Key]:
    """What the CASEs around this one have tested before they came here."""
    said: set[Key] = set()
    child, parent = case, case.parent
    while parent is not None and not isinstance(parent, exp.Select):
        if isinstance(parent, exp.Case):
            for branch in parent.args["ifs"]:
                said |= _tested(branch.this)
                if branch is child:
                    break
        child, parent = parent, parent.parent
    return said


def _counted(select: exp.Expr) -> set[Key]:
    """Columns whose NULLs an aggregate of this SELECT counts or tests."""
    counted: set[Key] = set()
    for node in _own(select, exp.AggFunc):
        counted |= _tested(node.parent if isinstance(node.parent, exp.Filter) else node)
        if isinstance(node, exp.Count) and isinstance(node.this, exp.Column):
            counted.add(_key(node.this))
    return counted
