"""Log in with a token that may read, and log out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from infragod.web import access
from infragod.web.access import same_origin, site_of
from infragod.web.forms import fields
from infragod.web.session import LIFETIME

FORM_LIMIT: Final = 4096

router = APIRouter(include_in_schema=False)


@router.get("/login")
def form(request: Request, target: Annotated[str, Query(alias="next", max_length=2000)] = "/") -> Response:
    """The form. Who comes by a link of another site sends no cookie yet, so their browser is sent on once."""
    return _form(request, target, resume=request.headers.get("sec-fetch-site") == "cross-site")


@router.post("/login", dependencies=[Depends(same_origin)])
async def login(request: Request) -> Response:
    """Set the session's cookie and go where the visitor wanted to."""
    given = await fields(request, FORM_LIMIT)
    target, secret = given.get("next", "/"), given.get("token", "").strip()
    cookie = await run_in_threadpool(access.login, request, secret)
    if cookie is None:
        return _form(request, target, wrong=True)
    response = RedirectResponse(local(target), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        access.cookie_name(request),
        cookie,
        max_age=LIFETIME,
        httponly=True,
        samesite="strict",
        secure=site_of(request).hosts.secure,
    )
    return response


@router.post("/logout", dependencies=[Depends(same_origin)])
def logout(request: Request) -> Response:
    """Forget the session."""
    response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    response.delete_cookie(
        access.cookie_name(request), httponly=True, samesite="strict", secure=site_of(request).hosts.secure
    )
    return response


def local(target: str) -> str:
    """`target` if it is a place of this server, else the first page: a link must not lead elsewhere after login."""
    fine = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if fine else "/"


def _form(request: Request, target: str, *, wrong: bool = False, resume: bool = False) -> Response:
    context = {"target": local(target), "wrong": wrong, "resume": resume}
    return site_of(request).page(
        request, "login.html", context, status=HTTPStatus.FORBIDDEN if wrong else HTTPStatus.OK
    )
