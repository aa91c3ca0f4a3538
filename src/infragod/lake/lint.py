"""The lint of SQL files, by syntax tree: the subset that every engine reads alike, known names, no silent NULL.

Imported only for a file whose result is not kept (`check` never does). `lint` judges one statement against a
``Scheme``; the law of unknown values stands in `unknowns.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot import exp, parse
from sqlglot.errors import OptimizeError, ParseError, SqlglotError
from sqlglot.optimizer.qualify import qualify

from infragod.lake.unknowns import Problem, called, line_of, named, silent

_FUNCTIONS: Final = """
And Or Xor Case If Cast TryCast Coalesce Nullif Lower Upper Trim Length Substring Concat StartsWith SplitPart Replace
StrPosition Count CountIf Sum Min Max LogicalAnd LogicalOr GroupConcat Round Abs Greatest Least Floor Ceil RowNumber
Exists DateDiff
"""
_PLAIN: Final = """
Select With CTE TableAlias Identifier From Table Alias Column Literal Placeholder Where Join Group Having Order Ordered
Union Subquery Paren Not Is Null Boolean EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Between In Tuple Like Escape Add
Sub Mul Neg DPipe Distinct Filter DataType DataTypeParam Values Window WindowSpec Var Any All Limit Interval
"""
ALLOWED: Final = frozenset((_FUNCTIONS + _PLAIN).split())
"""Kinds of nodes of the syntax tree that the subset has; whatever is not here is refused."""

WHY: Final[Mapping[str, str]] = {
    "Glob": "use LIKE with a parameter of type patterns and ESCAPE '!'",
    "Div": "on money it differs between engines; use ratio(part, whole)",
    "IntDiv": "it differs between engines; use ratio(part, whole)",
    "Explode": "give the values as a parameter of type list",
    "Unnest": "give the values as a parameter of type list",
    "ToMap": "tags and attributes are tables: tag, attribute",
    "Bracket": "tags and attributes are tables: tag, attribute",
    "PercentileCont": "quantiles differ between engines",
    "PercentileDisc": "quantiles differ between engines",
    "Quantile": "quantiles differ between engines",
    "ApproxQuantile": "quantiles differ between engines",
    "Median": "quantiles differ between engines",
    "Avg": "it loses decimals of money; use SUM, COUNT and ratio(part, whole)",
    "RegexpLike": "use LIKE with a parameter of type patterns and ESCAPE '!'",
}


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a statement may read and must give.

    `unknown` names the columns, per table, whose NULL means "not known"; `macros` are the functions that our engines
    bring; `template` is a text whose {names} are columns of the result.
    """

    tables: Mapping[str, Mapping[str, str]]
    unknown: Mapping[str, Collection[str]]
    scalars: Collection[str]
    required: Collection[str]
    macros: Collection[str]
    template: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the lint found: problems, and the tables and result columns of the statement."""

    problems: tuple[Problem, ...]
    tables: tuple[str, ...] = ()
    scalars: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def lint(sql: str, scheme: Scheme) -> Report:
    """Judge the one statement in `sql`."""
    try:
        statements = [s for s in parse(sql, dialect="duckdb") if s is not None]
    except ParseError as error:
        first = error.errors[0]
        return Report((Problem(first.get("line") or 1, f"is not SQL: {first.get('description')}"),))
    except SqlglotError as error:
        return Report((Problem(1, f"is not SQL: {str(error).splitlines()[0]}"),))
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.Union):
        return Report((Problem(1, "is not one SELECT; a file holds one statement, and it only reads"),))
    return _judge(statements[0], scheme)


def _judge(tree: exp.Expr, scheme: Scheme) -> Report:
    problems = [*_subset(tree, scheme), *_names(tree, scheme)]
    if problems:
        return Report(tuple(sorted(problems)))
    tables = tuple(sorted({t.name for t in tree.find_all(exp.Table) if t.name in scheme.tables}))
    try:
        qualified = qualify(tree, schema={k: dict(v) for k, v in scheme.tables.items()}, dialect="duckdb")
    except OptimizeError as error:
        return Report((_unresolved(error, tree),))
    columns = tuple(named(qualified))
    scalars = tuple(sorted({p.name for p in tree.find_all(exp.Placeholder)}))
    problems = [*_columns(columns, scheme), *silent(qualified, scheme.unknown)]
    return Report(tuple(sorted(set(problems))), tables, scalars, columns)


def _columns(columns: Collection[str], scheme: Scheme) -> Iterator[Problem]:
    for name in scheme.required:
        if name not in columns:
            yield Problem(1, f"gives no column {name}; a rule gives {', '.join(scheme.required)}")
    for name in re.findall(r"\{(\w+)\}", scheme.template):
        if name not in columns:
            yield Problem(1, f"names {{{name}}} in its mend, but gives no column {name}")


def _subset(tree: exp.Expr, scheme: Scheme) -> Iterator[Problem]:
    for node in tree.walk():
        kind = type(node).__name__
        if kind == "Anonymous":
            if node.name.lower() not in scheme.macros:
                yield Problem(line_of(node), f"calls {node.name}, which is not in the subset")
        elif kind == "Star":
            if not isinstance(node.parent, exp.Count):
                yield Problem(line_of(node), "selects *; name the columns")
        elif kind not in ALLOWED:
            hint = WHY.get(kind, "see docs/reference/rule-contract.md")
            yield Problem(line_of(node), f"uses {called(node)}, which is not in the subset: {hint}")


def _names(tree: exp.Expr, scheme: Scheme) -> Iterator[Problem]:
    """Tables and parameters that are not there."""
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        plain = isinstance(table.this, exp.Identifier) and not table.db and not table.catalog
        if not plain or table.name not in ctes | set(scheme.tables):
            yield Problem(line_of(table), f"reads {table.name or table.sql()}, which is no table that rules see")
    for cte in ctes & set(scheme.tables):
        yield Problem(line_of(tree), f"calls a part {cte} as a table is called; give it another name")
    for placeholder in tree.find_all(exp.Placeholder):
        if placeholder.name not in scheme.scalars:
            yield Problem(line_of(placeholder), f"uses ${placeholder.name}, which the header does not declare")


def _unresolved(error: OptimizeError, tree: exp.Expr) -> Problem:
    """The engine's word about a column that is not there, with its line where it can be found."""
    text = str(error).splitlines()[0]
    named = next((c for c in tree.find_all(exp.Column) if c.name and f"'{c.name}'" in text.replace('"', "'")), tree)
    return Problem(line_of(named), f"names what is not there: {text}")
