"""Who gets in: hosts, sessions, tokens, forms of other sites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from infragod.approval import store as tokens
from infragod.errors import SetupError
from infragod.settings import Settings
from infragod.web.app import create
from infragod.web.hosts import Hosts
from infragod.web.pages.login import local
from infragod.web.session import LIFETIME, Signer
from tests.web.conftest import settings_of, token

ORIGIN = {"origin": "https://cost.example.com"}


def hosts(**changes: object) -> Hosts:
    return Hosts.of(replace(Settings(), **changes))  # type: ignore[arg-type]  # settings by name


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "[::1]:8080", "127.9.9.9"])
def test_the_machine_s_own_names_are_answered(host: str) -> None:
    assert hosts().accepts(host)


@pytest.mark.parametrize("host", ["evil.example.com", "", "192.168.0.7", "localhost.evil.example", "[", "::1"])
def test_other_names_are_not(host: str) -> None:
    assert not hosts().accepts(host)


def test_where_every_address_is_listened_on_plain_addresses_are_answered_but_no_foreign_name() -> None:
    open_hosts = hosts(host="::", public_url="https://cost.example.com")
    assert open_hosts.accepts("10.0.0.7:8080")
    assert open_hosts.accepts("Cost.Example.com")
    assert not open_hosts.accepts("evil.example.com")
    assert open_hosts.secure


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via"])
def test_what_came_through_a_proxy_is_not_this_machine_s_user(header: str) -> None:
    assert hosts().trusts("localhost", "127.0.0.1", set())
    assert not hosts().trusts("localhost", "127.0.0.1", {header})
    assert not hosts().trusts("localhost", "10.0.0.7", set())
    assert not hosts(public_url="https://cost.example.com").trusts("localhost", "127.0.0.1", set())


def test_a_page_under_a_foreign_name_is_refused(client: TestClient) -> None:
    response = client.get("/", headers={"host": "evil.example.com"})
    assert response.status_code == 421
    assert "public_url" in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_reader_logs_in_with_a_token_and_out_again(public: TestClient) -> None:
    first = public.get("/decisions?verdict=deny")
    assert first.status_code == 303
    assert first.headers["location"] == "/login?next=%2Fdecisions%3Fverdict%3Ddeny"
    secret = token(public, "read")
    answer = public.post("/login", data={"token": secret, "next": "/decisions?verdict=deny"}, headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/decisions?verdict=deny")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-infragod=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/", f"Max-Age={LIFETIME}"))
    assert secret not in cookie
    assert public.get("/decisions").status_code == 200
    assert "Log out" in public.get("/").text
    assert public.post("/logout", headers=ORIGIN).status_code == 303
    assert public.get("/decisions").status_code == 303


def test_revoking_the_token_ends_its_sessions(public: TestClient) -> None:
    public.post("/login", data={"token": token(public, "read")}, headers=ORIGIN)
    assert public.get("/").status_code == 200
    with public.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
        tokens.revoke(connection, "ci", actor="test")
    assert public.get("/").status_code == 303


@pytest.mark.parametrize("scope", ["check", None])
def test_a_token_that_may_not_read_does_not_log_in(public: TestClient, scope: str | None) -> None:
    secret = token(public, scope) if scope else "igt_wrong"
    answer = public.post("/login", data={"token": secret}, headers=ORIGIN)
    assert answer.status_code == 403
    assert "unknown, expired or revoked" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_a_form_of_another_site_is_refused(public: TestClient, headers: dict[str, str]) -> None:
    assert public.post("/login", data={"token": token(public, "read")}, headers=headers).status_code == 403


def test_a_browser_that_sends_no_origin_says_where_the_form_is_from(public: TestClient) -> None:
    headers = {"sec-fetch-site": "same-origin"}
    assert public.post("/login", data={"token": token(public, "read")}, headers=headers).status_code == 303


def test_a_form_that_is_no_token_is_not_read_to_its_end(public: TestClient) -> None:
    assert public.post("/login", content=b"x" * 9000, headers=ORIGIN).status_code == 413


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/a\nb"]
)
def test_login_leads_nowhere_else(target: str) -> None:
    assert local(target) == "/"


def test_a_link_of_another_site_finds_the_session_again(public: TestClient) -> None:
    crossing = public.get("/login?next=/decisions", headers={"sec-fetch-site": "cross-site"})
    assert '<meta http-equiv="refresh" content="0; url=/decisions">' in crossing.text
    assert "refresh" not in public.get("/login?next=/decisions").text


def test_a_cookie_is_good_for_its_time_and_for_its_key(tmp_path: Path) -> None:
    signer = Signer.open(tmp_path)
    assert (tmp_path / "keys" / "session.key").stat().st_mode & 0o777 == 0o600
    value = signer.sign("7", now=1000)
    assert Signer.open(tmp_path).read(value, now=1000 + LIFETIME - 1) == "7"
    assert signer.read(value, now=1000 + LIFETIME) is None
    assert Signer(b"0" * 32).read(value, now=1000) is None
    for broken in ("", ".", "a.b", value[:-3], "é.é", value + ".x"):
        assert signer.read(broken, now=1000) is None


def test_a_damaged_key_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "session.key").write_bytes(b"short")
    (tmp_path / "keys" / "session.key").chmod(0o600)
    with pytest.raises(SetupError, match="is no session key: it has 5 bytes"):
        Signer.open(tmp_path)
    with pytest.raises(SetupError, match="cannot keep"):
        Signer.open(tmp_path / "keys" / "session.key")


def test_missing_assets_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infragod.web.static.manifest.__defaults__", (tmp_path,))
    with pytest.raises(SetupError, match="npm ci"):
        create(settings_of(tmp_path))
