"""The API: decisions by `/v1`, tokens, limits, repeated requests, health, and its description."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from infragod.web.api import body, checks
from tests.gate import plans
from tests.web.conftest import token

CHECKS = "/v1/checks?workspace=shop"
PLAN = plans.plan(plans.server("web"))


def bearer(client: TestClient, *scopes: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token(client, *(scopes or ('check',)))}"}


def error(response: object, status: int) -> str:
    assert response.status_code == status, response.text  # type: ignore[attr-defined]
    content = response.json()  # type: ignore[attr-defined]
    assert content["request_id"] == response.headers["x-request-id"]  # type: ignore[attr-defined]
    return str(content["error"])


def test_a_plan_is_answered_by_the_decision_that_is_kept(empty: TestClient) -> None:
    headers = bearer(empty, "check", "read")
    answer = empty.post(CHECKS, content=PLAN, headers=headers)
    assert answer.status_code == 200
    decision = answer.json()
    assert (decision["workspace"], decision["actor"], decision["counts"]) == ("shop", "ci", {"create": 1})
    assert decision["verdict"] in {"allow", "warn", "needs_approval", "deny"}
    kept = empty.get(f"/v1/decisions/{decision['decision']}", headers=headers).json()
    assert kept["resources"] == decision["resources"]
    assert decision["url"] == kept["url"] == f"http://127.0.0.1:0/decisions/{decision['decision']}"


def test_without_record_nothing_is_kept(empty: TestClient) -> None:
    answer = empty.post(f"{CHECKS}&record=false", content=PLAN, headers=bearer(empty) | {"idempotency-key": "a"})
    assert answer.json()["decision"] is None
    assert "No plan has been checked yet" in empty.get("/decisions").text


def test_a_packed_plan_is_unpacked(empty: TestClient) -> None:
    headers = bearer(empty) | {"content-encoding": "gzip"}
    assert empty.post(CHECKS, content=gzip.compress(PLAN), headers=headers).json()["counts"] == {"create": 1}
    assert "ends too early" in error(empty.post(CHECKS, content=gzip.compress(PLAN)[:-9], headers=headers), 422)
    assert "is none" in error(empty.post(CHECKS, content=PLAN, headers=headers), 422)
    assert "one stream" in error(empty.post(CHECKS, content=gzip.compress(PLAN) + b"more", headers=headers), 422)
    odd = {**headers, "content-encoding": "br"}
    assert "'br'" in error(empty.post(CHECKS, content=PLAN, headers=odd), 415)


@pytest.mark.parametrize("packed", [False, True])
def test_a_plan_beyond_the_limit_is_refused_on_the_way(
    empty: TestClient, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    async def small(request: object) -> object:
        return await received(request, 1 << 20)  # type: ignore[arg-type]

    received = body.received
    monkeypatch.setattr(checks, "received", small)
    content = b" " * (3 << 20)
    headers = bearer(empty) | ({"content-encoding": "gzip"} if packed else {})
    sent = gzip.compress(content) if packed else content
    assert "larger than 1 MiB" in error(empty.post(CHECKS, content=sent, headers=headers), 413)
    chunks = iter([sent])
    assert "larger than 1 MiB" in error(empty.post(CHECKS, content=chunks, headers=headers), 413)


def test_a_plan_of_200_megabytes_is_decided_and_one_beyond_is_refused(empty: TestClient) -> None:
    """A hundred resources of two megabytes each, streamed; what is refused leaves nothing behind."""

    def sent(count: int) -> Iterator[bytes]:
        head, one = PLAN.split(b"[", 1)[0] + b"[", json.loads(PLAN)["resource_changes"][0]
        yield head
        for number in range(count):
            change = {**one["change"], "after": {**one["change"]["after"], "user_data": "x" * 2_000_000}}
            entry = {**one, "address": f"aws_instance.web[{number}]", "index": number, "change": change}
            yield (b"," if number else b"") + json.dumps(entry).encode()
        yield b"]}"

    headers = bearer(empty)
    assert empty.post(CHECKS, content=sent(100), headers=headers).json()["counts"] == {"create": 100}
    assert "larger than 200 MiB" in error(empty.post(CHECKS, content=sent(106), headers=headers), 413)
    assert empty.get("/decisions").text.count('href="/decisions/') == 1


def test_the_same_key_and_plan_get_the_same_answer_and_another_plan_is_refused(empty: TestClient) -> None:
    headers = bearer(empty) | {"idempotency-key": "build 17"}
    first = empty.post(CHECKS, content=PLAN, headers=headers).json()
    again = empty.post(CHECKS, content=PLAN, headers=headers).json()
    assert again == first
    other = empty.post(CHECKS, content=plans.plan(plans.server("other")), headers=headers)
    assert "used for another plan" in error(other, 409)
    assert empty.get("/decisions").text.count('href="/decisions/') == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "plan"),
        (b"hello", "plan"),
        (b'{"format_version": "2.0", "resource_changes": []}', "2.0"),
        (PLAN[:-40], "plan"),
    ],
)
def test_what_is_no_plan_is_one_sentence(empty: TestClient, content: bytes, said: str) -> None:
    sentence = error(empty.post(CHECKS, content=content, headers=bearer(empty)), 422)
    assert said in sentence
    assert "\n" not in sentence


def test_a_check_needs_a_workspace(empty: TestClient) -> None:
    assert "workspace" in error(empty.post("/v1/checks", content=PLAN, headers=bearer(empty)), 422)


def test_a_check_needs_a_token_that_may_check(empty: TestClient) -> None:
    answer = empty.post(CHECKS, content=PLAN)
    assert "a token is needed" in error(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    wrong = {"authorization": "Bearer igt_wrong"}
    assert "unknown, expired or revoked" in error(empty.post(CHECKS, content=PLAN, headers=wrong), 401)
    assert "may not check" in error(empty.post(CHECKS, content=PLAN, headers=bearer(empty, "read")), 403)


def test_reading_a_decision_needs_a_session_or_a_token_that_may_read(public: TestClient, empty: TestClient) -> None:
    assert "a token is needed" in error(public.get("/v1/decisions/0000-0000"), 401)
    assert "may not read" in error(public.get("/v1/decisions/0000-0000", headers=bearer(public, "check")), 403)
    assert "no decision" in error(empty.get("/v1/decisions/0000-0000"), 404)


def test_too_many_waiting_checks_are_sent_away(empty: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "WAITING", 0)
    answer = empty.post(CHECKS, content=PLAN, headers=bearer(empty))
    assert "too many checks wait" in error(answer, 503)
    assert answer.headers["retry-after"] == "5"


def test_health_says_what_fails(empty: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert empty.get("/healthz").json() == {"status": "ok"}
    assert empty.get("/readyz").json() == {"status": "ok", "failing": []}

    def unreachable(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr("infragod.lake.lake.Lake.version", unreachable)
    answer = empty.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["lake"])


def test_an_unknown_address_of_the_api_is_json(empty: TestClient) -> None:
    assert error(empty.get("/v1/nothing"), 404)
    assert error(empty.get("/v1/checks"), 405)


def test_no_page_of_the_framework_s_own_is_served(empty: TestClient) -> None:
    assert empty.get("/docs").status_code == 404
    assert empty.get("/redoc").status_code == 404


def test_the_access_log_holds_no_query_and_no_token(empty: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    headers = bearer(empty)
    with caplog.at_level(logging.INFO, logger="infragod.access"):
        empty.get("/decisions?workspace=igt_pasted", headers=headers)
        empty.get("/a%0Ab")
    lines = [r.getMessage() for r in caplog.records if r.name == "infragod.access"]
    assert len(lines) == 2
    assert "GET '/decisions' 200" in lines[0]
    assert "igt_" not in "".join(lines)
    assert "\n" not in "".join(lines)


def test_the_api_is_these_paths_and_no_others(empty: TestClient) -> None:
    description = empty.get("/v1/openapi.json").json()
    assert set(description["paths"]) == {
        "/healthz",
        "/readyz",
        "/v1/approvals",
        "/v1/checks",
        "/v1/decisions/{name}",
        "/v1/decisions/{name}/approval",
        "/v1/decisions/{name}/break-glass",
        "/v1/grants",
        "/v1/grants/{name}",
        "/v1/grants/{name}/beat",
        "/v1/grants/{name}/claim",
        "/v1/grants/{name}/credentials",
        "/v1/grants/{name}/finish",
        "/v1/run-task",
        "/v1/state/{workspace}",
    }
