"""The guide's rule is linted and its test runs; the contract's page says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from infragod.policy import cases, contract, header, rules
from infragod.policy.parameter import DIRECTIONS, SCALAR_TYPES, TABLE_TYPES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_guides_rule_passes_the_guides_test(tmp_path: Path) -> None:
    text = (DOCS / "guides" / "write-a-rule.md").read_text(encoding="utf-8")
    sql, toml = re.findall(r"```(?:sql|toml)\n(.*?)```", text, re.DOTALL)[:2]
    path = tmp_path / "backup-days.toml"
    path.write_text(toml, encoding="utf-8")
    rule = rules.read(sql, "the guide's rule", tmp_path)
    assert [cases.judge(rule, case).faults for case in cases.read(path)] == [()]


def test_the_contract_names_what_may_be_unknown_and_every_word_of_a_header() -> None:
    text = (DOCS / "reference" / "rule-contract.md").read_text(encoding="utf-8")
    rows = [f"| `{t}` | {', '.join(f'`{c}`' for c in columns)} |" for t, columns in contract.MAY_BE_UNKNOWN.items()]
    assert "\n".join(rows) in text
    assert all(c in contract.TABLES[t] for t, columns in contract.MAY_BE_UNKNOWN.items() for c in columns)
    words = (*header.REQUIRED, *header.OPTIONAL[:6], *SCALAR_TYPES, *TABLE_TYPES, *DIRECTIONS, *contract.TABLES)
    assert [word for word in words if f"`{word}`" not in text] == []
