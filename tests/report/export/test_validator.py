"""The official FOCUS validator finds no fault in what is exported; it runs where ../shared has its wrapper."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.report.export import focus_bill

from infragod.cli.main import main

ROWS = int(os.environ.get("FOCUS_ROWS", "2000"))
HOME = Path(os.environ.get("FOCUS_VALIDATOR_HOME", Path.home() / ".cache" / "focus-validator"))


@pytest.mark.shared
@pytest.mark.skipif(not (HOME / "venv/bin/focus-validator").exists(), reason="the FOCUS validator is not installed")
def test_no_rule_of_1_2_fails(home: Path, shared: Path) -> None:
    bill = focus_bill.write(Path("bill.parquet"), ROWS)
    assert main(["load", "focus", str(bill), "--source", "example"]) == 0
    assert main(["export", "focus", "--version", "1.2", "--out", "focus.parquet"]) == 0
    done = subprocess.run(
        [shared / "tools" / "validate_focus.sh", "focus.parquet", "1.2"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed" in done.stdout
