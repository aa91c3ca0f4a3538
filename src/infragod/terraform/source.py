"""Find the plan's JSON in what was given: encodings, text that wrappers print around it, things that are no plan."""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import Final

import msgspec
from msgspec import UNSET

from infragod.errors import InputError
from infragod.terraform.format import Document

MEND: Final = "write one by `terraform plan -out=plan.tfplan` and `terraform show -json plan.tfplan > plan.json`"

_UTF16: Final = (
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
)
_PLAN_START = re.compile(rb'\{\s*"format_version"\s*:')
_ANY_START = re.compile(rb'\{\s*"')
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`\Z")
_STARTS_TRIED: Final = 64
_LOOKED_AT: Final = 65536


def document(data: bytes, where: str) -> Document:
    """The top of the plan in `data`; ``InputError`` says what is there instead, and how to get a plan."""
    text = _utf8(data, where)
    if not text.strip():
        raise InputError(f"{where} is empty; {MEND}")
    _refuse_look_alikes(text, where)
    found = _straight(text) or _decoded(_json(text, where), where)
    _refuse_other_json(found, where)
    _refuse_version(found.format_version, where)
    return found


def _straight(text: bytes) -> Document | None:
    """The document, where nothing but it was given: the usual case, read in one go."""
    try:
        return msgspec.json.decode(text, type=Document) if text.lstrip()[:1] == b"{" else None
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _utf8(data: bytes, where: str) -> bytes:
    for mark, encoding in _UTF16:
        if data.startswith(mark):
            try:
                return data.decode(encoding).removeprefix("\ufeff").encode()
            except UnicodeError:
                raise InputError(f"{where} begins as {encoding.upper()} but goes on otherwise; {MEND}") from None
    return data.removeprefix(codecs.BOM_UTF8)


def _refuse_look_alikes(text: bytes, where: str) -> None:
    head = text[:_LOOKED_AT]
    if text.startswith(b"\x1f\x8b"):
        raise InputError(f"{where} is compressed by gzip; give it as `gunzip -c {where} | infragod check -`")
    if b'"@level"' in head and b'"@message"' in head and not _PLAN_START.search(text):
        raise InputError(f"{where} is the log of `terraform plan -json`, not a plan; {MEND}")
    if b"Terraform will perform" in head and not _PLAN_START.search(text):
        raise InputError(f"{where} is the text that `terraform plan` prints for people, not a plan; {MEND}")


def _json(text: bytes, where: str) -> memoryview:
    """The JSON object in `text`, without what wrapper scripts print before and after it."""
    view = memoryview(text)
    problem = "holds no JSON object"
    for start in _starts(text):
        end = _extent(view[start:])
        if isinstance(end, int):
            return view[start : start + end]
        problem = end
    raise InputError(f"{where} {problem}; {MEND}")


def _starts(text: bytes) -> list[int]:
    """Where an object begins that may be the plan, the likeliest first."""
    whole = len(text) - len(text.lstrip())
    plans = [m.start() for m in islice(_PLAN_START.finditer(text), _STARTS_TRIED)]
    others = [] if plans else [m.start() for m in islice(_ANY_START.finditer(text), _STARTS_TRIED)]
    return list(dict.fromkeys([*([whole] if text[whole : whole + 1] == b"{" else []), *plans, *others]))


def _extent(view: memoryview) -> int | str:
    """How long the JSON value at the beginning of `view` is, or what is wrong with it."""
    try:
        msgspec.json.decode(view, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeError) as error:
        trailing = _TRAILING.search(str(error))
        if trailing:
            return int(trailing[1]) - 1  # the decoder counts from 1
        if "truncated" in str(error):
            return f"ends in the middle of the plan, after {len(view):,} bytes"
        return f"is not valid JSON ({error})"
    except RecursionError:
        return "is nested too deeply for a plan"
    return len(view)


def _decoded(text: memoryview, where: str) -> Document:
    try:
        return msgspec.json.decode(text, type=Document)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise InputError(f"{where} is no plan: {place(error)}; {MEND}") from None


def place(error: Exception, under: str = "") -> str:
    """What the decoder found wrong, with its place first."""
    text = str(error)
    found = _PLACE.search(text)
    path = ".".join(filter(None, (under, found[1] if found else "")))
    return f"{path or 'its top'}: {_PLACE.sub('', text).lower()}"


def _refuse_other_json(found: Document, where: str) -> None:
    if found.encrypted_data is not UNSET:
        raise InputError(f"{where} is encrypted by OpenTofu; write the plan as JSON by `tofu show -json`")
    if found.serial is not UNSET or (found.values is not UNSET and found.resource_changes is None):
        raise InputError(f"{where} is a state, not a plan; {MEND}")
    if found.provider_schemas is not UNSET:
        raise InputError(f"{where} holds provider schemas, not a plan; {MEND}")
    if found.resource_changes is None and found.planned_values is UNSET:
        raise InputError(f"{where} is JSON but no plan: it has no resource_changes; {MEND}")


def _refuse_version(version: str | None, where: str) -> None:
    if version is None:
        raise InputError(f"{where} has no format_version, so it is no plan of Terraform or OpenTofu; {MEND}")
    if not re.fullmatch(r"[01]\.\d{1,9}", version):
        named = version if re.fullmatch(r"[\d.]{1,20}", version) else "that is none"
        raise InputError(
            f"{where} has the plan format {named}, and this InfraGod reads 0.1 to 1.x; "
            "write the plan with a Terraform of version 1, or update InfraGod"
        )
