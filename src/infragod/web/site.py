"""What the whole server shares: settings, stores, templates, the bundled assets, and who may see what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from infragod import __version__
from infragod.db.connection import Database
from infragod.lake.lake import Lake
from infragod.settings import Settings
from infragod.web import format as formats
from infragod.web import static
from infragod.web.accuracy import AccuracySums
from infragod.web.figures import Figures
from infragod.web.friction import FrictionMonths
from infragod.web.gate_summary import GateSummary
from infragod.web.hosts import Hosts
from infragod.web.session import Signer

TEMPLATES: Final = Path(__file__).parent / "templates"
SECTIONS: Final = (
    ("/", "Overview"),
    ("/showback", "Showback"),
    ("/coverage", "Coverage"),
    ("/accuracy", "Accuracy"),
    ("/decisions", "Decisions"),
    ("/approvals", "Approvals"),
    ("/waivers", "Waivers"),
    ("/incidents", "Incidents"),
    ("/grants", "Grants"),
    ("/state", "State"),
    ("/friction", "Friction"),
)


@dataclass(frozen=True)
class Site:
    """The server's parts, made once."""

    settings: Settings
    hosts: Hosts
    database: Database
    lake: Lake
    figures: Figures
    signer: Signer
    templates: Environment = field(repr=False)
    gate: GateSummary
    friction: FrictionMonths
    accuracy: AccuracySums

    @classmethod
    def open(cls, settings: Settings) -> Site:
        """Everything the server needs, or one sentence on what is missing."""
        lake = Lake(settings.lake, settings.retention_days)
        database = Database.open(settings)
        return cls(
            settings,
            Hosts.of(settings),
            database,
            lake,
            Figures(lake),
            Signer.open(settings.home),
            environment(static.manifest()),
            GateSummary(database),
            FrictionMonths(settings, database),
            AccuracySums(database),
        )

    def close(self) -> None:
        """Let go of the stores."""
        self.database.close()

    def linked(self, decision: Mapping[str, Any]) -> dict[str, Any]:
        """A decision's document with the address of its page, if it was recorded and an address is known."""
        name = decision["decision"]
        return {**decision, "url": f"{self.link_base}/decisions/{name}" if name and self.link_base else None}

    @property
    def link_base(self) -> str:
        """What links begin with; empty if no address is known under which others reach this server."""
        return self.settings.base_url if self.settings.public_url or not self.hosts.wildcard else ""

    def page(
        self,
        request: Request,
        name: str,
        context: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """The template `name`, filled in."""
        shared = {
            "path": request.url.path,
            "viewer": getattr(request.state, "viewer", ""),
            "private": self.hosts.private,
            "currency": self.settings.currency,
        }
        html = self.templates.get_template(name).render({**shared, **context})
        return HTMLResponse(html, status, headers)


def today() -> date:
    """Today in UTC."""
    return datetime.now(UTC).date()


def environment(assets: Mapping[str, str]) -> Environment:
    """Jinja with escaping everywhere and no name that may be missing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(formats.FILTERS)
    made.globals.update(asset=lambda name: f"/static/{assets[name]}", version=__version__, sections=SECTIONS)
    return made
