"""A working folder with a settings file and rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from infragod import settings as settings_module
from infragod.settings import Settings

RULE = """\
-- id = "no-deletes"
-- title = "Nothing of a type is deleted"
-- why = "Somebody needs it."
-- level = "approval"
-- at = ["plan"]
-- unknown = "warn"
-- mend = "keep {type}"
-- [parameters.types]
-- type = "patterns"
-- default = ["aws_db_*"]
-- tighter = "superset"
-- help = "types that stay"
SELECT r.address, r.action = 'delete' AS violation, 'deletes a ' || r.type AS message, r.type
FROM resource AS r
WHERE EXISTS (SELECT 1 AS one FROM p_types AS p WHERE r.type LIKE p.pattern ESCAPE '!')
"""

CASES = """\
[[case]]
name = "a database is deleted"
given.resource = '''
address           | action
aws_db_instance.a | delete
aws_instance.b    | delete
'''
expect = '''
address           | result    | message                   | mend
aws_db_instance.a | violation | deletes a aws_db_instance | keep aws_db_instance
'''
"""


@pytest.fixture
def rule_text() -> str:
    return RULE


@pytest.fixture
def case_text() -> str:
    return CASES


@pytest.fixture
def folder(home: Path) -> Callable[..., Settings]:
    """`folder(toml, **rule files)`: settings of the working folder with these files in it."""

    def make(toml: str = "", **files: str) -> Settings:
        Path("infragod.toml").write_text(toml, encoding="utf-8")
        Path("rules").mkdir(exist_ok=True)
        for old in Path("rules").glob("*.sql"):
            old.unlink()
        for name, text in files.items():
            Path("rules", f"{name.replace('_', '-')}.sql").write_text(text, encoding="utf-8")
        return settings_module.load()

    return make
