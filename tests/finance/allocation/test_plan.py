"""What allocation.toml may say; each mistake is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from infragod.errors import InputError
from infragod.finance.allocation import Allocation
from infragod.finance.allocation.plan import parse, read

POOL = '[[pool]]\nname = "p"\nmatch.x_service = "s"\n'
EVEN = POOL + 'method = "even"\nto = "team:*"\n'
OVERRIDE = '[[override]]\nmatch.x_service = "s"\nto = "team:a"\n'


def test_no_file_is_an_empty_one(tmp_path: Path) -> None:
    assert read(tmp_path / "allocation.toml") == Allocation()


def test_version_is_of_the_meaning_alone() -> None:
    same = '# why\n[[pool]]\nwhy = "so"\nto = ["team:*"]\nmethod="even"\nname="p"\nmatch = {x_service = ["s"]}'
    assert parse(EVEN).version == parse(same).version
    assert parse(EVEN).version != parse(EVEN.replace("even", "proportional")).version
    assert parse('[untagged]\nmethod="fixed"\npercent={"team:a"=100}').version == (
        parse('[untagged]\nmethod="fixed"\npercent={"team:a"=100.0}').version
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pool = 3", "a pool that is no list of tables"),
        ("commitments = 3", "no table"),
        ("[[pool", "not valid TOML"),
        ("pools = 1", "'pools', which is not known here"),
        (POOL, "method = None; it is one of even, fixed"),
        (POOL + 'method = "even"', "the method even without to"),
        (
            POOL + 'method = "fixed"\npercent = {"team:a" = 60, "team:b" = 41}',
            r"pool 1 \(p\) gives away 101 per cent; make its percentages sum to 100",
        ),
        (POOL + 'method = "fixed"\npercent = {"team:a" = 101, "team:b" = -1}', "team:b -1 per cent; a key is never"),
        (POOL + 'method = "fixed"\npercent = {"team:a" = true}', "True per cent; it has to be a number"),
        (POOL + 'method = "fixed"\npercent = {"a" = 100}', "a target is team:NAME"),
        (POOL + 'method = "even"\nto = "pool:q"', "names the pool 'q', which is not there; pools are p"),
        (EVEN + EVEN, "two pools named 'p'"),
        (EVEN.replace('"p"', '"untagged"'), "the name of what nobody owns"),
        (EVEN.replace("x_service", "BilledCost"), "no text column of the bill"),
        ('[[pool]]\nname = "p"\nmethod = "even"\nto = "team:*"', "needs columns of the bill and patterns"),
        ('[[pool]]\nname = "p"\nmatch = {}\nmethod = "even"\nto = "team:*"', "matches no row"),
        (OVERRIDE + 'reason = "r"', "has no date"),
        (OVERRIDE + "date = 2026-10-01", "reason = None"),
        (OVERRIDE.replace("team:a", "team:*") + 'date = 2026-10-01\nreason = "r"', "several make a pool"),
        (OVERRIDE + 'date = 2026-10-01\nreason = "r"\nfrom = "2026-13"', "is no month"),
        ('[commitments]\nunused = "nobody"', "it is buyer, users or a pool"),
        ('[commitments]\nunused = "pool:x"', "names the pool 'x'"),
        ('cycles = "maybe"', "it is one of refuse, solve"),
        ('suspense = ""', "has to be text"),
    ],
    ids=lambda v: None,
)
def test_a_mistake_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as error:
        parse(text)
    assert "\n" not in str(error.value)
    assert "allocation.toml" in str(error.value) or "no month" in str(error.value)
