"""Roles of the installation's own: assumed for one call, cut down to it, in the name of the person it is for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from aws_accounts import DANA, REGION, Cloud, simulated
from tables import make_table

from copilot.bootstrap import UseCases
from copilot.bootstrap.installation import Installation
from copilot.config.configuration import Configuration
from copilot.domain import Keep, Permission, Person, ResourceRef, Run, Target, Timer, Trigger
from copilot.errors import PermissionDenied

HUB = "123456789012"
TABLE = f"arn:aws:dynamodb:{REGION}:{HUB}:table/copilot"
OF_KEEPS = tuple(Permission(action=f"dynamodb:{verb}Item", arn=TABLE) for verb in ("Put", "Delete"))
TIMER = f"arn:aws:scheduler:{REGION}:{HUB}:schedule/copilot/main-s1-stop"
DAILY = Timer(expression="rate(1 day)", time_zone="UTC", enabled=True)
ROLES = {name: f"arn:aws:iam::{HUB}:role/{name.lower()}" for name in ("OUTBOX_ROLE", "SCHEDULES_ROLE")}

TOLD = {
    "AWS_REGION": REGION,
    "TABLE": "copilot",
    "TABLE_ARN": TABLE,
    "BUCKET": "kept",
    "SCHEDULE_GROUP": "copilot",
    "SCHEDULE_TARGET": f"arn:aws:lambda:{REGION}:{HUB}:function:ingest-event",
    "SCHEDULE_INVOKE_ROLE": f"arn:aws:iam::{HUB}:role/invoke",
    "DEAD_LETTERS": f"arn:aws:sqs:{REGION}:{HUB}:dead",
    **ROLES,
}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        one.setup.client("s3").create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": REGION})
        one.setup.client("scheduler").create_schedule_group(Name="copilot")
        make_table(one.setup.client("dynamodb"))
        yield one


def run(cloud: Cloud) -> Run:
    trigger = Trigger(
        kind="api",
        tenant="main",
        person=DANA,
        text="do it",
        conversation="c",
        dedupe_key="k",
        received_at=cloud.clock.now(),
    )
    return Run(run_id=trigger.run_id, trigger=trigger)


def use_cases(cloud: Cloud) -> UseCases:
    installation = Installation(told=TOLD, factory=cloud.factory())
    return UseCases(installation=installation, configuration=lambda: Configuration(accounts=(), people=()))


def clients(cloud: Cloud, *permissions: Permission) -> Any:
    return use_cases(cloud).writing(run(cloud), "call-1", permissions)


def keep(cloud: Cloud) -> Keep:
    now = cloud.clock.now()
    until = now + timedelta(days=1)
    return Keep(environment="dev", until=until, time_zone="UTC", by=DANA.id, made_at=now)


def assumed(cloud: Cloud, role: str, *permissions: Permission) -> None:
    """One role was assumed, in Dana's name, and may do exactly this."""
    (asked,) = cloud.parameters("STS.AssumeRole")
    assert (asked["RoleArn"], asked["SourceIdentity"]) == (ROLES[role], DANA.id)
    statements = json.loads(asked["Policy"])["Statement"]
    allowed = {(action, arn) for one in statements for action in one["Action"] for arn in one["Resource"]}
    assert allowed == {(one.action, one.arn) for one in permissions}


def test_a_message_is_put_into_the_outbox_by_a_role_that_may_put_that_one_for_that_person(cloud: Cloud) -> None:
    permission = Permission(action="s3:PutObject", arn="arn:aws:s3:::kept/outbox/platform/key-1.json")
    clients(cloud, permission).notifier.send("#platform", "it is done", "key-1")
    assumed(cloud, "OUTBOX_ROLE", permission)
    assert cloud.setup.client("s3").list_objects_v2(Bucket="kept")["KeyCount"] == 1


@pytest.mark.parametrize("granted", [None, (), OF_KEEPS], ids=["reading", "nothing", "something else"])
def test_no_message_is_sent_that_the_call_was_not_granted(cloud: Cloud, granted: Any) -> None:
    given = use_cases(cloud).reading(run(cloud), "call-1") if granted is None else clients(cloud, *granted)
    with pytest.raises(PermissionDenied, match="no message was sent"):
        given.notifier.send("#platform", "it is done", "key-1")
    assert cloud.count("STS.AssumeRole") == 0


def test_an_exception_is_kept_by_a_role_that_may_do_what_the_call_was_granted_for_that_person(cloud: Cloud) -> None:
    clients(cloud, *OF_KEEPS).schedules.put_keep(keep(cloud))
    assumed(cloud, "SCHEDULES_ROLE", *OF_KEEPS)
    assert [one.environment for one in use_cases(cloud).schedules.keeps()] == ["dev"]


def test_a_timer_is_set_by_a_role_that_may_do_what_the_call_was_granted_for_that_person(cloud: Cloud) -> None:
    permission = Permission(action="scheduler:CreateSchedule", arn=TIMER)
    clients(cloud, permission).scheduler.put("s1", "stop", DAILY)
    assumed(cloud, "SCHEDULES_ROLE", permission)
    assert dict(use_cases(cloud).reading(run(cloud), "call-2").scheduler.timers("s1")) == {"stop": DAILY}


def test_what_only_reads_changes_no_schedule_and_assumes_no_role(cloud: Cloud) -> None:
    reading = use_cases(cloud).reading(run(cloud), "call-1")
    changes: tuple[Callable[[], object], ...] = (
        lambda: reading.schedules.put_keep(keep(cloud)),
        lambda: reading.schedules.remove_keep("dev"),
        lambda: reading.scheduler.put("s1", "stop", DAILY),
        lambda: use_cases(cloud).schedules.put_keep(keep(cloud)),
    )
    for change in changes:
        with pytest.raises(PermissionDenied, match="nothing was changed: this part of the copilot can only read"):
            change()
    assert cloud.count("STS.AssumeRole") == 0


@pytest.mark.parametrize(("read_only", "outcome"), [(True, "deny"), (False, "allow")])
def test_an_installation_that_may_only_read_allows_no_write(read_only: bool, outcome: str) -> None:
    uses = UseCases(configuration=lambda: Configuration(accounts=(), people=(), read_only=read_only))
    target = Target(ref=ResourceRef(type="environment", id="dev"), name="dev", kind="development")
    person = Person(id="ann", name="Ann", roles=("operator", "approver"))
    stop = uses.registry.find("stop_environment")
    assert uses.policy.decide(person, stop, [target]).outcome == outcome
