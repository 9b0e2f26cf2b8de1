"""Deleting resources: what AWS is told, with which role, and what is there afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_accounts import DEV, REGION, Cloud, account, add_database, add_instance, add_service, simulated, tagged, upper

from copilot.adapters.aws.platform import AwsPlatform
from copilot.domain import Change, Deletion, Permission, Resource
from copilot.errors import FatalError, HalfDone, NotReady, PermissionDenied

ROLE = f"arn:aws:iam::{DEV}:role/copilot-destroy"
MAY = account(may_delete=True, destroy_role=ROLE)
FINAL = "devops-copilot-db-0123456789"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def look(cloud: Cloud, name: str = "") -> Resource:
    (found,) = [one for one in cloud.platform(MAY).survey("pr-1").resources if name in ("", one.name)]
    return found


def deletion(cloud: Cloud, resource: Resource) -> Deletion:
    return cloud.platform(MAY).deletions([resource])[resource.ref.id]


def change(cloud: Cloud, resource: Resource) -> Change:
    found = deletion(cloud, resource)
    snapshot = FINAL if found.keeps else ""
    given: dict[str, Any] = {"before": "", "after": "", "uses": found.uses, "snapshot": snapshot}
    return Change(ref=resource.ref, name=resource.name, action="delete", **given)


def able(cloud: Cloud, wanted: Change) -> AwsPlatform:
    """A platform that holds what this change needs, and no more."""
    return cloud.platform(MAY, permissions=tuple(cloud.platform(MAY).permissions(wanted)))


def a_service(cloud: Cloud) -> Resource:
    add_service(cloud.client("ecs"), "main", "web", tagged("pr-1", "preview"), 0)
    return look(cloud)


def a_group(cloud: Cloud) -> Resource:
    ec2 = cloud.client("ec2")
    template = {
        "LaunchTemplateName": "pool",
        "LaunchTemplateData": {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"},
    }
    ec2.create_launch_template(**template)
    cloud.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="pool",
        MinSize=0,
        MaxSize=2,
        DesiredCapacity=1,
        LaunchTemplate={"LaunchTemplateName": "pool"},
        AvailabilityZones=[f"{REGION}a"],
        Tags=[{**tag, "PropagateAtLaunch": False} for tag in upper(tagged("pr-1", "preview"))],
    )
    return look(cloud, "pool")


def an_instance(cloud: Cloud) -> Resource:
    add_instance(cloud.client("ec2"), tagged("pr-1", "preview", Name="node"))
    return look(cloud)


def a_database(cloud: Cloud, **more: Any) -> Resource:
    add_database(cloud.client("rds"), "db", tagged("pr-1", "preview"), **more)
    return look(cloud)


def a_cluster(cloud: Cloud, **more: Any) -> Resource:
    rds, login = cloud.client("rds"), {"MasterUsername": "master", "MasterUserPassword": "not-a-real-one"}
    rds.create_db_cluster(
        DBClusterIdentifier="store",
        Engine="aurora-postgresql",
        Tags=upper(tagged("pr-1", "preview")),
        **login,
        **more,
    )
    member = {"DBInstanceClass": "db.r6g.large", "Engine": "aurora-postgresql", "DBClusterIdentifier": "store"}
    rds.create_db_instance(DBInstanceIdentifier="store-1", Tags=upper(tagged("pr-1", "preview")), **member)
    return look(cloud, "store")


MAKERS = [
    pytest.param(a_service, "ECS.DeleteService", id="service"),
    pytest.param(a_group, "AUTO-SCALING.DeleteAutoScalingGroup", id="group"),
    pytest.param(an_instance, "EC2.TerminateInstances", id="instance"),
    pytest.param(a_database, "RDS.DeleteDBInstance", id="database"),
    pytest.param(a_cluster, "RDS.DeleteDBCluster", id="cluster"),
]


@pytest.mark.parametrize(("make", "delete"), MAKERS)
def test_it_is_gone_afterwards_by_the_destroy_role_alone_and_once(cloud: Cloud, make: Any, delete: str) -> None:
    resource = make(cloud)
    wanted = change(cloud, resource)
    assert cloud.platform(MAY).remains([wanted])[resource.ref.id].state == "there"
    cloud.requests.clear()
    platform = able(cloud, wanted)
    platform.apply(wanted, resource)
    roles = {parameters["RoleArn"] for parameters in cloud.parameters("STS.AssumeRole")} - {MAY.read_role}
    assert roles == {ROLE}
    assert cloud.platform(MAY).remains([wanted])[resource.ref.id].state == "gone"
    platform.apply(wanted, resource)
    assert cloud.count(delete) == 1
    assert resource.ref.id not in {one.ref.id for one in cloud.platform(MAY).survey("pr-1").resources}


@pytest.mark.parametrize(("make", "delete"), MAKERS)
def test_without_the_account_saying_so_or_a_role_for_it_it_is_refused(cloud: Cloud, make: Any, delete: str) -> None:
    resource = make(cloud)
    wanted = change(cloud, resource)
    for entry, why in (
        (account(destroy_role=ROLE), "does not say may_delete of account dev"),
        (account(may_delete=True), "has no destroy_role of account dev"),
    ):
        assert why in cloud.platform(entry).deletions([resource])[resource.ref.id].refused
    permissions = tuple(cloud.platform(MAY).permissions(wanted))
    with pytest.raises(PermissionDenied, match="no role for it is deployed"):
        cloud.platform(account(), permissions=permissions).apply(wanted, resource)
    with pytest.raises(PermissionDenied, match="not among what this call was granted"):
        cloud.platform(MAY, permissions=()).apply(wanted, resource)
    with pytest.raises(PermissionDenied, match="can only read"):
        cloud.platform(MAY).apply(wanted, resource)
    assert cloud.count(delete) == 0


def test_each_permission_is_of_the_destroy_role_and_on_what_is_deleted(cloud: Cloud) -> None:
    resource = a_cluster(cloud)
    wanted = change(cloud, resource)
    permissions = cloud.platform(MAY).permissions(wanted)
    assert {permission.role for permission in permissions} == {"destroy"}
    place = f"arn:aws:rds:{REGION}:{DEV}"
    assert {permission.arn for permission in permissions} == {
        f"{place}:cluster:store",
        f"{place}:db:store-1",
        f"{place}:cluster-snapshot:{FINAL}",
    }
    assert not [one for one in permissions if "Snapshot" in one.action and "Delete" in one.action]


def test_sessions_of_both_roles_are_kept_apart(cloud: Cloud) -> None:
    resource = an_instance(cloud)
    wanted = change(cloud, resource)
    stop = Permission(action="ec2:StopInstances", arn=resource.ref.id)
    platform = cloud.platform(MAY, permissions=(stop, *cloud.platform(MAY).permissions(wanted)))
    platform.apply(wanted, resource)
    (assumed,) = [one for one in cloud.parameters("STS.AssumeRole") if one["RoleArn"] == ROLE]
    assert "ec2:TerminateInstances" in assumed["Policy"] and "StopInstances" not in assumed["Policy"]
    assert assumed["SourceIdentity"] == "dana@example.com"


def test_a_database_leaves_the_final_snapshot_that_was_named(cloud: Cloud) -> None:
    resource = a_database(cloud)
    wanted = change(cloud, resource)
    able(cloud, wanted).apply(wanted, resource)
    (asked,) = cloud.parameters("RDS.DeleteDBInstance")
    assert (asked["SkipFinalSnapshot"], asked["FinalDBSnapshotIdentifier"]) == (False, FINAL)
    (made,) = cloud.client("rds").describe_db_snapshots(DBSnapshotIdentifier=FINAL)["DBSnapshots"]
    assert made["Status"] == "available"
    cloud.client("rds").delete_db_snapshot(DBSnapshotIdentifier=FINAL)
    left = cloud.platform(MAY).remains([wanted])[resource.ref.id]
    assert (left.state, left.detail) == ("there", f"gone, and its final snapshot {FINAL} is not there")


@pytest.mark.parametrize(("make", "start"), [(a_database, "RDS.StartDBInstance"), (a_cluster, "RDS.StartDBCluster")])
def test_what_is_stopped_is_started_first_for_its_final_snapshot(cloud: Cloud, make: Any, start: str) -> None:
    rds, resource = cloud.client("rds"), make(cloud)
    if make is a_database:
        rds.stop_db_instance(DBInstanceIdentifier="db")
    else:
        rds.stop_db_cluster(DBClusterIdentifier="store")
    wanted = change(cloud, resource)
    platform = able(cloud, wanted)
    with pytest.raises(NotReady, match="started first"):
        platform.apply(wanted, resource)
    assert cloud.count(start) == 1
    for _ in range(3):  # a cluster of moto's takes a look or two to be available again
        try:
            platform.apply(wanted, resource)
            break
        except NotReady:
            continue
    assert cloud.platform(MAY).remains([wanted])[resource.ref.id].state == "gone"


def test_a_cluster_is_deleted_with_its_members_which_leave_no_snapshot_of_their_own(cloud: Cloud) -> None:
    resource = a_cluster(cloud)
    wanted = change(cloud, resource)
    able(cloud, wanted).apply(wanted, resource)
    assert [one["SkipFinalSnapshot"] for one in cloud.parameters("RDS.DeleteDBInstance")] == [True]
    (asked,) = cloud.parameters("RDS.DeleteDBCluster")
    assert (asked["SkipFinalSnapshot"], asked["FinalDBSnapshotIdentifier"]) == (False, FINAL)


def test_a_cluster_that_is_refused_once_its_members_are_gone_is_half_done(cloud: Cloud) -> None:
    resource = a_cluster(cloud)
    wanted = change(cloud, resource)
    cloud.refuse("RDS.DeleteDBCluster", "InvalidParameterCombination", message="no")
    with pytest.raises(HalfDone, match="what comes before that was done"):
        able(cloud, wanted).apply(wanted, resource)


@pytest.mark.parametrize("make", [a_database, a_cluster])
def test_what_is_protected_is_refused_and_its_protection_left(cloud: Cloud, make: Any) -> None:
    resource = make(cloud, DeletionProtection=True)
    assert deletion(cloud, resource).refused == "its deletion protection is on (DeletionProtection)"
    wanted = change(cloud, resource)
    with pytest.raises(FatalError, match="protection"):
        able(cloud, wanted).apply(wanted, resource)
    assert look(cloud, resource.name).state == "running"
    assert not [name for name, _ in cloud.requests if "Modify" in name or "RDS.Delete" in name]


def test_an_instance_with_termination_protection_is_refused(cloud: Cloud) -> None:
    resource = an_instance(cloud)
    id = resource.ref.id.rpartition("/")[2]
    cloud.client("ec2").modify_instance_attribute(InstanceId=id, DisableApiTermination={"Value": True})
    assert deletion(cloud, resource).refused == "its termination protection is on (disableApiTermination)"
    assert cloud.count("EC2.ModifyInstanceAttribute") == 0


def test_which_volumes_go_with_an_instance_and_which_stay_is_said(cloud: Cloud) -> None:
    ec2, resource = cloud.client("ec2"), an_instance(cloud)
    id = resource.ref.id.rpartition("/")[2]
    more = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
    ec2.attach_volume(InstanceId=id, VolumeId=more, Device="/dev/sdf")
    (one,) = ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"]
    goes = {each["Ebs"]["VolumeId"]: each["Ebs"]["DeleteOnTermination"] for each in one["BlockDeviceMappings"]}
    told = deletion(cloud, resource)
    assert goes and all((volume in told.lost, volume in told.left) == (it, not it) for volume, it in goes.items())


# --- since when it is down, as far as AWS says


def test_an_instance_says_since_when_it_is_stopped_and_one_that_runs_says_nothing(cloud: Cloud) -> None:
    resource = an_instance(cloud)
    assert deletion(cloud, resource).down_since is None
    cloud.client("ec2").stop_instances(InstanceIds=[resource.ref.id.rpartition("/")[2]])
    since = deletion(cloud, resource).down_since
    assert since is not None and abs(since - datetime.now(UTC)) < timedelta(minutes=2)


def test_a_service_is_down_since_it_was_last_changed(cloud: Cloud) -> None:
    resource = a_service(cloud)
    since = deletion(cloud, resource).down_since
    assert since is not None and abs(since - datetime.now(UTC)) < timedelta(minutes=2)
    cloud.client("ecs").update_service(cluster="main", service="web", desiredCount=1)
    assert deletion(cloud, resource).down_since is None


def test_a_stopped_database_is_down_since_seven_days_before_rds_starts_it_again(cloud: Cloud) -> None:
    resource = a_database(cloud)
    (found,) = cloud.client("rds").describe_db_instances()["DBInstances"]
    starts = datetime(2026, 3, 9, 12, tzinfo=UTC)
    stopped = {**found, "DBInstanceStatus": "stopped", "AutomaticRestartTime": starts}
    cloud.pages["RDS.DescribeDBInstances"] = [{"DBInstances": [stopped]}]
    assert deletion(cloud, resource).down_since == starts - timedelta(days=7)
    cloud.pages["RDS.DescribeDBInstances"] = [{"DBInstances": [{**stopped, "DBInstanceStatus": "available"}]}]
    assert deletion(cloud, resource).down_since is None
