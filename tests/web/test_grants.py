"""`/v1/grants`: taken by a token of scope `apply`, used by the grant's own, once, and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from infragod.org import store as org_store
from infragod.org.organisation import Organisation, Team
from tests.gate import plans
from tests.web.conftest import token

FILE = "a" * 64


@pytest.fixture
def company(empty: TestClient) -> TestClient:
    """A server of a company with a team."""
    with empty.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
        org_store.replace(connection, Organisation((Team("checkout", None, None),), ()))
    return empty


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def decision(client: TestClient, **headers: str) -> str:
    tags = {"team": "checkout", "service": "cart", "environment": "prod"}
    check = bearer(token(client, "check", name=f"check-{len(headers)}"))
    answer = client.post("/v1/checks?workspace=shop", content=plans.plan(plans.server(**tags)), headers=check)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["decision"])


def take(client: TestClient, secret: str, name: str, **more: Any) -> Any:
    body = {"decision": name, "lineage": "l", "serial": 7, "file_digest": FILE} | more
    return client.post("/v1/grants", json=body, headers=bearer(secret))


def test_a_grant_s_whole_life(company: TestClient) -> None:
    secret = token(company, "apply", "read")
    answer = take(company, secret, decision(company))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["state"], made["workspace"], made["actor"], made["file_digest"]) == ("issued", "shop", "ci", FILE)
    assert list(made["held"]) == ["checkout"]
    where, own = f"/v1/grants/{made['grant']}", bearer(made["token"])
    assert "token" not in company.get(where, headers=bearer(secret)).json()
    bound = {"workspace": "shop", "lineage": "l", "serial": 7, "lock_id": "lock"}
    assert company.post(f"{where}/claim", json=bound | {"serial": 8}, headers=own).json()["refusal"] == "binding"
    assert company.post(f"{where}/claim", json=bound, headers=own).json()["state"] == "claimed"
    second = company.post(f"{where}/claim", json=bound | {"lock_id": "other"}, headers=own)
    assert (second.status_code, second.json()["refusal"]) == (409, "state")
    ended = {"applied": True, "resources": {"aws_instance.web": "i-1"}}
    assert company.post(f"{where}/finish", json=ended, headers=own).json()["state"] == "used"
    assert company.delete(where, headers=bearer(secret)).json()["refusal"] == "state"


def test_who_took_it_may_withdraw_it_and_nobody_else(company: TestClient) -> None:
    secret, other = token(company, "apply"), token(company, "apply", name="other")
    made = take(company, secret, decision(company)).json()
    where = f"/v1/grants/{made['grant']}"
    assert company.delete(where, headers=bearer(other)).status_code == 403
    assert company.delete(where, headers=bearer(secret)).json()["state"] == "released"
    assert company.delete("/v1/grants/NONE", headers=bearer(secret)).status_code == 404


def test_only_the_grant_s_own_token_uses_it(company: TestClient) -> None:
    secret = token(company, "apply")
    one = take(company, secret, decision(company)).json()
    two = take(company, secret, decision(company, second=""), change_request="2").json()
    bound = {"workspace": "shop", "lineage": "l", "serial": 7, "lock_id": "lock"}
    for wrong in (secret, "igg_guessed", two["token"]):
        answer = company.post(f"/v1/grants/{one['grant']}/claim", json=bound, headers=bearer(wrong))
        assert (answer.status_code, answer.json()["error"]) == (401, "this is not the token of that grant")
    nobody = company.post(f"/v1/grants/{one['grant']}/finish", json={"applied": True})
    assert nobody.status_code == 401
    expired = company.post(f"/v1/grants/{two['grant']}/finish", json={"applied": False}, headers=bearer(two["token"]))
    assert expired.json()["state"] == "released"


def test_what_is_refused(company: TestClient) -> None:
    secret = token(company, "apply")
    missing = take(company, secret, "ZZZZ-ZZZZ")
    assert (missing.status_code, missing.json()["refusal"]) == (404, "unknown")
    assert missing.json()["request_id"] == missing.headers["x-request-id"]
    assert take(company, token(company, "check", name="c"), "ZZZZ-ZZZZ").status_code == 403
    for odd in ({"serial": -1}, {"minutes": 0}, {"minutes": 2000}, {"file_digest": "x"}, {"more": 1}):
        assert take(company, secret, "ZZZZ-ZZZZ", **odd).status_code == 422
    assert company.get("/v1/grants/NONE").status_code == 404


def test_own_unused_grant_counts_as_no_hold_and_another_s_does(company: TestClient) -> None:
    from decimal import Decimal

    from infragod.budget import store as budgets
    from infragod.budget.budgets import Budget
    from infragod.focus import Period
    from infragod.web.site import today

    with company.app.state.site.database.begin() as connection:  # type: ignore[attr-defined]
        budgets.save(connection, [Budget("checkout", Period.of(today()), Decimal(10_000), "USD")])
    made = take(company, token(company, "apply"), decision(company), change_request="1").json()
    check = bearer(token(company, "check", name="again"))
    plan = plans.plan(plans.server(team="checkout", service="cart", environment="prod"))

    def held(request: str) -> str:
        query = f"/v1/checks?workspace=shop&record=false&change_request={request}"
        return str(company.post(query, content=plan, headers=check).json()["budgets"][0]["held"])

    assert (held("1"), held("2")) == ("0.00", made["held"]["checkout"])
