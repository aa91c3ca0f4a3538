"""What makes naive showback wrong, as far as allocation decides it; and bad input, which changes nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.finance.allocation.conftest import Give

from infragod.errors import InputError
from infragod.finance.allocation import usage as usage_file
from infragod.finance.allocation.usage import Usage
from infragod.lake.engine import Engine
from infragod.org.organisation import Organisation

OWN = ({"x_team": "checkout", "x_service": "cart", "cost": "30"}, {"x_team": "payments", "cost": "10"})
PLATFORM = {"x_team": "platform", "x_service": "clusters", "cost": "100"}
POOL = '[[pool]]\nname = "clusters"\nmatch.x_service = "clusters"\n'
BY_COST = 'method = "proportional"\nto = ["team:checkout", "team:payments"]\n'


def test_bases_are_never_mixed(give: Give) -> None:
    rows = [PLATFORM | {"BilledCost": "0", "ListCost": "200"}, *OWN]
    assert give(POOL + BY_COST, rows, basis="BilledCost") == {"checkout": "3E+1", "payments": "1E+1"}
    assert give(POOL + BY_COST, rows, basis="ListCost") == {"checkout": "1.8E+2", "payments": "6E+1"}


def test_unknown_is_not_zero(give: Give) -> None:
    found = give(
        POOL + BY_COST, [PLATFORM | {"ContractedCost": None}, *OWN], basis="ContractedCost", by="x_team, x_how"
    )
    assert found["checkout shared"] == "-"


COMMITMENT = {"CommitmentDiscountId": "sp", "x_team": "platform", "ChargeCategory": "Usage"}
COMMITTED = (
    COMMITMENT | {"CommitmentDiscountStatus": "Used", "x_team": "checkout", "cost": "60", "ContractedCost": "90"},
    COMMITMENT | {"CommitmentDiscountStatus": "Used", "x_team": "payments", "cost": "20", "ContractedCost": "30"},
    COMMITMENT | {"CommitmentDiscountStatus": "Unused", "EffectiveCost": "12", "BilledCost": "0"},
    COMMITMENT | {"ChargeCategory": "Purchase", "EffectiveCost": "0", "BilledCost": "92"},
)
CENTRAL = (
    '[[pool]]\nname = "central"\nmatch.x_service = "central"\nmethod = "fixed"\npercent = {"team:platform" = 100}\n'
)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", {"checkout": "6E+1", "payments": "2E+1", "platform": "12"}),
        ('unused = "users"', {"checkout": "69", "payments": "23", "platform": "0"}),
        ('unused = "pool:central"', {"checkout": "6E+1", "payments": "2E+1", "platform": "12"}),
        ('savings = "buyer"', {"checkout": "9E+1", "payments": "3E+1", "platform": "-28"}),
        ('savings = "pool:central"', {"checkout": "9E+1", "payments": "3E+1", "platform": "-28"}),
    ],
    ids=["as billed", "unused to users", "unused to a pool", "savings to the buyer", "savings to a pool"],
)
def test_unused_commitments_and_savings_have_an_owner_by_policy(
    give: Give, policy: str, expected: dict[str, str]
) -> None:
    assert give(f"{CENTRAL}[commitments]\n{policy}", COMMITTED) == expected


def test_a_commitment_nobody_used_stays_with_who_bought_it(give: Give) -> None:
    assert give('[commitments]\nunused = "users"', COMMITTED[2:]) == {"platform": "12"}


def test_tax_credits_and_support_are_allocated_too(give: Give) -> None:
    rest = [
        {"ChargeCategory": "Tax", "cost": "4"},
        {"ChargeCategory": "Credit", "cost": "-8"},
        {"ServiceName": "AWS Support (Business)", "cost": "12"},
    ]
    text = "".join(
        f'[[pool]]\nname = "{i}"\nmatch.{column} = "{value}"\n{BY_COST}'
        for i, (column, value) in enumerate(
            [("ChargeCategory", "Tax"), ("ChargeCategory", "Credit"), ("ServiceName", "AWS Support*")]
        )
    )
    assert give(text, [*OWN, *rest]) == {"checkout": "36", "payments": "12"}


def test_currencies_are_split_each_by_its_own_keys(give: Give) -> None:
    euro = {"BillingCurrency": "EUR"}
    rows = [PLATFORM, *OWN, PLATFORM | euro, OWN[1] | euro]
    assert give(POOL + BY_COST, rows, by="currency, x_team") == {
        "EUR payments": "1.1E+2",
        "USD checkout": "105",
        "USD payments": "35",
    }


def test_months_are_split_each_by_its_own_keys(give: Give) -> None:
    march = {"x_billing_period": "2026-03"}
    rows = [PLATFORM, *OWN, PLATFORM | march, OWN[0] | march]
    assert give(POOL + BY_COST, rows, by="month, x_team")["2026-03 checkout"] == "1.3E+2"


def test_a_correction_posts_in_the_month_it_is_billed_in(give: Give) -> None:
    late = OWN[0] | {"ChargeClass": "Correction", "cost": "-5", "ChargePeriodStart": "2026-03-02"}
    assert give("", [*OWN, late], by="month, x_team")["2026-10 checkout"] == "25"


def test_untagged_goes_by_rule_then_by_cost_and_is_a_line_of_its_own(give: Give) -> None:
    text = '[[rule]]\nmatch.SubAccountId = "4711"\nto = "service:cart"\n[untagged]\n' + BY_COST
    rows = [*OWN, {"SubAccountId": "4711", "cost": "10"}, {"cost": "5"}]
    assert give(text, rows, by="x_team, x_how") == {
        "checkout direct": "3E+1",
        "checkout rule": "1E+1",
        "checkout untagged": "4",
        "payments direct": "1E+1",
        "payments untagged": "1",
    }


def test_a_tag_can_make_a_pool_and_nothing_too(give: Give) -> None:
    text = '[[pool]]\nname = "t"\nmatch."Tags.shared" = "yes"\nmatch.x_service = ["", "cart"]\n' + BY_COST
    assert give(text, [*OWN, {"x_team": "platform", "shared": "yes", "cost": "8"}])["checkout"] == "36"


def test_an_override_beats_all_in_its_months(give: Give) -> None:
    text = (
        '[[override]]\nmatch.x_service = "clusters"\nto = "team:payments"\nreason = "moved"\ndate = 2026-10-05\n'
        'from = "2026-10"\nuntil = "2026-10"\ncurrency = "USD"\n' + POOL + BY_COST
    )
    rows = [PLATFORM, *OWN, PLATFORM | {"x_billing_period": "2026-11"}, OWN[0] | {"x_billing_period": "2026-11"}]
    found = give(text, rows, by="month, x_team, x_how")
    assert found["2026-10 payments override"] == "1E+2"
    assert found["2026-11 checkout shared"] == "1E+2"


def test_a_currency_may_be_of_another_month_alone(give: Give) -> None:
    rows = [*OWN, OWN[0] | {"BillingCurrency": "EUR", "x_billing_period": "2026-09"}]
    assert give(POOL + 'currency = "EUR"\n' + BY_COST, rows, last="2026-10", first="2026-10") == {
        "checkout": "3E+1",
        "payments": "1E+1",
    }


def test_an_owner_renamed_in_mid_month_is_one_sentence_or_one_owner(give: Give) -> None:
    rows = [PLATFORM, OWN[0], OWN[0] | {"x_team": "shop"}]
    text = POOL + 'method = "even"\nto = "service:cart"\n'
    with pytest.raises(InputError, match=r"which the bill gives to checkout and shop; say in \[renamed\]"):
        give(text, rows, organisation=None)
    assert give('[renamed]\nshop = "checkout"\n' + text, rows, organisation=None) == {"checkout": "1.6E+2"}


def test_what_the_file_says_is_a_value_never_sql(give: Give) -> None:
    quoted = "x' OR 'a' = 'a"
    text = f'[[pool]]\nname = "q\'"\nmatch.ServiceName = ["{quoted}", "{quoted}*"]\n' + BY_COST
    assert give(text, OWN) == {"checkout": "3E+1", "payments": "1E+1"}


USED: Usage = {("2026-10", "requests"): {"team:checkout": Decimal("0.75"), "team:payments": Decimal("0.25")}}
BY_USE = 'method = "usage"\nkey = "requests"\n'


def test_by_usage(give: Give) -> None:
    assert give(POOL + BY_USE, [PLATFORM], usage=USED) == {"checkout": "75", "payments": "25"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (POOL + BY_COST, "pool clusters, 2026-10: all keys are zero, so that USD of it would vanish"),
        (POOL + BY_USE, "there is no requests of 2026-10 in the usage file"),
        (
            POOL + BY_COST.replace("payments", "paymnets"),
            r"names the team 'paymnets', which is not known \(did you mean",
        ),
        (POOL + 'method = "even"\nto = "service:nothing"', "names the service 'nothing', which is not known"),
        (POOL + 'method = "even"\nto = "team:x*"', "there is nobody to give it to"),
        (POOL + 'method = "fixed"\npercent = {"team:*" = 100}', "a share goes to one target, name it"),
        (POOL + 'currency = "EUR"\n' + BY_COST, "pool clusters: no bill is in 'EUR'; they are in USD"),
    ],
    ids=["all zero", "no usage", "unknown team", "unknown service", "nobody", "share of several", "unknown currency"],
)
def test_bad_input_is_one_sentence_and_nothing_is_allocated(
    give: Give, engine: Engine, text: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        give(text, [PLATFORM])
    assert not engine.run("SELECT 1 FROM duckdb_tables() WHERE table_name = 'allocated'")


@pytest.mark.parametrize(("zero", "owner"), [("even", "checkout"), ("suspense", "suspense")])
def test_a_pool_whose_keys_are_all_zero_does_not_disappear(give: Give, zero: str, owner: str) -> None:
    assert owner in give(POOL + BY_COST + f'if_zero = "{zero}"', [PLATFORM])


def test_a_negative_key_is_refused(give: Give) -> None:
    rows = [PLATFORM, OWN[0], OWN[1] | {"cost": "-3"}]
    with pytest.raises(InputError, match=r"the key of team:payments is -3\.0+, and a key is never negative"):
        give(POOL + BY_COST, rows)


def test_a_service_counts_whoever_the_bill_says_it_is_of(give: Give) -> None:
    rows = [
        PLATFORM,
        OWN[0],
        OWN[0] | {"x_team": "payments"},
        {"x_team": "payments", "x_service": "card-vault", "cost": "40"},
    ]
    text = POOL + 'method = "proportional"\nto = "service:*"'
    assert give(text, rows, by="x_service, x_how")["cart shared"] == "6E+1"
    found = give(text, rows, organisation=Organisation((), ()), by="x_team, x_service, x_how")
    assert found["payments cart shared"] == "3E+1"


def test_usage_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.csv"
    path.write_text(
        "month,metric,owner,value\n2026-10,requests,team:checkout,0.75\n2026-10,requests,team:payments,0.25\n"
    )
    assert usage_file.load(path) == USED


def test_bad_rows_of_a_usage_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "keys.csv"
    lines = ["october,k,team:a,1", "2026-10,k,team:a,-1", "2026-10,k,a,1", "2026-10,k,team:b,1", "2026-10,k,team:b,2"]
    path.write_text("\n".join(["month,key,target,value", *lines]))
    with pytest.raises(InputError) as error:
        usage_file.load(path)
    faults = str(error.value).splitlines()
    assert [f.partition("row ")[2][0] for f in faults] == ["2", "3", "4", "6"]
    assert "never negative" in faults[1]


def test_focus_columns_say_how_it_was_split(give: Give) -> None:
    columns = "AllocatedMethodId, AllocatedMethodDetails, AllocatedResourceId, AllocatedResourceName, AllocatedTags"
    found = [*give(POOL + BY_USE, [PLATFORM, {"cost": "1"}], usage=USED, by=columns)]
    assert len(found) == 3
    assert any(
        '{"Elements": [{"AllocatedRatio": 0.750000000000, "UsageUnit": "requests", "UsageQuantity": 0.75}]} '
        'team:checkout checkout {"team": "checkout"}' in row
        for row in found
    )
    assert any(row.startswith("untagged:keep:") and row.endswith("None None None") for row in found)
