"""Pages of the documented shape: Google's Cloud Billing catalogue and Azure's retail prices, of realistic size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

TIME: Final = "2026-11-20T08:00:00.123456Z"
REGIONS: Final = {
    "Americas": ("us-central1", "us-east1", "us-west1"),
    "Netherlands": ("europe-west4",),
    "Frankfurt": ("europe-west3",),
    "Mumbai": ("asia-south1",),
}
COMPUTE: Final = "Compute Engine"
SERIES: Final = {
    "A2 Instance": "a2", "A3 Instance": "a3", "C2D AMD Instance": "c2d", "C3 Instance": "c3", "C3D Instance": "c3d",
    "C4 Instance": "c4", "C4A Arm Instance": "c4a", "E2 Instance": "e2", "G2 Instance": "g2", "H3 Instance": "h3",
    "M3 Memory-optimized Instance": "m3", "Memory-optimized Instance": "m1", "N1 Predefined Instance": "n1",
    "N2 Instance": "n2", "N2D AMD Instance": "n2d", "N4 Instance": "n4", "T2A Arm Instance": "t2a",
    "T2D AMD Instance": "t2d", "Z3 Instance": "z3", "Compute optimized": "c2", "Custom Instance": "n1-custom",
    "N2 Custom Instance": "n2-custom", "N2D AMD Custom Instance": "n2d-custom", "N4 Custom Instance": "n4-custom",
    "Memory Optimized Upgrade Premium for Memory-optimized Instance": "m2",
}  # fmt: skip
"""How the catalogue describes the cores and memory of a series."""
GPUS: Final = (
    "Nvidia Tesla K80", "Nvidia Tesla P100", "Nvidia Tesla P4", "Nvidia Tesla V100", "Nvidia Tesla T4",
    "Nvidia Tesla A100", "Nvidia Tesla A100 80GB", "Nvidia L4", "Nvidia H100 80GB", "Nvidia H200 141GB",
)  # fmt: skip


class Counter:
    """Numbers products and prices, so that no two are alike: a key that two products give is seen."""

    def __init__(self) -> None:
        self.number = 0

    def sku(self) -> str:
        """The next product's number."""
        self.number += 1
        return f"{self.number:04X}-0000-{self.number:04X}"

    @property
    def price(self) -> str:
        """A price that no other product has."""
        return f"{Decimal(self.number) / 10_000 + 1:f}"


def sku(
    name: str,
    description: str,
    regions: Sequence[str],
    *prices: tuple[float, str],
    service: str = COMPUTE,
    family: str = "Compute",
    group: str = "CPU",
    usage: str = "OnDemand",
    unit: str = "h",
    currency: str = "USD",
    time: str = TIME,
) -> dict[str, Any]:
    """A product with its tiers: (from, price)."""
    return {
        "name": f"services/6F81-5844-456A/skus/{name}",
        "skuId": name,
        "description": description,
        "category": {
            "serviceDisplayName": service,
            "resourceFamily": family,
            "resourceGroup": group,
            "usageType": usage,
        },
        "serviceRegions": list(regions),
        "pricingInfo": [_pricing(prices, unit, currency, time)],
        "serviceProviderName": "Google",
        "geoTaxonomy": {"type": "REGIONAL", "regions": list(regions)},
    }


def _pricing(prices: Sequence[tuple[float, str]], unit: str, currency: str, time: str) -> dict[str, Any]:
    rates = []
    for begin, price in prices:
        units, _, nanos = price.partition(".")
        money = {"currencyCode": currency, "units": units, "nanos": int(nanos.ljust(9, "0") or "0")}
        rates.append({"startUsageAmount": begin, "unitPrice": money})
    return {
        "summary": "",
        "pricingExpression": {
            "usageUnit": unit,
            "usageUnitDescription": unit,
            "baseUnit": "s",
            "baseUnitDescription": "second",
            "baseUnitConversionFactor": 3600,
            "displayQuantity": 1,
            "tieredRates": rates,
        },
        "currencyConversionRate": 1,
        "effectiveTime": time,
    }


def compute(counter: Counter) -> Iterator[dict[str, Any]]:
    """Compute Engine: every kind of product in every region, on demand, preemptible and committed."""
    for place, regions in REGIONS.items():
        yield from _parts(counter, place, regions)
        for gpu in GPUS:
            for words, usage in (("running", "OnDemand"), ("attached to Spot Preemptible VMs running", "Preemptible")):
                yield _sku(counter, f"{gpu} GPU {words} in {place}", regions, group="GPU", usage=usage)
        yield from _disks(counter, place, regions)
        yield _sku(counter, f"Static Ip Charge in {place}", regions, family="Network", group="IpAddress")
    for words, usage in (("Standard", "OnDemand"), ("Spot Preemptible", "Preemptible")):
        description = f"External IP Charge on a {words} VM"
        name = counter.sku()
        prices = ((0.0, "0"), (744.0, counter.price))
        yield sku(name, description, ["global"], *prices, family="Network", group="IpAddress", usage=usage)


def _sku(counter: Counter, description: str, regions: Sequence[str], **about: str) -> dict[str, Any]:
    name = counter.sku()
    return sku(name, description, regions, (0.0, counter.price), **about)


def _parts(counter: Counter, place: str, regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    for words, series in SERIES.items():
        for part, unit in (("Core", "h"), ("Ram", "GiBy.h")):
            group = "N1Standard" if series == "n1" else "CPU" if part == "Core" else "RAM"
            end = f"{words} {part} running in {place}"
            yield _sku(counter, end, regions, group=group, unit=unit)
            yield _sku(counter, f"Spot Preemptible {end}", regions, group=group, unit=unit, usage="Preemptible")
            sole = end.replace("Instance", "Sole Tenancy Instance")
            if sole != end:
                yield _sku(counter, sole, regions, group=group, unit=unit)
            commitment = f"Commitment v1: {words} {part} in {place} for 1 Year"
            yield _sku(counter, commitment, regions, group=group, unit=unit, usage="Commit1Yr")
    for words in ("Custom", "N2 Custom", "N2D AMD Custom", "N4 Custom"):
        yield _sku(counter, f"{words} Extended Instance Ram running in {place}", regions, group="RAM", unit="GiBy.h")
    for words, group in (("Micro Instance with burstable CPU", "F1Micro"), ("Small Instance with 1 VCPU", "G1Small")):
        yield _sku(counter, f"{words} running in {place}", regions, group=group)
        spot = f"Spot Preemptible {words} running in {place}"
        yield _sku(counter, spot, regions, group=group, usage="Preemptible")


def _disks(counter: Counter, place: str, regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    for words in ("Storage PD", "Balanced PD", "SSD backed PD", "Extreme PD", "Regional Storage PD",
                  "Regional Balanced PD", "Regional SSD backed PD", "Hyperdisk Extreme", "Hyperdisk Balanced",
                  "Hyperdisk Throughput", "Hyperdisk ML"):  # fmt: skip
        yield _sku(counter, f"{words} Capacity in {place}", regions, family="Storage", group="SSD", unit="GiBy.mo")
    for words in ("Extreme PD IOPS", "Hyperdisk Extreme IOPS", "Hyperdisk Balanced IOPS",
                  "Hyperdisk Balanced Throughput", "Hyperdisk Throughput Throughput"):  # fmt: skip
        yield _sku(counter, f"{words} in {place}", regions, family="Storage", group="SSD", unit="mo")
    for words, usage in (("in", "OnDemand"), ("attached to Spot Preemptible VMs in", "Preemptible")):
        description = f"SSD backed Local Storage {words} {place}"
        about = {"family": "Storage", "group": "LocalSSD", "unit": "GiBy.mo", "usage": usage}
        yield _sku(counter, description, regions, **about)


def services(counter: Counter) -> Iterator[dict[str, Any]]:
    """The other services."""
    for place, regions in REGIONS.items():
        yield from _sql(counter, place, regions)
        yield from _storage(counter, place, regions)
        yield from _redis(counter, place, regions)
        for region in regions:
            yield from _pods(counter, region)
    for words in ("Regional", "Zonal", "Autopilot"):
        yield _sku(counter, f"{words} Kubernetes Clusters", ["global"], service="Kubernetes Engine")
    yield from _networking(counter)
    yield from _by_use(counter)
    for place in ("us", "europe", "asia"):
        for kind in ("Standard", "Nearline", "Coldline", "Archive"):
            yield _sku(counter, f"{kind} Storage {place.title()} Multi-region", [place], **_class(kind, multi=True))


USED: Final = (
    ("Networking", "Network", "Networking Cloud Armor Policy", "mo"),
    ("Networking", "Network", "Networking Cloud Armor Rule", "mo"),
    ("Networking", "Network", "Networking Cloud Armor Requests", "count"),
    ("Networking", "Network", "Networking Cloud Armor Requests Regional", "count"),
    ("Networking", "Network", "Cloud Load Balancer Forwarding Rule Additional Global", "h"),
    ("Networking", "Network", "Network Load Balancing: Data Processing Charge", "GiBy"),
    ("Cloud DNS", "Network", "DNS Query (port 53)", "count"),
    ("Cloud Storage", "Storage", "Regional Standard Class A Operations", "count"),
    ("Cloud Storage", "Storage", "Regional Standard Class B Operations", "count"),
    ("Cloud Storage", "Storage", "Regional Nearline Class A Operations", "count"),
    ("Cloud Storage", "Storage", "Regional Nearline Class B Operations", "count"),
    ("Cloud Storage", "Storage", "Regional Coldline Class A Operations", "count"),
    ("Cloud Storage", "Storage", "Regional Coldline Class B Operations", "count"),
    ("Cloud Storage", "Storage", "Regional Archive Class A Operations", "count"),
    ("Cloud Storage", "Storage", "Regional Archive Class B Operations", "count"),
    ("Cloud Storage", "Storage", "Nearline Data Retrieval", "GiBy"),
    ("Cloud Storage", "Storage", "Coldline Data Retrieval", "GiBy"),
    ("Cloud Storage", "Storage", "Archive Data Retrieval", "GiBy"),
    ("Cloud SQL", "ApplicationServices", "Cloud SQL: IP address idling - hour", "h"),
    ("Cloud Run", "ApplicationServices", "Services CPU (Request-based billing)", "s"),
    ("Cloud Run", "ApplicationServices", "Services Memory (Request-based billing)", "GiBy.s"),
    ("Cloud Run", "ApplicationServices", "Services CPU (Instance-based billing)", "s"),
    ("Cloud Run", "ApplicationServices", "Services Memory (Instance-based billing)", "GiBy.s"),
    ("Cloud Run", "ApplicationServices", "Services Min Instance CPU (Request-based billing)", "s"),
    ("Cloud Run Functions", "ApplicationServices", "Cloud Run functions (1st Gen) CPU Time", "GHz.s"),
    ("Cloud Run Functions", "ApplicationServices", "Cloud Run functions (1st Gen) Memory Time", "GiBy.s"),
    ("Cloud Run Functions", "ApplicationServices", "Cloud Run functions (1st Gen) Network Data Transfer Out", "GiBy"),
    ("BigQuery", "ApplicationServices", "Active Logical Storage", "GiBy.mo"),
    ("BigQuery", "ApplicationServices", "Active Physical Storage", "GiBy.mo"),
    ("BigQuery", "ApplicationServices", "Long Term Logical Storage", "GiBy.mo"),
    ("BigQuery", "ApplicationServices", "Streaming Insert", "MiBy"),
    ("BigQuery", "ApplicationServices", "Analysis", "TiBy"),
    ("BigQuery Reservation API", "ApplicationServices", "BigQuery Standard Edition for Americas", "h"),
    ("BigQuery Reservation API", "ApplicationServices", "BigQuery Enterprise Edition for Americas", "h"),
    ("BigQuery Reservation API", "ApplicationServices", "BigQuery Enterprise Plus Edition for Americas", "h"),
    ("BigQuery Storage API", "ApplicationServices", "BigQuery Storage API - Write", "GiBy"),
    ("BigQuery Storage API", "ApplicationServices", "BigQuery Storage API - Read", "TiBy"),
    ("Cloud Pub/Sub", "ApplicationServices", "Message Delivery Basic", "TiBy"),
    ("Cloud Pub/Sub", "ApplicationServices", "Subscriptions retained acknowledged messages", "GiBy.mo"),
    ("Cloud Pub/Sub", "ApplicationServices", "Snapshots message backlog", "GiBy.mo"),
    ("Secret Manager", "ApplicationServices", "Secret version replica storage", "mo"),
    ("Secret Manager", "ApplicationServices", "Secret access operations", "count"),
    ("Secret Manager", "ApplicationServices", "Secret rotate operations", "count"),
    ("Cloud Logging", "ApplicationServices", "Log Storage cost", "GiBy"),
    ("Cloud Logging", "ApplicationServices", "Log Retention cost", "GiBy.mo"),
    ("Cloud Run", "ApplicationServices", "Services Min Instance Memory (Request-based billing)", "GiBy.s"),
    ("Cloud Monitoring", "ApplicationServices", "Monitoring API Requests", "count"),
    ("Artifact Registry", "ApplicationServices", "Artifact Registry Storage", "GiBy.mo"),
    ("Cloud Filestore", "ApplicationServices", "Filestore Capacity Basic HDD (Standard)", "GiBy.mo"),
    ("Cloud Filestore", "ApplicationServices", "Filestore Capacity Basic SSD (Premium)", "GiBy.mo"),
)
"""Service, family, description and unit of what is billed by use, a free allowance of the account first."""
KMS: Final = (
    "Active software symmetric key versions", "Cryptographic operations with a software symmetric key",
    "Active HSM symmetric AES-256 key versions", "HSM symmetric cryptographic operations",
)  # fmt: skip


def _by_use(counter: Counter) -> Iterator[dict[str, Any]]:
    for service, family, description, unit in USED:
        name = counter.sku()
        prices = ((0.0, "0"), (5.0, counter.price))
        yield sku(name, description, ["global"], *prices, service=service, family=family, unit=unit)
    about = {"service": "Cloud Key Management Service (KMS)", "family": "ApplicationServices"}
    for description in KMS:
        unit = "count" if "operations" in description else "mo"
        yield _sku(counter, description, ["us-central1", "global"], unit=unit, **about)
    steps = ((0.0, "2.5"), (2000.0, "1"))
    yield sku(counter.sku(), "Active HSM RSA 4096 bit key versions", ["us-central1"], *steps, unit="mo", **about)
    metric = ((0.0, "0"), (150.0, "0.258"), (100_000.0, "0.151"), (250_000.0, "0.061"))
    about = {"service": "Cloud Monitoring", "family": "ApplicationServices", "unit": "MiBy"}
    yield sku(counter.sku(), "Metric Volume", ["global"], *metric, **about)
    calls = ((0.0, "0"), (2_000_000.0, "0.0000004"))
    about = {"service": "Cloud Run", "family": "ApplicationServices", "unit": "count"}
    yield sku(counter.sku(), "Requests", ["global"], *calls, **about)
    about = {"service": "Cloud Run Functions", "family": "ApplicationServices", "unit": "count"}
    yield sku(counter.sku(), "Cloud Run functions (1st Gen) Invocations", ["global"], *calls, **about)
    for place, regions in REGIONS.items():
        description = f"Cloud Load Balancer Forwarding Rule Additional for {place}"
        yield _sku(counter, description, regions, service="Networking", family="Network")
        for target in ("Americas", "China", "Australia", "EMEA"):
            egress = ((0.0, "0.12"), (1024.0, "0.11"), (10240.0, "0.08"))
            description = f"Network Vpn Internet Egress from {place} to {target}"
            about = {"family": "Network", "group": "VPNInternetEgress", "unit": "GiBy"}
            yield sku(counter.sku(), description, regions, *egress, **about)
        for words in ("PD Snapshot", "Image", "Machine Image"):
            yield _sku(counter, f"Storage {words} in {place}", regions, family="Storage", unit="GiBy.mo")


def _redis(counter: Counter, place: str, regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    about = {"service": "Cloud Memorystore for Redis", "family": "ApplicationServices", "group": "Redis"}
    for tier in ("Basic", "Standard"):
        for band in range(1, 6):
            yield _sku(counter, f"Redis Capacity {tier} M{band} {place}", regions, unit="GiBy.h", **about)
    for node in ("Shared Core Nano", "Standard Small", "Highmem Medium", "Highmem XLarge"):
        yield _sku(counter, f"Redis Cluster Node {node} {place}", regions, **about)


def _pods(counter: Counter, region: str) -> Iterator[dict[str, Any]]:
    for words, unit in (("mCPU", "h"), ("Memory", "GiBy.h"), ("Ephemeral Storage", "GiBy.h")):
        for kind in ("", "Spot ", "Balanced ", "Scale-Out Arm "):
            description = f"Autopilot {kind}Pod {words} Requests ({region})"
            yield _sku(counter, description, [region], service="Kubernetes Engine", unit=unit)


def _networking(counter: Counter) -> Iterator[dict[str, Any]]:
    network = {"service": "Networking", "family": "Network"}
    name = counter.sku()
    uptime = ((0.0, counter.price), (32.0, "0"))
    yield sku(name, "Networking Cloud Nat Gateway Uptime", ["global"], *uptime, group="Nat", **network)
    yield _sku(counter, "Networking Cloud Nat Data Processing", ["global"], group="Nat", unit="GiBy", **network)
    for place, regions in REGIONS.items():
        yield _sku(counter, f"Networking Cloud VPN Tunnel {place}", regions, group="VPNTunnel", **network)
    name = counter.sku()
    zones = ((0.0, "0.2"), (25.0, "0.1"), (10_000.0, "0.03"))
    yield sku(name, "ManagedZone", ["global"], *zones, service="Cloud DNS", family="Network", group="DNS", unit="mo")


def _class(kind: str, *, multi: bool = False) -> dict[str, str]:
    group = "MultiRegionalStorage" if multi and kind == "Standard" else f"{kind}Storage".replace("Standard", "Regional")
    return {"service": "Cloud Storage", "family": "Storage", "group": group, "unit": "GiBy.mo"}


def _storage(counter: Counter, place: str, regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    for kind in ("Standard", "Nearline", "Coldline", "Archive"):
        yield _sku(counter, f"{kind} Storage {place}", regions, **_class(kind))
        yield _sku(counter, f"{kind} Storage {place} Dual-region", regions, **_class(kind, multi=True))
        yield _sku(counter, f"{kind} Storage {place} (Early Delete)", regions, **_class(kind))


def _sql(counter: Counter, place: str, regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    about = {"service": "Cloud SQL", "family": "ApplicationServices"}
    for engine in ("MySQL", "PostgreSQL", "SQL Server"):
        for way in ("Zonal", "Regional"):
            head = f"Cloud SQL for {engine}: {way} -"
            yield _sku(counter, f"{head} vCPU in {place}", regions, group="SQLGen2InstancesCPU", **about)
            yield _sku(counter, f"{head} RAM in {place}", regions, group="SQLGen2InstancesRAM", unit="GiBy.h", **about)
            for words in ("Standard", "Low cost"):
                about_gb = {**about, "unit": "GiBy.mo", "group": "SSD"}
                yield _sku(counter, f"{head} {words} storage in {place}", regions, **about_gb)
            for words, group in (("Micro", "SQLGen2InstancesF1Micro"), ("Small", "SQLGen2InstancesG1Small")):
                yield _sku(counter, f"{head} {words} instance in {place}", regions, group=group, **about)
            for cores in (1, 2, 4, 8, 16, 32, 64, 96):
                shape = f"{head} {cores} vCPU + {cores * 3.75:g}GB RAM in {place}"
                yield _sku(counter, shape, regions, group="SQLGen2InstancesN1Standard", **about)
                shape = f"{head} {cores} vCPU + {cores * 6.5:g}GB RAM in {place}"
                yield _sku(counter, shape, regions, group="SQLGen2InstancesN1Highmem", **about)
    yield _sku(counter, f"Cloud SQL: Backups in {place}", regions, group="PDSnapshot", unit="GiBy.mo", **about)


def item(product: str, sku_name: str, meter: str, price: str, **about: Any) -> dict[str, Any]:
    """A retail price of Azure."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": float(price),
        "unitPrice": float(price),
        "armRegionName": "westeurope",
        "location": "EU West",
        "effectiveStartDate": "2024-04-01T00:00:00Z",
        "meterId": f"meter of {meter}",
        "meterName": meter,
        "productId": "DZH318Z08NRP",
        "skuId": "DZH318Z08NRP/002C",
        "productName": product,
        "skuName": sku_name,
        "serviceName": "Virtual Machines",
        "serviceId": "DZH313Z7MMC8",
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": f"Standard_{sku_name.split(' Spot', maxsplit=1)[0].replace(' ', '_')}",
    } | about
