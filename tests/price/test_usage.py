"""usage.toml: which section wins, and what is wrong in one sentence."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from infragod.errors import InputError
from infragod.price.usage import Usage, parse, read

KEY = "monthly_data_processed_gb"


def amount(usage: Usage, address: str) -> Decimal | str | None:
    found = usage.find(address, "aws_nat_gateway", KEY)
    return None if found is None else found.value


def test_address_before_pattern_before_type() -> None:
    usage = parse(
        f'["aws_nat_gateway"]\n{KEY} = 1\n["module.*"]\n{KEY} = 2\n["module.shop.*"]\n{KEY} = 3\n'
        f'["module.shop.aws_nat_gateway.main"]\n{KEY} = 4.5\n',
        "usage.toml",
    )
    addresses = ("aws_nat_gateway.a", "module.a.aws_nat_gateway.a", "module.shop.aws_nat_gateway.a")
    assert [amount(usage, address) for address in addresses] == [1, 2, 3]
    assert amount(usage, "module.shop.aws_nat_gateway.main") == Decimal("4.5")


def test_brackets_of_a_pattern_are_an_index() -> None:
    usage = parse(f"""['aws_nat_gateway.x["a*"]']\n{KEY} = 7\n""", "usage.toml")
    assert amount(usage, 'aws_nat_gateway.x["ab"]') == 7
    assert amount(usage, "aws_nat_gateway.xa") is None


def test_nothing_said_is_nothing_known() -> None:
    assert amount(parse("", "usage.toml"), "aws_nat_gateway.a") is None
    assert amount(Usage(), "aws_nat_gateway.a") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[a]\nmonthly_gigabits = 1", "'monthly_gigabits' is no usage key"),
        (f"[a]\n{KEY} = -1", "give a number of 0 or more"),
        (f"[a]\n{KEY} = inf", "give a number of 0 or more"),
        (f"[a]\n{KEY} = 'many'", "is no number"),
        (f"[a]\n{KEY} = true", "is no number"),
        ("[a]\noperating_system = 'beos'", "it is one of linux, windows, rhel, suse"),
        (f"{KEY} = 1", "is no section"),
        ("[a\n", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=r"usage\.toml") as error:
        parse(text, "usage.toml")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check its name and rights"):
        read(tmp_path / "none.toml")
    (tmp_path / "wide.toml").write_bytes("é".encode("utf-16"))
    with pytest.raises(InputError, match="not UTF-8"):
        read(tmp_path / "wide.toml")


def test_a_choice_is_text() -> None:
    usage = parse("[aws_instance]\noperating_system = 'windows'", "usage.toml")
    found = usage.find("aws_instance.a", "aws_instance", "operating_system")
    assert found is not None
    assert (found.value, found.note) == ("windows", "usage.toml")
