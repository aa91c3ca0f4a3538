"""The nouns of money: FOCUS columns with their types, billing periods, and how money is written.

Columns follow the FinOps Open Cost and Usage Specification (FOCUS) 1.4, dataset Cost and Usage,
https://focus.finops.org/ (CC BY 4.0). Ours begin with ``x_``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

from infragod.errors import InputError


class Kind(StrEnum):
    """What a column holds; ``SQL_TYPES`` says how the lake stores it."""

    TEXT = "text"
    JSON = "json"
    TAGS = "tags"
    TIME = "time"
    MONEY = "money"
    QUANTITY = "quantity"


TEXT, JSON, TAGS, TIME, MONEY, QUANTITY = Kind

SQL_TYPES: Final[dict[Kind, str]] = {
    TEXT: "VARCHAR",
    JSON: "VARCHAR",
    TAGS: "MAP(VARCHAR, VARCHAR)",
    TIME: "TIMESTAMP WITH TIME ZONE",
    MONEY: "DECIMAL(38,12)",
    QUANTITY: "DECIMAL(38,15)",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the lake's `cost` table: name, kind, FOCUS version that brought it, must it be there, may it be null."""

    name: str
    kind: Kind
    since: str
    mandatory: bool
    nullable: bool

    @property
    def sql_type(self) -> str:
        """The column's SQL type."""
        return SQL_TYPES[self.kind]


FOCUS_COLUMNS: Final[tuple[Column, ...]] = (
    Column("AllocatedMethodDetails", JSON, "1.3", False, True),
    Column("AllocatedMethodId", TEXT, "1.3", False, True),
    Column("AllocatedResourceId", TEXT, "1.3", False, True),
    Column("AllocatedResourceName", TEXT, "1.3", False, True),
    Column("AllocatedTags", TAGS, "1.3", False, True),
    Column("AvailabilityZone", TEXT, "0.5", False, True),
    Column("BilledCost", MONEY, "0.5", True, False),
    Column("BillingAccountId", TEXT, "0.5", True, False),
    Column("BillingAccountName", TEXT, "0.5", True, True),
    Column("BillingAccountType", TEXT, "1.2", False, False),
    Column("BillingCurrency", TEXT, "0.5", True, False),
    Column("BillingPeriodEnd", TIME, "0.5", True, False),
    Column("BillingPeriodStart", TIME, "0.5", True, False),
    Column("CapacityReservationId", TEXT, "1.1", False, True),
    Column("CapacityReservationStatus", TEXT, "1.1", False, True),
    Column("ChargeCategory", TEXT, "0.5", True, False),
    Column("ChargeClass", TEXT, "1.0", True, True),
    Column("ChargeDescription", TEXT, "1.0", True, True),
    Column("ChargeFrequency", TEXT, "1.0", False, False),
    Column("ChargePeriodEnd", TIME, "0.5", True, False),
    Column("ChargePeriodStart", TIME, "0.5", True, False),
    Column("CommitmentDiscountCategory", TEXT, "1.0", False, True),
    Column("CommitmentDiscountId", TEXT, "1.0", False, True),
    Column("CommitmentDiscountName", TEXT, "1.0", False, True),
    Column("CommitmentDiscountQuantity", QUANTITY, "1.1", False, True),
    Column("CommitmentDiscountStatus", TEXT, "1.0", False, True),
    Column("CommitmentDiscountType", TEXT, "1.0", False, True),
    Column("CommitmentDiscountUnit", TEXT, "1.1", False, True),
    Column("CommitmentProgramEligibilityDetails", JSON, "1.4", False, True),
    Column("ConsumedQuantity", QUANTITY, "1.0", False, True),
    Column("ConsumedUnit", TEXT, "1.0", False, True),
    Column("ContractApplied", JSON, "1.3", False, True),
    Column("ContractedCost", MONEY, "1.0", True, False),
    Column("ContractedUnitPrice", MONEY, "1.0", False, True),
    Column("EffectiveCost", MONEY, "0.5", True, False),
    Column("HostProviderName", TEXT, "1.3", True, True),
    Column("InvoiceDetailId", TEXT, "1.4", False, True),
    Column("InvoiceId", TEXT, "1.2", False, True),
    Column("InvoiceIssuerName", TEXT, "0.5", True, False),
    Column("ListCost", MONEY, "1.0", True, False),
    Column("ListUnitPrice", MONEY, "1.0", False, True),
    Column("PricingCategory", TEXT, "1.0", False, True),
    Column("PricingCurrency", TEXT, "1.2", False, False),
    Column("PricingCurrencyContractedUnitPrice", MONEY, "1.2", False, True),
    Column("PricingCurrencyEffectiveCost", MONEY, "1.2", False, False),
    Column("PricingCurrencyListUnitPrice", MONEY, "1.2", False, True),
    Column("PricingQuantity", QUANTITY, "1.0", True, True),
    Column("PricingUnit", TEXT, "1.0", True, True),
    Column("RegionId", TEXT, "1.0", False, True),
    Column("RegionName", TEXT, "1.0", False, True),
    Column("ResourceId", TEXT, "0.5", False, True),
    Column("ResourceName", TEXT, "0.5", False, True),
    Column("ResourceType", TEXT, "1.0", False, True),
    Column("ServiceCategory", TEXT, "0.5", True, False),
    Column("ServiceName", TEXT, "0.5", True, False),
    Column("ServiceProviderName", TEXT, "1.3", True, False),
    Column("ServiceSubcategory", TEXT, "1.1", False, False),
    Column("SkuId", TEXT, "1.0", False, True),
    Column("SkuMeter", TEXT, "1.1", False, True),
    Column("SkuPriceDetails", JSON, "1.1", False, True),
    Column("SkuPriceId", TEXT, "1.0", False, True),
    Column("SubAccountId", TEXT, "0.5", False, True),
    Column("SubAccountName", TEXT, "0.5", False, True),
    Column("SubAccountType", TEXT, "1.2", False, True),
    Column("Tags", TAGS, "1.0", False, True),)

OUR_COLUMNS: Final[tuple[Column, ...]] = (
    Column("x_ProviderName", TEXT, "x", False, True),  # ProviderName and PublisherName left FOCUS with 1.4; 1.2 needs them
    Column("x_PublisherName", TEXT, "x", False, True),
    Column("x_source", TEXT, "x", True, False),
    Column("x_billing_period", TEXT, "x", True, False),  # YYYY-MM of BillingPeriodStart, UTC
    Column("x_load_id", TEXT, "x", True, False),
    Column("x_team", TEXT, "x", False, True),
    Column("x_service", TEXT, "x", False, True),
    Column("x_environment", TEXT, "x", False, True),
    Column("x_cost_centre", TEXT, "x", False, True),
    Column("x_owner_by", TEXT, "x", False, True),
    Column("x_terraform_address", TEXT, "x", False, True),
)

COST_COLUMNS: Final[tuple[Column, ...]] = FOCUS_COLUMNS + OUR_COLUMNS

BASES: Final[dict[str, str]] = {
    "effective": "EffectiveCost",
    "billed": "BilledCost",
    "contracted": "ContractedCost",
    "list": "ListCost",
}

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar month in UTC, the usual billing period."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period written `YYYY-MM`; ``InputError`` for anything else."""
        match = _MONTH.fullmatch(text)
        if match is None:
            raise InputError(f"{text!r} is no month; write it as YYYY-MM, for example 2026-10")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Period:
        """The period that `day` lies in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """First day of the month."""
        return date(self.year, self.month, 1)

    def plus(self, months: int) -> Period:
        """The period `months` later (earlier if negative)."""
        count = self.year * 12 + self.month - 1 + months
        return Period(count // 12, count % 12 + 1)

    @property
    def days(self) -> int:
        """Number of days of the month."""
        return (self.plus(1).first_day - self.first_day).days

    @property
    def title(self) -> str:
        """The month as people write it, for example `October 2026`."""
        return f"{self.first_day:%B %Y}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


CENT: Final = Decimal("0.01")
_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def exact(amount: Decimal) -> str:
    """`amount` as decimal text for machines: every digit that counts, at least two decimals, no exponent."""
    digits = f"{amount:f}"
    whole, _, decimals = digits.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def money(amount: Decimal, currency: str = "USD", *, plus: bool = False) -> str:
    """`amount` for people, rounded to cents: `$1,204.10`, `-$3.00`, `+$5.00` with `plus`, `SEK 12.00`."""
    cents = amount.quantize(CENT, rounding=ROUND_HALF_EVEN)
    sign = "-" if cents < 0 else "+" if plus and cents > 0 else ""
    return f"{sign}{_SIGNS.get(currency, currency + ' ')}{abs(cents):,.2f}"


def unit_price(price: Decimal, currency: str = "USD") -> str:
    """A unit price for people: cents, or as many decimals as it has: `$0.023`, `$0.0000002`, `$4.00`."""
    return f"{_SIGNS.get(currency, currency + ' ')}{exact(price)}"
