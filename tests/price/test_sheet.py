"""The sheet: every row of the built-in one is sound; a wrong row is refused; no other region's price is taken."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from infragod.errors import InputError, SetupError
from infragod.price.sheet import BUILT_IN, Prices, Sheet, read_rows

SOURCES = '[list]\ntitle = "a list"\ndate = 2026-01-01\n'
HEADER = "key,option,price,unit,source\n"


def sheet(folder: Path, rows: str, header: str = HEADER) -> Sheet:
    (folder / "aws" / "ec2").mkdir(parents=True)
    (folder / "sources.toml").write_text(SOURCES)
    (folder / "aws" / "ec2" / "eu-west-1.csv").write_text(header + rows)
    return Sheet(folder, "a test")


def test_every_built_in_row_is_above_zero_with_a_source() -> None:
    rows = 0
    for path in BUILT_IN.folder.glob("*/*/*.csv"):
        rows += len(read_rows(path, BUILT_IN.sources))
    assert rows > 29_000


@pytest.mark.parametrize(
    ("key", "price"),
    [
        ("m5.large/linux", "0.096"),
        ("t3.micro/linux", "0.0104"),
        ("m7i.large/linux", "0.1008"),
        ("c5.large/windows", "0.177"),
    ],
)
def test_prices_of_instances(key: str, price: str) -> None:
    found = Prices().find("aws", "ec2", "us-east-1", key)
    assert found is not None
    assert found.amount == Decimal(price)


def test_a_price_has_a_source_and_a_day(tmp_path: Path) -> None:
    found = sheet(tmp_path, "m5.large/linux,on-demand,0.107,hours,list\n").find(
        "aws", "ec2", "eu-west-1", "m5.large/linux"
    )
    assert found is not None
    assert str(found.source) == "a list, 2026-01-01"


def test_an_absent_price_is_none(tmp_path: Path) -> None:
    found = sheet(tmp_path, "m5.large/linux,on-demand,0.107,hours,list\n")
    assert found.find("aws", "ec2", "eu-west-2", "m5.large/linux") is None
    assert found.find("aws", "ec2", "../eu-west-1", "m5.large/linux") is None
    assert found.find("aws", "ec2", "eu-west-1", "m5.large/linux", "spot") is None
    assert found.regions("aws", "ec2") == ["eu-west-1"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("a,on-demand,0,hours,list\n", "no amount above zero"),
        ("a,on-demand,-1,hours,list\n", "no amount above zero"),
        ("a,on-demand,NaN,hours,list\n", "no amount above zero"),
        ("a,on-demand,cheap,hours,list\n", "no amount above zero"),
        ("a,on-demand,1,hours,hearsay\n", "a price needs a source"),
        ("a,on-demand,1,hours,list\na,on-demand,2,hours,list\n", "line 3: a second price for a"),
        ("a,on-demand,1\n", "3 cells instead of 5"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path: Path, rows: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        sheet(tmp_path, rows).find("aws", "ec2", "eu-west-1", "a")


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no price sheet"):
        sheet(tmp_path, "", "sku,price\n").find("aws", "ec2", "eu-west-1", "a")


@pytest.mark.parametrize("sources", ["[list", '[list]\ntitle = "a"\n', '[list]\ntitle = "a"\ndate = "today"\n', None])
def test_sources_that_cannot_be_read(tmp_path: Path, sources: str | None) -> None:
    found = sheet(tmp_path, "a,on-demand,1,hours,list\n")
    (tmp_path / "sources.toml").unlink() if sources is None else (tmp_path / "sources.toml").write_text(sources)
    with pytest.raises(SetupError, match="install the package again"):
        found.find("aws", "ec2", "eu-west-1", "a")


def test_the_first_sheet_that_knows_wins(tmp_path: Path) -> None:
    own = sheet(tmp_path, "m5.large/linux,on-demand,0.05,hours,list\n")
    prices = Prices((own, BUILT_IN))
    found = [prices.find("aws", "ec2", region, "m5.large/linux") for region in ("eu-west-1", "us-east-1")]
    assert [price.amount for price in found if price] == [Decimal("0.05"), Decimal("0.096")]
    assert prices.title == "a test, then the built-in sheet"
