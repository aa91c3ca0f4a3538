"""Take the grant, waiting for the approval if asked to; and give account of it when the apply has ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from infragod.cli.terraform import gates
from infragod.cli.terraform.arguments import Call
from infragod.errors import InfragodError
from infragod.terraform.planfile import PlanFile

if TYPE_CHECKING:
    from infragod.cli.terraform.flow import Session

EXIT: Final = {"denied": 1, "refused": 1, "approval": 3}
FIRST_PAUSE = 2.0
LONGEST_PAUSE: Final = 15.0
_LARGEST: Final = 1 << 28
_CHECK_AGAIN: Final = ("outdated", "budget")
_IDS: Final = ("arn", "self_link", "id")
_EPHEMERAL: Final = (1, 10)  # the first Terraform that takes variables beside a plan file


def taken(
    gate: gates.Gate,
    document: Mapping[str, Any],
    plan: PlanFile,
    call: Call,
    check_again: Callable[[], Mapping[str, Any]],
) -> gates.Held:
    """A grant on the decision; ``RefusedError`` if there is none within the time that the call allows."""
    end = time.monotonic() + call.wait.total_seconds()
    pauses = _pauses()
    tries = 2
    change_request = call.own.get("change-request", "")
    while True:
        try:
            return gate.take(document["decision"], plan, change_request)
        except gates.RefusedError as error:
            if error.reason in _CHECK_AGAIN and tries:
                tries -= 1
                gates.warn(str(error))
                document = check_again()
                continue
            pause = min(next(pauses), end - time.monotonic())
            if error.reason != "approval" or pause <= 0:
                raise
            if pause == FIRST_PAUSE:
                gates.warn(f"waiting {_said(call.wait)} at most for the approval; Ctrl+C ends the waiting")
            time.sleep(pause)


def ended(session: Session, held: gates.Held, *, applied: bool) -> None:
    """Conclude the grant; what fails here is said, and changes nothing of the exit code."""
    try:
        resources = None if session.own_backend else _resources(session)
        session.gate.finish(held, applied=applied, resources=resources)
    except InfragodError as error:
        gates.warn(f"grant {held.id} could not be concluded and ends by itself: {error}")


def takes_variables(plan: bytes) -> bool:
    """Whether the program that made the plan takes variables beside a plan file, as ephemeral ones need it."""
    try:
        version = str(json.loads(plan).get("terraform_version", "0"))
        return tuple(int(part) for part in version.split("-", maxsplit=1)[0].split(".")[:2]) >= _EPHEMERAL
    except (ValueError, AttributeError):
        return False


def _resources(session: Session) -> dict[str, str | None] | None:
    """Address to id of all that the state holds now; None where it cannot be read."""
    from infragod.cli.terraform import process

    plain = {k: v for k, v in session.environment.items() if not k.startswith(("TF_CLI_ARGS", "TF_LOG"))}
    try:
        shown = json.loads(process.output(session.words("show", "-json"), plain, _LARGEST))
        root = (shown.get("values") or {}).get("root_module") or {}
        return {r["address"]: _id(r) for r in _walk(root) if r.get("mode") == "managed"}
    except (InfragodError, ValueError, KeyError, AttributeError, TypeError):
        return None


def _walk(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for below in module.get("child_modules", ()):
        yield from _walk(below)


def _id(resource: Mapping[str, Any]) -> str | None:
    values, hidden = resource.get("values") or {}, resource.get("sensitive_values") or {}
    known = (values.get(name) for name in _IDS if not hidden.get(name))
    return next((value for value in known if isinstance(value, str) and value), None)


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _said(wait: timedelta) -> str:
    minutes, seconds = divmod(int(wait.total_seconds()), 60)
    return f"{minutes} min" if not seconds else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
