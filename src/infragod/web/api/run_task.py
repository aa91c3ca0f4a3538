"""`POST /v1/run-task`: the address of a run task in HCP Terraform or Terraform Enterprise."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from infragod.terraform import run_task
from infragod.terraform.run_task import store
from infragod.web.access import site_of
from infragod.web.api import schemas
from infragod.web.api.body import received
from infragod.web.errors import RequestError
from infragod.web.run_tasks import RunTasks, Task

router = APIRouter(prefix="/v1", tags=["run task"])


@router.post("/run-task", summary="A run of HCP Terraform asks", openapi_extra=schemas.RUN, responses=schemas.RUN_TAKEN)
async def post_run_task(request: Request) -> Response:
    """The request is taken; the answer goes to its callback, first `running`, then `passed` or `failed`."""
    with await received(request, run_task.LARGEST, "request") as file:
        body = file.read()
    _refuse_forged(request, body)
    tasks = _tasks(request)
    asked = run_task.parse(body, tasks.hosts)
    if asked.is_test:
        return Response(status_code=HTTPStatus.OK)
    tasks.refuse_too_many()
    try:
        await run_in_threadpool(tasks.begin, asked)
    except store.SeenError as error:
        raise RequestError(HTTPStatus.CONFLICT, str(error)) from None
    tasks.take(Task(asked, datetime.now(UTC)))
    return Response(status_code=HTTPStatus.OK)


def _refuse_forged(request: Request, body: bytes) -> None:
    """The signature covers the raw body; without a key of ours nothing can be told of it."""
    settings = site_of(request).settings
    signature = request.headers.get(run_task.HEADER, "")
    if settings.run_task_key:
        if not run_task.genuine(body, signature, settings.run_task_key):
            raise RequestError(
                HTTPStatus.UNAUTHORIZED,
                "the signature is not made with our key; set the run task's HMAC key to run_task_key",
            )
    elif settings.run_task_unsigned != "allow":
        raise RequestError(
            HTTPStatus.FORBIDDEN, "run tasks are refused until run_task_key is set (INFRAGOD_RUN_TASK_KEY)"
        )


def _tasks(request: Request) -> RunTasks:
    """The run tasks of the server."""
    made: RunTasks = request.app.state.run_tasks
    return made
