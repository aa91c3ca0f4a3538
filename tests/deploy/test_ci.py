"""The CI files: they parse, are pinned, ask for little, and their steps run for real against a server and a host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infragod import __version__
from infragod.cli.main import main
from tests.cli.forges import TOKEN, Host, serving
from tests.cli.test_remote import serving as infragod_serving
from tests.cli.wrapped import RULE

ROOT = Path(__file__).parents[2]
CI = ROOT / "deploy" / "ci"
FILES = sorted(path.name for path in CI.iterdir())
RESOURCE = 'resource "terraform_data" "{}" {{}}\n'


def parsed(name: str) -> Any:
    return yaml.safe_load((CI / name).read_text(encoding="utf-8"))


def github(job: str) -> list[str]:
    """The shell steps of a job, but for the one that installs what the tests run from here."""
    steps = parsed("github-actions.yml")["jobs"][job]["steps"]
    return [s["run"] for s in steps if "run" in s and "pipx" not in s["run"]]


def gitlab(job: str) -> list[str]:
    script: list[str] = parsed("gitlab-ci.yml")[job]["script"]
    return script


def atlantis(stage: str) -> list[str]:
    steps = parsed("atlantis.yaml")["workflows"]["infragod"][stage]["steps"]
    return [s["run"] for s in steps if isinstance(s, dict)]


def hooks() -> dict[str, Any]:
    return {hook["id"]: hook for hook in parsed("pre-commit-config.yaml")["repos"][0]["hooks"]}


def scripts() -> list[str]:
    entries = [hook["entry"] for hook in hooks().values()]
    before = parsed("gitlab-ci.yml")[".infragod"]["before_script"]
    return [*github("check"), *github("apply"), *gitlab("check"), *gitlab("apply"), *before, *entries, *_atlantis()]


def _atlantis() -> list[str]:
    return [*atlantis("plan"), *atlantis("apply")]


@pytest.mark.parametrize("name", FILES)
def test_each_is_short_and_says_what_it_needs(name: str) -> None:
    lines = (CI / name).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= 80
    assert isinstance(parsed(name), dict)


@pytest.mark.parametrize("script", scripts())
def test_each_step_is_shell_without_pasted_values(script: str) -> None:
    subprocess.run(["bash", "-n", "-c", script], check=True)
    assert "${{" not in script
    bare = re.findall(r'(?<!["\w])\$[A-Z_]+\b(?!")', script.replace('"$BASE_REPO', '"').replace("$HOME/", ""))
    assert not [name for name in bare if f"/{name}" not in script and f"#{name}" not in script]


def test_actions_and_programs_are_pinned() -> None:
    text = "".join((CI / name).read_text(encoding="utf-8") for name in FILES)
    uses = re.findall(r"uses: (\S+)", text)
    assert len(uses) == 4
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", use) for use in uses)
    assert set(re.findall(r"infragod==(\S+)", text)) == {__version__}


def test_jobs_have_the_least_rights() -> None:
    workflow = parsed("github-actions.yml")
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert jobs["check"]["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert jobs["apply"]["permissions"] == {"contents": "read"}
    assert jobs["apply"]["environment"] == "production"
    assert "APPLY_TOKEN" not in str(jobs["check"])
    assert all(job["timeout-minutes"] for job in jobs.values())
    assert workflow[True].keys() == {"pull_request", "push"}  # YAML reads `on` as true; never pull_request_target
    assert parsed("atlantis.yaml")["repos"][0]["allow_custom_workflows"] is False


@pytest.fixture
def runner(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """A checkout with a server and tokens; `run(steps, …)` runs shell steps as a pipeline does."""
    theirs = tmp_path / "server"
    monkeypatch.setenv("INFRAGOD_HOME", str(theirs))
    assert main(["token", "create", "ci", "--scope", "check,state,apply"]) == 0
    token = capsys.readouterr().out.strip()
    Path("organisation.csv").write_text("team\ncheckout\n", encoding="utf-8")
    assert main(["org", "import", "organisation.csv"]) == 0
    Path("rules").mkdir()
    for word, level in (("denied", "mandatory"), ("asked", "approval")):
        Path(f"rules/no-{word}.sql").write_text(RULE.format(id=f"no-{word}", word=word, level=level), encoding="utf-8")
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "main.tf").write_text(RESOURCE.format("fine"), encoding="utf-8")
    for name in [n for n in os.environ if n.startswith(("GITHUB_", "GITLAB_", "CI_", "INFRAGOD_", "TF_"))]:
        monkeypatch.delenv(name)
    with infragod_serving(theirs) as address:
        env = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "INFRAGOD_HOME": str(home),
            "INFRAGOD_URL": address,
            "INFRAGOD_TOKEN": token,
            "INFRAGOD_WORKSPACE": "shop-prod",
            "TF_INPUT": "false",
            "CHECKPOINT_DISABLE": "1",
        }

        def run(steps: list[str], shell: str = "bash -e", **more: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*shell.split(), "-c", "\n".join(steps)],
                cwd=repository,
                env=env | more,
                capture_output=True,
                text=True,
                check=False,
            )

        run.folder = repository  # type: ignore[attr-defined]
        yield run


@pytest.fixture(params=["github", "gitlab"])
def host(request: pytest.FixtureRequest) -> Iterator[tuple[Host, dict[str, str]]]:
    """A host with a request, and the environment of its pipelines."""
    with serving(Host(request.param)) as served:
        env = {
            "github": {
                "GITHUB_API_URL": served.url,
                "GITHUB_TOKEN": TOKEN,
                "GITHUB_REPOSITORY": "group/shop",
                "GITHUB_REF": "refs/pull/7/merge",
            },
            "gitlab": {
                "CI_API_V4_URL": served.url,
                "GITLAB_TOKEN": TOKEN,
                "CI_PROJECT_PATH": "group/shop",
                "CI_MERGE_REQUEST_IID": "7",
            },
        }
        yield served, env[served.kind]


def test_a_pipeline_checks_comments_and_applies(runner: Any, host: tuple[Host, dict[str, str]]) -> None:
    forge, env = host
    jobs = github if forge.kind == "github" else gitlab
    for _ in range(2):
        done = runner(jobs("check"), **env)
        assert done.returncode == 0, done.stderr + done.stdout
    (posted,) = forge.comments.values()
    assert "Allowed · shop-prod · 1 change: 1 create" in posted["body"]
    if forge.kind == "gitlab":
        assert "<testsuite" in (runner.folder / "junit.xml").read_text(encoding="utf-8")
    done = runner(jobs("apply"))
    assert done.returncode == 0, done.stderr + done.stdout
    assert "terraform_data.fine: Creation complete" in done.stdout


@pytest.mark.parametrize(("name", "code", "title"), [("denied", 1, "Denied"), ("asked", 3, "Approval")])
def test_a_verdict_fails_the_job_after_its_comment(
    runner: Any, host: tuple[Host, dict[str, str]], name: str, code: int, title: str
) -> None:
    forge, env = host
    (runner.folder / "main.tf").write_text(RESOURCE.format(name), encoding="utf-8")
    done = runner((github if forge.kind == "github" else gitlab)("check"), **env)
    assert done.returncode == code, done.stderr
    (posted,) = forge.comments.values()
    assert f"{title} · shop-prod" in posted["body"]


def test_a_plan_that_cannot_be_read_fails_without_a_comment(runner: Any, host: tuple[Host, dict[str, str]]) -> None:
    forge, env = host
    steps = (github if forge.kind == "github" else gitlab)("check")
    done = runner(steps, **env, INFRAGOD_TOKEN="igt_wrong")
    assert done.returncode == 2
    assert "refused the token" in done.stderr
    assert not forge.comments


def test_atlantis_checks_and_applies(runner: Any) -> None:
    planned = ["terraform init", 'terraform plan -out="$PLANFILE"', 'terraform show -json "$PLANFILE" > "$SHOWFILE"']
    folder = runner.folder
    env = {
        "PLANFILE": str(folder / "default.tfplan"),
        "SHOWFILE": str(folder / "default.json"),
        "BASE_REPO_OWNER": "group",
        "BASE_REPO_NAME": "shop",
        "REPO_REL_DIR": ".",
        "WORKSPACE": "default",
        "PULL_NUM": "7",
    }
    assert runner(planned, "sh", **env).returncode == 0
    done = runner(atlantis("plan"), "sh", **env)
    assert done.returncode == 0, done.stderr
    assert "shop/./default" in done.stdout
    for name, code in (("denied", 1), ("asked", 0)):
        (folder / "main.tf").write_text(RESOURCE.format(name), encoding="utf-8")
        assert runner([*planned, *atlantis("plan")], "sh", **env).returncode == code
    (folder / "main.tf").write_text(RESOURCE.format("fine"), encoding="utf-8")
    assert runner(planned, "sh", **env).returncode == 0
    done = runner(atlantis("apply"), "sh", **env)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Creation complete" in done.stdout


def test_the_hook_checks_a_push(runner: Any) -> None:
    assert runner(["terraform init"]).returncode == 0
    done = runner([hooks()["infragod-check"]["entry"]])
    assert done.returncode == 0, done.stderr + done.stdout
    assert "1 change: 1 create" in done.stdout
    (runner.folder / "main.tf").write_text("resource {", encoding="utf-8")
    assert runner([hooks()["infragod-check"]["entry"]]).returncode != 0


def test_the_guide_shows_the_files_as_they_are() -> None:
    guide = (ROOT / "docs" / "guides" / "pull-requests.md").read_text(encoding="utf-8")
    for name in FILES:
        assert f"```yaml\n{(CI / name).read_text(encoding='utf-8')}```" in guide, name
