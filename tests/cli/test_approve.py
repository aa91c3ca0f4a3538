"""Approvals, waivers, broken glass and incidents from the command line, by the user that runs the tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infragod.cli.actor import actor
from infragod.cli.main import main
from tests.gate import plans

LAW = """
[people.lead]
users = ["{user}"]
[people.controller]
users = ["nobody of this machine"]
[[approve]]
by = ["lead", "controller"]
[waivers]
by = ["lead"]
"""


@pytest.fixture
def decision(home: Path, capsys: pytest.CaptureFixture[str]) -> str:
    Path("approvals.toml").write_text(LAW.format(user=actor()))
    Path("infragod.toml").write_text('[rules.mandatory-tags]\nlevel = "approval"\n')
    Path("plan.json").write_bytes(plans.plan(plans.server(team="checkout")))
    Path("organisation.csv").write_text("service,team,cost_centre,lead\ncart,checkout,cc-1,lead\n")
    assert main(["org", "import", "organisation.csv"]) == 0
    return checked(capsys, 3, "--requester", "author")[0]


def checked(capsys: pytest.CaptureFixture[str], code: int, *more: str) -> tuple[str, dict[str, object]]:
    capsys.readouterr()
    assert main(["check", "plan.json", "--workspace", "shop", "--format", "json", *more]) == code
    said = json.loads(capsys.readouterr().out)
    return said["decision"], said


def told(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    capsys.readouterr()
    assert main(list(words)) == code
    said = capsys.readouterr()
    return said.out + said.err


def test_who_had_the_plan_checked_may_not_approve_it(decision: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "lead asked for decision" in told(capsys, 2, "approve", "grant", decision)
    assert "0 of 1 given by lead or controller" in told(capsys, 3, "approve", "show", decision)
    assert "asked: launch" in told(capsys, 3, "approve", "request", decision, "--reason", "launch")
    assert decision in told(capsys, 0, "approve", "list")
    assert "nothing waits" in told(capsys, 0, "approve", "list", "--mine")
    assert json.loads(told(capsys, 0, "approve", "list", "--format", "json"))[0]["state"] == "pending"
    assert "nobody has to be reminded" in told(capsys, 0, "approve", "remind")
    assert "may not make the link" in told(capsys, 2, "approve", "link", decision, "--for", "controller")
    assert "--hours 0" in told(capsys, 2, "approve", "link", decision, "--for", "controller", "--hours", "0")
    assert "void" in told(capsys, 0, "approve", "withdraw", decision)
    assert decision in told(capsys, 0, "approve", "list", "--all")


def test_no_decision_is_one_sentence(decision: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert decision
    assert "there is no decision 'ZZZZ-ZZZZ'" in told(capsys, 2, "approve", "grant", "ZZZZ-ZZZZ")


def test_broken_glass_lets_the_next_check_pass_and_is_closed(decision: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, 0, "break-glass", decision, "--reason", "everything burns")
    assert f"decision {decision} passes until" in said
    assert "incident 1 is open" in said
    _, document = checked(capsys, 0)
    assert document["approval"]["break_glass"]["person"] == "lead"  # type: ignore[index]
    assert "ALLOWED by broken glass" in told(capsys, 0, "check", "plan.json", "--workspace", "shop")
    assert "1 " in told(capsys, 0, "incidents", "list")
    assert "reason: everything burns" in told(capsys, 0, "incidents", "show", "1")
    assert "closed" in told(capsys, 0, "incidents", "close", "1", "--resolution", "mended")
    assert "there is no open incident" in told(capsys, 0, "incidents", "list")
    assert json.loads(told(capsys, 0, "incidents", "list", "--all", "--format", "json"))[0]["resolution"] == "mended"


def test_a_waiver_is_proposed_seen_and_ended(decision: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert decision
    scope = ("--address", "*", "--workspace", "shop", "--reason", "moves", "--owner", "checkout")
    assert "is proposed" in told(capsys, 0, "waive", "add", "mandatory-tags", *scope, "--days", "10")
    assert "lead proposed waiver W1" in told(capsys, 2, "waive", "approve", "W1")
    assert "proposed" in told(capsys, 0, "waive", "list")
    assert "W1" in told(capsys, 1, "waive", "list", "--ending")
    checked(capsys, 3)
    assert "is ended" in told(capsys, 0, "waive", "end", "W1")
    assert "there is no such waiver" in told(capsys, 0, "waive", "list")
    assert json.loads(told(capsys, 0, "waive", "list", "--all", "--format", "json"))[0]["state"] == "ended"
    assert "there is no rule" in told(capsys, 2, "waive", "add", "mandatory-tag", *scope, "--days", "10")
    assert "no number from 1 to 180" in told(capsys, 2, "waive", "add", "mandatory-tags", *scope, "--days", "181")
    assert "is no date" in told(capsys, 2, "waive", "add", "mandatory-tags", *scope, "--until", "spring")


def test_what_works_on_the_home_says_so_where_a_server_is_set(
    decision: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFRAGOD_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("INFRAGOD_TOKEN", "igt_x")
    for words in (["waive", "list"], ["incidents", "list"], ["approve", "remind"]):
        assert "works on the server's own home" in told(capsys, 2, *words)
    assert "cannot be reached" in told(capsys, 2, "approve", "grant", decision)
