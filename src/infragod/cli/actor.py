"""Who runs this command, for the record: the user that the process belongs to, not what the environment says."""

from __future__ import annotations

import getpass
import os


def actor() -> str:
    """The name of the user of this process, or its number where it has no name."""
    try:
        import pwd
    except ImportError:  # not a Unix
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
