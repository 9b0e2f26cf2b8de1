"""Stopping and starting services, instances and databases: what AWS is told, and what is there afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aws_accounts import (
    DEV,
    PROD,
    Cloud,
    account,
    add_database,
    add_instance,
    add_service,
    simulated,
    tagged,
)

from copilot.adapters.aws.platform import AwsPlatform
from copilot.domain import Change, Permission, Resource
from copilot.errors import FatalError, NotReady, PermissionDenied, RetryableError, ToolInputError

SAVED = "devops-copilot:stopped-from"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def look(cloud: Cloud) -> Resource:
    """The one resource there is."""
    (found,) = cloud.platform(account()).survey().resources
    return found


def change(action: Any, resource: Resource) -> Change:
    return Change(ref=resource.ref, name=resource.name, action=action, before="", after="")


def able(cloud: Cloud, action: Any, resource: Resource) -> AwsPlatform:
    """A platform that holds what this change needs, and no more."""
    permissions = cloud.platform(account()).permissions(change(action, resource))
    return cloud.platform(account(), permissions=tuple(permissions))


def apply(cloud: Cloud, action: Any, resource: Resource) -> None:
    able(cloud, action, resource).apply(change(action, resource), resource)


def a_service(cloud: Cloud, wanted: int = 3, **tags: str) -> Resource:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1", **tags), wanted)
    return look(cloud)


def an_instance(cloud: Cloud) -> Resource:
    add_instance(cloud.client("ec2"), tagged("dev-1", Name="batch"))
    return look(cloud)


def a_database(cloud: Cloud) -> Resource:
    add_database(cloud.client("rds"), "orders", tagged("dev-1"))
    return look(cloud)


MAKERS = [
    pytest.param(
        a_service, "ECS.UpdateService", "ECS.UpdateService", "ECS.TagResource", "ECS.UntagResource", id="service"
    ),
    pytest.param(
        an_instance, "EC2.StopInstances", "EC2.StartInstances", "EC2.CreateTags", "EC2.DeleteTags", id="instance"
    ),
    pytest.param(
        a_database,
        "RDS.StopDBInstance",
        "RDS.StartDBInstance",
        "RDS.AddTagsToResource",
        "RDS.RemoveTagsFromResource",
        id="database",
    ),
]


@pytest.mark.parametrize(("make", "stop", "start", "tag", "untag"), MAKERS)
def test_stopped_and_started_again_it_is_exactly_as_before(
    cloud: Cloud, make: Any, stop: str, start: str, tag: str, untag: str
) -> None:
    before = make(cloud)

    apply(cloud, "stop", before)
    stopped = look(cloud)
    assert (stopped.state, stopped.size, stopped.running, stopped.saved) == ("stopped", 0, 0, before.size)
    assert stopped.tags == before.tags | {SAVED: f"{before.size} at {cloud.clock.at:%Y-%m-%dT%H:%M:%SZ}"}
    assert stopped.saved_at == cloud.clock.at

    apply(cloud, "start", stopped)
    assert look(cloud) == before


@pytest.mark.parametrize(
    ("make", "restart"),
    [(a_service, "ECS.UpdateService"), (an_instance, "EC2.RebootInstances"), (a_database, "RDS.RebootDBInstance")],
)
def test_restarted_it_is_as_before_and_that_is_done_each_time(cloud: Cloud, make: Any, restart: str) -> None:
    before = make(cloud)
    apply(cloud, "restart", before)
    apply(cloud, "restart", before)
    assert cloud.count(restart) == 2
    if restart == "ECS.UpdateService":
        assert cloud.parameters(restart)[0]["forceNewDeployment"] is True
        assert "desiredCount" not in cloud.parameters(restart)[0]
    assert look(cloud) == before


@pytest.mark.parametrize("make", [an_instance, a_database])
def test_what_does_not_run_is_not_rebooted(cloud: Cloud, make: Any) -> None:
    before = make(cloud)
    apply(cloud, "stop", before)
    with pytest.raises(NotReady, match="reboot"):
        apply(cloud, "restart", before)


def test_a_restart_of_one_does_not_reach_another(cloud: Cloud) -> None:
    one = a_service(cloud)
    add_service(cloud.client("ecs"), "main", "other", tagged("dev-1"), 1)
    other = next(each for each in cloud.platform(account()).survey().resources if each.name == "other")
    with pytest.raises(PermissionDenied):
        able(cloud, "restart", one).apply(change("restart", other), other)


def test_without_its_pack_or_a_write_role_it_is_said_how_to_get_them(cloud: Cloud) -> None:
    one = a_service(cloud)
    with pytest.raises(PermissionDenied, match=r"deploy managed-account\.yaml there with Restart=enabled"):
        cloud.platform(account()).require(one, "restart")
    cloud.platform(account(packs=["restart"])).require(one, "restart")
    with pytest.raises(PermissionDenied, match="no write role is deployed"):
        cloud.platform(account(write_role=None, packs=["restart"])).require(one, "restart")


@pytest.mark.parametrize(("make", "stop", "start", "tag", "untag"), MAKERS)
def test_the_size_is_saved_before_stopping_and_forgotten_after_starting(
    cloud: Cloud, make: Any, stop: str, start: str, tag: str, untag: str
) -> None:
    before = make(cloud)
    apply(cloud, "stop", before)
    apply(cloud, "start", look(cloud))
    writes = [name for name, _ in cloud.requests if name in {stop, start, tag, untag}]
    assert writes == [tag, stop, start, untag]


@pytest.mark.parametrize(("make", "stop", "start", "tag", "untag"), MAKERS)
def test_a_second_time_changes_nothing(cloud: Cloud, make: Any, stop: str, start: str, tag: str, untag: str) -> None:
    running = make(cloud)
    apply(cloud, "stop", running)
    apply(cloud, "stop", running)
    assert (cloud.count(tag), cloud.count(stop)) == (1, 1)

    stopped = look(cloud)
    cloud.requests.clear()
    apply(cloud, "start", stopped)
    apply(cloud, "start", stopped)
    assert (cloud.count(start), cloud.count(untag)) == (1, 1)
    assert look(cloud) == running


@pytest.mark.parametrize(("make", "stop", "start", "tag", "untag"), MAKERS)
def test_a_worker_that_died_between_saving_and_stopping(
    cloud: Cloud, make: Any, stop: str, start: str, tag: str, untag: str
) -> None:
    before = make(cloud)
    cloud.refuse(stop, "InternalFailure", 500)
    with pytest.raises(RetryableError):
        apply(cloud, "stop", before)
    assert (look(cloud).state, look(cloud).saved) == ("running", before.size)

    cloud.refusals.clear()
    apply(cloud, "stop", before)
    assert (look(cloud).state, look(cloud).saved) == ("stopped", before.size)
    assert cloud.count(tag) == 1, "what is saved already is not saved again"


@pytest.mark.parametrize(("make", "stop", "start", "tag", "untag"), MAKERS)
def test_a_worker_that_died_between_starting_and_forgetting(
    cloud: Cloud, make: Any, stop: str, start: str, tag: str, untag: str
) -> None:
    before = make(cloud)
    apply(cloud, "stop", before)
    stopped = look(cloud)
    cloud.refuse(untag, "InternalFailure", 500)
    cloud.requests.clear()
    with pytest.raises(RetryableError):
        apply(cloud, "start", stopped)
    assert look(cloud).state == "running"

    cloud.refusals.clear()
    apply(cloud, "start", stopped)
    assert cloud.count(start) == 1
    assert look(cloud) == before


@pytest.mark.parametrize(("make", "stop", "start", "tag", "untag"), MAKERS)
def test_only_the_actions_on_the_one_resource_are_asked_for_and_to_take_back_its_note(
    cloud: Cloud, make: Any, stop: str, start: str, tag: str, untag: str
) -> None:
    resource = make(cloud)
    platform = cloud.platform(account())
    for action, expected in (("stop", {tag, stop, untag}), ("start", {start, untag})):
        permissions = platform.permissions(change(action, resource))
        assert {one.action.replace(":", ".").lower() for one in permissions} == {name.lower() for name in expected}
        assert {one.arn for one in permissions} == {resource.ref.id}
    assert list(platform.permissions(change("skip", resource))) == []


@pytest.mark.parametrize(("make", "stop", "start", "tag", "untag"), MAKERS)
@pytest.mark.parametrize(
    ("code", "status", "error"),
    [("OperationNotPermitted", 400, FatalError), ("AccessDenied", 403, PermissionDenied)],
)
def test_what_could_not_be_stopped_is_left_as_it_was_without_a_note(
    cloud: Cloud, make: Any, stop: str, start: str, tag: str, untag: str, code: str, status: int, error: type[Exception]
) -> None:
    before = make(cloud)
    cloud.refuse(stop, code, status, "may not be stopped")
    with pytest.raises(error, match="may not be stopped"):
        apply(cloud, "stop", before)
    assert look(cloud) == before
    assert (cloud.count(tag), cloud.count(untag)) == (1, 1)


@pytest.mark.parametrize(("make", "stop", "start", "tag", "untag"), MAKERS)
def test_that_the_note_cannot_be_taken_back_hides_not_why_it_was_not_stopped(
    cloud: Cloud, make: Any, stop: str, start: str, tag: str, untag: str
) -> None:
    before = make(cloud)
    cloud.refuse(stop, "OperationNotPermitted", 400, "may not be stopped")
    cloud.refuse(untag, "AccessDenied", 403, "no tags")
    with pytest.raises(FatalError, match="may not be stopped"):
        apply(cloud, "stop", before)


def test_a_service_scaled_by_hand_since_is_saved_at_its_present_size(cloud: Cloud) -> None:
    a_service(cloud, 4, **{SAVED: "2"})
    apply(cloud, "stop", look(cloud))
    assert look(cloud).saved == 4


def test_what_was_saved_is_never_overwritten_by_nothing(cloud: Cloud) -> None:
    stopped = a_service(cloud, 0, **{SAVED: "2"})
    apply(cloud, "stop", stopped)
    assert look(cloud).saved == 2
    assert cloud.count("ECS.TagResource") == 0

    cloud.client("ecs").untag_resource(resourceArn=stopped.ref.id, tagKeys=[SAVED])
    apply(cloud, "stop", stopped)
    assert SAVED not in look(cloud).tags


def test_started_with_the_size_that_was_previewed(cloud: Cloud) -> None:
    stopped = a_service(cloud, 0, **{SAVED: "2"})
    apply(cloud, "start", stopped.model_copy(update={"saved": 5}))
    assert look(cloud).size == 5


def test_a_size_set_by_hand_is_left_as_it_is_when_starting(cloud: Cloud) -> None:
    running = a_service(cloud, 1, **{SAVED: "3"})
    apply(cloud, "start", running)
    assert (look(cloud).size, look(cloud).saved) == (1, None)
    assert cloud.count("ECS.UpdateService") == 0


def test_without_a_size_a_service_is_not_started(cloud: Cloud) -> None:
    stopped = a_service(cloud, 0)
    with pytest.raises(FatalError, match="no size saved"):
        apply(cloud, "start", stopped)


# --- between states, and gone ------------------------------------------------------------------


def test_a_database_that_is_busy_is_not_ready_and_nothing_is_saved(cloud: Cloud) -> None:
    database = a_database(cloud)
    busy = {"DBInstanceIdentifier": "orders", "DBInstanceStatus": "backing-up"}
    cloud.pages["RDS.DescribeDBInstances"] = [{"DBInstances": [busy]}]
    with pytest.raises(NotReady, match="backing-up"):
        apply(cloud, "stop", database)
    assert cloud.count("RDS.AddTagsToResource") == 0

    cloud.refuse("RDS.StopDBInstance", "InvalidDBInstanceState", 400, "Instance orders is not in available state.")
    with pytest.raises(NotReady, match=r"stop orders: Instance orders is not in available state\."):
        apply(cloud, "stop", database)


def test_an_instance_that_is_stopping_cannot_be_started_yet(cloud: Cloud) -> None:
    instance = an_instance(cloud)
    stopping = {"InstanceId": "i-1", "State": {"Name": "stopping"}}
    cloud.pages["EC2.DescribeInstances"] = [{"Reservations": [{"Instances": [stopping]}]}]
    with pytest.raises(NotReady, match="still stopping"):
        apply(cloud, "start", instance)


def test_what_is_gone_is_said_to_be_gone(cloud: Cloud) -> None:
    service = a_service(cloud)
    cloud.client("ecs").delete_service(cluster="main", service="web", force=True)
    with pytest.raises(ToolInputError, match="web in cluster main is no longer there"):
        apply(cloud, "stop", service)

    instance = an_instance(cloud)
    cloud.client("ec2").terminate_instances(InstanceIds=[instance.ref.id.rpartition("/")[2]])
    with pytest.raises(ToolInputError, match="batch is no longer there"):
        apply(cloud, "stop", instance)

    database = a_database(cloud)
    cloud.client("rds").delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    with pytest.raises(ToolInputError, match="stop orders: "):
        apply(cloud, "stop", database)


# --- who may -----------------------------------------------------------------------------------


def test_without_a_writer_nothing_can_be_changed(cloud: Cloud) -> None:
    service = a_service(cloud)
    with pytest.raises(PermissionDenied, match="can only read"):
        cloud.platform(account()).apply(change("stop", service), service)
    assert look(cloud) == service


def test_without_a_write_role_the_error_says_what_to_deploy(cloud: Cloud) -> None:
    service = a_service(cloud)
    closed = account(write_role=None)
    permissions = tuple(cloud.platform(closed).permissions(change("stop", service)))
    with pytest.raises(
        PermissionDenied, match=rf"dev \({DEV}\) can only be read: no write role is deployed.*write_role"
    ):
        cloud.platform(closed, permissions=permissions).apply(change("stop", service), service)
    assert look(cloud) == service


def test_what_was_not_granted_is_refused_before_it_is_asked(cloud: Cloud) -> None:
    service = a_service(cloud)
    other = Permission(action="ecs:UpdateService", arn=service.ref.id + "2")
    platform = cloud.platform(account(), permissions=(other,))
    with pytest.raises(PermissionDenied, match="not among what this call was granted"):
        platform.apply(change("stop", service), service)
    assert look(cloud) == service


def test_what_aws_refuses_is_said_in_one_line(cloud: Cloud) -> None:
    service = a_service(cloud)
    why = (
        "User: arn:aws:sts::222222222222:assumed-role/copilot-write/run-1 is not authorized to perform:\n ecs:Tag "
        "because no session policy allows it (Service: Ecs, Status Code: 400, Request ID: 0aa1-22bb)"
    )
    cloud.refuse("ECS.TagResource", message=why)
    with pytest.raises(PermissionDenied) as caught:
        apply(cloud, "stop", service)
    assert str(caught.value).startswith(
        "stop web: User: arn:aws:sts::222222222222:assumed-role/copilot-write/run-1 is not"
    )
    assert "\n" not in str(caught.value) and "0aa1" not in str(caught.value)
    assert cloud.count("ECS.UpdateService") == 0


def test_an_account_outside_the_configuration_is_not_touched(cloud: Cloud) -> None:
    service = a_service(cloud)
    with pytest.raises(FatalError, match=f"account {DEV} is not in the configuration"):
        cloud.platform(account(PROD, "prod"), permissions=()).apply(change("stop", service), service)
