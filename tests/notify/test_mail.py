"""Mail, to a real SMTP server on loopback: with STARTTLS and a login, each approver with a link of their own."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import ipaddress
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.approval.ask import TEXT, asked, law, user

from infragod.approval import links, requests
from infragod.approval.requests import store as request_store
from infragod.db import audit
from infragod.db.connection import Database
from infragod.errors import SetupError
from infragod.notify import deliver, mailbox, webhooks
from infragod.notify.webhooks import Target
from infragod.org import store as org
from infragod.org.organisation import Organisation, Team
from infragod.policy import waivers
from infragod.policy.invite import Inviter
from infragod.policy.remind import remind
from infragod.resource import Level
from infragod.settings import Settings

BASE = "https://cost.example.com"
NOW = dt.datetime.now(dt.UTC)
PEOPLE = TEXT.replace("[people.controller]", '[people.controller]\nmail = "controller@example.com"')


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "ca.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


@dataclass
class Post:
    """What the mail server has taken, and whom it refuses."""

    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _s: Any, _c: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        if address in self.refused:
            return f"{self.refused[address]} not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _s: Any, _c: Any, envelope: Any) -> str:  # noqa: N802
        made = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(made, EmailMessage)
        self.taken.append((envelope.rcpt_tos[0], made))
        return "250 OK"

    def authenticate(self, _s: Any, _c: Any, _e: Any, _m: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password == b"the password")

    def to(self, address: str) -> EmailMessage:
        (found,) = [message for to, message in self.taken if to == address]
        return found


class Listening(Controller):
    """It knows the free port that it was given."""

    def _trigger_server(self) -> None:
        sockets: Any = getattr(self.server, "sockets", ())
        self.port = sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def post(certificates: tuple[Path, Path]) -> Iterator[Post]:
    """A mail server that demands STARTTLS and a login."""
    made = Post()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificates)
    controller = Listening(
        made,
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=True,
        authenticator=made.authenticate,
        auth_required=True,
    )
    controller.start()
    made.port = controller.port
    yield made
    controller.stop()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "approvals.toml").write_text(PEOPLE)
    return tmp_path


def table(post: Post, ca: Path, **more: Any) -> dict[str, Any]:
    given = {"host": "127.0.0.1", "port": post.port, "from": "infragod@example.com", "user": "infragod"}
    return given | {"password_env": "SMTP_PASSWORD", "ca_file": str(ca), "to": ["finops@example.com"]} | more


def target(settings: Settings, given: dict[str, Any], password: str = "the password") -> Target:  # noqa: S107
    from dataclasses import replace

    (found,) = webhooks.targets(replace(settings, tables={"notify": {"email": given}}), {"SMTP_PASSWORD": password})
    return found


@dataclass
class Office:
    """A database with a target for mail, and what delivers to it."""

    database: Database
    settings: Settings
    target: Target

    def deliver(self) -> deliver.Outcome:
        brief = Inviter(self.settings, self.database, BASE)
        return deliver.deliver(self.database, self.target, BASE, brief=brief)

    def ask(self) -> None:
        with self.database.begin() as connection:
            org.replace(connection, Organisation((Team("checkout", "cc", "lead of checkout"),), ()))
            state = requests.attach(connection, asked(text=PEOPLE), law(PEOPLE), NOW)
            requests.belongs(connection, state, "AAAA-0001")


@pytest.fixture
def office(database: Database, home: Path, post: Post, certificates: tuple[Path, Path]) -> Office:
    settings = Settings(home=home, folder=home)
    made = target(settings, table(post, certificates[0]))
    deliver.register(database, [made])
    return Office(database, settings, made)


def link_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    found = re.findall(r"https://cost\.example\.com/approvals/link\?key=(\S+)", body.get_content())
    assert len(found) < 2
    return str(found[0]) if found else ""


def test_each_approver_gets_a_link_that_works_once(office: Office, post: Post) -> None:
    office.ask()
    assert office.deliver() == deliver.Outcome(delivered=1)
    assert post.logins == ["infragod"]
    assert sorted(to for to, _ in post.taken) == [
        "controller@example.com",
        "finops@example.com",
        "lead@checkout.example",
    ]
    message = post.to("controller@example.com")
    assert message["Subject"] == "Approval needed for shop (AAAA-0001)"
    assert message["From"] == "infragod@example.com"
    html = message.get_body(("html",))
    assert html is not None
    assert "Found by: budget-of-owner" in html.get_content()
    own, other = link_of(message), link_of(post.to("lead@checkout.example"))
    assert own
    assert own != other
    assert link_of(post.to("finops@example.com")) == ""
    signing = links.key(office.settings.home)
    with office.database.begin() as connection:
        assert links.read(connection, signing, own).person == "controller"
        assert links.use(connection, signing, own, "grant", law(PEOPLE)).passes


def test_what_is_sent_again_goes_to_nobody_twice_and_has_the_same_link(office: Office, post: Post) -> None:
    post.refused = {"controller@example.com": 451}
    office.ask()
    assert office.deliver() == deliver.Outcome(failed=1)
    assert len(post.taken) == 2
    first = link_of(post.to("lead@checkout.example"))
    post.refused = {}
    with office.database.begin() as connection:
        from infragod.notify.store import outbox

        connection.execute(outbox.update().values(next_at=NOW))
        made = [e for e in audit.entries(connection) if e.kind == "approval.link"]
    assert office.deliver() == deliver.Outcome(delivered=1)
    assert len(post.taken) == 3
    with office.database.read() as connection:
        assert [e for e in audit.entries(connection) if e.kind == "approval.link"] == made
    assert link_of(post.to("controller@example.com")) != first


def test_an_address_that_is_refused_for_good_does_not_hold_back_the_others(office: Office, post: Post) -> None:
    post.refused = {"controller@example.com": 550}
    office.ask()
    assert office.deliver() == deliver.Outcome(dead=1)
    assert len(post.taken) == 2


def test_a_mail_server_that_is_not_there_is_tried_again(office: Office, post: Post, home: Path) -> None:
    office.target = target(office.settings, table(post, home / "ca.pem"))  # no such certificate
    office.ask()
    assert office.deliver() == deliver.Outcome(failed=1)
    assert post.taken == []


def test_a_wrong_password_is_tried_again_and_not_told(
    office: Office, post: Post, certificates: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    office.target = target(office.settings, table(post, certificates[0]), "another password")
    office.ask()
    assert office.deliver() == deliver.Outcome(failed=1)
    assert "the mail server" in caplog.text  # it may answer, or hang up after some tries
    assert "password" not in caplog.text
    assert "another" not in repr(office.target)


def test_the_lead_of_a_waiver_s_owner_hears_that_it_ends(office: Office, post: Post) -> None:
    with office.database.begin() as connection:
        org.replace(connection, Organisation((Team("checkout", "cc", "lead of checkout"),), ()))
        until = NOW.date() + dt.timedelta(days=9)
        proposal = waivers.Proposal("old-generation", "<b>*", "shop", "moves", "checkout", "engineer", until)
        waivers.add(connection, proposal, Level.ADVISORY, NOW)
        assert len(remind(connection, law(PEOPLE), "InfraGod", NOW).waivers) == 1
        assert not remind(connection, law(PEOPLE), "InfraGod", NOW)
    office.deliver()
    message = post.to("lead@checkout.example")
    assert message["Subject"] == f"Waiver W1 of checkout ends on {until}"
    html = message.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;*" in html.get_content()
    assert f'href="{BASE}/waivers#W1"' in html.get_content()


def test_what_has_ended_meanwhile_invites_nobody(office: Office, post: Post) -> None:
    office.ask()
    with office.database.begin() as connection:
        requests.answer(connection, "AAAA-0001", user("controller-user"), "grant", law(PEOPLE), via="test", at=NOW)
    office.deliver()
    (one,) = post.taken
    assert one[0] == "finops@example.com"
    assert one[1]["Subject"] == "Approval of shop (AAAA-0001): approved"
    with office.database.read() as connection:
        assert request_store.listed(connection, "approved", NOW)


def test_without_links_the_page_alone_is_named(office: Office, post: Post, certificates: tuple[Path, Path]) -> None:
    office.target = target(office.settings, table(post, certificates[0], links=False))
    office.ask()
    office.deliver()
    body = post.to("controller@example.com").get_body(("plain",))
    assert body is not None
    assert "/approvals/link" not in body.get_content()
    assert f"{BASE}/decisions/AAAA-0001" in body.get_content()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": None}, "lacks host"),
        ({"from": "nobody"}, "sets from to 'nobody', which is no mail address"),
        ({"to": ["a b@example.com"]}, "which is no mail address"),
        ({"security": "tls"}, "it is starttls, ssl, none"),
        ({"security": "none", "host": "smtp.example.com"}, "in clear text"),
        ({"port": "25"}, "a number from 1 to 65535"),
        ({"password_env": None}, "needs password_env or password_file"),
        ({"password_env": "NOT_SET"}, "which is not set"),
        ({"password_env": None, "password_file": "none"}, "cannot read the password"),
        ({"links": "yes"}, "it is true or false"),
        ({"events": []}, "it is a list"),
        ({"password": "x"}, "sets 'password', which it does not know"),
    ],
)
def test_a_wrong_table_is_one_sentence(home: Path, change: dict[str, Any], said: str) -> None:
    given = {"host": "smtp.example.com", "from": "a@example.com", "user": "a", "password_env": "SMTP_PASSWORD"}
    wrong = {key: value for key, value in (given | change).items() if value is not None}
    with pytest.raises(SetupError, match=re.escape(said)):
        target(Settings(home=home, folder=home), wrong)


def test_the_password_may_stand_in_a_file(home: Path) -> None:
    (home / "smtp").write_text("secret words\n")
    given = {"host": "h.example.com", "from": "a@example.com", "user": "a", "password_file": "smtp", "security": "ssl"}
    found = target(Settings(home=home, folder=home), given).mail
    assert found is not None
    assert (found.password, found.port) == ("secret words", 465)
    assert mailbox.is_address("lead.of-checkout+x@example.com")
