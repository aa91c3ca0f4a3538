"""Checkov, terraform-compliance and c7n-left beside `infragod check`: who finds what, seconds, memory.

usage: python benchmarks/peers.py [--write] [--sizes 100,1000,10000]

Each program is installed from PyPI into an environment of its own (by uv, under the folder for temporary files), and
asked for the same four things (benchmarks/peers_rules) of the same resources (benchmarks/peers_case.py). `--write` puts
the tables into docs/benchmarks.md. It takes about a quarter of an hour, so `python -m benchmarks` leaves it out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from peers_case import CASES, RULES, Case, grown, hcl, plan
from process import compiled, infragod, machine

HERE: Final = Path(__file__).parent
GIVEN: Final = HERE / "peers_rules"
DOCUMENT: Final = HERE.parent / "docs" / "benchmarks.md"
VENVS: Final = Path(tempfile.gettempdir()) / "infragod-peers"
PACKAGES: Final = {"checkov": "3.3.30", "terraform-compliance": "1.16.0", "c7n-left": "0.3.39"}
LIMIT: Final = 600
"""Seconds by the clock after which a program is stopped."""
OURS: Final = "infragod"
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
_IDS: Final = {
    "mandatory-tags": "tags",
    "allowed-instance-types": "type",
    "allowed-regions": "region",
    "encrypted-disks": "encryption",
}
Found = Mapping[str, str]
"""Rule to `wrong` or `unknown`; a rule that is not here passes."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: seconds by the clock and of the processor, the largest process in MiB, exit code, what it printed."""

    wall: float
    processor: float
    mebibytes: float
    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Program:
    """How one program is started in a folder of `plan.json` and `hcl/`, and what its output says it found."""

    name: str
    title: str
    command: Callable[[Path], list[str]]
    found: Callable[[str], Found]


def main() -> None:
    """Print the tables, or write them."""
    compiled()
    programs = _programs()
    sizes = [int(n) for n in _option("--sizes", "100,1000,10000").split(",") if n]
    text = "\n\n".join([_head(), verdicts(programs), *([speed(programs, sizes)] if sizes else [])])
    if "--write" not in sys.argv:
        print(text)
        return
    document = DOCUMENT.read_text(encoding="utf-8")
    head, rest = document.split(BEGIN, 1)
    DOCUMENT.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


def verdicts(programs: Iterable[Program]) -> str:
    """The table of who says what of each case; each case is a plan of its own."""
    chosen = tuple(programs)
    rows = [["case", "true is", *(program.title.split(" ")[0] for program in chosen)]]
    for case in CASES:
        cells = [_verdict(program, case) for program in chosen]
        rows.append([case.why, _truth(case.truth), *cells])
    return _table(rows)


def speed(programs: Iterable[Program], sizes: Iterable[int]) -> str:
    """The table of seconds and memory by number of resources."""
    rows = [["resources", "program", "processor time", "by the clock", "largest process"]]
    stopped: set[str] = set()
    for size in sizes:
        for program in programs:
            if program.name not in stopped:
                ran = run(program, grown(size))
                if ran.wall >= LIMIT:
                    stopped.add(program.name)
                rows.append([f"{size:,}", program.title, *_figures(ran)])
    return _table(rows)


def run(program: Program, cases: Iterable[Case]) -> Ran:
    """One run of `program` over `cases`, in a folder of its own."""
    chosen = tuple(cases)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "plan.json").write_bytes(plan(chosen))
        for path, text in hcl(chosen).items():
            target = folder / "hcl" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        shutil.copytree(GIVEN / "infragod", folder, dirs_exist_ok=True)
        return _timed(program.command(folder), folder)


def judged(program: Program, case: Case) -> Found:
    """What `program` says of one case."""
    return program.found(run(program, [case]).said)


def ours(said: str) -> Found:
    """What the JSON of `infragod check` says."""
    return {rule: result for told in ours_by_address(said).values() for rule, result in told.items()}


def ours_by_address(said: str) -> dict[str, dict[str, str]]:
    """The same by the address of the resource."""
    told: dict[str, dict[str, str]] = {}
    for finding in json.loads(said)["findings"]:
        if rule := _IDS.get(finding["rule"]):
            told.setdefault(finding["address"], {})[rule] = "unknown" if finding["result"] == "unknown" else "wrong"
    return told


def _checkov(said: str) -> Found:
    reports = json.loads(said)
    reports = reports if isinstance(reports, list) else [reports]
    failed = [c["check_id"] for r in reports for c in r.get("results", {}).get("failed_checks", ())]
    return {RULES[int(name.rpartition("_")[2]) - 1]: "wrong" for name in failed}


def _compliance(said: str) -> Found:
    """Of its text the lines of a failure, by the scenario that they stand under."""
    found: dict[str, str] = {}
    scenario = ""
    for line in re.sub(r"\x1b\[[0-9;]*m", "", said).splitlines():
        if match := re.match(r"\s+Scenario(?: Outline)?: (\w+)", line):
            scenario = match[1]
        elif re.match(r"\s+Failure: \S", line):
            found[scenario] = "wrong"
    return found


def _left(said: str) -> Found:
    return {row["policy"]["name"]: "wrong" for row in json.loads(said)["results"]}


def _programs() -> list[Program]:
    paths = {name: _installed(name, version) for name, version in PACKAGES.items()}
    quiet = ["--quiet", "--compact", "--skip-download", "-o", "json"]
    ids = ",".join(f"CKV2_PEERS_{i}" for i, _ in enumerate(RULES, 1))
    checkov = [paths["checkov"], "-f", "plan.json", "--external-checks-dir", str(GIVEN / "checkov"), "-c", ids, *quiet]
    compliance = [paths["terraform-compliance"], "-f", str(GIVEN / "terraform_compliance"), "-p", "plan.json"]
    left = [paths["c7n-left"], "run", "-p", str(GIVEN / "c7n"), "-d", "hcl", "-o", "json"]
    check = infragod("check", "plan.json", "--format", "json", "--no-record")
    return [
        Program(OURS, OURS, lambda _: check, ours),
        Program("checkov", _title("checkov"), lambda _: checkov, _checkov),
        Program("terraform-compliance", _title("terraform-compliance"), lambda _: compliance, _compliance),
        Program("c7n-left", _title("c7n-left"), lambda _: left, _left),
    ]


def _title(name: str) -> str:
    return f"{name} {PACKAGES[name]}"


def _installed(name: str, version: str) -> str:
    """The program's path; it is installed where it is not there yet, in that version."""
    folder = VENVS / f"{name}-{version}"
    path = folder / "bin" / name
    if not path.is_file():
        own = HERE.parent / ".uv" / "bin" / "uv"
        uv = str(own) if own.is_file() else "uv"
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
        python = str(folder / "bin" / "python")
        subprocess.run([uv, "pip", "install", "-q", "--python", python, f"{name}=={version}"], check=True)
    return str(path)


def _timed(command: Sequence[str], folder: Path) -> Ran:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("INFRAGOD_")}
    environment |= {"INFRAGOD_HOME": str(folder / "home")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.monotonic()
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=out, stderr=subprocess.DEVNULL, start_new_session=True
        )
        limit = threading.Timer(LIMIT, lambda: os.killpg(process.pid, signal.SIGKILL))
        limit.start()
        _, status, used = os.wait4(process.pid, 0)
        limit.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    said = (folder / "out").read_text(encoding="utf-8", errors="replace")
    peak = used.ru_maxrss / 1024
    return Ran(time.monotonic() - begun, used.ru_utime + used.ru_stime, peak, process.returncode, said)


def _verdict(program: Program, case: Case) -> str:
    found = judged(program, case)
    if found == case.truth:
        return "right"
    missed, false = set(case.truth) - set(found), set(found) - set(case.truth)
    if false:
        return f"false alarm: {', '.join(sorted(false))}"
    return f"missed: {', '.join(sorted(missed))}" if missed else "as wrong"


def _truth(truth: Found) -> str:
    return (
        ", ".join(f"{rule} {'wrong' if state == 'wrong' else 'not known'}" for rule, state in truth.items()) or "right"
    )


def _figures(ran: Ran) -> list[str]:
    if ran.wall >= LIMIT:
        return [f"more than {ran.processor:,.0f} s", f"stopped after {LIMIT} s", f"{ran.mebibytes:,.0f} MiB"]
    if ran.code not in (0, 1):
        return [f"ended with {ran.code}", f"{ran.wall:,.1f} s", f"{ran.mebibytes:,.0f} MiB"]
    return [f"{ran.processor:,.1f} s", f"{ran.wall:,.1f} s", f"{ran.mebibytes:,.0f} MiB"]


def _head() -> str:
    named = ", ".join(map(_title, PACKAGES))
    return f"{machine()}; {named}."


def _table(rows: Sequence[Collection[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _option(name: str, default: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


if __name__ == "__main__":
    main()
