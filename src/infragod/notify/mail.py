"""Mail: one message for each person, as plain text and as simple HTML, sent by the mailbox's server."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING, Final

from infragod.notify import store
from infragod.notify.channel import Brief, Briefing, Invitation, Refusal
from infragod.notify.mailbox import Mailbox, is_address
from infragod.notify.message import address, event_id, plain

if TYPE_CHECKING:
    from infragod.db.audit import Entry
    from infragod.db.connection import Database

SECONDS: Final = 10.0
_FINAL: Final = 500
_LONGEST_SUBJECT: Final = 200
ONCE: Final = "This link answers for {person}, once. Whoever has it can use it: send it on to nobody."
_log = logging.getLogger("infragod.notify")


def send(
    database: Database, box: Mailbox, item: store.Delivery, brief: Briefing, base_url: str, *, links: bool
) -> Refusal | None:
    """Send an event to all whom it concerns and who have not got it; why not, if one of them could not be sent to."""
    known = brief(item.entry, links)
    with database.read() as connection:
        done = store.mailed(connection, item.number)
    waiting = [to for to in recipients(box, known) if to.mail not in done]
    if not waiting:
        return None
    try:
        with _server(box) as server:
            refusals = [_one(database, server, box, item, known, to, base_url) for to in waiting]
    except (smtplib.SMTPException, OSError) as error:
        return Refusal(f"the mail server {_fault(error)}")
    faults = [refusal for refusal in refusals if refusal is not None]
    return next((r for r in faults if not r.final), faults[0] if faults else None)


def recipients(box: Mailbox, brief: Brief) -> list[Invitation]:
    """Whom a message goes to, each address once; only those who are invited get a link, each their own."""
    invited = [one for one in brief.invited if is_address(one.mail)]
    found = {to: Invitation("", to) for to in box.to} | {one.mail: one for one in invited}
    return list(found.values())


def message(box: Mailbox, entry: Entry, brief: Brief, to: Invitation, base_url: str) -> EmailMessage:
    """The message for one recipient."""
    made = EmailMessage()
    subject = brief.subject or f"InfraGod: {entry.kind}"
    made["From"] = box.sender
    made["To"] = to.mail
    made["Subject"] = " ".join(subject.split())[:_LONGEST_SUBJECT]
    made["Date"] = format_datetime(entry.at)
    domain = box.sender.rpartition("@")[2]
    made["Message-ID"] = f"<{event_id(entry)}.{hashlib.sha256(to.mail.encode()).hexdigest()[:16]}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    lines = list(brief.lines) or [plain(entry)]
    links = _links(to, brief.page or address(entry.details, base_url))
    made.set_content("\n".join([*lines, "", *(f"{said}\n{link}\n" for said, link in links), _foot(entry)]) + "\n")
    made.add_alternative(_html(lines, links, entry), subtype="html")
    return made


def _links(to: Invitation, page: str | None) -> list[tuple[str, str]]:
    found = [(ONCE.format(person=to.person), to.link)] if to.link else []
    return found + ([("All of it, with what was found and what it costs:", page)] if page else [])


def _foot(entry: Entry) -> str:
    return f"InfraGod, event {event_id(entry)}, {entry.at:%F %H:%M} UTC"


def _html(lines: Sequence[str], links: Sequence[tuple[str, str]], entry: Entry) -> str:
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    shown = "".join(f'<p>{escape(why)}<br><a href="{escape(link)}">{escape(link)}</a></p>' for why, link in links)
    foot = f'<p style="color:#5b6475;font-size:12px">{escape(_foot(entry))}</p>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>'
        f'<body style="font-family:sans-serif;font-size:14px">{said}{shown}{foot}</body></html>\n'
    )


def _one(
    database: Database,
    server: smtplib.SMTP,
    box: Mailbox,
    item: store.Delivery,
    brief: Brief,
    to: Invitation,
    base_url: str,
) -> Refusal | None:
    """Send to one; an address that the server refuses for good does not keep the others from theirs."""
    try:
        server.send_message(message(box, item.entry, brief, to, base_url), box.sender, [to.mail])
    except smtplib.SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()), (0, b""))
        _log.warning("mail of event %s to %a is refused (%d)", event_id(item.entry), to.mail, code)
        return Refusal(f"the mail server refuses a recipient ({code})", final=code >= _FINAL)
    with database.begin() as connection:
        store.note_mail(connection, item.number, to.mail, datetime.now(UTC))
    return None


@contextlib.contextmanager
def _server(box: Mailbox) -> Iterator[smtplib.SMTP]:
    """A session with the mail server, encrypted as the mailbox says, and logged in where it has a user."""
    trust = ssl.create_default_context(cafile=box.ca_file or None) if box.security != "none" else None
    if box.security == "ssl":
        made: smtplib.SMTP = smtplib.SMTP_SSL(box.host, box.port, timeout=SECONDS, context=trust)
    else:
        made = smtplib.SMTP(box.host, box.port, timeout=SECONDS)
    with made as server:
        if box.security == "starttls":
            server.starttls(context=trust)
        if box.user:
            server.login(box.user, box.password)
        yield server


def _fault(error: Exception) -> str:
    """What went wrong, without what the server said: that may hold addresses, or worse."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"answered {error.smtp_code}"
    return f"cannot be used ({type(error).__name__})"
