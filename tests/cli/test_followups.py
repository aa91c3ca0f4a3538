"""`infragod followups`: what people read, and one comment a change request, on GitHub and on GitLab."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infragod.cli.comment import request_of
from infragod.cli.main import main
from infragod.errors import InputError
from infragod.terraform.comment import marker
from tests.cli.forges import TOKEN, Host, serving
from tests.finance.accuracy.test_follow import ROWS
from tests.finance.accuracy.world import APPLIED, IDS, World, server, usage

WEB, JOB = "aws_instance.web", "aws_instance.job"


@pytest.fixture
def company(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A company whose home is this run's; nothing of the machine's forges is in the environment."""
    for name in (
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "GITLAB_TOKEN",
        "GITLAB_ACCESS_TOKEN",
        "GITHUB_API_URL",
        "CI_API_V4_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    made = World(home.parent / "company")
    monkeypatch.setenv("INFRAGOD_HOME", str(made.settings.home))
    yield made
    made.database.close()


def billed(world: World, request: str = "example/shop#7") -> str:
    decision = world.apply(server(), request=request)
    world.state("shop", {WEB: IDS["web"]}, APPLIED)
    world.bill(ROWS)
    return decision


def test_what_people_read(
    company: World, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    decision = billed(company)
    shown = []
    for words in (["list"], ["show", decision.lower()], ["list", "--format", "json"], ["send", "--dry-run"]):
        assert main(["followups", *words]) == 0
        shown.append(f"$ infragod followups {' '.join(words)}\n{capsys.readouterr().out}")
    golden("followups.txt", "\n".join(shown).replace(decision, "7F3K-9Q2M").replace(decision.lower(), "7f3k-9q2m"))


def test_the_report(company: World, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]) -> None:
    billed(company)
    company.compare()
    assert main(["report", "accuracy", "--by", "team", "--month", "2026-10"]) == 0
    golden("report_accuracy.txt", capsys.readouterr().out)
    assert main(["report", "accuracy", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["type"], row["error"], row["resources"], row["left_out"]) == ("aws_instance", "-1.11088", 1, 0)
    assert main(["report", "accuracy", "--by", "colour"]) == 2
    assert "type, team, recipe, workspace" in capsys.readouterr().err


def test_nothing_applied_yet(company: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["followups", "list"]) == 0
    assert "no plan was applied with a grant yet" in capsys.readouterr().out
    assert main(["followups", "show", "7F3K-9Q2M"]) == 2
    assert main(["followups", "send"]) == 0
    assert capsys.readouterr().out == "nothing is new\n"


@pytest.mark.parametrize(("kind", "request_name"), [("github", "example/shop#7"), ("gitlab", "group/shop!7")])
def test_one_comment_updated_in_place(
    company: World, kind: str, request_name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    billed(company, request_name)
    monkeypatch.setenv("GITHUB_TOKEN" if kind == "github" else "GITLAB_TOKEN", TOKEN)
    with serving(Host(kind)) as host:
        send = ["followups", "send", "--api-url", host.url]
        assert main(send) == 0
        (number,) = host.comments
        assert f"{request_name}: comment {number} posted" in capsys.readouterr().out
        body = host.comments[number]["body"]
        assert body.startswith(marker("after the apply"))
        assert "estimated \\$148.16, billed \\$147.05 in the first full month (October 2026)" in body
        asked = len(host.asked)
        assert main(send) == 0
        assert len(host.asked) == asked  # nothing is new, so nothing is asked
        company.bill(ROWS[:2])
        assert main(send) == 0
        assert list(host.comments) == [number]
        assert "billed \\$142.55" in host.comments[number]["body"]


def test_an_answer_that_was_lost_posts_nothing_twice(company: World, monkeypatch: pytest.MonkeyPatch) -> None:
    billed(company)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with serving(Host("github", lose_answer=True)) as host:
        assert main(["followups", "send", "--api-url", host.url]) == 0
        assert len(host.comments) == 1


def test_one_that_cannot_be_placed_does_not_stop_the_others(
    company: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    company.apply(server("job"), request="the change of Friday")
    company.apply(server(), request="example/shop#7")
    company.state("shop", {WEB: IDS["web"], JOB: IDS["job"]}, APPLIED)
    company.bill([*ROWS, usage(IDS["job"], "BoxUsage:m6i.xlarge", "Hours", "744", "0.192", "142.848")])
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with serving(Host("github")) as host:
        assert main(["followups", "send", "--api-url", host.url]) == 2
        assert len(host.comments) == 1
        said = capsys.readouterr()
        assert "the change of Friday: " in said.err
        assert main(["followups", "send", "--only", "example/*", "--api-url", host.url]) == 0


def test_two_plans_of_one_request_are_one_comment(
    company: World, capsys: pytest.CaptureFixture[str], golden: Callable[[str, str], None]
) -> None:
    names = {company.apply(server()): "7F3K-9Q2M", company.apply(server("job"), workspace="shop_eu"): "8G4M-0R3N"}
    company.state("shop", {WEB: IDS["web"]}, APPLIED)
    company.state("shop_eu", {JOB: IDS["job"]}, APPLIED)
    company.bill([*ROWS, usage(IDS["job"], "BoxUsage:m6i.xlarge", "Hours", "744", "0.192", "142.848")])
    assert main(["followups", "send", "--dry-run"]) == 0
    text = capsys.readouterr().out
    for name, shown in names.items():
        text = text.replace(name, shown)
    golden("followups_two.md", text)


def test_loads_say_what_they_made_comparable(company: World, capsys: pytest.CaptureFixture[str]) -> None:
    billed(company)
    assert main(["load", "focus", str(company.folder / "aws.csv"), "--source", "aws"]) == 0
    assert "estimates: 1 applied plan compared with a whole month's bill" in capsys.readouterr().out


OWN = "https://git.example.com"
ENV = {"GITHUB_TOKEN": "a", "GITLAB_TOKEN": "b"}


@pytest.mark.parametrize(
    ("name", "env", "api", "shown"),
    [
        ("o/r#7", {}, "https://api.github.com", "o/r#7"),
        ("https://github.com/o/r/pull/7", {}, "https://api.github.com", "o/r#7"),
        ("https://gitlab.com/g/s/p/-/merge_requests/7", {}, "https://gitlab.com/api/v4", "g/s/p!7"),
        ("https://git.example.com/o/r/pull/7", {"GITHUB_API_URL": f"{OWN}/api/v3"}, f"{OWN}/api/v3", "o/r#7"),
    ],
)  # fmt: skip
def test_where_a_change_request_is(name: str, env: dict[str, str], api: str, shown: str) -> None:
    found = request_of(name, ENV | env)
    assert (found.api, found.name) == (api, shown)


@pytest.mark.parametrize("name", ["https://evil.example.com/o/r/pull/7", "https://github.com.evil.example/o/r/pull/7"])
def test_the_token_goes_to_no_host_that_a_change_request_names(name: str) -> None:
    with pytest.raises(InputError, match="is not on the host of"):
        request_of(name, ENV)
