"""The texts of a decision: golden, because they are what an engineer sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from infragod.cli.check import FORMATS, rendered
from infragod.policy.render.fold import counted, folds, money_line, shown
from infragod.policy.render.markdown import escaped
from infragod.policy.render.text import WIDTH, text

Golden = Callable[[str, str], None]


def finding(rule: str, address: str, effect: str = "deny", **changed: str) -> dict[str, str]:
    return {
        "rule": rule,
        "level": "mandatory",
        "address": address,
        "result": "violation",
        "effect": effect,
        "message": "lacks service",
        "mend": 'add service = "…" to tags or to the provider\'s default_tags',
    } | changed


def component(name: str, unit: str, price: str | None, cost: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "unit": unit,
        "monthly_quantity": None,
        "unit_price": price,
        "monthly_cost": cost,
        "basis": "fixed" if cost else "unknown",
        "price_source": None,
        "note": None if price else "no price in eu-south-2",
    }


def resource(address: str, *components: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": address,
        "type": address.split(".")[-2],
        "action": "create",
        "monthly_cost": None,
        "monthly_cost_before": "0.00",
        "components": list(components),
    }


BUDGET = {
    "team": "checkout",
    "month": "2026-11",
    "amount": "20000.00",
    "spent": "18400.00",
    "forecast": "19480.00",
    "held": "350.00",
    "with_change": "20610.00",
}


@pytest.fixture
def denied() -> dict[str, Any]:
    buckets = [f"aws_s3_bucket.assets[{n}]" for n in range(4)]
    return {
        "currency": "USD",
        "monthly_cost": "1871.55",
        "monthly_cost_before": "1204.10",
        "monthly_delta": "667.45",
        "complete": False,
        "prices": "AWS 2026-11-01",
        "unknown": [buckets[0], "aws_lambda_function.resize", "aws_msk_cluster.events", "aws_wafv2_web_acl.edge"],
        "resources": [
            resource(buckets[0], component("Standard storage", "GB-month", "0.023", None)),
            resource("aws_lambda_function.resize", component("Requests", "1M requests", "0.20", None)),
            resource("aws_msk_cluster.events", component("Broker", "hours", None, None)),
        ],
        "verdict": "deny",
        "bundle": "bundle 41 (60 rules)",
        "decision": "7F3K-9Q2M",
        "url": "http://127.0.0.1:8080/decisions/7F3K-9Q2M",
        "created_at": "2026-11-22T09:30:00+00:00",
        "workspace": "shop-prod",
        "actor": "pipeline",
        "local": False,
        "rules": 60,
        "plan_digest": "ab12",
        "counts": {"create": 9, "update": 2, "replace": 1, "no-op": 30},
        "budgets": [BUDGET],
        "findings": [
            finding("old-generation", "aws_instance.worker", "warn", message="m5.xlarge → m7i.xlarge", mend=""),
            *(finding("mandatory-tags", bucket) for bucket in buckets),
            finding("budget-of-owner", "team.checkout", "needs_approval", message="passed by $610.00", mend=""),
            finding("allowed-regions", "aws_vpc.old", "deny", result="waived", message="eu-south-2 is not allowed"),
        ],
    }


@pytest.fixture
def allowed(denied: dict[str, Any]) -> dict[str, Any]:
    return denied | {
        "verdict": "allow",
        "complete": True,
        "monthly_cost": "0.00",
        "monthly_cost_before": "0.00",
        "monthly_delta": "0.00",
        "prices": "",
        "unknown": [],
        "resources": [],
        "decision": None,
        "url": None,
        "local": True,
        "counts": {"no-op": 2},
        "budgets": [],
        "findings": [],
        "bundle": "built-in rules (10)",
    }


@pytest.mark.parametrize("how", FORMATS)
def test_denied(denied: dict[str, Any], how: str, golden: Golden) -> None:
    golden(f"denied.{how}", rendered(denied, how))


@pytest.mark.parametrize("how", FORMATS)
def test_nothing_to_do_and_nothing_known(allowed: dict[str, Any], how: str, golden: Golden) -> None:
    golden(f"allowed.{how}", rendered(allowed, how))


def test_text_fits_the_terminal(denied: dict[str, Any]) -> None:
    denied["workspace"] = "a-rather-long-name-of-a-workspace"
    long_words = [w for line in text(denied).splitlines() if len(line) > WIDTH for w in line.split() if len(w) > 60]
    assert all(len(line) <= WIDTH or long_words for line in text(denied).splitlines())


def test_colours_are_only_where_asked(denied: dict[str, Any]) -> None:
    assert "\x1b" not in text(denied)
    assert text(denied, colour=True).startswith("\x1b[31;1mDENIED\x1b[0m")


def test_control_characters_do_not_reach_the_terminal(denied: dict[str, Any]) -> None:
    denied["findings"][0]["address"] = 'aws_instance.x["\x1b[2J\x07"]'
    denied["workspace"] = "\x1b]0;owned\x07"
    assert "\x1b" not in text(denied)
    assert "\x07" not in text(denied)


def test_markdown_shows_what_is_there_as_text(denied: dict[str, Any]) -> None:
    denied["findings"][0]["message"] = (
        "<img src=x onerror=alert(1)> | [click](http://evil.example) @everyone closes #1 a@b.example !2"
    )
    shown = rendered(denied, "markdown")
    assert "<img" not in shown
    assert "\\[click\\]" in shown
    assert "&lt;img" in shown
    assert "@\u200beveryone closes #\u200b1 a@\u200bb.example !\u200b2" in shown  # nobody is called, nothing is linked


def test_junit_is_xml_whatever_it_holds(denied: dict[str, Any]) -> None:
    denied["findings"][0]["message"] = "a\x00b ]]> & <c>"
    suite = ET.fromstring(rendered(denied, "junit"))  # noqa: S314 - our own output
    assert suite.attrib["failures"] == "2"
    assert len(suite.findall("testcase")) == 4


def test_findings_that_say_the_same_are_folded() -> None:
    found = [finding("r", f"a.b[{n}]") for n in range(612)]
    (fold,) = folds(found)
    assert fold.where() == "a.b[0] and 611 more"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "no changes"),
        ({"no-op": 4}, "no changes"),
        ({"create": 1}, "1 change: 1 create"),
        ({"create": 1200, "delete": 3}, "1,203 changes: 1,200 create, 3 delete"),
    ],
)
def test_changes_are_counted(counts: dict[str, int], said: str) -> None:
    assert counted(counts) == said


def test_money_without_before_has_no_share(allowed: dict[str, Any]) -> None:
    allowed |= {"monthly_cost": "5.00", "monthly_delta": "5.00"}
    assert money_line(allowed) == "$0.00 → $5.00 a month   +$5.00"


def test_links_stay_links_in_markdown() -> None:
    assert escaped("see http://127.0.0.1:8080/decisions/7F3K-9Q2M *now*") == (
        "see http://127.0.0.1:8080/decisions/7F3K-9Q2M \\*now\\*"
    )


def test_a_plan_without_any_price_is_not_zero(allowed: dict[str, Any]) -> None:
    allowed |= {"complete": False, "unknown": ["aws_x.y"], "resources": [resource("aws_x.y")]}
    assert money_line(allowed) == "not known: nothing in this plan has a price"


def test_many_messages_of_a_rule_stand_in_one_line_more() -> None:
    found = [finding("unpriced", f"aws_{n}.x", message=f"no price of aws_{n}") for n in range(9)]
    found.append(finding("other", "aws_0.x", message="else"))
    made = shown(folds(found))
    assert [f.rule for f in made] == ["unpriced"] * 4 + ["other"]
    assert made[3].message == "6 more messages of this rule; --format json lists them all"
    assert made[3].where() == "aws_3.x and 5 more"
