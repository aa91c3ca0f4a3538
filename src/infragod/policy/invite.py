"""Whom an event concerns, and what they are told: approvers with their own links, the leads of waivers' owners.

A link is a credential, so it is made only where the operator lets it be sent. One that is sent again, after a failed
attempt, is the link of before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from infragod.approval import links, requests
from infragod.approval.authority import Account, Authority
from infragod.approval.needs import lead
from infragod.approval.requests import store
from infragod.approval.requests.record import Request
from infragod.db.audit import Entry
from infragod.errors import InputError
from infragod.focus import money
from infragod.notify.channel import NOTHING, Brief, Invitation
from infragod.org import store as org
from infragod.policy import bundle
from infragod.policy import store as decisions
from infragod.policy.bundle import store as bundles
from infragod.policy.waivers import warnings
from infragod.settings import Settings

if TYPE_CHECKING:
    from infragod.db.connection import Connection, Database

ASKING: Final = ("approval.opened", "approval.asked", "approval.reminded")
MAKER: Final = "InfraGod"
_HERE: Final = Account("link", MAKER)


class Inviter:
    """Briefs of events, for whoever sends them."""

    def __init__(self, settings: Settings, database: Database, base_url: str) -> None:
        self._settings = settings
        self._database = database
        self._base_url = base_url

    def __call__(self, entry: Entry, with_links: bool) -> Brief:  # noqa: FBT001 - as ``Briefing`` is called
        """The brief of one event."""
        if entry.kind in ASKING:
            with self._database.begin() as connection:
                return self._asking(connection, entry, with_links=with_links and bool(self._base_url))
        if entry.kind == warnings.KIND:
            with self._database.read() as connection:
                return _ending(connection, entry, self._law(connection))
        return NOTHING

    def _law(self, connection: Connection) -> Authority:
        return bundle.authority(self._settings, bundles.latest(connection))

    def _asking(self, connection: Connection, entry: Entry, *, with_links: bool) -> Brief:
        at, law = datetime.now(UTC), self._law(connection)
        request = _request(connection, entry)
        if request is None:
            return NOTHING
        decision = store.decisions(connection, [request.number]).get(request.number, "")
        told = tuple(_told(connection, request, decision))
        page = f"{self._base_url}/decisions/{decision}" if self._base_url else ""
        if request.value(at) != "pending":
            return Brief(f"Approval of {request.workspace} ({decision}): {request.value(at)}", told, page=page)
        people = _people(request, law, at, entry.details.get("people"))
        invited = tuple(
            Invitation(p, law.people[p].mail, self._link(connection, decision, p, law, entry) if with_links else "")
            for p in people
        )
        word = "Reminder: approval" if entry.kind == "approval.reminded" else "Approval"
        return Brief(f"{word} needed for {request.workspace} ({decision})", told, invited, page)

    def _link(self, connection: Connection, decision: str, person: str, law: Authority, entry: Entry) -> str:
        """The address by which `person` answers, once; none if they may not any more."""
        signing = links.key(self._settings.home)
        try:
            made = links.make(connection, signing, decision, person, law, by=MAKER, maker=_HERE, seed=str(entry.number))
        except InputError:
            return ""
        return f"{self._base_url}/approvals/link?key={made}"


def _request(connection: Connection, entry: Entry) -> Request | None:
    number = entry.details.get("request")
    if isinstance(number, int):
        return store.by_number(connection, number)
    return store.of_decision(connection, str(entry.details.get("decision")))


def _people(request: Request, law: Authority, at: datetime, only: Collection[str] | None) -> list[str]:
    """Who may still answer; of a reminder, those who were reminded."""
    answered = {vote.person for vote in request.votes}
    able = {name for w in requests.wanted(request, law, at) if not w.met for name in w.people} - answered
    return sorted(able if only is None else able & set(only))


def _told(connection: Connection, request: Request, decision: str) -> Iterator[str]:
    """What an approver wants to know first."""
    yield f"A plan of {request.workspace} waits for approval until {request.expires_at:%F %H:%M} UTC."
    line = decisions.lines(connection, [decision]).get(decision)
    if line is not None:
        unknown = "" if line.complete else ", and some of its cost is unknown"
        yield f"It changes the monthly cost by {money(line.monthly_delta, line.currency, plus=True)}{unknown}."
    rules = ", ".join(sorted({item.rule for item in request.items}))
    yield f"Found by: {rules}. Needed: {'; '.join(dict.fromkeys(need.who for need in request.needs))}."
    yield f"Asked by: {', '.join(sorted(request.requesters)) or 'unknown'}."
    if request.reason:
        yield f"They say: {request.reason}"
    if request.lost:
        yield f"An earlier approval does not count: {request.lost}."


def _ending(connection: Connection, entry: Entry, law: Authority) -> Brief:
    details: dict[str, Any] = entry.details
    owner = str(details["owner"])
    leads = {team.name: team.lead or "" for team in org.teams(connection)}
    person = law.people.get(lead(law, leads.get(owner, owner)))
    when = f"{details['until']}, in {details['days_left']} days"
    told = (
        f"Waiver {details['waiver']} ends on {when}; then the rule {details['rule']} counts again.",
        f"It covers {details['address']} in {details['workspace']}, and {owner} is to mend what it covers.",
    )
    invited = (Invitation(person.name, person.mail),) if person else ()
    return Brief(f"Waiver {details['waiver']} of {owner} ends on {details['until']}", told, invited)
