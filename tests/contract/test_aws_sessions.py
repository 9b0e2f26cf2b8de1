"""Whose credentials are used for what: assumed roles, and the session policies that cut write roles down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from aws_accounts import DANA, DEV, FAR, PROD, REGION, Cloud, account, simulated
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.adapters.aws.session_policies import session_policies
from copilot.adapters.aws.sessions import ReadSessions, WriteSessions
from copilot.config.configuration import Account
from copilot.domain import Permission, Person
from copilot.errors import PermissionDenied, RetryableError

WEB = f"arn:aws:ecs:{REGION}:{DEV}:service/main/web"
ORDERS = f"arn:aws:rds:{REGION}:{PROD}:db:orders"
PROD_ACCOUNT = account(PROD, "prod")


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def reading(cloud: Cloud, *accounts: Account) -> ReadSessions:
    return ReadSessions(accounts or (account(),), "run-1", cloud.factory(), cloud.clock)


def writing(cloud: Cloud, *permissions: Permission, person: Person = DANA, **more: Any) -> WriteSessions:
    return WriteSessions((account(), PROD_ACCOUNT), permissions, person, "run-1", cloud.factory(), cloud.clock, **more)


def may(action: str, arn: str = WEB) -> Permission:
    return Permission(action=action, arn=arn)


def allowed(document: str) -> set[tuple[str, str]]:
    """What a policy document allows, read as IAM reads it."""
    policy = json.loads(document)
    assert policy["Version"] == "2012-10-17"
    found: set[tuple[str, str]] = set()
    for statement in policy["Statement"]:
        assert set(statement) == {"Effect", "Action", "Resource"} and statement["Effect"] == "Allow"
        found |= {(action, arn) for action in statement["Action"] for arn in statement["Resource"]}
    return found


# --- reading -----------------------------------------------------------------------------------


def test_nothing_is_assumed_before_it_is_needed_and_then_once(cloud: Cloud) -> None:
    sessions = reading(cloud, account(), PROD_ACCOUNT)
    assert cloud.requests == []
    clients = [sessions.client(DEV, region, service) for region in (REGION, FAR) for service in ("ecs", "rds")]
    assert sessions.client(DEV, REGION, "ecs") is clients[0]
    assert [client.meta.region_name for client in clients] == [REGION, REGION, FAR, FAR]
    assert cloud.parameters("STS.AssumeRole") == [
        {"RoleArn": f"arn:aws:iam::{DEV}:role/copilot-read", "RoleSessionName": "run-1"}
    ]


def test_clients_speak_for_the_account_of_the_role(cloud: Cloud) -> None:
    sessions = reading(cloud, account(), PROD_ACCOUNT)
    seen = {id: sessions.client(id, REGION, "sts").get_caller_identity()["Account"] for id in (DEV, PROD)}
    assert seen == {DEV: DEV, PROD: PROD}


def test_a_role_is_assumed_again_before_it_expires(cloud: Cloud) -> None:
    sessions = reading(cloud)
    first = sessions.client(DEV, REGION, "ecs")
    cloud.clock.at += timedelta(minutes=54)
    assert sessions.client(DEV, REGION, "ecs") is first
    cloud.clock.at += timedelta(minutes=2)
    assert sessions.client(DEV, REGION, "ecs") is not first
    assert cloud.count("STS.AssumeRole") == 2


def test_many_threads_assume_a_role_once(cloud: Cloud) -> None:
    sessions = reading(cloud)
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda number: sessions.client(DEV, (REGION, FAR)[number % 2], "ecs"), range(64)))
    assert len(set(map(id, made))) == 2
    assert cloud.count("STS.AssumeRole") == 1


def test_every_client_has_few_retries_and_short_timeouts(cloud: Cloud) -> None:
    for client in (reading(cloud).client(DEV, REGION, "ecs"), cloud.factory().own("sts", REGION)):
        config = client.meta.config
        assert config.retries == {"mode": "standard", "total_max_attempts": 3}
        assert (config.connect_timeout, config.read_timeout) == (5, 20)


def test_a_role_that_cannot_be_assumed(cloud: Cloud) -> None:
    cloud.refuse("STS.AssumeRole", "AccessDenied", 403)
    with pytest.raises(PermissionDenied, match="the role copilot-read cannot be assumed; is it deployed there"):
        reading(cloud).open(DEV)


def test_a_role_that_cannot_be_assumed_just_now(cloud: Cloud) -> None:
    cloud.refuse("STS.AssumeRole", "Throttling", message="slow down")
    sessions = reading(cloud)
    with pytest.raises(RetryableError, match="assuming the role copilot-read: slow down"):
        sessions.open(DEV)
    cloud.refusals.clear()
    sessions.open(DEV)


# --- writing -----------------------------------------------------------------------------------


def test_a_write_role_is_cut_down_to_what_was_granted_in_its_account_in_the_name_of_the_person(cloud: Cloud) -> None:
    granted = (may("ecs:UpdateService"), may("ecs:TagResource"), may("rds:StopDBInstance", ORDERS))
    sessions = writing(cloud, *granted)
    assert cloud.requests == []

    sessions.client("ecs:UpdateService", WEB)
    sessions.client("ecs:TagResource", WEB)
    (asked,) = cloud.parameters("STS.AssumeRole")
    assert asked["RoleArn"] == f"arn:aws:iam::{DEV}:role/copilot-write"
    assert (asked["RoleSessionName"], asked["SourceIdentity"]) == ("run-1", "dana@example.com")
    assert allowed(asked["Policy"]) == {("ecs:UpdateService", WEB), ("ecs:TagResource", WEB)}

    client = sessions.client("rds:StopDBInstance", ORDERS)
    assert client.meta.service_model.service_name == "rds"
    assert allowed(cloud.parameters("STS.AssumeRole")[1]["Policy"]) == {("rds:StopDBInstance", ORDERS)}


@pytest.mark.parametrize(
    ("person", "identity"),
    [("ann", "ann"), ("a", "a-"), ("ann o'neil/ops", "ann-o-neil-ops"), ("é" * 3, "---"), ("x" * 80, "x" * 64)],
)
def test_the_person_is_named_in_the_characters_aws_takes(cloud: Cloud, person: str, identity: str) -> None:
    sessions = writing(cloud, may("ecs:UpdateService"), person=Person(id=person, name="?"))
    sessions.client("ecs:UpdateService", WEB)
    assert cloud.parameters("STS.AssumeRole")[0]["SourceIdentity"] == identity


def test_what_does_not_fit_into_one_session_uses_the_session_that_covers_it(cloud: Cloud) -> None:
    arns = [f"arn:aws:ecs:{REGION}:{DEV}:service/main/service-{number:03}" for number in range(60)]
    sessions = writing(
        cloud, *(may(action, arn) for arn in arns for action in ("ecs:UpdateService", "ecs:TagResource"))
    )
    for arn in arns:
        sessions.client("ecs:UpdateService", arn)
        asked = cloud.parameters("STS.AssumeRole")
        assert any(("ecs:UpdateService", arn) in allowed(one["Policy"]) for one in asked)
    assert 1 < len(asked) < 6
    assert all(len(one["Policy"]) <= 2048 for one in asked)


@pytest.mark.parametrize(
    ("action", "arn"), [("ecs:DeleteService", WEB), ("ecs:UpdateService", WEB + "2"), ("ecs:UpdateService", ORDERS)]
)
def test_what_was_not_granted_is_refused_without_asking(cloud: Cloud, action: str, arn: str) -> None:
    sessions = writing(cloud, may("ecs:UpdateService"))
    with pytest.raises(PermissionDenied, match="not among what this call was granted"):
        sessions.client(action, arn)
    assert cloud.requests == []


def test_an_account_without_a_write_role_spoils_nothing_for_the_others(cloud: Cloud) -> None:
    closed = account(PROD, "prod", write_role=None)
    granted = (may("ecs:UpdateService"), may("rds:StopDBInstance", ORDERS))
    sessions = WriteSessions((account(), closed), granted, DANA, "run-1", cloud.factory(), cloud.clock)
    sessions.client("ecs:UpdateService", WEB)
    with pytest.raises(PermissionDenied, match=rf"prod \({PROD}\) can only be read"):
        sessions.client("rds:StopDBInstance", ORDERS)
    assert len(cloud.parameters("STS.AssumeRole")) == 1


# --- session policies --------------------------------------------------------------------------

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=60)
ARNS = st.one_of(
    st.builds(lambda cluster, name: f"arn:aws:ecs:{REGION}:{DEV}:service/{cluster}/{name}", NAMES, NAMES),
    st.builds(lambda name: f"arn:aws:rds:{REGION}:{DEV}:db:{name}", NAMES),
)
ACTIONS = st.sampled_from(
    "ecs:UpdateService ecs:TagResource ecs:UntagResource rds:StopDBInstance rds:AddTagsToResource".split()
)
PERMISSIONS = st.lists(st.builds(may, ACTIONS, ARNS), max_size=80)


@settings(max_examples=200, deadline=None)
@given(permissions=PERMISSIONS)
def test_policies_allow_every_permission_and_nothing_else_and_fit(permissions: list[Permission]) -> None:
    policies = session_policies(permissions)
    for policy in policies:
        assert len(policy.document) <= 2048
        assert allowed(policy.document) == {(one.action, one.arn) for one in policy.permissions}
    assert set().union(*(policy.permissions for policy in policies)) == set(permissions)
    assert sum(len(policy.permissions) for policy in policies) == len(set(permissions))


@settings(max_examples=50, deadline=None)
@given(permissions=PERMISSIONS)
def test_policies_do_not_depend_on_the_order_of_permissions(permissions: list[Permission]) -> None:
    assert session_policies(permissions) == session_policies(permissions[::-1])


def test_actions_on_the_same_resources_share_a_statement() -> None:
    arns = [WEB, WEB + "2"]
    (policy,) = session_policies(
        [may(action, arn) for arn in arns for action in ("ecs:UpdateService", "ecs:TagResource")]
    )
    assert json.loads(policy.document)["Statement"] == [
        {"Effect": "Allow", "Action": ["ecs:TagResource", "ecs:UpdateService"], "Resource": arns}
    ]


def test_no_permissions_make_no_policy() -> None:
    assert session_policies([]) == []


@pytest.mark.parametrize(
    "permission",
    [may("ecs:UpdateService", WEB + "*"), may("ecs:*"), may("ecs:UpdateService", WEB + "?"), may("a:B", "x${y}")],
)
def test_patterns_are_refused(permission: Permission) -> None:
    with pytest.raises(PermissionDenied, match="single resources only"):
        session_policies([permission])


def test_for_an_emulator_a_policy_names_what_that_authorises_by() -> None:
    permissions = [may("ecs:UpdateService"), may("ecs:TagResource"), may("rds:StopDBInstance", ORDERS)]
    (policy,) = session_policies(permissions, emulator=True)
    assert allowed(policy.document) == {
        ("ecs:UpdateService", f"arn:aws:ecs:{REGION}:{DEV}:cluster/main"),
        ("ecs:TagResource", "*"),
        ("rds:StopDBInstance", ORDERS),
    }
    assert policy.permissions == frozenset(permissions)


def test_for_an_emulator_too_only_what_was_granted_gets_a_client(cloud: Cloud) -> None:
    sessions = writing(cloud, may("ecs:TagResource"), emulator=True)
    sessions.client("ecs:TagResource", WEB)
    with pytest.raises(PermissionDenied):
        sessions.client("ecs:TagResource", WEB + "2")


@pytest.mark.parametrize(
    ("action", "arn", "most"),
    [
        ("ec2:RebootInstances", f"arn:aws:ec2:{REGION}:{DEV}:instance/i-1", 1),
        ("rds:RebootDBInstance", f"arn:aws:rds:{REGION}:{DEV}:db:orders", 1),
        ("ec2:StopInstances", f"arn:aws:ec2:{REGION}:{DEV}:instance/i-1", 3),
    ],
)
def test_a_reboot_whose_answer_is_lost_is_not_tried_again_by_the_sdk_either(
    cloud: Cloud, action: str, arn: str, most: int
) -> None:
    """Nothing would tell whether it was made: every other call reads first, and may be tried again."""
    made = WriteSessions((account(),), [may(action, arn)], DANA, "run-1", cloud.factory(), cloud.clock)
    assert made.client(action, arn).meta.config.retries["total_max_attempts"] == most
