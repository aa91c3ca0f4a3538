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
    """A column of the `cost` table: name, kind, FOCUS version that brought it, must it be there, may it be null."""

    name: str
    kind: Kind
    since: str
    mandatory: bool
    nullable: bool

    @property
    def sql_type(self) -> str:
        """The column's SQL type."""
        return SQL_TYPES[self.kind]


MUST, MAY = True, False  # is the column there in every file
FILLED, NULLS = False, True  # may its values be null

FOCUS_COLUMNS: Final[tuple[Column, ...]] = (
    Column("AllocatedMethodDetails", JSON, "1.3", MAY, NULLS),
    Column("AllocatedMethodId", TEXT, "1.3", MAY, NULLS),
    Column("AllocatedResourceId", TEXT, "1.3", MAY, NULLS),
    Column("AllocatedResourceName", TEXT, "1.3", MAY, NULLS),
    Column("AllocatedTags", TAGS, "1.3", MAY, NULLS),
    Column("AvailabilityZone", TEXT, "0.5", MAY, NULLS),
    Column("BilledCost", MONEY, "0.5", MUST, FILLED),
    Column("BillingAccountId", TEXT, "0.5", MUST, FILLED),
    Column("BillingAccountName", TEXT, "0.5", MUST, NULLS),
    Column("BillingAccountType", TEXT, "1.2", MAY, FILLED),
    Column("BillingCurrency", TEXT, "0.5", MUST, FILLED),
    Column("BillingPeriodEnd", TIME, "0.5", MUST, FILLED),
    Column("BillingPeriodStart", TIME, "0.5", MUST, FILLED),
    Column("CapacityReservationId", TEXT, "1.1", MAY, NULLS),
    Column("CapacityReservationStatus", TEXT, "1.1", MAY, NULLS),
    Column("ChargeCategory", TEXT, "0.5", MUST, FILLED),
    Column("ChargeClass", TEXT, "1.0", MUST, NULLS),
    Column("ChargeDescription", TEXT, "1.0", MUST, NULLS),
    Column("ChargeFrequency", TEXT, "1.0", MAY, FILLED),
    Column("ChargePeriodEnd", TIME, "0.5", MUST, FILLED),
    Column("ChargePeriodStart", TIME, "0.5", MUST, FILLED),
    Column("CommitmentDiscountCategory", TEXT, "1.0", MAY, NULLS),
    Column("CommitmentDiscountId", TEXT, "1.0", MAY, NULLS),
    Column("CommitmentDiscountName", TEXT, "1.0", MAY, NULLS),
    Column("CommitmentDiscountQuantity", QUANTITY, "1.1", MAY, NULLS),
    Column("CommitmentDiscountStatus", TEXT, "1.0", MAY, NULLS),
    Column("CommitmentDiscountType", TEXT, "1.0", MAY, NULLS),
    Column("CommitmentDiscountUnit", TEXT, "1.1", MAY, NULLS),
    Column("CommitmentProgramEligibilityDetails", JSON, "1.4", MAY, NULLS),
    Column("ConsumedQuantity", QUANTITY, "1.0", MAY, NULLS),
    Column("ConsumedUnit", TEXT, "1.0", MAY, NULLS),
    Column("ContractApplied", JSON, "1.3", MAY, NULLS),
    Column("ContractedCost", MONEY, "1.0", MUST, FILLED),
    Column("ContractedUnitPrice", MONEY, "1.0", MAY, NULLS),
    Column("EffectiveCost", MONEY, "0.5", MUST, FILLED),
    Column("HostProviderName", TEXT, "1.3", MUST, NULLS),
    Column("InvoiceDetailId", TEXT, "1.4", MAY, NULLS),
    Column("InvoiceId", TEXT, "1.2", MAY, NULLS),
    Column("InvoiceIssuerName", TEXT, "0.5", MUST, FILLED),
    Column("ListCost", MONEY, "1.0", MUST, FILLED),
    Column("ListUnitPrice", MONEY, "1.0", MAY, NULLS),
    Column("PricingCategory", TEXT, "1.0", MAY, NULLS),
    Column("PricingCurrency", TEXT, "1.2", MAY, FILLED),
    Column("PricingCurrencyContractedUnitPrice", MONEY, "1.2", MAY, NULLS),
    Column("PricingCurrencyEffectiveCost", MONEY, "1.2", MAY, FILLED),
    Column("PricingCurrencyListUnitPrice", MONEY, "1.2", MAY, NULLS),
    Column("PricingQuantity", QUANTITY, "1.0", MUST, NULLS),
    Column("PricingUnit", TEXT, "1.0", MUST, NULLS),
    Column("RegionId", TEXT, "1.0", MAY, NULLS),
    Column("RegionName", TEXT, "1.0", MAY, NULLS),
    Column("ResourceId", TEXT, "0.5", MAY, NULLS),
    Column("ResourceName", TEXT, "0.5", MAY, NULLS),
    Column("ResourceType", TEXT, "1.0", MAY, NULLS),
    Column("ServiceCategory", TEXT, "0.5", MUST, FILLED),
    Column("ServiceName", TEXT, "0.5", MUST, FILLED),
    Column("ServiceProviderName", TEXT, "1.3", MUST, FILLED),
    Column("ServiceSubcategory", TEXT, "1.1", MAY, FILLED),
    Column("SkuId", TEXT, "1.0", MAY, NULLS),
    Column("SkuMeter", TEXT, "1.1", MAY, NULLS),
    Column("SkuPriceDetails", JSON, "1.1", MAY, NULLS),
    Column("SkuPriceId", TEXT, "1.0", MAY, NULLS),
    Column("SubAccountId", TEXT, "0.5", MAY, NULLS),
    Column("SubAccountName", TEXT, "0.5", MAY, NULLS),
    Column("SubAccountType", TEXT, "1.2", MAY, NULLS),
    Column("Tags", TAGS, "1.0", MAY, NULLS),
)

OUR_COLUMNS: Final[tuple[Column, ...]] = (
    Column(
        "x_ProviderName", TEXT, "x", MAY, NULLS
    ),  # ProviderName and PublisherName left FOCUS with 1.4; 1.2 needs them
    Column("x_PublisherName", TEXT, "x", MAY, NULLS),
    Column("x_source", TEXT, "x", MUST, FILLED),
    Column("x_billing_period", TEXT, "x", MUST, FILLED),  # YYYY-MM of BillingPeriodStart, UTC
    Column("x_load_id", TEXT, "x", MUST, FILLED),
    Column("x_team", TEXT, "x", MAY, NULLS),
    Column("x_service", TEXT, "x", MAY, NULLS),
    Column("x_environment", TEXT, "x", MAY, NULLS),
    Column("x_cost_centre", TEXT, "x", MAY, NULLS),
    Column("x_owner_by", TEXT, "x", MAY, NULLS),
    Column("x_terraform_address", TEXT, "x", MAY, NULLS),
    Column("x_terraform_workspace", TEXT, "x", MAY, NULLS),
    Column("x_terraform_module", TEXT, "x", MAY, NULLS),
    Column("x_terraform_repository", TEXT, "x", MAY, NULLS),
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
