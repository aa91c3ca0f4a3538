"""Make the README's pictures from the example company: the text of a denied check, and the overview page.

python -m tools.pictures HOME      HOME is what `infragod demo --home HOME --no-serve` built
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import sync_playwright

from infragod.cli.check import rendered
from infragod.demo import build
from infragod.demo.home import read
from infragod.gate import CheckRequest, House, check
from infragod.policy.decision import document
from infragod.resource import Verdict

OUT: Final = Path(__file__).parents[1] / "docs" / "pictures"
CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
COLOURS: Final = {"31": "#ff7b72", "32": "#56d364", "33": "#e3b341", "36": "#76e3ea"}
_SGR: Final = re.compile(r"\x1b\[([\d;]*)m")
_LINE: Final = 19
_CHARACTER: Final = 8.43


def main() -> None:
    """Write both pictures."""
    home = Path(sys.argv[1]).absolute()
    OUT.mkdir(parents=True, exist_ok=True)
    name, text = denied(home)
    (OUT / "check.svg").write_text(terminal(f"$ infragod check {name}/plan.json\n\n{text}"), encoding="utf-8")
    with serving(home) as address:
        page(address, OUT / "overview.png")


def denied(home: Path) -> tuple[str, str]:
    """The workspace of the company's denied plan, and what an engineer sees of it, in colour."""
    from datetime import date

    made = read(home)
    if made is None:
        raise SystemExit(f"there is no example company in {home}; build it by `infragod demo --home {home} --no-serve`")
    today = date.fromisoformat(made.today)
    with House.open(build.settings_of(home)) as house:
        for plan in build.describe(home, today).plans:
            path = home / build.WORKSPACE / plan.workspace / "plan.json"
            request = CheckRequest(path.read_bytes(), str(path), plan.workspace, "you", today, record=False)
            decision = check(request, house)
            if decision.verdict is Verdict.DENY:
                return plan.workspace, rendered(document(decision), "text", colour=True)
    raise SystemExit("no plan of the example company is denied")


def terminal(text: str) -> str:
    """A terminal window as SVG that holds the coloured `text`."""
    lines = text.rstrip("\n").split("\n")
    width = 40 + int(_CHARACTER * max(len(_SGR.sub("", line)) for line in lines))
    height = 60 + _LINE * len(lines)
    rows = "\n".join(
        f'<text x="20" y="{58 + _LINE * number}" xml:space="preserve">{"".join(_spans(line))}</text>'
        for number, line in enumerate(lines)
        if line
    )
    dots = "".join(f'<circle cx="{22 + 18 * n}" cy="20" r="5.5" fill="#3d444d"/>' for n in range(3))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        "<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#e6edf3}"
        "</style>"
        f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>{dots}\n{rows}\n</svg>\n'
    )


def _spans(line: str) -> Iterator[str]:
    """The line's pieces, each in the colour that its escape sequence set."""
    codes: list[str] = []
    for number, piece in enumerate(_SGR.split(line)):
        if number % 2:
            codes = [c for c in piece.split(";") if c not in ("", "0")]
        elif piece:
            colour = next((COLOURS[c] for c in codes if c in COLOURS), "")
            style = (f' fill="{colour}"' if colour else "") + (' font-weight="bold"' if "1" in codes else "")
            yield f"<tspan{style}>{escape(piece)}</tspan>" if style else escape(piece)


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of a server of the company's pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = home / build.WORKSPACE
    command = [sys.executable, "-m", "infragod", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=folder) as server:
        address = f"http://127.0.0.1:{port}"
        _wait(address)
        yield address
        server.terminate()


def _wait(address: str) -> None:
    for _ in range(100):
        try:
            if httpx.get(f"{address}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def page(address: str, path: Path) -> None:
    """A picture of the overview."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if CHROMIUM.exists() else None, args=FLAGS)
        shown = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
        shown.goto(address)
        shown.locator(".plot svg path").first.wait_for(state="attached")
        shown.wait_for_timeout(800)  # the chart's animation
        shown.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    main()
