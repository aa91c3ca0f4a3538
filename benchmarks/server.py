"""The decision service: checks of 100 resources over HTTP against a server process of the example company.

usage: python benchmarks/server.py [--seconds N] [--json]

The client is a process of its own. First it asks as fast as answers come, by a few connections: what the server
sustains. Then it asks at half of that rate, each request at its own moment whether or not the one before was answered,
and the times from that moment count: waiting in line is part of them. Goals: 25 a second; at half load 95 % within
250 ms, 99 % within 600 ms. The processor time of a check (server, its workers and client together) is comparable on a
machine that does other work besides; a clock is not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Final

import httpx

from check import example, grown
from process import compiled, infragod, machine

CHANGES: Final = 100
CONNECTIONS: Final = 4
WARM: Final = 8
GOALS: Final = {"sustained": 25.0, "p95": 250.0, "p99": 600.0}


def main() -> None:
    """Print the figures, or JSON; the server ends with this process."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=10.0, help="how long each of the two parts takes")
    options.add_argument("--json", action="store_true")
    options.add_argument("--client", nargs=3, metavar=("URL", "PLAN", "RATE"), help="be the client")
    given = options.parse_args()
    if given.client:
        url, plan, rate = given.client
        print(json.dumps(ask(url, Path(plan).read_bytes(), float(rate), given.seconds)))
        return
    compiled()
    with tempfile.TemporaryDirectory() as name:
        figures = measured(Path(name), given.seconds)
    if given.json:
        print(json.dumps({"machine": machine(), **figures}))
        return
    print(f"{machine()}\n")
    print(f"sustained {figures['sustained']:>8.1f} a second   goal {GOALS['sustained']:.0f}")
    idle = f"{figures['possible']:.1f} a second if idle"
    print(f"processor {figures['processor']:>8.0f} ms a check, client included: {idle}")
    for part in ("p50", "p95", "p99"):
        goal = f"   goal {GOALS[part]:.0f} ms" if part in GOALS else ""
        print(f"{part:<9} {figures[part]:>8.0f} ms at {figures['rate']:.1f} a second{goal}")


def measured(folder: Path, seconds: float) -> dict[str, float]:
    """What a server over a new example company sustains, and its times at half of that."""
    env = {n: v for n, v in os.environ.items() if not n.startswith("INFRAGOD_")}
    subprocess.run(
        infragod("demo", "--home", str(folder / "home"), "--no-serve"), env=env, check=True, capture_output=True
    )
    env["INFRAGOD_HOME"] = str(folder / "home")
    made = infragod("token", "create", "bench", "--scope", "check")
    env["BENCH_TOKEN"] = subprocess.run(made, env=env, check=True, capture_output=True, text=True).stdout.strip()
    plan = folder / "plan.json"
    plan.write_text(json.dumps(grown(example(), CHANGES)), encoding="utf-8")
    with serving(env, folder) as (url, pid):
        _client(url, plan, 0, 1, env)  # warm
        before = _processor(pid) + _children()
        full = _client(url, plan, 0, seconds, env)
        each = (_processor(pid) + _children() - before) / (len(full) + WARM)
        rate = len(full) / seconds
        times = sorted(_client(url, plan, rate / 2, seconds, env))
    shares = {f"p{p}": 1000 * _share(times, p) for p in (50, 95, 99)}
    possible = len(os.sched_getaffinity(0)) / each
    return {"sustained": rate, "rate": rate / 2, "processor": 1000 * each, "possible": possible, **shares}


def _processor(pid: int) -> float:
    """Processor seconds of a process that runs, and of its children that run."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    listed = Path(f"/proc/{pid}/task").glob("*/children")  # a child is listed with the thread that started it
    return own + sum(_processor(int(child)) for each in listed for child in each.read_text(encoding="ascii").split())


def _children() -> float:
    """Processor seconds of this process's children that ended, which is to say of clients."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def serving(env: dict[str, str], folder: Path) -> Iterator[tuple[str, int]]:
    """The address and number of a server process, which ends with the block."""
    log = folder / "server.log"
    with log.open("w", encoding="utf-8") as file:
        server = subprocess.Popen(infragod("serve", "--port", "0"), env=env, cwd=folder, stderr=file)
    try:
        for _ in range(200):
            line = next((x for x in log.read_text(encoding="utf-8").splitlines() if "serves http" in x), "")
            if line:
                yield line.split()[2], server.pid
                return
            time.sleep(0.1)
        raise SystemExit(f"the server did not start: {log.read_text(encoding='utf-8')}")
    finally:
        server.terminate()
        server.wait(40)


def _client(url: str, plan: Path, rate: float, seconds: float, env: dict[str, str]) -> list[float]:
    """The seconds of each answer, as another process measures them; `rate` 0 is as fast as it goes."""
    command = [sys.executable, __file__, "--seconds", str(seconds), "--client", url, str(plan), str(rate)]
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=seconds + 120)
    found: list[float] = json.loads(done.stdout)
    return found


def ask(url: str, plan: bytes, rate: float, seconds: float) -> list[float]:
    """Post the plan for so many seconds; how long each took from the moment it was due."""
    headers = {"authorization": f"Bearer {os.environ['BENCH_TOKEN']}", "content-type": "application/json"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        for _ in range(WARM):
            _post(client, plan)
        due: Queue[float | None] = Queue()
        times: list[float] = []
        workers = CONNECTIONS if rate == 0 else 32
        threads = [threading.Thread(target=_work, args=(client, plan, due, times)) for _ in range(workers)]
        start = time.perf_counter()
        _fill(due, start, rate, seconds, threads)
        for thread in threads:
            thread.join()
        return times


def _fill(due: Queue[float | None], start: float, rate: float, seconds: float, threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    if rate == 0:
        for _ in range(2 * len(threads)):
            due.put(0.0)
        while time.perf_counter() - start < seconds:
            if due.qsize() < len(threads):
                due.put(0.0)
            time.sleep(0.001)
        while not due.empty():  # what nobody has taken is not asked
            due.get()
    else:
        for n in range(int(rate * seconds)):
            moment = start + n / rate
            time.sleep(max(0.0, moment - time.perf_counter()))
            due.put(moment)
    for _ in threads:
        due.put(None)


def _work(client: httpx.Client, plan: bytes, due: Queue[float | None], times: list[float]) -> None:
    while (moment := due.get()) is not None:
        began = moment or time.perf_counter()
        _post(client, plan)
        times.append(time.perf_counter() - began)


def _post(client: httpx.Client, plan: bytes) -> None:
    query = {"workspace": "shop-prod", "n": str(datetime.now(UTC).timestamp())}
    client.post("/v1/checks", params=query, content=plan).raise_for_status()


def _share(times: list[float], percent: int) -> float:
    return times[min(len(times) - 1, len(times) * percent // 100)]


if __name__ == "__main__":
    main()
