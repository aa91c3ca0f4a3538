"""The comments of one pull request (GitHub) or merge request (GitLab), by their REST interfaces.

Both are asked patiently: a rate limit is waited for as the host says (`Retry-After`, `X-RateLimit-Reset`,
`RateLimit-Reset`), a failure of the host or of the line is tried again, save where trying again could post twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from infragod import __version__
from infragod.errors import InputError, RemoteError, SetupError

if TYPE_CHECKING:
    import httpx

TRIES: Final = 5
SECONDS: Final = 30.0
LONGEST_WAIT: Final = 300.0
"""Seconds of rate limits that a run waits for in all; a longer limit is an error that says when it ends."""
PER_PAGE: Final = 100
PAGES: Final = 100
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class RefusedError(RemoteError):
    """The host does not let us change this comment: it is somebody else's, or gone."""


class UncertainError(RemoteError):
    """Nobody knows whether the comment was posted; look before posting again."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment as the host has it."""

    id: int
    body: str


@dataclass(frozen=True, slots=True)
class Request:
    """A pull or merge request on a host: how its comments are addressed, and what the host wants to hear."""

    host: str
    name: str
    """As people write it: `owner/repo#7`, `group/project!7`."""
    api: str
    comments: str
    """Path of the list of comments."""
    one: str
    """Path before the id of one comment."""
    change: str
    """The verb that changes a comment."""
    headers: Mapping[str, str]
    rights: str
    """What a token needs, for the error."""


def github(repository: str, number: int, api: str, token: str) -> Request:
    """Pull request `number` of `owner/repo`; comments of a pull request are those of its issue."""
    path = f"/repos/{quote(repository)}/issues"
    return Request(
        "GitHub",
        f"{repository}#{number}",
        checked(api),
        f"{path}/{number}/comments",
        f"{path}/comments",
        "PATCH",
        {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        "pull-requests: write",
    )


def gitlab(project: str, number: int, api: str, token: str) -> Request:
    """Merge request `number` of `group/project`."""
    notes = f"/projects/{quote(project, safe='')}/merge_requests/{number}/notes"
    headers = {"PRIVATE-TOKEN": token, "Accept": "application/json"}
    return Request("GitLab", f"{project}!{number}", checked(api), notes, notes, "PUT", headers, "the scope api")


def checked(api: str) -> str:
    """The address of an interface; ``SetupError`` if it is none, or would send the token in clear text."""
    parts = urlsplit(api)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError(f"the interface's address {api!r} is no http(s) address; correct --api-url")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SetupError(f"{api} would send the token in clear text; use https")
    return api.rstrip("/")


class Forge:
    """The comments of one request."""

    def __init__(self, request: Request, client: httpx.Client) -> None:
        self.request = request
        self._client = client
        self._waited = 0.0

    def comments(self) -> Iterator[Comment]:
        """Every comment, oldest first, page after page."""
        for page in range(1, PAGES + 1):
            query = {"per_page": PER_PAGE, "page": page, "sort": "asc", "order_by": "created_at"}
            response = self._ask("GET", self.request.comments, params=query)
            items = self._list(response)
            yield from (Comment(item["id"], item.get("body") or "") for item in items)
            if not _more(response):
                return
        raise RemoteError(f"{self.request.name} has more than {PER_PAGE * PAGES:,} comments; nothing was posted")

    def create(self, body: str) -> Comment:
        """Post a comment; ``UncertainError`` if it may or may not have been posted."""
        response = self._ask("POST", self.request.comments, json={"body": body}, again=False)
        return Comment(self._object(response)["id"], body)

    def update(self, comment: Comment, body: str) -> Comment:
        """Put `body` in the comment's place; ``RefusedError`` if it isn't ours to change."""
        self._ask(self.request.change, f"{self.request.one}/{comment.id}", json={"body": body}, mine=False)
        return Comment(comment.id, body)

    def delete(self, comment: Comment) -> None:
        """Take the comment away; ``RefusedError`` if it isn't ours."""
        self._ask("DELETE", f"{self.request.one}/{comment.id}", mine=False)

    def _ask(self, verb: str, path: str, *, again: bool = True, mine: bool = True, **more: Any) -> httpx.Response:
        """One answer of the host that is a success; `again` says whether a failure may be tried again."""
        for attempt in range(1, TRIES + 1):
            response = self._once(verb, path, again=again and attempt < TRIES, more=more)
            wait = 2.0 ** (attempt - 1) if response is None else _wait(response)
            if wait is None and response is not None:
                self._judge(response, mine=mine)
                return response
            self._pause(wait or 0.0)
        raise RemoteError(f"{self.request.host} goes on limiting our requests for {self.request.name}; try again later")

    def _once(self, verb: str, path: str, *, again: bool, more: Mapping[str, Any]) -> httpx.Response | None:
        """The answer; None if there was none worth having and it may be asked for again."""
        import httpx

        try:
            response = self._client.request(verb, self.request.api + path, **more)
        except httpx.HTTPError as error:
            fault, never_sent = f"cannot be reached ({type(error).__name__})", isinstance(error, httpx.ConnectError)
        else:
            if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return response
            fault, never_sent = f"answered {response.status_code}", False
        if again:
            return None
        kind = UncertainError if verb == "POST" and not never_sent else RemoteError
        raise kind(f"{self.request.host} at {self.request.api} {fault}; nothing more was done: try again later")

    def _pause(self, seconds: float) -> None:
        if self._waited + seconds > LONGEST_WAIT:
            raise RemoteError(
                f"{self.request.host} limits our requests for another {seconds:,.0f} s; "
                "run this again then, or use a token of its own"
            )
        self._waited += seconds
        self._sleep(seconds)

    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def _judge(self, response: httpx.Response, *, mine: bool) -> None:
        """Nothing if it is a success; otherwise what is wrong, in one sentence."""
        status, host, name = response.status_code, self.request.host, self.request.name
        if response.is_success:
            return
        if not mine and status in (403, 404):
            raise RefusedError(f"{host} does not let us change a comment of {name}; use the token that posted it")
        if status == HTTPStatus.UNAUTHORIZED:
            raise SetupError(f"{host} refuses the token; set one that is valid and has {self.request.rights}")
        if status == HTTPStatus.FORBIDDEN:
            raise SetupError(f"the token may not comment on {name}; give it {self.request.rights}")
        if status == HTTPStatus.NOT_FOUND:
            raise InputError(f"{host} knows no {name}, or the token may not see it; check the name and its rights")
        if response.is_redirect:
            raise InputError(f"{name} has moved; use the name that {host} shows now")
        raise RemoteError(f"{host} refused the comment on {name} with status {status}{_said(response)}")

    def _list(self, response: httpx.Response) -> list[Any]:
        found = _json(response)
        if not isinstance(found, list) or not all(isinstance(i, dict) and isinstance(i.get("id"), int) for i in found):
            raise RemoteError(f"what answers at {self.request.api} is not {self.request.host}; correct --api-url")
        return found

    def _object(self, response: httpx.Response) -> dict[str, Any]:
        found = _json(response)
        if not isinstance(found, dict) or not isinstance(found.get("id"), int):
            raise RemoteError(f"what answers at {self.request.api} is not {self.request.host}; correct --api-url")
        return found


def client(request: Request) -> httpx.Client:
    """A connection to the request's host; redirects are not followed, so the token goes nowhere else."""
    import httpx

    headers = {"User-Agent": f"InfraGod/{__version__}", **request.headers}
    return httpx.Client(timeout=SECONDS, headers=headers, follow_redirects=False)


def _more(response: httpx.Response) -> bool:
    """Whether another page follows: `Link` on GitHub, `X-Next-Page` on GitLab; their addresses are not followed."""
    if "x-next-page" in response.headers:
        return bool(response.headers["x-next-page"])
    return "next" in response.links


def _wait(response: httpx.Response) -> float | None:
    """Seconds to wait before asking again; None if this is no rate limit."""
    headers = response.headers
    spent = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    if response.status_code != HTTPStatus.TOO_MANY_REQUESTS and not (response.status_code == 403 and spent):  # noqa: PLR2004
        return None
    asked = _number(headers.get("retry-after", ""))
    if asked is None:
        reset = _number(headers.get("x-ratelimit-reset", headers.get("ratelimit-reset", "")))
        asked = None if reset is None else reset - time.time()
    return 60.0 if asked is None else max(1.0, asked)


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _said(response: httpx.Response) -> str:
    found = _json(response)
    text = found.get("message") if isinstance(found, dict) else None
    return f" ({' '.join(str(text).split())[:200]})" if text else ""
