"""Where a resource is: its own attributes, its ARN or zone, or the provider's configuration."""

from __future__ import annotations

import re
from typing import Any, Final

from infragod.resource import UNKNOWN, Unknown, Values
from infragod.terraform.configuration import ProviderFacts

Region = tuple[str | None, bool]  # the region, and whether that is all there is to know

_AWS_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")
_ARN = re.compile(r"arn:[^:]*:[^:]*:([^:]*):")
_GOOGLE_ZONE = re.compile(r"([a-z]+-[a-z]+\d+)-[a-z]\Z")
_ABSENT: Final[Region] = (None, True)
_UNKNOWN: Final[Region] = (None, False)

# services without regions; a name that goes on after one of these belongs to it
_AWS_GLOBAL: Final = (
    "aws_account_", "aws_billing_", "aws_budgets_", "aws_ce_", "aws_cloudfront_", "aws_cloudfrontkeyvaluestore_",
    "aws_costoptimizationhub_", "aws_cur_", "aws_globalaccelerator_", "aws_iam_", "aws_invoicing_",
    "aws_networkmanager_", "aws_organizations_", "aws_route53_", "aws_route53domains_", "aws_savingsplans_",
    "aws_shield_", "aws_waf_",
)  # fmt: skip
_AWS_REGIONAL: Final = ("aws_route53_resolver_", "aws_cloudfront_log_delivery_")


def region(kind: str, provider: str, values: Values, facts: ProviderFacts) -> Region:
    """The region of a resource of type `kind`; (None, True) is: it has none, (None, False): the plan does not tell."""
    if provider == "aws":
        return _aws(kind, values, facts)
    if provider == "google":
        return _google(values, facts)
    if provider == "azurerm":
        return _azure(values)
    return _ABSENT


def _aws(kind: str, values: Values, facts: ProviderFacts) -> Region:
    if kind.startswith(_AWS_GLOBAL) and not kind.startswith(_AWS_REGIONAL):
        return _ABSENT
    own = values.get("region")
    for found in (_aws_name(own), _aws_arn(values.get("arn")), _aws_zone(values)):
        if found:
            return found, True
    return _of_provider(facts.region)


def _aws_name(value: Any) -> str | None:
    return value if isinstance(value, str) and _AWS_REGION.fullmatch(value) else None


def _aws_arn(arn: Any) -> str | None:
    match = _ARN.match(arn) if isinstance(arn, str) else None
    return _aws_name(match[1]) if match else None


def _aws_zone(values: Values) -> str | None:
    zones = values.get("availability_zones")
    for zone in (values.get("availability_zone"), *(zones if isinstance(zones, list) else ())):
        match = _AWS_REGION.match(zone) if isinstance(zone, str) else None
        if match:
            return match[0]
    return None


def _google(values: Values, facts: ProviderFacts) -> Region:
    seen = False
    for name in ("region", "zone", "location"):
        value = values.get(name)
        if isinstance(value, str) and value:
            return _google_name(value), True
        seen = seen or value is UNKNOWN or name in values
    if not seen:
        return _ABSENT
    if isinstance(facts.region, str):
        return _google_name(facts.region), True
    return (_google_name(facts.zone), True) if isinstance(facts.zone, str) else _UNKNOWN


def _google_name(value: str) -> str:
    """The region in a region, a zone, a location such as `EU`, or the address of one."""
    name = value.rstrip("/").rpartition("/")[2].lower()
    match = _GOOGLE_ZONE.match(name)
    return match[1] if match else name


def _azure(values: Values) -> Region:
    location = values.get("location")
    if isinstance(location, str) and location:
        return location.replace(" ", "").lower(), True
    return _UNKNOWN if location is UNKNOWN else _ABSENT


def _of_provider(found: str | Unknown | None) -> Region:
    return (found, True) if isinstance(found, str) else _UNKNOWN
