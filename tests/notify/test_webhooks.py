"""The settings of webhooks: what is taken, and what is refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from infragod.errors import SetupError
from infragod.notify.webhooks import targets
from infragod.settings import Settings

ENV = {"KEY": "0123456789abcdef", "SHORT": "x", "CHAT": "https://hooks.example.com/services/T0/B0/secret"}


def found(**tables: Any) -> Any:
    return targets(Settings(tables={"notify": {"webhooks": tables}}), ENV)


def test_no_table_is_no_target() -> None:
    assert targets(Settings(), ENV) == []


def test_targets_are_read_by_name() -> None:
    ops, talk = found(
        talk={"kind": "slack", "url_env": "CHAT"},
        ops={"url": "http://localhost:9/x", "secret_env": "KEY", "events": ["decision"]},
    )
    assert (ops.name, ops.kind, ops.secret, ops.events) == ("ops", "json", b"0123456789abcdef", ("decision",))
    assert (talk.kind, talk.secret, talk.events) == ("slack", b"", ("*",))
    assert talk.shown == "https://hooks.example.com"
    assert "secret" not in repr(talk)


GOOD = {"url": "https://a.example.com/", "secret_env": "KEY"}


@pytest.mark.parametrize(
    ("name", "table", "said"),
    [
        ("Ops", GOOD, "no usable name"),
        ("ops", "https://…", "is no table"),
        ("ops", GOOD | {"urls": 1}, "sets 'urls', which it does not know"),
        ("ops", GOOD | {"kind": "teams"}, "it is json or slack"),
        ("ops", {"secret_env": "KEY"}, "needs url, or url_env"),
        ("ops", GOOD | {"url_env": "CHAT"}, "needs url, or url_env"),
        ("ops", {"url_env": "NONE", "secret_env": "KEY"}, "takes url from the variable 'NONE'"),
        ("ops", GOOD | {"url": "http://a.example.com/"}, "in clear text; use https"),
        ("ops", GOOD | {"url": "ftp://a.example.com/"}, "no http\\(s\\) address"),
        ("ops", GOOD | {"url": "https://a:port/"}, "no http\\(s\\) address"),
        ("ops", GOOD | {"url": 7}, "no http\\(s\\) address"),
        ("ops", GOOD | {"events": "decision"}, "it is a list"),
        ("ops", GOOD | {"events": []}, "it is a list"),
        ("ops", {"url": "https://a.example.com/"}, "has no secret_env"),
        ("ops", GOOD | {"secret_env": "SHORT"}, "shorter than 16 bytes"),
        ("ops", GOOD | {"secret_env": "NONE"}, "takes secret from the variable 'NONE'"),
        ("ops", GOOD | {"secret_env": 3}, "takes secret from the variable 3"),
    ],
)
def test_a_wrong_table_is_one_sentence(name: str, table: Any, said: str) -> None:
    with pytest.raises(SetupError, match=said):
        found(**{name: table})


@pytest.mark.parametrize("tables", [{"notify": 3}, {"notify": {"webhooks": 3}}])
def test_a_wrong_place_is_one_sentence(tables: Any) -> None:
    with pytest.raises(SetupError, match="is no table"):
        targets(Settings(tables=tables), ENV)
