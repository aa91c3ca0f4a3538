"""`infragod comment`: put a check's decision into the pull or merge request, in place of the one before."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from infragod.errors import InputError, SetupError

if TYPE_CHECKING:
    from infragod.terraform.forge import Request

ALL: Final = "all workspaces"
HERE: Final = "-"
_GITHUB: Final = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")
_GITLAB: Final = re.compile(r"([^!\s]+)!(\d+)")
_ADDRESS: Final = re.compile(
    r"https://(?P<host>[^/@?#]+)/(?P<place>[^?#]+?)/(?:pull|(?P<lab>(?:-/)?merge_requests))/(?P<n>\d+)(?:[/?#].*)?"
)
_GITHUB_TOKENS: Final = ("GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN")
_GITLAB_TOKENS: Final = ("GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN")
_PARTS: Final = {"verdict", "workspace", "findings", "counts", "resources", "budgets", "local", "bundle", "unknown"}
_ORDER: Final = ("deny", "needs_approval", "warn", "allow")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of `comment`."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--github", nargs="?", const="", metavar="OWNER/REPO#N", help="a pull request; without a value, the workflow's"
    )
    where.add_argument(
        "--gitlab", nargs="?", const="", metavar="PROJECT!N", help="a merge request; without a value, the pipeline's"
    )
    where.add_argument("--dry-run", action="store_true", help="print the comment; post nothing")
    parser.add_argument(
        "--from",
        dest="sources",
        action="append",
        default=[],
        metavar="CHECK.json",
        help="what `infragod check --format json` printed (default: standard input); several make one comment",
    )
    parser.add_argument(
        "--name", metavar="TEXT", help="what this comment is known by (default: the workspace, or 'all workspaces')"
    )
    parser.add_argument("--api-url", metavar="URL", help="the host's interface, if it is not in the environment")
    parser.epilog = (
        "The token comes from GITHUB_TOKEN or GH_TOKEN (pull-requests: write), or from GITLAB_TOKEN (scope api). "
        "The interface of GitHub Enterprise comes from GITHUB_API_URL, of GitLab from CI_API_V4_URL."
    )


def run(args: argparse.Namespace) -> int:
    """Post the comment, or put it in place of the one before."""
    documents = [_read(source) for source in args.sources or [HERE]]
    name = args.name or (documents[0]["workspace"] if len(documents) == 1 else ALL)
    text = rendered(documents)
    if args.dry_run:
        sys.stdout.write(text)
        return 0
    request = _github(args, os.environ) if args.github is not None else _gitlab(args, os.environ)
    from infragod.terraform import comment, forge

    with forge.client(request) as connection:
        done = comment.place(forge.Forge(request, connection), name, text)
    print(f"comment {done.id} on {request.name} {done.did}", file=sys.stderr)
    return 0


def rendered(documents: Sequence[Mapping[str, Any]]) -> str:
    """The decisions as one comment that either host takes: one as it is, several folded, the gravest first."""
    from infragod.policy.render.markdown import markdown
    from infragod.terraform.comment import LIMIT, shortened

    space = LIMIT - 1000  # for the marker, and for what stands between several decisions
    if len(documents) == 1:
        return shortened(markdown(documents[0]), space, documents[0].get("url"))
    ranked = sorted(documents, key=lambda d: (_ORDER.index(d["verdict"]), d["workspace"]))
    titles = sum(len(_title(document).encode()) + 60 for document in ranked)
    share = (space - titles) // len(ranked)
    if share < 1000:  # noqa: PLR2004 - below that no decision says anything
        raise InputError(
            f"{len(ranked)} decisions are too many for one comment; give fewer --from, and a --name to each"
        )
    return "\n".join(_folded(document, share) for document in ranked)


def _folded(document: Mapping[str, Any], space: int) -> str:
    from infragod.policy.render.markdown import markdown
    from infragod.terraform.comment import shortened

    text = shortened(markdown(document), space, document.get("url"))
    shown = " open" if document["verdict"] in ("deny", "needs_approval") else ""
    return f"<details{shown}><summary>{_title(document)}</summary>\n\n{text}\n</details>\n"


def _title(document: Mapping[str, Any]) -> str:
    from infragod.policy.render.fold import VERDICTS, money_line
    from infragod.policy.render.markdown import in_html

    verdict = VERDICTS[document["verdict"]].capitalize()
    return f"<b>{verdict}</b> {in_html(document['workspace'])} · {in_html(money_line(document))}"


def _read(source: str) -> dict[str, Any]:
    where = "standard input" if source == HERE else source
    try:
        document = json.loads(sys.stdin.read() if source == HERE else Path(source).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {where}: {error.strerror}; check its name and rights") from None
    except ValueError:  # no UTF-8, or no JSON
        document = None
    if not isinstance(document, dict) or not document.keys() >= _PARTS:
        raise InputError(f"{where} holds no decision; give it what `infragod check --format json` printed")
    return document


def _github(args: argparse.Namespace, env: Mapping[str, str]) -> Request:
    from infragod.terraform import forge

    reference = re.fullmatch(r"refs/pull/(\d+)/\w+", env.get("GITHUB_REF", ""))
    here = f"{env.get('GITHUB_REPOSITORY', '')}#{reference[1]}" if reference else ""
    repository, number = _parsed(args.github or here, _GITHUB, "--github", "OWNER/REPO#N")
    api = args.api_url or env.get("GITHUB_API_URL") or "https://api.github.com"
    return forge.github(repository, number, api, _token(env, _GITHUB_TOKENS))


def _gitlab(args: argparse.Namespace, env: Mapping[str, str]) -> Request:
    from infragod.terraform import forge

    here = f"{env.get('CI_PROJECT_PATH', '')}!{env.get('CI_MERGE_REQUEST_IID', '')}"
    project, number = _parsed(args.gitlab or here, _GITLAB, "--gitlab", "PROJECT!N")
    api = args.api_url or env.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
    return forge.gitlab(project, number, api, _token(env, _GITLAB_TOKENS))


def request_of(text: str, env: Mapping[str, str], api_url: str | None = None) -> Request:
    """The request that a change request names: `owner/repo#7`, `group/project!7`, or its address on the host.

    The name comes from whoever asked for the check. So the token goes only where the environment, `api_url` or the
    default says, and an address on any other host is refused.
    """
    from infragod.terraform import forge

    found = _ADDRESS.fullmatch(text)
    host, name = (found["host"], f"{found['place']}{'!' if found['lab'] else '#'}{found['n']}") if found else ("", text)
    is_github = _GITHUB.fullmatch(name) is not None
    if is_github:
        api = api_url or env.get("GITHUB_API_URL") or "https://api.github.com"
    else:
        api = api_url or env.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
    if host and (urlsplit(api).hostname or "").removeprefix("api.") != host:
        raise InputError(f"{text} is not on the host of {api}; set GITHUB_API_URL or CI_API_V4_URL to its interface")
    if is_github:
        return forge.github(
            *_parsed(name, _GITHUB, "the change request", "OWNER/REPO#N"), api, _token(env, _GITHUB_TOKENS)
        )
    return forge.gitlab(*_parsed(name, _GITLAB, "the change request", "PROJECT!N"), api, _token(env, _GITLAB_TOKENS))


def _parsed(text: str, form: re.Pattern[str], flag: str, example: str) -> tuple[str, int]:
    found = form.fullmatch(text)
    if found is None:
        raise InputError(
            f"{flag} {text!r} names no request, and this is no pipeline of one; write it as {flag} {example}"
        )
    return found[1], int(found[2])


def _token(env: Mapping[str, str], names: Sequence[str]) -> str:
    for name in names:
        if env.get(name):
            return env[name]
    raise SetupError(f"there is no token to comment with; set {' or '.join(names[:2])}")
