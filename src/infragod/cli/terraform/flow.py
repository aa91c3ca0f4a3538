"""The two flows of the wrapper, read top-down.

plan:   the real plan → its file → check → verdict
apply:  the real plan, or a plan file → a copy nobody else writes → check → verdict → yes? → approval
→ grant → is it still that file? → claim → the real apply of that file, with signs of life → finish
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from infragod.cli.check import EXIT, rendered
from infragod.cli.terraform import backend as backends
from infragod.cli.terraform import gates, grant, heart, process
from infragod.cli.terraform.arguments import Call
from infragod.cli.terraform.handover import handed
from infragod.errors import InputError, SetupError
from infragod.settings import Settings
from infragod.terraform import binary, planfile

_CHANGES: Final = 2  # the exit code of `plan -detailed-exitcode`
_SIGNALLED: Final = 128
_UNCHANGED: Final = ("no-op", "read")


@dataclass(frozen=True, slots=True)
class Session:
    """One call of the wrapper."""

    settings: Settings
    program: str
    call: Call
    gate: gates.Gate
    backend: backends.Backend
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def open(cls, settings: Settings, name: str, call: Call) -> Session:
        """Everything that is known before Terraform runs."""
        found = backends.backend(call.folder)
        return cls(settings, process.program(name), call, gates.gate(settings), found, _environment())

    @property
    def own_backend(self) -> bool:
        """Whether our own server keeps the state, and so takes the grant itself."""
        return backends.own_workspace(self.backend, self.settings) is not None

    @property
    def workspace(self) -> str:
        """What the plan is checked under: as told, as our backend names it, or the folder's name."""
        told = self.call.own.get("workspace") or self.settings.workspace
        kept = backends.own_workspace(self.backend, self.settings)
        if told or kept:
            return told or kept or ""
        return "-".join(filter(None, (self.call.folder.resolve().name, backends.cli_workspace(self.call.folder))))

    @property
    def change_request(self) -> str:
        """The pull request that the plan belongs to."""
        return self.call.own.get("change-request", "")

    def words(self, command: str, *options: str) -> list[str]:
        """A call of the program."""
        return [self.program, *self.call.globals, command, *options]

    def say(self, text: str) -> None:
        """Ours, where it does not get between what a program reads."""
        stream = sys.stderr if self.call.is_on("json") else sys.stdout
        stream.write(text)
        stream.flush()

    def shown(self, file: Path) -> bytes:
        """The JSON of a plan file."""
        plain = {k: v for k, v in self.environment.items() if not k.startswith(("TF_CLI_ARGS", "TF_LOG"))}
        return process.output(self.words("show", "-json", str(file)), plain, binary.LARGEST)

    def checked(self, data: bytes, where: str) -> Mapping[str, Any]:
        """The decision on a plan, said."""
        document = self.gate.check(data, where, self.workspace, self.change_request)
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and not self.call.is_on("no-color")
        self.say("\n" + rendered(document, "text", colour=colour))
        return document


def run(session: Session) -> int:
    """Do what was asked, behind the gate."""
    if session.call.command == "plan":
        return plan(session)
    with _ended_in_order(), _private_folder() as folder:
        return apply(session, folder)


def plan(session: Session) -> int:
    """Plan, check, and say the verdict; the exit code is the verdict's where that stops, else the program's."""
    call = session.call
    out = call.last("out")
    with _private_folder() as folder:
        file = (call.folder / out.value).absolute() if out else folder / "plan.tfplan"
        options = [word for option in call.options for word in option.words]
        options += [] if out else [f"-out={file}"]
        code = process.run(session.words("plan", *options, *call.rest), session.environment)
        if code not in (0, _CHANGES):
            return code
        document = session.checked(session.shown(file), out.value if out else "the plan")
    if not out:
        session.say("\nThe plan file is not kept: `apply` plans again, and -out=FILE keeps it.\n")
    return EXIT[document["verdict"]] or code


def apply(session: Session, folder: Path) -> int:
    """Check, take a grant, and apply exactly the file that was checked."""
    file = folder / "plan.tfplan"
    if code := _planned(session, file):
        return code
    checked = _Checked(session, file, session.shown(file), session.call.rest[0] if session.call.rest else "the plan")
    document = checked()
    if document["verdict"] == "deny":
        return EXIT["deny"]
    if document["verdict"] == "needs_approval" and not session.call.wait:
        gates.warn("approval is needed; apply again when it is given, or wait for it here by --wait=30m")
        return EXIT["needs_approval"]
    if not _confirmed(session, document):
        session.say("\nApply cancelled.\n")
        return 1
    return _granted(checked, document)


def _granted(checked: _Checked, document: Mapping[str, Any]) -> int:
    """Take the grant and apply, or say why there is none."""
    session = checked.session
    if not document["decision"]:  # the server is out of reach, and on_outage is open
        return process.run(checked.apply_words(), _of_apply(session))
    facts = planfile.read(checked.file)
    try:
        return _applied(checked, grant.taken(session.gate, document, facts, session.call, checked))
    except gates.RefusedError as error:
        gates.warn(str(error))
        return grant.EXIT.get(error.reason, error.exit_code)


def _planned(session: Session, file: Path) -> int:
    """Put the plan into `file`: the one that was named, or a new one; the exit code of what failed."""
    call = session.call
    if call.rest:
        if len(call.rest) > 1 or call.command == "destroy":
            raise InputError(f"{call.rest[-1]!r} is one word too many; {call.command} takes no more than one plan file")
        _copied((call.folder / call.rest[0]).absolute(), file)
        return 0
    options = [*call.plan_words(), *(["-destroy"] if call.command == "destroy" else []), f"-out={file}"]
    plain = {k: v for k, v in session.environment.items() if k != "TF_CLI_ARGS_plan"}
    return process.run(session.words("plan", *options), plain)


def _applied(checked: _Checked, held: gates.Held) -> int:
    """Apply under the grant; whatever happens, the grant is finished afterwards."""
    session = checked.session
    code = 1
    try:
        environment = handed(session.settings, held, checked.file.parent, _with_grant(session, held))
        if planfile.digest(checked.file) != held.plan.digest:
            raise InputError(f"the plan file was changed after it was checked; grant {held.id} is given back")
        if session.own_backend:
            code = process.run(checked.apply_words(), environment)
        else:
            session.gate.claim(held, f"wrapper-{held.id}")
            with heart.beating(session.settings, held) as pipe:
                code = process.run(checked.apply_words(), environment, pipe)
    finally:
        grant.ended(session, held, applied=code == 0)
    return code


def _with_grant(session: Session, held: gates.Held) -> dict[str, str]:
    """The environment of the apply: our backend gets the grant as its password."""
    environment = _of_apply(session)
    if not session.own_backend:
        return environment
    if session.backend.fixed_password:
        raise SetupError(
            'backend "http" has a password in its configuration, so the grant cannot take its place; '
            "leave it out there, and set TF_HTTP_PASSWORD"
        )
    return environment | {"TF_HTTP_USERNAME": "grant", "TF_HTTP_PASSWORD": held.token}


def _of_apply(session: Session) -> dict[str, str]:
    """The options of the command's own variable stand in the call already, as far as a plan file takes them."""
    return {k: v for k, v in session.environment.items() if k != "TF_CLI_ARGS_apply"}


def _confirmed(session: Session, document: Mapping[str, Any]) -> bool:
    """Whether the user says yes, where Terraform would have asked."""
    call = session.call
    if (
        call.rest
        or call.is_on("auto-approve")
        or not any(count for action, count in document["counts"].items() if action not in _UNCHANGED)
    ):
        return True
    asked = call.last("input")
    if asked is not None and not asked.on:
        raise InputError("with -input=false nobody can say yes; pass -auto-approve, or a plan file")
    session.say(f"\nDo you want to perform these actions in {session.workspace}?\n")
    session.say("  Only 'yes' will be accepted to approve.\n\n  Enter a value: ")
    return sys.stdin.readline().strip() == "yes"


@dataclass(frozen=True, slots=True)
class _Checked:
    """The plan file that is to be applied, and its JSON."""

    session: Session
    file: Path
    data: bytes
    where: str

    def __call__(self) -> Mapping[str, Any]:
        """Check it; done again, what came in the way since may have become part of the verdict."""
        return self.session.checked(self.data, self.where)

    def apply_words(self) -> list[str]:
        """The call that applies it."""
        variables = grant.takes_variables(self.data)
        options = self.session.call.apply_words(variables=variables)
        return self.session.words("apply", *options, "-input=false", str(self.file))


def _copied(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as given, target.open("xb") as own:
            shutil.copyfileobj(given, own)
    except OSError as error:
        raise InputError(f"cannot read the plan file {source}: {error.strerror}; check its name and rights") from None


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that only this user may enter; a plan file holds secrets in clear text."""
    with tempfile.TemporaryDirectory(prefix="infragod-") as name:
        yield Path(name)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Told to end, we do so by an exception, so that the grant is given back and the plan file removed."""
    numbers = (signal.SIGTERM, signal.SIGHUP)

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(_SIGNALLED + number)

    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _environment() -> dict[str, str]:
    """Ours without our secrets: what a plan runs (providers, external programs) has no business with them."""
    secret = {f"INFRAGOD_{f.name.upper()}" for f in fields(Settings) if f.metadata.get("secret")}
    return {name: value for name, value in os.environ.items() if name not in secret}
