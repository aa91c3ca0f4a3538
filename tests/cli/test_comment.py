"""`infragod comment` against real servers of GitHub's and GitLab's documented shapes."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infragod.cli.main import main
from infragod.terraform import comment, forge
from tests.cli.forges import TOKEN, Host, serving
from tests.gate import plans


@pytest.fixture(params=["github", "gitlab"])
def host(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Each host in turn, with its token in the environment and nothing of the machine's own pipeline."""
    for name in [n for n in os.environ if n.startswith(("GITHUB_", "GITLAB_", "GH_", "CI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(forge.Forge, "_sleep", lambda *_: None, raising=False)
    with serving(Host(request.param)) as served:
        monkeypatch.setenv("GITHUB_TOKEN" if served.kind == "github" else "GITLAB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_API_URL" if served.kind == "github" else "CI_API_V4_URL", served.url)
        yield served


def where(host: Host) -> list[str]:
    return ["--github", "group/shop#7"] if host.kind == "github" else ["--gitlab", "group/shop!7"]


def decision(path: str, capsys: pytest.CaptureFixture[str], workspace: str = "shop-prod", count: int = 1) -> str:
    """A real check's answer in a file."""
    Path("plan.json").write_bytes(plans.plan(*(plans.server(f"web{n}") for n in range(count))))
    main(["check", "plan.json", "--format", "json", "--workspace", workspace, "--no-record"])
    Path(path).write_text(capsys.readouterr().out, encoding="utf-8")
    return path


def changed(path: str, **values: Any) -> str:
    """The decision in `path`, with other values."""
    Path(path).write_text(json.dumps(json.loads(Path(path).read_text(encoding="utf-8")) | values), encoding="utf-8")
    return path


def post(host: Host, *sources: str, name: str = "") -> int:
    more = [part for source in sources for part in ("--from", source)] + (["--name", name] if name else [])
    return main(["comment", *where(host), *more])


Capture = pytest.CaptureFixture[str]


def test_one_comment_is_posted_then_updated_then_left(host: Host, capsys: Capture) -> None:
    for n in range(5):
        host.add(f"talk {n}")
    assert post(host, decision("a.json", capsys)) == 0
    (made,) = [c for c in host.comments.values() if "infragod" in c["body"]]
    assert "shop-prod" in made["body"]
    assert capsys.readouterr().err == f"comment {made['id']} on {where(host)[1]} posted\n"
    assert post(host, "a.json") == 0
    assert capsys.readouterr().err.endswith("unchanged\n")
    assert post(host, changed("a.json", verdict="deny")) == 0
    assert capsys.readouterr().err == f"comment {made['id']} on {where(host)[1]} updated\n"
    assert "Denied" in host.comments[made["id"]]["body"]
    assert len(host.comments) == 6


def test_it_is_found_on_a_later_page(host: Host, capsys: Capture) -> None:
    host.page_size = 2
    source = decision("a.json", capsys)
    for n in range(5):
        host.add(f"talk {n}")
    assert post(host, source) == 0
    assert post(host, changed(source, verdict="deny")) == 0
    assert len(host.comments) == 6
    assert not any("elsewhere" in target for _, target in host.asked)


def test_each_workspace_has_its_own(host: Host, capsys: Capture) -> None:
    for workspace in ("one", "two --> <!-- x"):
        assert post(host, decision("a.json", capsys, workspace)) == 0
        assert post(host, "a.json") == 0
    assert len(host.comments) == 2


def test_somebody_who_quotes_or_copies_us_does_not_get_our_place(host: Host, capsys: Capture) -> None:
    line = comment.marker("shop-prod")
    host.add(f"> {line}\n> quoted")
    copied = host.add(f"{line}\nAllowed, says somebody", foreign=True)
    assert post(host, decision("a.json", capsys)) == 0
    assert post(host, changed("a.json", verdict="deny")) == 0
    assert len(host.comments) == 3
    assert "somebody" in host.comments[copied]["body"]


def test_duplicates_are_mended(host: Host, capsys: Capture) -> None:
    line = comment.marker("shop-prod")
    first = host.add(f"{line}\nold")
    host.add(f"{line}\nolder")
    host.add(f"{line}\nforeign", foreign=True)
    assert post(host, decision("a.json", capsys)) == 0
    assert [n for n, c in host.comments.items() if "shop-prod" in c["body"]] == [first]
    assert len(host.comments) == 2


def test_two_runs_at_once_leave_one_comment(host: Host, capsys: Capture) -> None:
    host.rival = f"{comment.marker('shop-prod')}\nof the other run"
    assert post(host, decision("a.json", capsys)) == 0
    (only,) = host.comments.values()
    assert "of the other run" not in only["body"]


def test_an_answer_that_was_lost_does_not_make_a_second_one(host: Host, capsys: Capture) -> None:
    host.lose_answer = True
    assert post(host, decision("a.json", capsys)) == 0
    assert len(host.comments) == 1
    assert capsys.readouterr().err.endswith("unchanged\n")


@pytest.mark.parametrize(
    "limit",
    [
        (429, {"retry-after": "2"}, {}),
        (429, {"ratelimit-reset": "1"}, {}),
        (429, {}, {}),
        (403, {"retry-after": "60"}, {"message": "You have exceeded a secondary rate limit"}),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, {"message": "API rate limit exceeded"}),
        (503, {}, {}),
    ],
)
def test_limits_and_failures_are_waited_for(
    host: Host, capsys: Capture, limit: tuple[int, dict[str, str], Any]
) -> None:
    source = decision("a.json", capsys)
    host.script = [limit, limit]
    assert post(host, source) == 0
    assert len(host.comments) == 1


def test_a_long_limit_is_said(host: Host, capsys: Capture) -> None:
    host.script = [(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 3000)}, {})]
    assert post(host, decision("a.json", capsys)) == 2
    assert "limits our requests for another" in capsys.readouterr().err


ERRORS = [
    ([(401, {}, {})], "refuses the token"),
    ([(403, {}, {"message": "no"})], "the token may not comment on"),
    ([(404, {}, {})], "knows no "),
    ([(301, {"location": "https://elsewhere.example.com"}, {})], "has moved"),
    ([(422, {}, {"message": "Validation\nFailed"})], "with status 422 (Validation Failed)"),
    ([(410, {}, "gone")], "with status 410"),
    ([(200, {}, {"login": "x"})], "correct --api-url"),
    ([(200, {}, []), (201, {}, [])], "correct --api-url"),
    ([(500, {}, {})] * 5, "answered 500"),
    ([(429, {"retry-after": "1"}, {})] * 5, "goes on limiting"),
    ([(200, {}, []), (502, {}, {})] * 3, "did not take the comment"),
]


@pytest.mark.parametrize(("script", "said"), ERRORS, ids=lambda v: v if isinstance(v, str) else "")
def test_what_the_host_refuses_is_one_sentence(host: Host, capsys: Capture, script: list[Any], said: str) -> None:
    source = decision("a.json", capsys)
    host.script = list(script)
    assert post(host, source) == 2
    err = capsys.readouterr().err
    assert said in err
    assert TOKEN not in err
    assert err.count("\n") == 1


def test_a_host_that_is_not_there(host: Host, capsys: Capture) -> None:
    source = decision("a.json", capsys)
    assert main(["comment", *where(host), "--from", source, "--api-url", "http://127.0.0.1:1"]) == 2
    assert "cannot be reached (ConnectError)" in capsys.readouterr().err


def test_endless_pages_end(host: Host, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forge, "PAGES", 2)
    host.page_size = 1
    for n in range(3):
        host.add(str(n))
    assert post(host, decision("a.json", capsys)) == 2
    assert "has more than" in capsys.readouterr().err


def test_the_request_comes_from_the_pipelines_environment(
    host: Host, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = decision("a.json", capsys)
    assert main(["comment", f"--{host.kind}", "--from", source]) == 2
    assert "names no request" in capsys.readouterr().err
    for name, value in {
        "GITHUB_REPOSITORY": "group/shop",
        "GITHUB_REF": "refs/pull/7/merge",
        "CI_PROJECT_PATH": "group/shop",
        "CI_MERGE_REQUEST_IID": "7",
    }.items():
        monkeypatch.setenv(name, value)
    assert main(["comment", "--from", source, f"--{host.kind}"]) == 0
    assert len(host.comments) == 1


def test_it_needs_a_token_and_an_address_that_keeps_it(
    host: Host, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = decision("a.json", capsys)
    for api, said in (("http://forge.example.com", "in clear text"), ("forge", "is no http(s) address")):
        assert main(["comment", *where(host), "--from", source, "--api-url", api]) == 2
        assert said in capsys.readouterr().err
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("GITLAB_TOKEN", raising=False)
    assert post(host, source) == 2
    assert "there is no token to comment with; set GIT" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[]", '{"verdict": "allow"}', "\xff"])
def test_what_is_no_decision_is_refused(home: Path, capsys: Capture, content: str) -> None:
    Path("a.json").write_text(content, encoding="latin-1")
    assert main(["comment", "--dry-run", "--from", "a.json"]) == 2
    assert "a.json holds no decision" in capsys.readouterr().err
    assert main(["comment", "--dry-run", "--from", "b.json"]) == 2
    assert "cannot read b.json: No such file" in capsys.readouterr().err


def test_several_decisions_make_one_comment(
    home: Path, capsys: Capture, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    same = {"bundle": "bundle 7 (10 rules)", "prices": "built-in prices", "decision": "7F3K-9Q2M"}
    one = changed(decision("a.json", capsys, "shop-prod"), **same, verdict="allow", findings=[])
    two = changed(decision("b.json", capsys, "search <b> @team"), **same, verdict="deny", findings=[])
    assert main(["comment", "--dry-run", "--from", one, "--from", two]) == 0
    golden("several.md", capsys.readouterr().out)
    monkeypatch.setattr("sys.stdin", io.StringIO(Path(one).read_text(encoding="utf-8")))
    assert main(["comment", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("<!-- infragod -->\n\n### ✅ Allowed · shop-prod")


def test_many_findings_are_shortened_with_a_link(home: Path, capsys: Capture) -> None:
    source = decision("a.json", capsys)
    finding = {
        "level": "mandatory",
        "effect": "deny",
        "result": "violation",
        "address": "é" * 90,
        "mend": "",
    }
    findings = [finding | {"rule": f"rule-{n}", "message": "ü" * 200} for n in range(200)]
    changed(source, findings=findings, url="https://cost.example.com/decisions/7F3K-9Q2M")
    assert main(["comment", "--dry-run", "--from", source]) == 0
    text = capsys.readouterr().out
    assert 60_000 < len(text.encode()) <= comment.LIMIT
    assert "\n\n*Shortened to fit: [the whole decision](https://cost.example.com/decisions/7F3K-9Q2M).*\n" in text
    assert text.rstrip().endswith("</sub>")
    assert main(["comment", "--dry-run", *(["--from", source] * 10)]) == 0
    assert 60_000 < len(capsys.readouterr().out.encode()) <= comment.LIMIT
    assert main(["comment", "--dry-run", *(["--from", source] * 100)]) == 2
    assert "too many for one comment" in capsys.readouterr().err


def test_a_last_line_that_is_too_long_itself_goes() -> None:
    text = comment.shortened("a\n" * 10 + "b" * 500, 200, None)
    assert len(text.encode()) <= 200
    assert "b" * 20 not in text
    assert "`infragod check` prints it whole" in text
