"""Where a resource is: its own attributes, its ARN or zone, or the provider's configuration."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from infragod.resource import UNKNOWN, Unknown, Values
from infragod.terraform.configuration import ProviderFacts

Region = tuple[str | None, bool]  # the region, and whether that is all there is to know
IsSet = Callable[[str], bool]

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

# what lives in a zone or a region, the provider's where the resource names none; the other types are global ones, or
# belong to another resource which has the place
_GOOGLE_ZONAL: Final = (
    "google_compute_attached_disk", "google_compute_autoscaler", "google_compute_disk", "google_compute_instance",
    "google_compute_network_endpoint", "google_compute_node_group", "google_compute_per_instance_config",
    "google_compute_reservation", "google_compute_storage_pool", "google_compute_target_instance",
    "google_filestore_instance", "google_tpu_",
)  # fmt: skip
_GOOGLE_REGIONAL: Final = (
    "google_artifact_registry_", "google_cloud_run_", "google_cloud_scheduler_", "google_cloud_tasks_",
    "google_cloudfunctions2_", "google_cloudfunctions_", "google_composer_environment", "google_compute_address",
    "google_compute_forwarding_rule", "google_compute_ha_vpn_gateway", "google_compute_instance_template",
    "google_compute_interconnect_attachment", "google_compute_network_attachment", "google_compute_node_template",
    "google_compute_packet_mirroring", "google_compute_region_", "google_compute_resource_policy",
    "google_compute_router", "google_compute_service_attachment", "google_compute_snapshot",
    "google_compute_subnetwork", "google_compute_target_pool", "google_compute_vpn_gateway",
    "google_compute_vpn_tunnel", "google_container_cluster", "google_container_node_pool", "google_data_fusion_",
    "google_dataflow_", "google_dataproc_", "google_datastream_", "google_memcache_", "google_memorystore_",
    "google_notebooks_", "google_redis_", "google_sql_database_instance", "google_vertex_ai_",
    "google_vpc_access_connector", "google_workbench_", "google_workflows_",
)  # fmt: skip


def region(kind: str, provider: str, values: Values, facts: ProviderFacts, is_set: IsSet) -> Region:
    """The region of a resource of type `kind`; (None, True) is: it has none, (None, False): the plan does not tell.

    `is_set` tells whether the configuration sets an attribute: an unknown one that it doesn't set is the provider's.
    """
    if provider == "aws":
        return _aws(kind, values, facts)
    if provider == "google":
        return _google(kind, values, facts, is_set)
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


def _google(kind: str, values: Values, facts: ProviderFacts, is_set: IsSet) -> Region:
    seen = False
    for name in ("region", "zone", "location"):
        value = values.get(name)
        if isinstance(value, str) and value:
            return _google_name(value), True
        if value is UNKNOWN and is_set(name):
            return _UNKNOWN
        seen = seen or value is UNKNOWN or name in values
    regional = kind.startswith(_GOOGLE_REGIONAL)
    zonal = kind.startswith(_GOOGLE_ZONAL) and not regional
    if not (seen or zonal or regional):
        return _ABSENT
    places = (facts.zone, facts.region) if zonal else (facts.region, facts.zone)
    place = next((place for place in places if place is not None), None)
    return (_google_name(place), True) if isinstance(place, str) else _UNKNOWN


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
