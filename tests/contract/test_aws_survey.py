"""What the AWS platform reads of environments, over accounts and regions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aws_accounts import (
    DEV,
    FAR,
    PROD,
    REGION,
    Cloud,
    account,
    add_database,
    add_instance,
    add_service,
    simulated,
    tagged,
)

from copilot.config.configuration import Configuration, TagNames
from copilot.config.kinds import kind_of
from copilot.domain import Resource, ResourceRef, Survey


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def named(survey: Survey, name: str) -> Resource:
    (found,) = [resource for resource in survey.resources if resource.name == name]
    return found


def test_services_instances_and_databases_of_every_account_and_region(cloud: Cloud) -> None:
    web = add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"), wanted=3)
    batch = add_instance(cloud.client("ec2", region=FAR), tagged("dev-1", Name="batch"))
    orders = add_database(cloud.client("rds", PROD), "orders", tagged("live", "prod"))

    survey = cloud.platform(account(regions=(REGION, FAR)), account(PROD, "prod")).survey()

    assert survey.unreachable == ()
    service = named(survey, "web")
    assert service.ref == ResourceRef(type="ecs-service", id=web)
    assert (service.environment, service.account, service.region) == ("dev-1", f"dev ({DEV})", REGION)
    assert (service.cluster, service.size, service.running, service.state) == ("main", 3, 3, "running")
    instance = named(survey, "batch")
    assert instance.ref == ResourceRef(type="ec2-instance", id=f"arn:aws:ec2:{FAR}:{DEV}:instance/{batch}")
    assert (instance.size, instance.running, instance.state, instance.region) == (1, 1, "running", FAR)
    database = named(survey, "orders")
    assert database.ref == ResourceRef(type="rds-instance", id=orders)
    assert (database.state, database.account, database.detail) == ("running", f"prod ({PROD})", "available")
    assert [(one.name, one.kind) for one in survey.environments] == [("dev-1", "development"), ("live", "production")]


def test_only_what_has_the_environment_tag(cloud: Cloud) -> None:
    for tags in ({"kind": "dev"}, {"environment": ""}, {"Environment": "dev-1"}):
        add_service(cloud.client("ecs"), "main", f"s{len(tags)}{len(str(tags))}", tags)
        add_instance(cloud.client("ec2"), tags)
        add_database(cloud.client("rds"), f"d{len(tags)}{len(str(tags))}", tags)
    assert cloud.platform(account()).survey().resources == ()


def test_one_environment_alone(cloud: Cloud) -> None:
    for number, name in enumerate(("dev-1", "dev-11", "dev-*")):
        add_service(cloud.client("ecs"), "main", f"s-{number}", tagged(name))
        add_instance(cloud.client("ec2"), tagged(name))
        add_database(cloud.client("rds"), f"d-{number}", tagged(name))
    platform = cloud.platform(account())
    assert {one.environment for one in platform.survey("dev-1").resources} == {"dev-1"}
    assert {one.environment for one in platform.survey("dev-*").resources} == {"dev-*"}
    assert len(platform.survey("dev-1").resources) == 3


def test_another_tag_may_name_the_environment(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "main", "web", {"env": "dev-1"})
    platform = cloud.platform(account(), tags=TagNames(environment="env"))
    assert named(platform.survey(), "web").environment == "dev-1"


def test_fewer_tasks_than_wanted_is_starting(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"), wanted=3)
    cloud.missing_tasks = {"web": 2}
    service = named(cloud.platform(account()).survey(), "web")
    assert (service.state, service.size, service.running, service.detail) == ("starting", 3, 1, "1 of 3 tasks running")


@pytest.mark.parametrize(("wanted", "running", "state"), [(0, 0, "stopped"), (0, 1, "stopping"), (2, 3, "running")])
def test_states_of_a_service(cloud: Cloud, wanted: int, running: int, state: str) -> None:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"), wanted=wanted)
    cloud.missing_tasks = {"web": wanted - running}
    assert named(cloud.platform(account()).survey(), "web").state == state


@pytest.mark.parametrize(
    ("status", "state", "size"), [("stopped", "stopped", 0), ("stopping", "stopping", 0), ("pending", "starting", 1)]
)
def test_states_of_an_instance(cloud: Cloud, status: str, state: str, size: int) -> None:
    instance = {"InstanceId": "i-1", "State": {"Name": status}, "Tags": [{"Key": "environment", "Value": "dev-1"}]}
    cloud.pages["EC2.DescribeInstances"] = [{"Reservations": [{"OwnerId": DEV, "Instances": [instance]}]}]
    found = named(cloud.platform(account()).survey(), "i-1")
    assert (found.state, found.size) == (state, size)


def test_terminated_instances_are_gone(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    ec2.terminate_instances(InstanceIds=[add_instance(ec2, tagged("dev-1"))])
    assert cloud.platform(account()).survey().resources == ()


def database(**more: Any) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": "db",
        "DBInstanceArn": f"arn:aws:rds:{REGION}:{DEV}:db:db",
        "DBInstanceStatus": "available",
        "TagList": [{"Key": "environment", "Value": "dev-1"}],
        **more,
    }


@pytest.mark.parametrize(
    ("status", "state"),
    [("stopped", "stopped"), ("starting", "starting"), ("stopping", "stopping"), ("backing-up", "other")],
)
def test_states_of_a_database(cloud: Cloud, status: str, state: str) -> None:
    cloud.pages["RDS.DescribeDBInstances"] = [{"DBInstances": [database(DBInstanceStatus=status)]}]
    found = named(cloud.platform(account()).survey(), "db")
    assert (found.state, found.detail) == (state, status)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (
            {"DBClusterIdentifier": "aurora"},
            "in the database cluster aurora, which is no part of this environment",
        ),
        (
            {"ReadReplicaSourceDBInstanceIdentifier": "other"},
            "a read replica of other; RDS stops neither a read replica nor its source",
        ),
        (
            {"ReadReplicaDBInstanceIdentifiers": ["other", "more"]},
            "the source of the read replica other, more; RDS stops neither a read replica nor its source",
        ),
        ({"DBInstanceStatus": "storage-full"}, "it is storage-full, which somebody has to look at"),
        ({"ReadReplicaDBInstanceIdentifiers": []}, ""),
        ({"MultiAZ": True, "Engine": "sqlserver-se"}, "SQL Server in several zones, which RDS cannot stop"),
        ({"MultiAZ": True, "Engine": "postgres"}, ""),
        (
            {"SecondaryAvailabilityZone": f"{REGION}b", "Engine": "sqlserver-ee"},
            "SQL Server in several zones, which RDS cannot stop",
        ),
        (
            {"MultiAZ": True, "Engine": "custom-sqlserver-ee"},
            "SQL Server in several zones, which RDS cannot stop",
        ),
        ({"Engine": "custom-oracle-ee-cdb"}, "RDS Custom (custom-oracle-ee-cdb), which RDS cannot stop"),
        ({"Engine": "custom-sqlserver-ee"}, ""),
        ({"Engine": "sqlserver-ex"}, ""),
        (
            {"DBInstanceStatus": "storage-optimization"},
            "it is in storage-optimization, which can take hours, and RDS stops only what is available",
        ),
        ({"DBInstanceStatus": "backing-up"}, ""),
        ({"DeletionProtection": True, "MaxAllocatedStorage": 1000}, ""),
    ],
)
def test_databases_to_leave_alone(cloud: Cloud, field: dict[str, Any], reason: str) -> None:
    cloud.pages["RDS.DescribeDBInstances"] = [{"DBInstances": [database(**field)]}]
    assert named(cloud.platform(account()).survey(), "db").held == reason


@pytest.mark.parametrize(
    ("field", "tag", "reason"),
    [
        (
            {},
            "aws:autoscaling:groupName",
            "in the Auto Scaling group y, which would replace it and is no part of this environment",
        ),
        ({"InstanceLifecycle": "spot"}, "x", "a Spot Instance"),
        (
            {"RootDeviceType": "instance-store"},
            "x",
            "on instance store, which EC2 cannot stop without losing all that is on it",
        ),
        ({"RootDeviceType": "ebs"}, "x", ""),
    ],
)
def test_instances_to_leave_alone(cloud: Cloud, field: dict[str, Any], tag: str, reason: str) -> None:
    tags = [{"Key": "environment", "Value": "dev-1"}, {"Key": tag, "Value": "y"}]
    instance = {"InstanceId": "i-1", "State": {"Name": "running"}, "Tags": tags, **field}
    cloud.pages["EC2.DescribeInstances"] = [{"Reservations": [{"OwnerId": DEV, "Instances": [instance]}]}]
    assert named(cloud.platform(account()).survey(), "i-1").held == reason


def test_of_what_a_stop_empties_a_person_is_warned_by_what_ec2_says_of_the_type(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    for name, type in (("scratch", "m5d.large"), ("other", "i3.large"), ("plain", "t3.micro")):
        add_instance(ec2, tagged("dev-1") | {"Name": name}, InstanceType=type)
    survey = cloud.platform(account()).survey()
    warned = {one.name: one.caution for one in survey.resources}
    assert warned == {
        "scratch": "what is on its instance store volumes is lost: m5d.large comes with such",
        "other": "what is on its instance store volumes is lost: i3.large comes with such",
        "plain": "",
    }
    assert {one.held for one in survey.resources} == {""}, "warned of, not refused: that it is lost is what it is for"
    assert cloud.count("EC2.DescribeInstanceTypes") == 1, "once for all instances of a place"


def test_without_instances_no_types_are_asked_about(cloud: Cloud) -> None:
    cloud.platform(account()).survey()
    assert cloud.count("EC2.DescribeInstanceTypes") == 0


def test_daemons_are_left_alone(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "main", "agent", tagged("dev-1"), schedulingStrategy="DAEMON")
    assert named(cloud.platform(account()).survey(), "agent").held == "a daemon, which runs one task on every host"


@pytest.mark.parametrize(
    ("text", "saved"), [("3", 3), ("0", None), ("-1", None), ("", None), ("three", None), ("²", None)]
)
def test_the_size_saved_is_read_from_its_tag(cloud: Cloud, text: str, saved: int | None) -> None:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1", **{"devops-copilot:stopped-from": text}), wanted=0)
    assert named(cloud.platform(account()).survey(), "web").saved == saved


# --- pages -------------------------------------------------------------------------------------


def test_every_page_of_services_is_read_and_described_in_tens(cloud: Cloud) -> None:
    names = [f"s{number:02}" for number in range(23)]
    for name in names:
        add_service(cloud.client("ecs"), "main", name, tagged("dev-1"))
    arns = [f"arn:aws:ecs:{REGION}:{DEV}:service/main/{name}" for name in names]
    cloud.pages["ECS.ListServices"] = [{"serviceArns": arns[:15], "nextToken": "more"}, {"serviceArns": arns[15:]}]

    survey = cloud.platform(account()).survey()

    assert [resource.name for resource in survey.resources] == names
    assert [len(one["services"]) for one in cloud.parameters("ECS.DescribeServices")] == [10, 5, 8]


def test_every_page_of_clusters_instances_and_databases_is_read(cloud: Cloud) -> None:
    ecs = cloud.client("ecs")
    clusters = [
        add_service(ecs, name, "web", tagged("dev-1")).replace("service", "cluster").rpartition("/")[0] for name in "ab"
    ]
    instances = [
        {"InstanceId": id, "State": {"Name": "running"}, "Tags": [{"Key": "environment", "Value": "dev-1"}]}
        for id in "xy"
    ]
    one, two = database(), database(DBInstanceIdentifier="d2", DBInstanceArn=f"arn:aws:rds:{REGION}:{DEV}:db:d2")
    first, second = ({"Reservations": [{"OwnerId": DEV, "Instances": [instance]}]} for instance in instances)
    cloud.pages |= {
        "ECS.ListClusters": [{"clusterArns": clusters[:1], "nextToken": "more"}, {"clusterArns": clusters[1:]}],
        "EC2.DescribeInstances": [first | {"NextToken": "more"}, second],
        "RDS.DescribeDBInstances": [{"DBInstances": [one], "Marker": "more"}, {"DBInstances": [two]}],
    }

    survey = cloud.platform(account()).survey()

    assert sorted(resource.cluster or resource.name for resource in survey.resources) == [
        "a",
        "b",
        "d2",
        "db",
        "x",
        "y",
    ]


# --- what cannot be read -----------------------------------------------------------------------


def test_an_account_that_cannot_be_read_is_named_and_hides_nothing_else(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"))
    cloud.refuse("STS.AssumeRole", "AccessDenied", 403, where=lambda parameters, _: PROD in parameters["RoleArn"])

    survey = cloud.platform(account(), account(PROD, "prod", regions=(REGION, FAR))).survey()

    assert [resource.name for resource in survey.resources] == ["web"]
    assert [(one.account, one.region) for one in survey.unreachable] == [
        (f"prod ({PROD})", REGION),
        (f"prod ({PROD})", FAR),
    ]
    assert (
        survey.unreachable[0].reason
        == "the role copilot-read cannot be assumed; is it deployed there, and does it trust this installation?"
    )
    assert cloud.count("STS.AssumeRole") == 2, "asked once for each account, not once for each read"


def test_what_one_service_refuses_is_named_and_the_others_are_read(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"))
    add_service(cloud.client("ecs", region=FAR), "main", "far", tagged("dev-1"))
    cloud.refuse("RDS.DescribeDBInstances", "AccessDenied", 403, where=lambda _, region: region == REGION)
    cloud.refuse(
        "EC2.DescribeInstances", "RequestLimitExceeded", 503, "slow down", where=lambda _, region: region == REGION
    )

    survey = cloud.platform(account(regions=(REGION, FAR))).survey()

    assert sorted(resource.name for resource in survey.resources) == ["far", "web"]
    (unreachable,) = survey.unreachable
    assert (unreachable.account, unreachable.region) == (f"dev ({DEV})", REGION)
    assert unreachable.reason == "reading EC2: slow down; reading RDS: not authorized"


# --- kinds -------------------------------------------------------------------------------------


def resource(account_id: str = DEV, **tags: str) -> Resource:
    ref = ResourceRef(type="rds-instance", id=f"arn:aws:rds:{REGION}:{account_id}:db:{len(tags)}")
    return Resource(
        ref=ref, name="db", environment="e", account="a", region=REGION, state="running", size=1, running=1, tags=tags
    )


PLAIN = Configuration(accounts=(account(), account(PROD, "prod")), people=())
FIXED = Configuration(accounts=(account(kind="staging"), account(PROD, "prod")), people=())


@pytest.mark.parametrize(
    ("resources", "kind"),
    [
        ([resource(kind="dev")], "development"),
        ([resource(kind="Development"), resource(PROD, kind="dev")], "development"),
        ([resource(kind=" stage ")], "staging"),
        ([resource(kind="preview")], "preview"),
        ([resource(kind="prod")], "production"),
        ([resource(kind="dev"), resource()], "production"),
        ([resource(kind="dev"), resource(kind="staging")], "production"),
        ([resource(kind="sandbox")], "production"),
        ([resource(kind="")], "production"),
        ([resource()], "production"),
        ([], "production"),
    ],
)
def test_kinds_from_tags_and_in_doubt_production(resources: list[Resource], kind: str) -> None:
    assert kind_of(resources, PLAIN)[0] == kind


def test_the_kind_of_an_account_wins_over_tags() -> None:
    assert kind_of([resource(kind="dev"), resource()], FIXED) == ("staging", "account dev is staging")
    assert kind_of([resource(kind="dev"), resource(PROD, kind="dev")], FIXED)[0] == "production"


def test_another_tag_may_name_the_kind() -> None:
    config = Configuration.model_validate({"accounts": PLAIN.accounts, "people": (), "tags": {"kind": "tier"}})
    assert kind_of([resource(tier="dev", kind="prod")], config)[0] == "development"
    assert "tier" in kind_of([resource(kind="dev")], config)[1]


def test_owners_are_those_of_its_resources(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1", owner="payments"))
    add_service(cloud.client("ecs"), "main", "api", tagged("dev-1", owner="search"))
    add_service(cloud.client("ecs"), "main", "job", tagged("dev-2"))
    environments = cloud.platform(account()).survey().environments
    assert [(one.name, one.owner) for one in environments] == [("dev-1", "payments, search"), ("dev-2", None)]
