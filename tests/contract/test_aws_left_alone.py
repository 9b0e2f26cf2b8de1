"""What the preview of a stop leaves alone because something else keeps it, or because AWS would not have it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aws_accounts import DEV, Cloud, account, add_instance, add_service, simulated, tagged, upper

from copilot.domain import Resource, Survey

FLEET = "aws:ec2:fleet-id"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def named(survey: Survey, name: str) -> Resource:
    (found,) = [resource for resource in survey.resources if resource.name == name]
    return found


def keeper_of(cloud: Cloud, tags: dict[str, str], **fields: Any) -> str:
    """Why an instance with these tags is left alone."""
    instance: dict[str, Any] = {"InstanceId": "i-1", "State": {"Name": "running"}, **fields}
    instance["Tags"] = upper(tagged("dev-1", **tags))
    cloud.pages["EC2.DescribeInstances"] = [{"Reservations": [{"OwnerId": DEV, "Instances": [instance]}]}]
    return named(cloud.platform(account()).survey(), "i-1").held


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"karpenter.sh/nodepool": "default", "kubernetes.io/cluster/dev": "owned"}, "Karpenter's node pool default"),
        ({"karpenter.sh/provisioner-name": "old"}, "Karpenter's provisioner old"),
        ({"karpenter.k8s.aws/ec2nodeclass": "default"}, "Karpenter"),
        ({"eks:nodegroup-name": "n", "eks:cluster-name": "dev"}, "the EKS node group n"),
        ({"aws:eks:cluster-name": "dev"}, "the EKS cluster dev"),
        ({"kubernetes.io/cluster/dev": "owned"}, "the Kubernetes cluster dev"),
        ({"sigs.k8s.io/cluster-api-provider-aws/cluster/dev": "owned"}, "Cluster API"),
        ({"aws:ec2spot:fleet-request-id": "sfr-1"}, "the Spot Fleet sfr-1"),
        ({"aws:elasticmapreduce:instance-group-role": "CORE"}, "EMR"),
        ({"AWSBatchServiceTag": "batch"}, "AWS Batch"),
        ({"AmazonECSManaged": ""}, "ECS"),
        ({"elasticbeanstalk:environment-id": "e-1"}, "Elastic Beanstalk"),
        ({"opsworks:stack": "shop"}, "the OpsWorks stack shop"),
        ({"AWSRDSCustom": "custom-oracle"}, "RDS Custom"),
        ({"spotinst:aws:ec2:group:id": "sig-1"}, "Elastigroup"),
        ({"parallelcluster:node-type": "Compute"}, "ParallelCluster"),
    ],
)
def test_an_instance_that_something_else_keeps_is_left_alone(cloud: Cloud, tags: dict[str, str], words: str) -> None:
    assert words in keeper_of(cloud, tags)


@pytest.mark.parametrize(
    "tags",
    [
        {"karpenter.sh/discovery": "dev"},
        {"kubernetes.io/cluster/dev": "shared"},
        {"k8s.io/role/node": "1"},
        {"parallelcluster:node-type": "HeadNode"},
        {"aws:cloudformation:stack-name": "shop"},
        {"aws:ec2launchtemplate:id": "lt-1"},
        {"Schedule": "office-hours"},
        {"note": "runs karpenter.sh/nodepool tests"},
    ],
)
def test_a_tag_that_says_nothing_of_who_keeps_it_is_no_reason(cloud: Cloud, tags: dict[str, str]) -> None:
    assert keeper_of(cloud, tags) == ""


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"Operator": {"Managed": True, "Principal": "ecs.amazonaws.com"}},
            "managed by ecs.amazonaws.com, which lets nobody else stop it",
        ),
        ({"Operator": {"Managed": True}}, "managed by another service, which lets nobody else stop it"),
        ({"Operator": {"Managed": False}}, ""),
        (
            {"InstanceLifecycle": "capacity-block"},
            "in a Capacity Block, which is paid for either way and starts nothing again once it has ended",
        ),
        ({"Placement": {"Tenancy": "host", "HostId": "h-1"}}, ""),
        ({"HibernationOptions": {"Configured": True}}, ""),
    ],
)
def test_what_its_own_fields_say_of_an_instance(cloud: Cloud, fields: dict[str, Any], reason: str) -> None:
    assert keeper_of(cloud, {}, **fields) == reason


@pytest.mark.parametrize(
    ("fleets", "held"),
    [
        ([{"FleetId": "fleet-1", "Type": "maintain", "FleetState": "active"}], True),
        ([{"FleetId": "fleet-1", "Type": "maintain", "FleetState": "deleted_running"}], False),
        ([{"FleetId": "fleet-1", "Type": "request", "FleetState": "active"}], False),
        ([{"FleetId": "fleet-2", "Type": "maintain", "FleetState": "active"}], False),
        ([], False),
    ],
)
def test_only_a_fleet_that_is_maintained_replaces_what_is_stopped(
    cloud: Cloud, fleets: list[dict[str, Any]], held: bool
) -> None:
    """DescribeFleets shows none of type instant, as which Karpenter and many runners of CI start theirs."""
    cloud.pages["EC2.DescribeFleets"] = [{"Fleets": fleets}]
    assert keeper_of(cloud, {FLEET: "fleet-1"}) == ("in the EC2 Fleet fleet-1, which would replace it" if held else "")
    assert cloud.count("EC2.DescribeFleets") == 1


def test_without_a_fleet_none_is_asked_about(cloud: Cloud) -> None:
    keeper_of(cloud, {})
    assert cloud.count("EC2.DescribeFleets") == 0


def test_what_was_stopped_before_something_kept_it_can_be_started_again(cloud: Cloud) -> None:
    noted = {"devops-copilot:stopped-from": "1", "karpenter.sh/nodepool": "default"}
    assert keeper_of(cloud, noted, State={"Name": "stopped"}) == ""
    assert "Karpenter" in keeper_of(cloud, noted), "while it runs it is left alone"


def test_stop_protection_is_asked_of_what_is_on_where_one_environment_is_looked_at(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    for name, protected in (("bastion", True), ("worker", False)):
        add_instance(ec2, tagged("dev-1") | {"Name": name}, DisableApiStop=protected, DisableApiTermination=True)
    rested = add_instance(ec2, tagged("dev-1") | {"Name": "rested"})
    ec2.stop_instances(InstanceIds=[rested])
    cloud.platform(account()).survey()
    assert cloud.count("EC2.DescribeInstanceAttribute") == 0, "a list of everything asks nothing of each"
    held = {one.name: one.held for one in cloud.platform(account()).survey("dev-1").resources}
    protection = "it has stop protection (disableApiStop), which a person has to lift first"
    assert held == {"bastion": protection, "worker": "", "rested": ""}
    assert cloud.count("EC2.DescribeInstanceAttribute") == 2, "and nothing of what is off"


def test_an_instance_that_is_gone_by_then_hides_no_other(cloud: Cloud) -> None:
    add_instance(cloud.client("ec2"), tagged("dev-1") | {"Name": "worker"})
    cloud.refuse("EC2.DescribeInstanceAttribute", "InvalidInstanceID.NotFound")
    assert [one.held for one in cloud.platform(account()).survey("dev-1").resources] == [""]


@pytest.mark.parametrize(
    ("type", "words"),
    [("mac2.metal", "cleaned after it is stopped"), ("m5.large", "Dedicated Host is paid for")],
)
def test_of_what_is_on_a_dedicated_host_a_person_is_told_what_a_stop_comes_to(
    cloud: Cloud, type: str, words: str
) -> None:
    instance: dict[str, Any] = {"InstanceId": "i-1", "State": {"Name": "running"}, "InstanceType": type}
    instance["Placement"] = {"Tenancy": "host"}
    instance["Tags"] = upper(tagged("dev-1"))
    cloud.pages["EC2.DescribeInstances"] = [{"Reservations": [{"OwnerId": DEV, "Instances": [instance]}]}]
    assert words in named(cloud.platform(account()).survey(), "i-1").caution


# --- services


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"resourceManagementType": "ECS"}, "its size is up to ECS (Express Mode)"),
        ({"resourceManagementType": "CUSTOMER"}, ""),
        ({"deploymentController": {"type": "CODE_DEPLOY"}}, ""),
        ({"deploymentController": {"type": "EXTERNAL"}}, ""),
        ({"tags": [{"key": "services.k8s.aws/controller-version", "value": "1"}]}, "an AWS controller for Kubernetes"),
    ],
)
def test_services_to_leave_alone(cloud: Cloud, fields: dict[str, Any], reason: str) -> None:
    arn = add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"))
    plain: dict[str, Any] = {
        "serviceArn": arn,
        "serviceName": "web",
        "clusterArn": arn.replace("service", "cluster").rpartition("/")[0],
    }
    tags = [{"key": "environment", "value": "dev-1"}, *fields.get("tags", [])]
    plain |= {"status": "ACTIVE", "desiredCount": 1, "runningCount": 1, **fields, "tags": tags}
    cloud.pages["ECS.DescribeServices"] = [{"services": [plain]}]
    held = named(cloud.platform(account()).survey(), "web").held
    assert reason in held and bool(held) == bool(reason)


@pytest.mark.parametrize(
    ("fields", "hosted"),
    [
        ({"launchType": "FARGATE"}, False),
        ({"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}, {"capacityProvider": "FARGATE_SPOT"}]}, False),
        ({"launchType": "EC2"}, True),
        ({"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}, {"capacityProvider": "pool"}]}, True),
    ],
)
def test_whether_a_service_runs_on_instances_of_the_account(cloud: Cloud, fields: dict[str, Any], hosted: bool) -> None:
    arn = add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"))
    plain: dict[str, Any] = {
        "serviceArn": arn,
        "serviceName": "web",
        "clusterArn": arn.replace("service", "cluster").rpartition("/")[0],
    }
    plain |= {"status": "ACTIVE", "desiredCount": 1, "runningCount": 1, **fields}
    cloud.pages["ECS.DescribeServices"] = [{"services": [plain | {"tags": [{"key": "environment", "value": "dev-1"}]}]}]
    assert named(cloud.platform(account()).survey(), "web").hosted is hosted
