from __future__ import annotations

import getpass
import os

import pytest

from infragod.cli.actor import actor


def test_an_actor_is_the_user_or_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "controller")
    assert actor() == "controller"

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert actor() == f"uid {os.getuid()}"
