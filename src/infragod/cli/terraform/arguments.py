"""What was asked of Terraform, taken apart: what is ours, what `plan` gets, what `apply` gets, and the plan file.

Terraform's own order: `terraform [global options] COMMAND [options] [PLANFILE]`. Ours may stand anywhere behind the
program's name, and begin with two hyphens: `--wait`, `--workspace`, `--change-request`.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from infragod.errors import InputError

OWN: Final = ("wait", "workspace", "change-request")
GATED: Final = ("plan", "apply", "destroy")

_VALUED: Final = frozenset(
    (
        "backup", "exclude", "exclude-file", "generate-config-out", "lock-timeout", "out", "parallelism", "replace",
        "state", "state-out", "target", "target-file", "var", "var-file",
    )
)  # fmt: skip
"""Options of plan and apply that take a value, which may stand as the next word."""
_APPLY_ONLY: Final = frozenset(("auto-approve", "backup", "state-out"))
_WITH_A_FILE: Final = _APPLY_ONLY | {
    "compact-warnings", "input", "json", "lock", "lock-timeout", "no-color", "parallelism", "state", "concise",
    "show-sensitive", "deprecation", "consolidate-warnings", "consolidate-errors",
}  # fmt: skip
_VARIABLES: Final = frozenset(("var", "var-file"))
_DURATION: Final = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of Terraform: its name without hyphens, and the words it was written in."""

    name: str
    words: tuple[str, ...]

    @property
    def value(self) -> str:
        """Its value; empty where it has none."""
        if len(self.words) > 1:
            return self.words[1]
        return self.words[0].partition("=")[2]

    @property
    def on(self) -> bool:
        """Whether a switch is on: written alone, or with a value that Terraform takes for true."""
        return self.value.lower() in ("", "1", "t", "true")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of Terraform, taken apart; `rest` are the words behind the options (a plan file, if one)."""

    command: str
    globals: tuple[str, ...]
    options: tuple[Option, ...]
    rest: tuple[str, ...]
    own: dict[str, str]

    @property
    def folder(self) -> Path:
        """Where Terraform works: the working folder, or what -chdir says."""
        words = [word.lstrip("-").partition("=") for word in self.globals]
        return Path(next((value for name, _, value in words if name == "chdir"), "."))

    @property
    def wait(self) -> timedelta:
        """How long to wait for an approval."""
        return duration(self.own["wait"]) if "wait" in self.own else timedelta(0)

    def last(self, name: str) -> Option | None:
        """The option of that name which counts, from the environment too: the last one."""
        given = [*_of_variable("TF_CLI_ARGS"), *self._options()]
        return next((o for o in reversed(given) if o.name == name), None)

    def is_on(self, name: str) -> bool:
        """Whether a switch is given, and on."""
        option = self.last(name)
        return option is not None and option.on

    def plan_words(self) -> list[str]:
        """The options of this call that a plan takes."""
        return [word for o in self._options() if o.name not in _APPLY_ONLY | {"out"} for word in o.words]

    def apply_words(self, *, variables: bool) -> list[str]:
        """The options of this call that the apply of a plan file takes; `variables` for those that are ephemeral."""
        names = _WITH_A_FILE | (_VARIABLES if variables else frozenset())
        return [word for o in self._options() if o.name in names - {"auto-approve"} for word in o.words]

    def asks_for_help(self) -> bool:
        """Whether Terraform will print its help and do nothing else."""
        words = [*self.globals, *(o.words[0] for o in self.options)]
        return any(word in ("-h", "-help", "--help") for word in words)

    def _options(self) -> list[Option]:
        """Those of the command's own variable, then those of the command line: the order in which they count."""
        return [*_of_variable(f"TF_CLI_ARGS_{self.command}"), *self.options]


def parse(words: Sequence[str]) -> Call:
    """The call in `words`, what follows `infragod terraform`; ``InputError`` names an option of ours that is wrong."""
    left, own = _without_own(words)
    at = next((i for i, word in enumerate(left) if not word.startswith("-")), len(left))
    command = left[at] if at < len(left) else ""
    options, rest = _options(left[at + 1 :]) if command in GATED else ([], list(left[at + 1 :]))
    call = Call(command, tuple(left[:at]), tuple(options), tuple(rest), own)
    if "wait" in own:
        duration(own["wait"])
    return call


def duration(text: str) -> timedelta:
    """A time as Terraform writes it: `90s`, `30m`, `1h30m`."""
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        raise InputError(f"{text!r} is no time to wait; write it as 90s, 30m or 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _without_own(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    left: list[str] = []
    own: dict[str, str] = {}
    given = iter(words)
    for word in given:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in OWN:
            left.append(word)
            continue
        own[name] = value if equals else next(given, "")
        if not own[name]:
            raise InputError(f"--{name} needs a value; write it as --{name}=VALUE")
    return left, own


def _options(words: Sequence[str]) -> tuple[list[Option], list[str]]:
    """The options, and the words from the first on that is none: so Terraform reads them."""
    found: list[Option] = []
    at = 0
    while at < len(words):
        word = words[at]
        if not word.startswith("-") or word == "-":
            break
        at += 1
        if word == "--":
            break
        name, equals, _ = word.lstrip("-").partition("=")
        if name in _VALUED and not equals and at < len(words):
            found.append(Option(name, (word, words[at])))
            at += 1
        else:
            found.append(Option(name, (word,)))
    return found, list(words[at:])


def _of_variable(name: str) -> list[Option]:
    """The options that Terraform takes from the environment."""
    try:
        return _options(shlex.split(os.environ.get(name, "")))[0]
    except ValueError:
        raise InputError(f"{name} cannot be read: a quote is open; correct it") from None
