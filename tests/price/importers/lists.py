"""Price lists of AWS's documented shape, of any size, written as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

SYSTEMS: Final = {"Linux": "1", "Windows": "1.9", "RHEL": "1.3", "SUSE": "1.2"}
SIZES: Final = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "metal")
TENANCIES: Final = ("Shared", "Dedicated", "Host")
STATES: Final = ("Used", "UnusedCapacityReservation", "AllocatedCapacityReservation")
SOFTWARE: Final = ("NA", "SQL Std", "SQL Ent", "SQL Web")


def product(sku: str, family: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    """A product as the list has it."""
    return {"sku": sku, "productFamily": family, "attributes": dict(attributes)}


def on_demand(sku: str, unit: str, *steps: tuple[str, str, str], currency: str = "USD") -> dict[str, Any]:
    """The on-demand term of a product: (from, to, price) of each tier."""
    name = f"{sku}.JRTCKXETXF"
    dimensions = {
        f"{name}.{number}": {
            "rateCode": f"{name}.{number}",
            "description": f"{price} per {unit}",
            "beginRange": begin,
            "endRange": end,
            "unit": unit,
            "pricePerUnit": {currency: price},
            "appliesTo": [],
        }
        for number, (begin, end, price) in enumerate(steps)
    }
    term = {
        "offerTermCode": "JRTCKXETXF",
        "sku": sku,
        "effectiveDate": "2026-11-01T00:00:00Z",
        "priceDimensions": dimensions,
        "termAttributes": {},
    }
    return {name: term}


def reserved(sku: str, length: str, payment: str, kind: str, upfront: str, hourly: str) -> dict[str, Any]:
    """A reservation's term."""
    name = f"{sku}.{length}{payment}{kind}".replace(" ", "")
    dimensions = {
        f"{name}.H": {"unit": "Hrs", "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": hourly}},
        f"{name}.U": {"unit": "Quantity", "pricePerUnit": {"USD": upfront}},
    }
    attributes = {"LeaseContractLength": length, "OfferingClass": kind, "PurchaseOption": payment}
    return {name: {"sku": sku, "priceDimensions": dimensions, "termAttributes": attributes}}


def instance(kind: str, system: str, tenancy: str, state: str, software: str) -> dict[str, str]:
    """The attributes of an EC2 instance in us-east-1, as many as the list has of them."""
    return {
        "servicecode": "AmazonEC2",
        "location": "US East (N. Virginia)",
        "locationType": "AWS Region",
        "instanceType": kind,
        "currentGeneration": "Yes",
        "instanceFamily": "General purpose",
        "vcpu": "2",
        "physicalProcessor": "Intel Xeon Platinum 8175",
        "clockSpeed": "3.1 GHz",
        "memory": "8 GiB",
        "storage": "EBS only",
        "networkPerformance": "Up to 10 Gigabit",
        "processorArchitecture": "64-bit",
        "tenancy": tenancy,
        "operatingSystem": system,
        "licenseModel": "No License required",
        "usagetype": f"BoxUsage:{kind}",
        "operation": "RunInstances",
        "availabilityzone": "NA",
        "capacitystatus": state,
        "classicnetworkingsupport": "false",
        "dedicatedEbsThroughput": "Up to 2120 Mbps",
        "ecu": "10",
        "enhancedNetworkingSupported": "Yes",
        "intelAvxAvailable": "Yes",
        "marketoption": "OnDemand",
        "normalizationSizeFactor": "4",
        "preInstalledSw": software,
        "regionCode": "us-east-1",
        "servicename": "Amazon Elastic Compute Cloud",
        "vpcnetworkingsupport": "true",
    }


def instances(families: int) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """(product, on-demand term, reservations) of instances: nine sizes of each family, in all their variants."""
    number = 0
    for family in range(families):
        for place, size in enumerate(SIZES):
            for system, factor in SYSTEMS.items():
                for tenancy in TENANCIES:
                    for state in STATES:
                        for software in SOFTWARE:
                            number += 1
                            kind, sku = f"x{family}.{size}", f"{number:016X}"
                            price = f"{float(factor) * 0.1 * 2**place + 0.01 * TENANCIES.index(tenancy):.10f}"
                            kinds = [
                                reserved(sku, length, payment, "standard", "100", "0.05")
                                for length in ("1yr", "3yr")
                                for payment in ("No Upfront", "Partial Upfront", "All Upfront")
                            ]
                            yield (
                                product(sku, "Compute Instance", instance(kind, system, tenancy, state, software)),
                                on_demand(sku, "Hrs", ("0", "Inf", price)),
                                {name: term for one in kinds for name, term in one.items()},
                            )


def write(path: Path, families: int, code: str = "AmazonEC2", published: str = "2026-11-01T00:00:00Z") -> int:
    """A list of that many instance families; its size in bytes. Families are written twice over: products, terms."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{\n  "formatVersion" : "v1.0",\n  "disclaimer" : "for tests",\n  "offerCode" : "{code}",\n')
        file.write(f'  "version" : "20261101000000",\n  "publicationDate" : "{published}",\n  "products" : {{\n')
        _members(file, ((one["sku"], one) for one, _, _ in instances(families)))
        file.write('  },\n  "terms" : {\n    "OnDemand" : {\n')
        _members(file, ((one["sku"], term) for one, term, _ in instances(families)))
        file.write('    },\n    "Reserved" : {\n')
        _members(file, ((one["sku"], terms) for one, _, terms in instances(families)))
        file.write('    }\n  },\n  "attributesList" : { }\n}\n')
    return path.stat().st_size


def _members(file: Any, members: Iterator[tuple[str, Any]]) -> None:
    for number, (name, value) in enumerate(members):
        file.write(",\n" if number else "")
        file.write(f"    {json.dumps(name)} : {json.dumps(value, indent=2)}")
    file.write("\n")
