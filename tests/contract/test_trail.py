"""CloudTrail as it answers by its documentation: not tried on AWS, and the emulator has no sessions in its events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from aws_accounts import DEV, PROD, REGION, account
from botocore.stub import ANY, Stubber

from copilot.adapters.aws.trail import MOST_PAGES, CloudTrail
from copilot.config.configuration import Configuration
from copilot.domain import Resource, ResourceRef
from copilot.errors import RetryableError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEB = f"arn:aws:ecs:{REGION}:{DEV}:service/main/web"


def resource(arn: str = WEB, name: str = "web") -> Resource:
    return Resource(
        ref=ResourceRef(type="ecs-service", id=arn),
        name=name,
        environment="shop",
        account=f"dev ({DEV})",
        region=REGION,
        cluster="main" if ":ecs:" in arn else None,
        state="running",
        size=1,
        running=1,
    )


def event(id: str, identity: dict[str, Any], user: str = "", **more: Any) -> dict[str, Any]:
    record = {"userIdentity": identity, "requestParameters": {"cluster": "main", "service": "web"}} | more
    return {
        "EventId": id,
        "EventName": "UpdateService",
        "ReadOnly": "false",
        "EventTime": NOON,
        "EventSource": "ecs.amazonaws.com",
        "Username": user,
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }


def session(role: str, **context: Any) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{DEV}:role/{role}", "userName": role}
    return {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer, **context}}


class Read:
    """A Reader of one stubbed client, or of what fails."""

    def __init__(self, *pages: dict[str, Any], fails: Exception | None = None) -> None:
        self.client_of_all = boto3.client(
            "cloudtrail", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.stubber, self.fails, self.asked = Stubber(self.client_of_all), fails, list[tuple[str, str]]()
        for page in pages:
            wanted = {
                "LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}],
                "StartTime": NOON - timedelta(hours=2),
                "EndTime": NOON,
                "MaxResults": 50,
            }
            self.stubber.add_response(
                "lookup_events", page, wanted | ({"NextToken": ANY} if page is not pages[0] else {})
            )
        self.stubber.activate()

    def open(self, account_id: str) -> None:
        pass

    def client(self, account_id: str, region: str, service: str) -> Any:
        self.asked.append((account_id, region))
        if self.fails:
            raise self.fails
        return self.client_of_all


def looked_up(read: Read, *resources: Resource, packs: tuple[str, ...] = ("trail",)) -> Any:
    config = Configuration(accounts=(account(packs=packs), account(PROD, "prod", packs=())), people=())
    return CloudTrail(config, read).changes(resources or (resource(),), NOON - timedelta(hours=2), NOON)


def test_who_did_what_is_found_by_what_a_call_was_given_or_names() -> None:
    named = event("e3", {"type": "IAMUser", "userName": "zoe"}, "zoe", requestParameters=None)
    named["Resources"] = [{"ResourceType": "AWS::ECS::Service", "ResourceName": WEB}]
    elsewhere = event("e4", {"type": "Root"}, "root", requestParameters={"service": "other"})
    read = Read({"Events": [event("e1", session("Deploy"), "ci-42"), named, elsewhere]})
    found = looked_up(read)
    assert [(one.id, one.who, one.action, one.name) for one in found.events] == [
        ("e1", "ci-42 (Deploy)", "ecs:UpdateService", "web"),
        ("e3", "zoe", "ecs:UpdateService", "web"),
    ]
    assert (found.unread, found.cut, found.off) == ((), (), ())


def test_a_session_of_somebody_is_called_by_them_and_what_the_copilot_did_is_left_out() -> None:
    ours = event("e1", session("copilot-write", sourceIdentity="ana"), "devops-copilot")
    theirs = event("e2", session("Admin", sourceIdentity="ben"), "ben-session", errorCode="AccessDenied")
    (one,) = looked_up(Read({"Events": [ours, theirs]})).events
    assert (one.who, one.error) == ("ben", "AccessDenied")


def test_no_more_pages_are_read_than_a_bound_and_that_is_said() -> None:
    read = Read(*({"Events": [], "NextToken": f"t{page}"} for page in range(MOST_PAGES)))
    (cut,) = looked_up(read).cut
    assert cut == f"dev ({DEV}) in {REGION} before 2026-03-02 12:00 UTC"
    read.stubber.assert_no_pending_responses()


def test_an_account_without_the_pack_is_not_asked_and_how_it_is_allowed_is_said_once() -> None:
    read = Read({"Events": []})
    prod = resource(f"arn:aws:ecs:{REGION}:{PROD}:service/main/web")
    found = looked_up(read, resource(), prod, prod.model_copy(update={"region": "us-east-1"}))
    assert read.asked == [(DEV, REGION)]
    (off,) = found.off
    assert "pack trail is off" in off and "Trail=enabled" in off


def test_what_cannot_be_read_is_said_where() -> None:
    (place,) = looked_up(Read(fails=RetryableError("throttled"))).unread
    assert (place.account, place.region, place.reason, place.passing) == (f"dev ({DEV})", REGION, "throttled", True)


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", '{"userIdentity": 3, "requestParameters": {"cluster": "main", "service": "web"}}']
)
def test_a_record_that_is_none_harms_nothing(text: str) -> None:
    odd = event("e1", {}) | {"CloudTrailEvent": text}
    assert len(looked_up(Read({"Events": [odd]})).events) == ("web" in text)


VM = f"arn:aws:ec2:{REGION}:{DEV}:instance/i-0123456789abcdef0"
ORDERS = f"arn:aws:rds:{REGION}:{DEV}:db:orders"


@pytest.mark.parametrize(
    ("source", "given", "of", "found"),
    [
        ("ecs", {"cluster": "main", "service": "web"}, resource(), True),
        ("ecs", {"cluster": f"arn:aws:ecs:{REGION}:{DEV}:cluster/main", "service": "web"}, resource(), True),
        ("ecs", {"cluster": "prod", "service": "web"}, resource(), False),
        ("ecs", {"cluster": "prod", "service": WEB}, resource(), True),
        ("application-autoscaling", {"resourceId": "service/main/web"}, resource(), True),
        ("application-autoscaling", {"resourceId": "service/prod/web"}, resource(), False),
        ("ec2", {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}}, resource(VM, "build box"), True),
        ("ec2", {"instancesSet": {"items": [{"instanceId": "i-1"}]}}, resource(VM, "build box"), False),
        ("rds", {"dBInstanceIdentifier": "orders"}, resource(ORDERS, "orders"), True),
        ("s3", {"bucketName": "x", "tagging": {"Key": "team", "Value": "orders"}}, resource(ORDERS, "orders"), False),
        ("rds", {"tags": [{"key": "team", "value": "orders"}]}, resource(ORDERS, "orders"), False),
    ],
)
def test_a_call_is_of_what_it_names_and_of_nothing_that_is_called_alike(
    source: str, given: dict[str, Any], of: Resource, found: bool
) -> None:
    called = event("e1", {"type": "IAMUser"}, "zoe", requestParameters=given) | {
        "EventSource": f"{source}.amazonaws.com"
    }
    assert bool(looked_up(Read({"Events": [called]}), of).events) is found


# --- with what something was changed: user agents as CloudTrail records them ------------------------

TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.72.1"
CONSOLE_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
CLI = "aws-cli/2.18.10 md/awscrt#0.22.0 ua/2.0 os/linux#6.8 command#ecs.update-service"
REF = ResourceRef(type="ecs-service", id=WEB)


def changed_with(*events: dict[str, Any], packs: tuple[str, ...] = ("trail",), **more: Any) -> tuple[Any, Any]:
    read = Read()
    for page in more.get("pages", [{"Events": list(events)}]):
        read.stubber.add_response("lookup_events", page)
    read.fails = more.get("fails")
    config = Configuration(accounts=(account(packs=packs),), people=())
    return CloudTrail(config, read).changed_with({REF: "web"}, NOON), read


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([event("e1", session("Deploy"), userAgent=TERRAFORM)], "Terraform"),
        ([event("e1", session("Admin"), userAgent=CONSOLE_AGENT)], "the console"),
        ([event("e1", session("Admin"), userAgent=CLI, sessionCredentialFromConsole="true")], "the console"),
        (
            [
                event("e2", session("Admin"), userAgent=CONSOLE_AGENT),
                event("e1", session("Deploy"), userAgent=TERRAFORM),
            ],
            "Terraform",
        ),
        (
            [event("e1", session("Cfn") | {"invokedBy": "cloudformation.amazonaws.com"}, userAgent="aws-cdk/2.164.1")],
            "CloudFormation",
        ),
        ([event("e1", session("Deploy"), userAgent="cloudformation.amazonaws.com")], "CloudFormation"),
        ([event("e1", session("ci"), userAgent=CLI)], None),
        ([event("e1", session("copilot-write"), userAgent=TERRAFORM)], None),
        ([event("e1", session("Deploy"), userAgent=TERRAFORM, errorCode="AccessDenied")], None),
        (
            [event("e1", session("Deploy"), userAgent=TERRAFORM, requestParameters={"cluster": "x", "service": "web"})],
            None,
        ),
        ([event("e1", {}) | {"CloudTrailEvent": "not json"}], None),
        ([], None),
    ],
    ids=[
        "terraform",
        "console",
        "from the console",
        "code before console",
        "for a stack",
        "by a stack",
        "command line",
        "the copilot",
        "refused",
        "another",
        "no record",
        "none",
    ],
)
def test_with_what_something_was_changed_is_read_from_the_records(events: list[Any], found: str | None) -> None:
    assert changed_with(*events)[0] == ({WEB: found} if found else {})


def test_two_pages_of_records_are_looked_through_and_no_more() -> None:
    pages = [{"Events": [], "NextToken": f"t{page}"} for page in range(2)]
    found, read = changed_with(pages=pages)
    assert found == {}
    read.stubber.assert_no_pending_responses()


def test_without_the_pack_nothing_is_asked_and_what_fails_says_nothing() -> None:
    found, read = changed_with(packs=())
    assert (found, read.asked) == ({}, [])
    assert changed_with(fails=RetryableError("throttled"))[0] == {}
