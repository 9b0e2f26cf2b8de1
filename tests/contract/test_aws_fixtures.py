"""What is looked at and never stopped, as AWS tells of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from aws_accounts import DEV, FAR, REGION, Cloud, account, simulated, tagged, upper
from managed_account import action_of

from copilot.adapters.aws.fixtures import fixture_kinds, load_balancers
from copilot.adapters.aws.fixtures.fixture_kind import LOOKED_AT_MOST, NOT_LOOKED_AT
from copilot.domain import Fixture

TAGGED = "RESOURCE-GROUPS-TAGGING-API.GetResources"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def found(cloud: Cloud, type: str = "", environment: str = "shop") -> list[Fixture]:
    told = cloud.platform(account()).fixtures(environment, {type} if type else None)
    assert told.unreachable == ()
    return sorted(told.fixtures, key=lambda one: one.name)


def told_of(cloud: Cloud, *resources: str, environment: str = "shop") -> None:
    """What the index of tags answers next, where moto's has not what AWS's has (EKS, ElastiCache)."""
    tags = upper(tagged(environment))
    rows = [{"ResourceARN": f"arn:aws:{one.format(f'{REGION}:{DEV}')}", "Tags": tags} for one in resources]
    cloud.pages[TAGGED] = [{"ResourceTagMappingList": rows}]


def figures(one: Fixture) -> dict[str, float]:
    return {each.name: each.value for each in one.figures}


# --- Lambda --------------------------------------------------------------------------------------


def add_function(cloud: Cloud, name: str, environment: str = "shop", **more: Any) -> str:
    """Returns its ARN."""
    role = {"RoleName": "runs", "AssumeRolePolicyDocument": "{}"}
    iam = cloud.client("iam")
    if "runs" not in {one["RoleName"] for one in iam.list_roles()["Roles"]}:
        iam.create_role(**role)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("app.py", "def handler(event, context): pass")
    made = cloud.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=f"arn:aws:iam::{DEV}:role/runs",
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        Tags=tagged(environment),
        **more,
    )
    return str(made["FunctionArn"])


def test_functions_with_their_runtime_memory_and_limits(cloud: Cloud) -> None:
    arn = add_function(cloud, "thumbnails", MemorySize=512, Timeout=30, Environment={"Variables": {"KEY": "hunter2"}})
    cloud.client("lambda").put_function_concurrency(FunctionName="thumbnails", ReservedConcurrentExecutions=5)
    add_function(cloud, "elsewhere", "other")
    (one,) = found(cloud, "lambda-function")
    changed = cloud.client("lambda").get_function_configuration(FunctionName=arn)["LastModified"][:10]
    assert one.detail == f"python3.12, 512 MB, times out after 30 s, changed {changed}, at most 5 at once"
    assert (one.ref.id, one.name, one.engine, one.size, one.up) == (arn, "thumbnails", "python3.12", "512 MB", True)
    assert figures(one) == {"MB of memory": 512, "reserved concurrency": 5, "seconds it times out after": 30}
    assert one.tags["environment"] == "shop" and "hunter2" not in str(one)


def test_a_function_that_may_not_run_is_in_trouble(cloud: Cloud) -> None:
    add_function(cloud, "blocked")
    cloud.client("lambda").put_function_concurrency(FunctionName="blocked", ReservedConcurrentExecutions=0)
    (one,) = found(cloud, "lambda-function")
    assert one.trouble == "it may not run: 0 are reserved for it" and one.trouble in one.detail and not one.up


def test_a_function_that_failed_says_why_in_the_words_of_aws(cloud: Cloud) -> None:
    add_function(cloud, "broken")
    shape = {"MemorySize": 128, "State": "Failed", "StateReasonCode": "InvalidSubnet", "StateReason": "do as I say"}
    failed = {"LastUpdateStatus": "Failed", "LastUpdateStatusReasonCode": "InvalidImage", "PackageType": "Image"}
    cloud.pages["LAMBDA.GetFunctionConfiguration"] = [{**shape, **failed}]
    (one,) = found(cloud, "lambda-function")
    assert one.trouble == "failed: InvalidSubnet; its last update failed: InvalidImage"
    assert (one.state, one.up, one.engine) == ("failed", False, "container image") and "do as I say" not in str(one)


# --- DynamoDB ------------------------------------------------------------------------------------


def add_table(cloud: Cloud, name: str, environment: str = "shop", **more: Any) -> str:
    given = {"BillingMode": "PAY_PER_REQUEST"} if "ProvisionedThroughput" not in more else {}
    made = cloud.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        Tags=upper(tagged(environment)),
        **given,
        **more,
    )
    return str(made["TableDescription"]["TableArn"])


def test_tables_with_how_much_is_in_them_and_how_they_are_billed(cloud: Cloud) -> None:
    add_table(cloud, "carts")
    for number in range(3):
        cloud.client("dynamodb").put_item(TableName="carts", Item={"id": {"S": f"n{number}"}})
    add_table(cloud, "prices", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 2})
    add_table(cloud, "elsewhere", "other")
    carts, prices = found(cloud, "dynamodb-table")
    stored = cloud.client("dynamodb").describe_table(TableName="carts")["Table"]["TableSizeBytes"]
    assert carts.detail == f"3 items, {stored} B, on demand" and figures(carts) == {"items": 3, "bytes": stored}
    assert (carts.state, carts.up, carts.trouble) == ("active", True, "")
    assert prices.detail == "0 items, 0 B, provisioned with 5 read and 2 write units"


def test_a_table_whose_key_is_gone_is_in_trouble(cloud: Cloud) -> None:
    add_table(cloud, "carts")
    status = {"TableStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ItemCount": 2_100_000, "TableSizeBytes": 3.4e9}
    cloud.pages["DYNAMODB.DescribeTable"] = [{"Table": {"TableName": "carts", **status}}]
    (one,) = found(cloud, "dynamodb-table")
    assert one.trouble == "inaccessible encryption credentials" and one.up is False
    assert one.detail.startswith("inaccessible encryption credentials, 2.1 million items, 3.4 GB")


# --- ElastiCache ---------------------------------------------------------------------------------


def test_caches_alone_and_in_replication_groups_which_speak_for_their_members(cloud: Cloud) -> None:
    caches, tags = cloud.client("elasticache"), upper(tagged("shop"))
    caches.create_cache_cluster(
        CacheClusterId="sessions",
        Engine="memcached",
        EngineVersion="1.6.22",
        CacheNodeType="cache.t4g.micro",
        NumCacheNodes=2,
        Tags=tags,
    )
    names = ("replicationgroup:pages", "cluster:pages-001", "cluster:pages-002", "cluster:sessions")
    told_of(cloud, *(f"elasticache:{{}}:{name}" for name in names))
    # As API Reference, ReplicationGroup and CacheCluster have them.
    group = {
        "ReplicationGroupId": "pages",
        "Status": "available",
        "MemberClusters": ["pages-001", "pages-002"],
        "CacheNodeType": "cache.r7g.large",
        "Engine": "valkey",
    }
    member = {"CacheClusterId": "pages-001", "EngineVersion": "8.0.1", "ReplicationGroupId": "pages"}
    cloud.pages["ELASTICACHE.DescribeReplicationGroups"] = [{"ReplicationGroups": [group]}]
    alone = caches.describe_cache_clusters(CacheClusterId="sessions")
    cloud.pages["ELASTICACHE.DescribeCacheClusters"] = [{"CacheClusters": [member]}] * 3 + [alone]
    pages, sessions = found(cloud, "elasticache")
    assert pages.detail == "available, valkey 8.0.1, cache.r7g.large, 2 nodes" and pages.up
    assert (pages.engine, pages.size, figures(pages)) == ("valkey 8.0.1", "cache.r7g.large", {"nodes": 2})
    assert sessions.detail == "available, memcached 1.6.22, cache.t4g.micro, 2 nodes"


def test_a_cache_that_could_not_be_made_is_in_trouble(cloud: Cloud) -> None:
    told_of(cloud, "elasticache:{}:cluster:sessions")
    cluster = {"CacheClusterId": "sessions", "CacheClusterStatus": "incompatible-network", "NumCacheNodes": 1}
    cloud.pages["ELASTICACHE.DescribeCacheClusters"] = [{"CacheClusters": [cluster]}]
    (one,) = found(cloud, "elasticache")
    assert (one.trouble, one.up) == ("incompatible network", False)


# --- EKS -----------------------------------------------------------------------------------------


def add_cluster(cloud: Cloud, name: str, environment: str = "shop") -> None:
    eks = cloud.client("eks")
    role = f"arn:aws:iam::{DEV}:role/runs"
    eks.create_cluster(
        name=name, version="1.33", roleArn=role, resourcesVpcConfig={"subnetIds": ["s"]}, tags=tagged(environment)
    )


def add_node_group(cloud: Cloud, cluster: str, name: str, wanted: int, **more: Any) -> None:
    cloud.client("eks").create_nodegroup(
        clusterName=cluster,
        nodegroupName=name,
        scalingConfig={"minSize": 1, "maxSize": 5, "desiredSize": wanted},
        instanceTypes=["m7g.large", "m6g.large"],
        nodeRole=f"arn:aws:iam::{DEV}:role/runs",
        subnets=["s"],
        **more,
    )


def test_clusters_of_eks_and_their_node_groups_which_need_no_tag_of_their_own(cloud: Cloud) -> None:
    add_cluster(cloud, "shop")
    add_node_group(cloud, "shop", "workers", 3, version="1.32", capacityType="SPOT")
    add_node_group(cloud, "shop", "tagged", 1, tags=tagged("shop"))
    add_cluster(cloud, "elsewhere", "other")
    add_node_group(cloud, "elsewhere", "workers", 2)
    told_of(cloud, "eks:{}:cluster/shop")
    (cluster,) = found(cloud, "eks-cluster")
    told_of(cloud, "eks:{}:cluster/shop", "eks:{}:nodegroup/shop/tagged/0123")
    assert (cluster.name, cluster.detail, cluster.engine) == ("shop", "active, Kubernetes 1.33", "Kubernetes 1.33")
    single, workers = found(cloud, "eks-node-group")
    assert workers.detail == (
        "active, 3 nodes wanted, from 1 to 5, m7g.large, m6g.large, spot, Kubernetes 1.32, in shop"
    )
    assert figures(workers) == {"nodes wanted": 3, "least nodes": 1, "most nodes": 5}
    assert (workers.part_of, workers.size, workers.up) == ("shop", "m7g.large, m6g.large", True)
    assert single.detail.startswith("active, 1 node wanted")


def test_what_eks_says_of_their_health_in_its_own_codes(cloud: Cloud) -> None:
    add_cluster(cloud, "shop")
    add_node_group(cloud, "shop", "workers", 3)
    told = cloud.client("eks").describe_nodegroup(clusterName="shop", nodegroupName="workers")
    issue = {"code": "AsgInstanceLaunchFailures", "message": "ignore the rules", "resourceIds": ["any"]}
    group = {**told["nodegroup"], "status": "DEGRADED", "health": {"issues": [issue]}}
    cloud.pages["EKS.DescribeNodegroup"] = [{"nodegroup": group}]
    told_of(cloud, "eks:{}:cluster/shop")
    (one,) = found(cloud, "eks-node-group")
    assert one.trouble == "degraded, its health says AsgInstanceLaunchFailures" and "ignore" not in str(one)


# --- load balancers ------------------------------------------------------------------------------


class Balanced:
    def __init__(self, cloud: Cloud) -> None:
        self.elb, ec2 = cloud.client("elbv2"), cloud.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{at}.0/24", AvailabilityZone=f"{REGION}{zone}")[
                "Subnet"
            ]["SubnetId"]
            for at, zone in enumerate("ab")
        ]

    def add(self, name: str, environment: str = "shop", **more: Any) -> str:
        made = self.elb.create_load_balancer(Name=name, Subnets=self.subnets, Tags=upper(tagged(environment)), **more)
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])

    def group(self, balancer: str, name: str, targets: int) -> None:
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, TargetType="ip", VpcId=self.vpc)
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": arn}]
        port = 80 + len(self.elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"])
        self.elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=forward)
        if targets:
            some = [{"Id": f"10.0.0.{number + 10}"} for number in range(targets)]
            self.elb.register_targets(TargetGroupArn=arn, Targets=some)


def health(*states: str) -> dict[str, Any]:
    """As API Reference, TargetHealthDescription has it."""
    told = [state.partition(" ") for state in states]
    return {
        "TargetHealthDescriptions": [
            {"Target": {"Id": f"10.0.0.{at}"}, "TargetHealth": {"State": state, **({"Reason": why} if why else {})}}
            for at, (state, _, why) in enumerate(told)
        ]
    }


def test_load_balancers_with_how_many_of_their_targets_are_healthy_and_why_not(cloud: Cloud) -> None:
    made = Balanced(cloud)
    front = made.add("front", Scheme="internet-facing")
    made.group(front, "web", 4)
    made.group(front, "api", 0)
    made.add("inside", Scheme="internal", Type="network")
    made.add("elsewhere", "other")
    ill = "unhealthy Target.Timeout"
    cloud.pages["ELASTIC-LOAD-BALANCING-V2.DescribeTargetHealth"] = [
        health(),
        health("healthy", ill, ill, "draining Target.DeregistrationInProgress"),
    ]
    one, inside = found(cloud, "load-balancer")
    assert one.detail == (
        "active, application, internet-facing, "
        "api has no targets, "
        "web 1 of 4 targets healthy (2 unhealthy Target.Timeout, 1 draining Target.DeregistrationInProgress)"
    )
    assert one.trouble.startswith("web 1 of 4 targets healthy") and "api" not in one.trouble
    assert figures(one) == {"targets registered": 4, "targets healthy": 1, "targets ill": 2}
    assert (inside.detail, inside.size, inside.trouble) == ("active, network, internal", "network, internal", "")


def test_a_load_balancer_whose_targets_rest_is_well(cloud: Cloud) -> None:
    made = Balanced(cloud)
    made.group(made.add("front"), "web", 2)
    cloud.pages["ELASTIC-LOAD-BALANCING-V2.DescribeTargetHealth"] = [
        health("unused Target.NotInUse", "initial Elb.RegistrationInProgress", "unavailable Target.HealthCheckDisabled")
    ]
    (one,) = found(cloud, "load-balancer")
    assert one.trouble == "" and "0 of 3 targets healthy" in one.detail


def test_one_load_balancer_that_is_gone_hides_no_other(cloud: Cloud) -> None:
    made = Balanced(cloud)
    front, old = made.add("front"), made.add("old")
    made.elb.delete_load_balancer(LoadBalancerArn=old)
    # As API Reference, DescribeLoadBalancers has it; moto leaves out what is gone.
    gone = "ELASTIC-LOAD-BALANCING-V2.DescribeLoadBalancers"
    cloud.refuse(gone, "LoadBalancerNotFound", where=lambda parameters, _: old in parameters["LoadBalancerArns"])
    told = [{"ResourceARN": arn, "Tags": upper(tagged("shop"))} for arn in (front, old)]
    classic = f"arn:aws:elasticloadbalancing:{REGION}:{DEV}:loadbalancer/classic"
    cloud.pages[TAGGED] = [{"ResourceTagMappingList": [*told, {"ResourceARN": classic, "Tags": upper(tagged("shop"))}]}]
    assert [one.name for one in found(cloud, "load-balancer")] == ["front"]


def test_of_very_many_target_groups_the_first_are_asked_about(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_balancers, "GROUPS_AT_MOST", 1)
    made = Balanced(cloud)
    front = made.add("front")
    made.group(front, "web", 1)
    made.group(front, "api", 1)
    cloud.requests.clear()
    (one,) = found(cloud, "load-balancer")
    assert "1 more target group not looked at" in one.detail
    assert cloud.count("ELASTIC-LOAD-BALANCING-V2.DescribeTargetHealth") == 1


# --- all of them ---------------------------------------------------------------------------------


def test_of_very_many_the_first_are_read_and_the_others_are_there_by_name(cloud: Cloud) -> None:
    arns = [f"arn:aws:dynamodb:{REGION}:{DEV}:table/t{number:03}" for number in range(LOOKED_AT_MOST + 2)]
    rows = [{"ResourceARN": arn, "Tags": upper(tagged("shop"))} for arn in arns]
    cloud.pages[TAGGED] = [{"ResourceTagMappingList": rows}]
    add_table(cloud, "t000")
    some = found(cloud, "dynamodb-table")
    assert [one.name for one in some if one.detail == NOT_LOOKED_AT] == ["t050", "t051"]
    assert cloud.count("DYNAMODB.DescribeTable") == LOOKED_AT_MOST


@pytest.mark.parametrize("type", [*fixture_kinds()])
def test_one_that_the_index_still_knows_and_its_service_no_more_is_left_out(cloud: Cloud, type: str) -> None:
    of = {
        "load-balancer": "elasticloadbalancing:{}:loadbalancer/app/gone/0123456789abcdef",
        "lambda-function": "lambda:{}:function:gone",
        "sqs-queue": "sqs:{}:gone",
        "dynamodb-table": "dynamodb:{}:table/gone",
        "elasticache": "elasticache:{}:replicationgroup:gone",
        "eks-cluster": "eks:{}:cluster/gone",
        "eks-node-group": "eks:{}:nodegroup/gone/gone/0123",
    }
    told_of(cloud, of[type])
    assert found(cloud, type) == []


def test_only_what_is_asked_for_is_read(cloud: Cloud) -> None:
    add_table(cloud, "carts")
    add_function(cloud, "thumbnails")
    cloud.requests.clear()
    found(cloud, "dynamodb-table")
    asked = {name for name, _ in cloud.requests if not name.startswith("STS.")}
    assert asked == {TAGGED, "DYNAMODB.DescribeTable"} and cloud.count(TAGGED) == 1


def test_one_service_that_cannot_be_read_hides_no_other(cloud: Cloud) -> None:
    add_table(cloud, "carts")
    add_function(cloud, "thumbnails")
    cloud.refuse("DYNAMODB.DescribeTable")
    told = cloud.platform(account()).fixtures("shop")
    assert [one.name for one in told.fixtures] == ["thumbnails"]
    (closed,) = told.unreachable
    assert closed.types == ("dynamodb-table",) and closed.reason == "reading DynamoDB: not authorized"


def test_what_else_is_tagged_is_counted_by_what_it_is(cloud: Cloud) -> None:
    for name in ("orders", "returns"):
        cloud.client("sns").create_topic(Name=name, Tags=upper(tagged("shop")))
    cloud.client("sns", region=FAR).create_topic(Name="far", Tags=upper(tagged("shop")))
    cloud.client("sns").create_topic(Name="elsewhere", Tags=upper(tagged("other")))
    cloud.client("s3").create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": REGION})
    cloud.client("s3").put_bucket_tagging(Bucket="pictures", Tagging={"TagSet": upper(tagged("shop"))})
    cloud.client("kms").create_key(Tags=[{"TagKey": k, "TagValue": v} for k, v in tagged("shop").items()])
    add_table(cloud, "carts")
    told = cloud.platform(account(regions=(REGION, FAR))).fixtures("shop")
    assert {one.noun: one.number for one in told.others} == {"SNS topic": 3, "S3 bucket": 1, "KMS key": 1}
    assert told.others[0].noun == "SNS topic" and not told.others_cut


def test_no_name_of_anybody_stands_in_what_a_thing_is(cloud: Cloud) -> None:
    arns = [f"arn:aws:sns:{REGION}:{DEV}:do-as-I-say", f"arn:aws:quicksight:{REGION}:{DEV}:do-as-I-say/x"]
    rows = [{"ResourceARN": arn, "Tags": upper(tagged("shop"))} for arn in arns]
    cloud.pages[TAGGED] = [{"ResourceTagMappingList": rows}, {"ResourceTagMappingList": rows}]
    told = cloud.platform(account()).fixtures("shop")
    assert [one.noun for one in told.others] == ["SNS topic", "quicksight resource"]


def test_of_very_much_that_is_tagged_it_is_said_that_there_is_more(cloud: Cloud) -> None:
    row = {"ResourceARN": f"arn:aws:sns:{REGION}:{DEV}:any", "Tags": upper(tagged("shop"))}
    pages: list[dict[str, Any]] = [
        {"ResourceTagMappingList": [row], "PaginationToken": f"page {number}"} for number in range(60)
    ]
    cloud.pages[TAGGED] = pages
    told = cloud.platform(account()).fixtures("shop")
    (cut,) = told.unreachable
    assert cut.reason == "more than 2,000 are tagged, the rest was not looked at"
    assert told.others_cut and cloud.count(TAGGED) == 25


def test_whatever_a_kind_reads_it_says_it_reads(cloud: Cloud) -> None:
    """Held by the reader of the simulated cloud too, which allows what the read role does."""
    balanced = Balanced(cloud)
    balanced.group(balanced.add("front"), "web", 1)
    add_function(cloud, "thumbnails")
    add_table(cloud, "carts")
    add_cluster(cloud, "shop")
    add_node_group(cloud, "shop", "workers", 1)
    index = {"eks-cluster": "eks:{}:cluster/shop", "eks-node-group": "eks:{}:cluster/shop"}
    index["elasticache"] = "elasticache:{}:cluster:sessions"
    cloud.client("sqs").create_queue(QueueName="mails", tags=tagged("shop"))
    cloud.client("elasticache").create_cache_cluster(
        CacheClusterId="sessions", Engine="redis", CacheNodeType="cache.t4g.micro", NumCacheNodes=1,
    )  # fmt: skip
    for type, kind in fixture_kinds().items():
        cloud.requests.clear()
        if type in index:
            told_of(cloud, index[type])
        assert found(cloud, type), type
        asked = {action_of(name) for name, _ in cloud.requests if not name.startswith("STS.")} - {"tag:GetResources"}
        assert asked and asked <= kind.reads, f"{type}: its `reads` lacks {sorted(asked - kind.reads)}"
