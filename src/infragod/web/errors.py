"""What a request that fails is told: one sentence and its number, as JSON to programs and as a page to people."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from infragod.errors import InfragodError, InputError

if TYPE_CHECKING:
    from infragod.web.site import Site

_log = logging.getLogger("infragod.web")
_PROGRAMS: Final = ("/v1/", "/healthz", "/readyz")
_TITLES: Final = {
    404: "There is no such page",
    403: "This is not allowed",
    405: "This page can't be asked that way",
    500: "Something went wrong here",
    503: "Not available now",
}
_SENTENCES: Final = {
    404: "The address is mistyped, or what it showed is gone.",
    500: "The fault is ours, and it is in the server's log under the number below.",
    503: "The server can't reach its data; its log says why under the number below.",
}


class RequestError(Exception):
    """A request that is answered by a status and one sentence."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers


class LoginError(Exception):
    """Who asks for a page has to log in first."""


def install(app: FastAPI) -> None:
    """Hang the answers to foreseen failures into `app`; the unforeseen ones come to ``failed``."""
    app.add_exception_handler(RequestError, _refused)
    app.add_exception_handler(LoginError, _login)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(InfragodError, _known)


def answer(request: Request, status: int, sentence: str = "", headers: dict[str, str] | None = None) -> Response:
    """The answer that tells `sentence`, or what the status says by itself."""
    number = request.state.request_id
    said = sentence or _SENTENCES.get(status, HTTPStatus(status).phrase)
    if request.url.path.startswith(_PROGRAMS):
        return JSONResponse({"error": said, "request_id": number}, status, headers)
    site: Site = request.app.state.site
    title = _TITLES.get(status, HTTPStatus(status).phrase)
    context = {"title": title, "sentence": said, "status": status, "number": number}
    return site.page(request, "error.html", context, status=status, headers=headers)


def failed(request: Request, error: Exception) -> Response:
    """The answer to a failure that nobody foresaw: its traceback goes to the log alone."""
    _log.error("request %s failed", request.state.request_id, exc_info=error)
    return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101  # the type it is registered for
    return answer(request, error.status, str(error), error.headers)


def _login(request: Request, _error: Exception) -> Response:
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(target, safe='')}", HTTPStatus.SEE_OTHER)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return answer(request, error.status_code, headers=dict(error.headers or {}))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    place = " ".join(str(part) for part in first["loc"])
    return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{place}: {first['msg']}; correct it and ask again")


def _known(request: Request, error: Exception) -> Response:
    if isinstance(error, InputError):
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    _log.error("request %s: %s", request.state.request_id, error)
    return answer(request, HTTPStatus.SERVICE_UNAVAILABLE)
