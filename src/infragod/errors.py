"""The error tree: what a person can be told in one sentence.

    InfragodError            base; exit code 2; never shown with a traceback
    ├── InputError           a file, a row, a flag or a request that was given to us is wrong
    ├── SetupError           settings, home folder, database or a missing program is wrong
    ├── StoreError           the lake or the database cannot do what was asked (full disk, conflict)
    └── RemoteError          another server cannot be reached, or refused

A message says what is wrong, where, and how to mend it, in one sentence without a final newline.
Anything that is not an ``InfragodError`` and reaches the user is a bug.
"""

from __future__ import annotations


class InfragodError(Exception):
    """One sentence for the user: what, where, how to mend it."""

    exit_code: int = 2


class InputError(InfragodError):
    """What was given (file, row, flag, request body) is wrong."""


class SetupError(InfragodError):
    """The set-up (settings, home, database, missing program) is wrong."""


class StoreError(InfragodError):
    """The lake or the database could not do it; what was there before is still there."""


class RemoteError(InfragodError):
    """Another server could not be reached or refused."""
