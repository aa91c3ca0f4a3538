"""The revisions of the schema, oldest first, as the files in `migrations/versions` have them.

They stand here too, so that opening an up-to-date database needs no Alembic.
"""

from __future__ import annotations

from typing import Final

REVISIONS: Final[tuple[str, ...]] = ("0001", "0002", "0003")
HEAD: Final = REVISIONS[-1]
