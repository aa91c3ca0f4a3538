"""`infragod usage init`: what a plan leaves open, what matters most first; a person's file keeps all that it has."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.price.conftest import PLANS

from infragod.cli.main import main
from infragod.price import usage
from infragod.price.sheet import Prices
from infragod.price.usage import Amount, Measure, Name, Siblings, Usage
from infragod.price.usage_init import Begun, Line, Section, begin, sections
from infragod.resource import Action, Commitment
from infragod.terraform.plan import read

LAMBDA = PLANS / "aws_usage_types.json"
NAT = PLANS / "aws_nat_gateway.json"
KEY = "monthly_data_processed_gb"


class Known:
    """What is measured of everything: the same."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure

    def find(self, address: str, kind: str, name: Name) -> Measure | None:
        return self.measure

    def cover(self, resources: object) -> tuple[Commitment, ...]:
        return ()


def begun(path: Path, present: str = "", known: Usage | None = None) -> Begun:
    """The file for the plan at `path`."""
    plan = read(path, b"key")
    held = usage.parse(present, "usage.toml")
    found = sections(plan, Prices(), known or Usage())
    return begin(found, present, held, {c.address: c.type for c in plan.changes})


def test_a_new_file_has_what_is_open_as_comments() -> None:
    assert begun(NAT).text == (
        "# Expected usage a month. A line counts once its # is taken away; without it, what is measured counts.\n"
        "\n"
        '["aws_nat_gateway.main"]\n'
        "# Data processed: $0.045 per GB\n"
        f"# {KEY} =\n"
    )


def test_measured_usage_stands_there_with_where_it_is_from() -> None:
    known = Usage((), Known(Measure(Decimal("1234.5"), "measured, October 2026")))
    text = begun(NAT, known=known).text
    assert "# 1,234.5 GB: measured, October 2026\n" in text
    assert f"# {KEY} = 1234.5\n" in text
    filled = usage.parse(text.replace(f"# {KEY}", KEY), "usage.toml")
    assert filled.find("aws_nat_gateway.main", "aws_nat_gateway", KEY) == Amount(Decimal("1234.5"), "usage.toml")


def test_a_span_stands_there_without_a_value() -> None:
    known = Usage((), Known(Measure(None, "", Siblings(12, Decimal(40), Decimal(90)))))
    text = begun(NAT, known=known).text
    assert "# 12 of this type in the company: half use up to 40 GB\n" in text
    assert f"# {KEY} =\n" in text


def test_every_key_of_the_file_is_one_and_each_stands_once() -> None:
    made = begun(LAMBDA)
    filled = "".join(
        line.removeprefix("# ") + " 1\n" if line.startswith("# ") and line.endswith("=") else f"{line}\n"
        for line in made.text.splitlines()
    )
    usage.parse(filled, "usage.toml")
    assert sum(len(section) for section in tomllib.loads(filled).values()) == len(made.added) > 10


def test_what_matters_most_comes_first() -> None:
    plan = read(LAMBDA, b"key")
    found = sections(plan, Prices(), Usage())
    assert [s.weight for s in found] == sorted((s.weight for s in found), reverse=True)
    for section in found:
        assert [line.weight for line in section.lines] == sorted((line.weight for line in section.lines), reverse=True)


def test_resources_that_share_all_share_a_section() -> None:
    plan = read(NAT, b"key")
    one = plan.changes[0]
    side = one.after
    assert side is not None

    def names(known: Usage, *addresses: str) -> list[str]:
        changes = [replace(one, address=a, after=replace(side, address=a)) for a in addresses]
        return [s.name for s in sections(replace(plan, changes=changes), Prices(), known)]

    three = ("aws_nat_gateway.a[0]", "aws_nat_gateway.a[1]", "aws_nat_gateway.b")
    assert names(Usage(), *three) == ["aws_nat_gateway"]
    assert names(Usage((), Busier("aws_nat_gateway.b")), *three) == ["aws_nat_gateway.b", "aws_nat_gateway.a[*]"]
    assert names(Usage((), Busier(three[0])), *three) == [three[0], *sorted(three[1:])]
    gone = replace(one, action=Action.DELETE, after=None, before=one.after)
    assert sections(replace(plan, changes=[gone]), Prices(), Usage()) == []


class Busier(Known):
    """One resource uses more than the others."""

    def __init__(self, busy: str) -> None:
        super().__init__(Measure(Decimal(10), "measured"))
        self.busy = busy

    def find(self, address: str, kind: str, name: Name) -> Measure | None:
        return Measure(Decimal(99), "measured") if address == self.busy else super().find(address, kind, name)


def line(key: str, price: str = "1") -> Line:
    return Line(key, "Title", Decimal(price), "GB", 1, None)


def test_a_file_keeps_its_words_and_its_order() -> None:
    present = (
        "# ours\n\n[aws_nat_gateway]\n# a remark\n" + f"{KEY} = 5 # why\n\n" + '["aws_lb.x"]\nnew_connections = 1\n'
    )
    wanted = [
        Section("aws_lb.x", ("aws_lb.x",), (line("new_connections"), line("active_connections"))),
        Section("aws_nat_gateway", ("aws_nat_gateway.main",), (line(KEY),)),
        Section("aws_sqs_queue.q", ("aws_sqs_queue.q",), (line("monthly_requests"),)),
    ]
    kinds = {"aws_lb.x": "aws_lb", "aws_nat_gateway.main": "aws_nat_gateway", "aws_sqs_queue.q": "aws_sqs_queue"}
    made = begin(wanted, present, usage.parse(present, "usage.toml"), kinds)
    assert made.text == (
        f"{present}# Title: $1.00 per GB\n# active_connections =\n\n"
        '["aws_sqs_queue.q"]\n# Title: $1.00 per GB\n# monthly_requests =\n'
    )
    assert (made.there, [key for key, _ in made.added]) == (2, ["active_connections", "monthly_requests"])
    again = begin(wanted, made.text, usage.parse(made.text, "usage.toml"), kinds)
    assert (again.text, again.added, again.there) == (made.text, [], 4)


@given(st.lists(st.sampled_from(["# note", "", "monthly_requests = 3", f"{KEY} = 0.5 # so"]), max_size=6, unique=True))
def test_no_line_of_a_person_is_lost(lines: list[str]) -> None:
    present = "[aws_nat_gateway]\n" + "".join(f"{row}\n" for row in lines)
    made = begun(NAT, present)
    kept = iter(made.text.splitlines())
    assert all(row in kept for row in present.splitlines()), "each in its order"
    held = usage.parse(made.text, "usage.toml").find("aws_nat_gateway.main", "aws_nat_gateway", KEY)
    assert (held is not None) == any(row.startswith(KEY) for row in lines)


def test_the_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usage", "init", str(NAT), "--out", "u.toml"]) == 0
    assert capsys.readouterr().out == f"u.toml: 1 key to fill in\n  {KEY}  aws_nat_gateway.main\n"
    before = Path("u.toml").read_text(encoding="utf-8")
    assert main(["usage", "init", str(NAT), "--out", "u.toml"]) == 2
    assert capsys.readouterr().err == (
        "infragod: u.toml exists; --force adds what is missing in it and keeps every line that it has\n"
    )
    assert main(["usage", "init", str(NAT), "--out", "u.toml", "--force"]) == 0
    assert capsys.readouterr().out == "u.toml: nothing is missing, 1 there already; nothing was written\n"
    assert Path("u.toml").read_text(encoding="utf-8") == before
    assert main(["usage", "init", str(NAT), "--out", "no/such/u.toml"]) == 2
    assert "give another file by --out" in capsys.readouterr().err


def test_a_price_that_nobody_knows_weighs_nothing() -> None:
    nobody = replace(line("k"), price=None)
    assert nobody.weight == 0
    assert next(nobody.text()) == "# Title: no price per GB"
