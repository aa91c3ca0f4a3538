"""A real server on loopback, and real Terraform whose states it keeps."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from infragod.approval import store as tokens
from infragod.db.connection import Database
from infragod.gate import CheckRequest, House, check, grant
from infragod.org import store as org
from infragod.org.organisation import Organisation, Team
from infragod.policy.grants import Asked
from infragod.settings import Settings
from infragod.terraform import store
from infragod.web.app import create
from infragod.web.server import listen
from infragod.web.site import Site, today
from tests.terraform.conftest import LIBRARY

WORKSPACE = "shop-prod"
CONFIGURATION = """
terraform {
  backend "http" {}
}
variable "n" { default = 1 }
resource "terraform_data" "a" { input = var.n }
"""


@dataclass
class Server:
    """A running server."""

    settings: Settings
    url: str
    site: Site
    house: House
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.site.database

    def token(self, scope: str) -> str:
        """A token of that scope, the same each time."""
        if scope not in self.tokens:
            with self.database.begin() as connection:
                self.tokens[scope] = tokens.create(connection, f"ci-{scope}", tuple(scope.split(",")), actor="test")
        return self.tokens[scope]

    def ask(self, verb: str, secret: str, workspace: str = WORKSPACE, **how: Any) -> httpx.Response:
        return httpx.request(verb, f"{self.url}/v1/state/{workspace}", auth=("any", secret), timeout=60, **how)

    def checked(self, plan: str, workspace: str = WORKSPACE) -> str:
        """The id of a decision on a plan's JSON."""
        return check(CheckRequest(plan.encode(), "plan", workspace, "pipeline", today()), self.house).id

    def grant(self, plan: str, workspace: str = WORKSPACE) -> str:
        """The token of a grant on that plan, bound to the state as it is."""
        with self.database.read() as connection:
            current = store.current(connection, workspace)
        lineage, serial = (current.lineage, current.serial) if current else ("", 0)
        asked = Asked(self.checked(plan, workspace), lineage, serial, "pipeline")
        return grant(asked, self.house, today()).token


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    """A server over `settings`, whose company has one team."""
    listener = listen(replace(settings, port=0))
    settings = replace(settings, port=listener.getsockname()[1])
    app = create(settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    site: Site = app.state.site
    with site.database.begin() as connection:
        org.replace(connection, Organisation((Team("checkout", "cc-1", "lead"),), ()))
    while not server.started:
        time.sleep(0.01)
    try:
        yield Server(settings, f"http://127.0.0.1:{settings.port}", site, app.state.desk.house)
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


class Terraform:
    """Real Terraform in one folder, speaking to one workspace of the server."""

    def __init__(self, program: str, folder: Path, server: Server, workspace: str = WORKSPACE) -> None:
        self.program = program
        self.folder = folder
        self.server = server
        self.address = f"{server.url}/v1/state/{workspace}"
        folder.mkdir(exist_ok=True)
        (folder / "main.tf").write_text(CONFIGURATION)

    def environment(self, secret: str, query: str = "") -> dict[str, str]:
        """What the backend reads at each run."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
        return own | {
            "TF_HTTP_ADDRESS": self.address,
            "TF_HTTP_LOCK_ADDRESS": self.address + query,
            "TF_HTTP_UNLOCK_ADDRESS": self.address,
            "TF_HTTP_USERNAME": "ci",
            "TF_HTTP_PASSWORD": secret,
            "CHECKPOINT_DISABLE": "1",
        }

    def start(self, secret: str, *arguments: str, query: str = "") -> subprocess.Popen[str]:
        """Begin a run, and don't wait."""
        return subprocess.Popen(
            [self.program, *arguments],
            cwd=self.folder,
            env=self.environment(secret, query),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, secret: str, *arguments: str, code: int = 0, query: str = "") -> str:
        """A whole run: all that the user reads, in one text."""
        process = self.start(secret, *arguments, "-no-color", query=query)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == code, said
        return said

    def init(self) -> Terraform:
        """Initialised, as a pipeline does it: with the token that only reads."""
        self.run(self.server.token("state"), "init")
        return self

    def plan(self, *arguments: str) -> str:
        """The JSON of a new plan, whose file is p.tfplan."""
        secret = self.server.token("state")
        self.run(secret, "plan", "-out=p.tfplan", *arguments)
        shown = self.run(secret, "show", "-json", "p.tfplan")
        return shown[shown.index("{") :]


def program(kind: str, folder: Path) -> str:
    """The path of Terraform: what is installed, or the library (1.15) as a small executable."""
    if kind == "terraform":
        found = shutil.which("terraform")
        assert found, "terraform is missing; install it"
        return found
    path = folder / "terraform"
    path.write_text(LIBRARY.format(python=sys.executable))
    path.chmod(0o755)
    return str(path)


def message(said: str) -> str:
    """What Terraform says of the error, without what differs from run to run."""
    found = said[said.index("Error: ") :]
    found = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", found)
    found = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b", "<decision>", found)
    found = re.sub(r"\d{4}-\d\d-\d\d[ T][\d:.]+(?: \+0000 UTC|Z)?", "<time>", found)
    found = re.sub(r"infragod_refuses_[0-9a-f]{8}", "infragod_refuses_<random>", found)
    found = re.sub(r"127\.0\.0\.1:\d+", "<server>", found)
    found = re.sub(r"Who:       .+", "Who:       <who>", found)
    return re.sub(r"Version:   1[\d.]+", "Version:   <version>", found)
