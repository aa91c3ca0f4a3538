"""Settings: order of the files, the environment, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from infragod.errors import SetupError
from infragod.settings import documented, load


def test_defaults(tmp_path: Path) -> None:
    settings = load(env={}, cwd=tmp_path)
    assert settings.home == Path("~/.infragod").expanduser()
    assert settings.lake == settings.home / "lake"
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.beside(Path("usage.toml")) == tmp_path / "usage.toml"


def test_later_ones_win(tmp_path: Path) -> None:
    (tmp_path / "infragod.toml").write_text('currency = "EUR"\nport = 1\n[rules.mandatory-tags]\nkeys = ["team"]\n')
    extra = tmp_path / "extra.toml"
    extra.write_text("port = 2\ntimeout = 7\n")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    settings = load(extra, {"INFRAGOD_TIMEOUT": "9", "INFRAGOD_UNRELATED": "x"}, below)
    assert (settings.currency, settings.port, settings.timeout) == ("EUR", 2, 9)
    assert settings.tables == {"rules": {"mandatory-tags": {"keys": ["team"]}}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "'colour', which is no setting; the settings are: home"),
        ("port = 'x'", "port to 'x', which is no int"),
        ("on_outage = 'maybe'", "on_outage to 'maybe'; it is closed or open"),
        ("port =", "is not valid TOML"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "infragod.toml").write_text(text)
    with pytest.raises(SetupError) as caught:
        load(env={}, cwd=tmp_path)
    assert said in str(caught.value)
    assert "infragod.toml" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"cannot read the settings file .*none\.toml"):
        load(tmp_path / "none.toml", {}, tmp_path)


def test_every_setting_has_help() -> None:
    assert all(help_text for _, _, _, help_text in documented())


def test_an_object_store_is_no_home_yet(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="object stores are not taken yet"):
        load(env={"INFRAGOD_HOME": "s3://bucket/infragod"}, cwd=tmp_path)
