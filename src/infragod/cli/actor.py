"""Who runs this command, for the record."""

from __future__ import annotations

import getpass


def actor() -> str:
    """The name of the user of this process, or its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        import os

        return f"uid {os.getuid()}"
