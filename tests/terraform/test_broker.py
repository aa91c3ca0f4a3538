"""The session policy: what of AWS a plan touches, which actions that takes, and what no session ever gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data
from tests.gate import plans

from infragod import settings as settings_module
from infragod.errors import SetupError
from infragod.terraform import region
from infragod.terraform.broker import BrokerRefusedError, Credentials, Refusal, services, session_policy, sts
from infragod.terraform.broker.roles import Also, Role, Roles, roles
from infragod.terraform.broker.scope import scope
from infragod.terraform.plan import parse

ROLE = Role("shop", "arn:aws:iam::123456789012:role/shop", ("shop*",))
KEY = b"k" * 32


def scoped(changed: str = "", read: str = "", regions: str = "eu-west-1", unplaced: str = "") -> dict[str, Any]:
    lists = {"changed": changed, "read": read, "regions": regions, "unplaced": unplaced}
    return {name: text.split() for name, text in lists.items()}


def made(found: dict[str, Any] | None, role: Role = ROLE, types: dict[str, str] | None = None) -> list[dict[str, Any]]:
    return [json.loads(text) for text in session_policy.policies(found, role, types or {})]


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def may(policy: dict[str, Any], action: str, resource: str = "*", **context: str) -> bool:
    """What AWS answers under that policy alone: a denial counts first, then whatever allows it."""

    def fits(statement: dict[str, Any]) -> bool:
        conditions = statement.get("Condition", {}).get("StringEquals", {})
        return (
            any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"]))
            and any(fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))
            and all(context.get(key.partition(":")[2]) in listed(value) for key, value in conditions.items())
        )

    found = {statement["Effect"] for statement in policy["Statement"] if fits(statement)}
    return "Allow" in found and "Deny" not in found


# the scope of a plan


def data(address: str, key: str = "aws") -> dict[str, Any]:
    return {"address": f"data.{address}", "mode": "data", "provider_config_key": key, "expressions": {}}


def planned(*changes: dict[str, Any], root: dict[str, Any] | None = None, **more: Any) -> dict[str, Any] | None:
    document = json.loads(plans.plan(*changes, region="eu-west-1"))
    if root is not None:
        document["configuration"]["root_module"] = root
    document["configuration"]["provider_config"] |= more
    return scope(parse(json.dumps(document).encode(), "plan", KEY))


def test_the_scope_of_a_plan() -> None:
    moved = plans.change(
        "aws_sqs_queue.q", ["delete", "create"], {"region": "eu-north-1"}, {"region": "eu-central-1"}, {}
    )
    found = planned(
        plans.server(),
        plans.change(
            "aws_vpc.main",
            ["no-op"],
            {"arn": "arn:aws:ec2:us-west-2:1:vpc/v"},
            {"arn": "arn:aws:ec2:us-west-2:1:vpc/v"},
        ),
        moved,
        plans.change("google_storage_bucket.b", ["create"], None, {"location": "EU"}),
        plans.change("aws_iam_role.r", ["update"], {}, {}),
    )
    assert found == scoped(
        "aws_iam_role aws_instance aws_sqs_queue", "aws_vpc", "eu-central-1 eu-north-1 eu-west-1 us-west-2"
    )


def test_a_plan_without_aws_has_none() -> None:
    assert planned(plans.change("google_storage_bucket.b", ["create"], None, {"location": "EU"})) is None


def test_data_sources_are_read_where_their_provider_is() -> None:
    child = {"resources": [data("aws_ami.a")]}
    root = {
        "resources": [data("aws_iam_policy_document.d"), data("aws_vpc.v", "aws.far"), data("http.web", "http")],
        "module_calls": {"child": {"module": child}},
    }
    far = {"name": "aws", "alias": "far", "expressions": {"region": {"constant_value": "ap-south-1"}}}
    found = planned(root=root, **{"aws.far": far})
    assert found == scoped("", "aws_ami aws_iam_policy_document aws_vpc", "ap-south-1 eu-west-1")


def test_what_the_plan_does_not_place() -> None:
    variable = {"name": "aws", "expressions": {"region": {"references": ["local.region"]}}}
    found = planned(*(plans.server(f"s{n}") for n in range(9)), root={"resources": [data("aws_ami.a")]}, aws=variable)
    assert found is not None
    assert (found["regions"], len(found["unplaced"]), found["unplaced"][0]) == ([], 5, "aws_instance.s0")


# services


def test_every_prefix_is_one_that_aws_knows() -> None:
    """Held against the policies that AWS itself manages."""
    known = {
        action.partition(":")[0].lower()
        for managed in json.loads(aws_managed_policies_data).values()
        for statement in _statements(managed)
        for action in listed(statement.get("Action", []))
    }
    ours = {part.service for part in services.parts().values()} - {services.NO_SERVICE}
    assert ours - known == set()


def _statements(managed: dict[str, Any]) -> list[dict[str, Any]]:
    found = managed["Document"]["Statement"]
    return [found] if isinstance(found, dict) else list(found)


def test_reading_is_reading() -> None:
    verbs = (
        "Describe", "Get", "List", "Search", "BatchGet", "AdminGet", "AdminList", "View", "Check", "Query", "GET",
        "Read", "Select", "Is", "DomainMetadata", "Simulate",
    )  # fmt: skip
    assert [part for part in services.parts().values() if not all(p.startswith(verbs) for p in part.read)] == []


@pytest.mark.parametrize(
    ("kind", "service", "name"),
    [
        ("aws_instance", "ec2", ""),
        ("aws_vpclattice_service", "vpc-lattice", ""),
        ("aws_route", "ec2", ""),
        ("aws_route53_zone", "route53", ""),
        ("aws_route53_resolver_endpoint", "route53resolver", ""),
        ("aws_db_instance", "rds", ""),
        ("aws_lb_listener", "elasticloadbalancing", ""),
        ("aws_cloudwatch_log_group", "logs", ""),
        ("aws_cloudwatch_event_rule", "events", ""),
        ("aws_cloudwatch_metric_alarm", "cloudwatch", ""),
        ("aws_kinesis_firehose_delivery_stream", "firehose", ""),
        ("aws_cognito_identity_pool", "cognito-identity", ""),
        ("aws_cognito_identity_provider", "cognito-idp", ""),
        ("aws_iam_policy", "iam", "policies"),
        ("aws_iam_policy_document", "-", ""),
        ("aws_iam_role_policy_attachment", "iam", "roles"),
        ("aws_s3_bucket_versioning", "s3", ""),
        ("aws_s3_object", "s3", "objects"),
        ("aws_secretsmanager_secret_version", "secretsmanager", "values"),
        ("aws_sfn_state_machine", "states", ""),
    ],
)
def test_the_service_of_a_type(kind: str, service: str, name: str) -> None:
    part = services.of(kind, {})
    assert part is not None
    assert (part.service, part.name) == (service, name)


@pytest.mark.parametrize("kind", ["aws_brandnew_thing", "awscc_s3_bucket", "aws", "aws_iam_brandnew"])
def test_a_type_that_is_unknown_is_refused(kind: str) -> None:
    with pytest.raises(BrokerRefusedError, match=f"no AWS service is known for {kind}, so no policy can be cut"):
        made(scoped(kind))
    (policy,) = made(scoped(kind), types={kind: "brandnew"})
    assert may(policy, "brandnew:Make", RequestedRegion="eu-west-1")


def test_what_has_no_region_has_a_global_service() -> None:
    for prefix in region._AWS_GLOBAL:
        part = services.of(prefix.rstrip("_"), {})
        if part is not None:
            assert part.world or part.service == services.NO_SERVICE, prefix


@pytest.mark.shared
def test_every_type_of_the_shared_plans_has_a_service(shared: Path) -> None:
    import re

    found = {
        kind
        for path in shared.glob("plans/**/*.json")
        for kind in re.findall(r'"type": ?"(aws_\w+)"', path.read_text())
    }
    assert len(found) > 20
    assert {kind for kind in found if services.of(kind, {}) is None} == set()


def test_every_type_that_is_priced_has_a_service() -> None:
    folder = Path(__file__).parents[2] / "src/infragod/price/recipes/aws"
    kinds = {path.stem for path in folder.glob("aws_*.py")}
    assert {kind for kind in kinds if services.of(kind, {}) is None} == set()


# the policy


def test_a_plan_s_services_in_its_regions(golden: Callable[[str, str], None]) -> None:
    found = scoped(
        "aws_instance aws_iam_role aws_s3_bucket", "aws_vpc aws_db_instance aws_route53_zone", "eu-west-1 us-east-1"
    )
    (first, _) = made(found)
    golden("session_policy.json", json.dumps(first, indent=2) + "\n")
    for action, answer in {
        "ec2:RunInstances": True,
        "s3:CreateBucket": True,
        "rds:DescribeDBInstances": True,
        "rds:DeleteDBInstance": False,
        "sqs:CreateQueue": False,
    }.items():
        assert may(first, action, RequestedRegion="us-east-1") is answer, action
        assert not may(first, action, RequestedRegion="ap-south-1"), action
    assert may(first, "s3:ListAllMyBuckets", RequestedRegion="ap-south-1")  # AWS answers that where it likes
    assert may(first, "route53:ListHostedZones", RequestedRegion="us-east-1")
    assert not may(first, "route53:CreateHostedZone", RequestedRegion="us-east-1")
    assert may(first, "sts:GetCallerIdentity")
    role = "arn:aws:iam::123456789012:role/web"
    assert may(first, "iam:PassRole", role, PassedToService="ec2.amazonaws.com")
    assert not may(first, "iam:PassRole", role, PassedToService="lambda.amazonaws.com")
    assert not may(first, "iam:PassRole", "arn:aws:iam::999999999999:role/web", PassedToService="ec2.amazonaws.com")
    assert may(first, "iam:CreateRole")


ESCAPES = (
    "iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:AddUserToGroup",
    "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:AttachGroupPolicy", "iam:PutGroupPolicy", "iam:CreateRole",
    "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PutRolePermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion",
    "iam:CreateSAMLProvider", "iam:CreateOpenIDConnectProvider", "sts:AssumeRole", "sts:AssumeRoot",
    "sts:GetFederationToken",
)  # fmt: skip


def test_ways_out_are_denied_whatever_the_operator_adds() -> None:
    everything = Role("shop", ROLE.arn, ("*",), also=(Also(("iam:*", "sts:*"), ("*",)),))
    for policy in made(scoped("aws_instance", "aws_iam_user aws_iam_role"), everything):
        assert [action for action in ESCAPES if may(policy, action)] == []
        assert may(policy, "iam:GetRole")
        assert may(policy, "sts:GetCallerIdentity")


@pytest.mark.parametrize(
    ("kind", "opened"),
    [
        ("aws_iam_user", {"AddUserToGroup", "AttachUserPolicy", "CreateAccessKey", "CreateUser", "PutUserPolicy"}),
        ("aws_iam_group", {"AddUserToGroup", "AttachGroupPolicy", "PutGroupPolicy"}),
        ("aws_iam_policy", {"CreatePolicyVersion", "SetDefaultPolicyVersion"}),
        ("aws_iam_policy_attachment", {"AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy"}),
        ("aws_iam_openid_connect_provider", {"CreateOpenIDConnectProvider", "CreateSAMLProvider"}),
        ("aws_iam_session_context", set()),
    ],
)
def test_what_a_change_of_iam_opens(kind: str, opened: set[str]) -> None:
    (policy,) = made(scoped(kind))
    found = {action.partition(":")[2] for action in ESCAPES if may(policy, action)}
    assert opened <= found
    assert found <= opened | {"CreateLoginProfile", "UpdateLoginProfile"}
    assert not may(policy, "iam:PassRole", "arn:aws:iam::123456789012:role/admin")


def test_regions(golden: Callable[[str, str], None]) -> None:
    bound = Role("shop", ROLE.arn, ("*",), regions=("eu-west-1", "eu-central-1"))
    with pytest.raises(
        BrokerRefusedError, match="the plan is in us-east-1, and role shop is for eu-west-1, eu-central-1"
    ):
        made(scoped("aws_instance", regions="us-east-1"), bound)
    with pytest.raises(BrokerRefusedError, match=r"does not tell the region of aws_instance\.a; set region in the"):
        made(scoped("aws_instance", regions="", unplaced="aws_instance.a"))
    (policy,) = made(scoped("aws_instance", regions="eu-west-1", unplaced="aws_instance.a"), bound)
    assert may(policy, "ec2:RunInstances", RequestedRegion="eu-central-1")
    assert not may(policy, "ec2:RunInstances", RequestedRegion="us-east-1")
    with pytest.raises(BrokerRefusedError, match="the plan tells no region"):
        made(scoped("aws_instance", regions=""))
    (world,) = made(scoped("aws_route53_zone", regions=""))
    assert "Condition" not in world["Statement"][0]
    with pytest.raises(BrokerRefusedError, match="the plan holds nothing of AWS"):
        made(None)


def test_a_policy_that_is_too_large_loses_reading_first_and_is_then_refused() -> None:
    kinds = sorted(services.parts())
    plain = [kind for kind in kinds if (part := services.of(kind, {})) and not part.guard and part.service != "-"]
    found = scoped(" ".join(plain[:4]), " ".join(plain[4:]))
    (policy,) = made(found)
    assert len(session_policy.compact(policy)) <= session_policy.LARGEST
    assert not may(policy, "xray:GetGroups", RequestedRegion="eu-west-1")
    assert [s for s in policy["Statement"] if s["Effect"] == "Deny"]
    with pytest.raises(
        BrokerRefusedError, match=r"has [\d,]+ characters, and AWS takes 2,048; split the plan"
    ) as refused:
        made(scoped(" ".join(plain)))
    assert refused.value.reason is Refusal.SIZE


def test_an_ordinary_large_plan_fits() -> None:
    kinds = (
        "aws_instance aws_vpc aws_lb aws_autoscaling_group aws_db_instance aws_elasticache_cluster aws_s3_bucket "
        "aws_sqs_queue aws_sns_topic aws_lambda_function aws_iam_role aws_cloudwatch_log_group aws_kms_key "
        "aws_ecs_service aws_ecr_repository aws_route53_record aws_acm_certificate aws_secretsmanager_secret"
    )
    first, _ = made(scoped(kinds, "aws_dynamodb_table aws_cloudfront_distribution aws_wafv2_web_acl"))
    assert may(first, "dynamodb:DescribeTable", RequestedRegion="eu-west-1")


# roles and sessions


def of(text: str, tmp_path: Path) -> Roles:
    (tmp_path / "infragod.toml").write_text(text)
    return roles(settings_module.load(env={}, cwd=tmp_path))


GOOD = f'[broker.roles.shop]\nrole_arn = "{ROLE.arn}"\nworkspaces = ["shop-*"]\n'


def test_the_role_of_a_workspace(tmp_path: Path) -> None:
    other = GOOD.replace("roles.shop]", "roles.other]").replace("shop-*", "*-prod")
    found = of(GOOD + 'minutes = 30\nregions = ["eu-west-1"]\n' + other + '[broker.types]\naws_x_y = "x"\n', tmp_path)
    assert found.choose("shop-dev").name == "shop"
    assert (found.choose("shop-dev").minutes, found.types) == (30, {"aws_x_y": "x"})
    assert found.choose("shop-prod", "other").name == "other"
    for workspace, name, said in (
        ("shop-prod", "", "the roles shop, other are all for shop-prod; name one, by --role"),
        ("pay", "", "no role is set for pay"),
        ("pay-prod", "shop", "role 'shop' is not set for pay-prod"),
    ):
        with pytest.raises(BrokerRefusedError, match=said) as refused:
            found.choose(workspace, name)
        assert refused.value.reason is Refusal.ROLE
    assert of("", tmp_path).roles == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("broker = 1", "broker is no table"),
        ("[broker.role]", r"\[broker\] sets 'role'"),
        ("[broker]\nroles = 1", "broker.roles is no table"),
        ("[broker.types]\naws_x = 'A B'", r"\[broker.types\] maps types"),
        ("[broker]\ntypes = 1", r"\[broker.types\] maps types"),
        ("[broker.roles]\na = 1", "is no table; give it role_arn"),
        ("[broker.roles.'a b']", "has no usable name"),
        (GOOD + "x = 1", "sets 'x', which it does not know"),
        (GOOD.replace("role/", "user/"), "sets role_arn to"),
        (GOOD + "external_id = 'a b'", "external_id that AWS does not take"),
        (GOOD + "minutes = 10", "sets minutes to 10; it is 15 to 720"),
        (GOOD + "minutes = true", "sets minutes to True"),
        (GOOD + "regions = ['here']", "names the region 'here'"),
        (GOOD + "regions = 'eu-west-1'", "it is a list of texts"),
        (GOOD.replace('["shop-*"]', "[]"), "names no workspaces"),
        (GOOD + "also = [{ actions = ['s3:GetObject'] }]", "sets also wrongly"),
        (GOOD + "also = [{ actions = ['*'], resources = ['*'] }]", "sets also without actions such as"),
        (GOOD + "also = [{ actions = ['s3:Get*'], resources = [] }]", "sets also without actions such as"),
    ],
)
def test_what_is_no_role(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=said):
        of(text, tmp_path)


def test_names_that_aws_takes() -> None:
    assert sts.name("ci/deploy bot ä") == "ci-deploy-bot--"
    assert sts.name("x") == "x-"
    assert len(sts.name("x" * 200)) == 64
    assert sts.cleaned("shop/prod <script> größe") == "shop/prod -script- größe"
    assert len(sts.cleaned("x" * 500)) == 256


def test_credentials_show_themselves_in_their_document_alone() -> None:
    from datetime import UTC, datetime

    given = Credentials("ASIA1", "secret-1", "token-1", datetime(2026, 11, 22, 20, 0, 0, 123, tzinfo=UTC))
    assert "secret-1" not in repr(given)
    assert "token-1" not in repr(given)
    assert given.document() == {
        "Version": 1,
        "AccessKeyId": "ASIA1",
        "SecretAccessKey": "secret-1",
        "SessionToken": "token-1",
        "Expiration": "2026-11-22T20:00:00Z",
    }
