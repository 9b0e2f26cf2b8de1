"""What scales itself, groups and clusters: what AWS is told to stop and start them, what is left alone, and why.

moto has no suspended scaling by scheduled actions, no instance refresh that lasts, no Spot request types and no keys of
other accounts: where a test needs one, it gives the answer of that single call itself (`pages`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_accounts import DEV, REGION, Cloud, account, add_instance, add_service, simulated, tagged, upper
from botocore.stub import ANY, Stubber

from copilot.adapters.aws.resources.ecs import EcsServices
from copilot.adapters.aws.resources.groups import AutoScalingGroups
from copilot.adapters.aws.resources.stoppable import Saved, saved_in
from copilot.adapters.aws.session_policies import SessionPolicy, session_policies
from copilot.domain import Change, Limits, Permission, Resource
from copilot.errors import FatalError, HalfDone, NotReady, PermissionDenied, RetryableError, ToolInputError

SAVED = "devops-copilot:stopped-from"
AWAKE = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
ASLEEP = dict.fromkeys(AWAKE, True)
NOTED = datetime(2026, 3, 2, 18, 0, 3, tzinfo=UTC)
HALF = {**AWAKE, "DynamicScalingOutSuspended": True}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with simulated() as one:
        yield one


def everything(cloud: Cloud) -> dict[str, Resource]:
    survey = cloud.platform(account()).survey()
    assert survey.unreachable == ()
    return {resource.name: resource for resource in survey.resources}


def look(cloud: Cloud, name: str) -> Resource:
    return everything(cloud)[name]


def change(action: str, one: Resource) -> Change:
    """As the tools make it: what is counted is scaled."""
    size = (0 if action == "stop" else one.saved or one.size) if one.counted else None
    what: Any = "scale" if one.counted else action
    return Change(ref=one.ref, name=one.name, action=what, before="", after="", size=size, uses=one.uses)


def apply(cloud: Cloud, action: str, one: Resource) -> None:
    """With exactly the permissions this change asks for."""
    permissions = tuple(cloud.platform(account()).permissions(change(action, one)))
    cloud.platform(account(), permissions=permissions).apply(change(action, one), one)


def now(cloud: Cloud) -> str:
    return f"{cloud.clock.at:%Y-%m-%dT%H:%M:%SZ}"


def scaled_service(cloud: Cloud, wanted: int = 3, state: dict[str, bool] = AWAKE) -> Resource:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"), wanted)
    cloud.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/main/web",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=10,
        SuspendedState=state,
    )
    return look(cloud, "web")


def a_group(cloud: Cloud, **more: Any) -> Resource:
    autoscaling = cloud.client("autoscaling")
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="pool", ImageId="ami-12c6146b", InstanceType="t3.nano"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="pool",
        LaunchConfigurationName="pool",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        AvailabilityZones=[f"{REGION}a"],
        Tags=[{**tag, "PropagateAtLaunch": True} for tag in upper(tagged("dev-1"))],
        **more,
    )
    return look(cloud, "pool")


def a_cluster(cloud: Cloud) -> Resource:
    rds = cloud.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="aurora",
        Engine="aurora-postgresql",
        MasterUsername="master",
        MasterUserPassword="not-a-real-one",
        Tags=upper(tagged("dev-1")),
    )
    return look(cloud, "aurora")


MAKERS = [
    pytest.param(
        scaled_service,
        ["ECS.TagResource", "APPLICATION-AUTO-SCALING.RegisterScalableTarget", "ECS.UpdateService"],
        ["ECS.UpdateService", "APPLICATION-AUTO-SCALING.RegisterScalableTarget", "ECS.UntagResource"],
        id="scaled-service",
    ),
    pytest.param(
        a_group,
        ["AUTO-SCALING.CreateOrUpdateTags", "AUTO-SCALING.UpdateAutoScalingGroup"],
        ["AUTO-SCALING.UpdateAutoScalingGroup", "AUTO-SCALING.DeleteTags"],
        id="group",
    ),
    pytest.param(
        a_cluster,
        ["RDS.AddTagsToResource", "RDS.StopDBCluster"],
        ["RDS.StartDBCluster", "RDS.RemoveTagsFromResource"],
        id="cluster",
    ),
]


def writes(cloud: Cloud) -> list[str]:
    reads = ("Describe", "List", "Assume", "Get")
    return [name for name, _ in cloud.requests if not name.partition(".")[2].startswith(reads)]


def resized(one: Resource, size: int, limits: Limits | None = None) -> Change:
    uses = one.uses if limits else ()
    return Change(ref=one.ref, name=one.name, action="resize", before="", after="", size=size, limits=limits, uses=uses)


def resize(cloud: Cloud, one: Resource, size: int, limits: Limits | None = None) -> None:
    """With exactly the permissions that asks for."""
    what = resized(one, size, limits)
    permissions = tuple(cloud.platform(account()).permissions(what))
    cloud.platform(account(), permissions=permissions).apply(what, one)


@pytest.mark.parametrize(
    ("make", "calls"),
    [(scaled_service, ["ECS.UpdateService"]), (a_group, ["AUTO-SCALING.UpdateAutoScalingGroup"])],
)
def test_resized_it_has_another_size_its_limits_and_nothing_else_new(cloud: Cloud, make: Any, calls: list[str]) -> None:
    before = make(cloud)
    cloud.requests.clear()
    resize(cloud, before, before.size + 1)
    resize(cloud, before, before.size + 1)
    assert writes(cloud) == calls, "a second time changes nothing"
    after = look(cloud, before.name)
    assert (after.size, after.limits, after.tags) == (before.size + 1, before.limits, before.tags)

    resize(cloud, after, before.size)
    assert (look(cloud, before.name).size, look(cloud, before.name).limits) == (before.size, before.limits)


@pytest.mark.parametrize(
    ("make", "calls"),
    [
        (scaled_service, ["APPLICATION-AUTO-SCALING.RegisterScalableTarget", "ECS.UpdateService"]),
        (a_group, ["AUTO-SCALING.UpdateAutoScalingGroup"]),
    ],
)
def test_resized_with_other_limits_it_has_these(cloud: Cloud, make: Any, calls: list[str]) -> None:
    before = make(cloud)
    cloud.requests.clear()
    limits = Limits(minimum=1, maximum=12, suspended=before.limits.suspended)
    resize(cloud, before, 12, limits)
    assert writes(cloud) == calls
    assert (look(cloud, before.name).size, look(cloud, before.name).limits) == (12, limits)


def test_a_size_that_is_refused_after_the_limits_were_changed_is_half_done(cloud: Cloud) -> None:
    before = scaled_service(cloud)
    cloud.refuse("ECS.UpdateService", "InvalidParameterException")
    with pytest.raises(HalfDone, match="what comes before that was done"):
        resize(cloud, before, 12, Limits(minimum=1, maximum=12))


def test_a_service_that_nothing_scales_any_more_gets_no_limits(cloud: Cloud) -> None:
    before = scaled_service(cloud)
    cloud.client("application-autoscaling").deregister_scalable_target(
        ServiceNamespace="ecs", ResourceId="service/main/web", ScalableDimension="ecs:service:DesiredCount"
    )
    with pytest.raises(ToolInputError, match="nothing scales service web any more"):
        resize(cloud, before, 12, Limits(minimum=1, maximum=12))


@pytest.mark.parametrize(("make", "stop", "start"), MAKERS)
def test_stopped_and_started_again_it_is_exactly_as_before(
    cloud: Cloud, make: Any, stop: list[str], start: list[str]
) -> None:
    before = make(cloud)
    cloud.requests.clear()
    apply(cloud, "stop", before)
    assert writes(cloud) == stop
    stopped = look(cloud, before.name)
    assert (stopped.state, stopped.size, stopped.running) == ("stopped", 0, 0)
    assert (stopped.saved, stopped.saved_limits) == (before.size, before.limits)
    assert stopped.limits is None or stopped.limits.at_rest

    apply(cloud, "stop", before)
    assert writes(cloud) == stop, "a second stop makes no second call"

    cloud.requests.clear()
    apply(cloud, "start", stopped)
    assert writes(cloud) == start
    assert look(cloud, before.name) == before
    apply(cloud, "start", stopped)
    assert writes(cloud) == start


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(("make", "stop", "start"), MAKERS)
def test_a_worker_that_died_before_any_of_its_calls_has_lost_nothing(
    cloud: Cloud, make: Any, stop: list[str], start: list[str], at: int
) -> None:
    before = make(cloud)
    for action, calls in (("stop", stop), ("start", start)):
        if at >= len(calls):
            continue
        seen = look(cloud, before.name)
        cloud.refuse(calls[at], "InternalFailure", 500)
        with pytest.raises(RetryableError):
            apply(cloud, action, seen)
        cloud.refusals.clear()
        apply(cloud, action, look(cloud, before.name) if action == "stop" else seen)
        if action == "stop":
            assert look(cloud, before.name).saved_limits == before.limits
    if look(cloud, before.name).state == "stopped":
        apply(cloud, "start", look(cloud, before.name))
    assert look(cloud, before.name) == before


@pytest.mark.parametrize(("make", "stop", "start"), MAKERS)
def test_what_could_not_be_stopped_is_left_as_it_was_limits_and_all(
    cloud: Cloud, make: Any, stop: list[str], start: list[str]
) -> None:
    before = make(cloud)
    cloud.refuse(stop[-1], "ValidationError", 400, "it may not rest")
    with pytest.raises(FatalError, match="it may not rest"):
        apply(cloud, "stop", before)
    assert look(cloud, before.name) == before


def test_what_was_stopped_after_all_keeps_its_note(cloud: Cloud) -> None:
    """An answer that says no may come from a proxy, or to a repeat of a call that had its effect."""
    service = scaled_service(cloud)
    apply(cloud, "stop", service)
    web = EcsServices()
    client = {name: cloud.client(name) for name in ("ecs", "application-autoscaling")}
    web.forget(service, lambda name: client[name], lambda action, arn: client["ecs"])
    assert look(cloud, "web").saved == 3


def test_limits_that_rest_without_a_note_are_noted_as_they_were_previewed(cloud: Cloud) -> None:
    """A first attempt came no further than the limits, and somebody has removed its note since."""
    before = scaled_service(cloud)
    cloud.refuse("ECS.UpdateService", "InternalFailure", 500)
    with pytest.raises(RetryableError):
        apply(cloud, "stop", before)
    cloud.refusals.clear()
    cloud.client("ecs").untag_resource(resourceArn=before.ref.id, tagKeys=[SAVED])
    apply(cloud, "stop", before)
    apply(cloud, "start", look(cloud, "web"))
    assert look(cloud, "web") == before


@pytest.mark.parametrize(("make", "stop", "start"), MAKERS)
def test_only_what_is_called_is_asked_for_and_on_single_resources(
    cloud: Cloud, make: Any, stop: list[str], start: list[str]
) -> None:
    one = make(cloud)
    for action, calls in (("stop", stop), ("start", start)):
        permissions = cloud.platform(account()).permissions(change(action, one))
        asked = {each.action.partition(":")[2] for each in permissions} - {"DescribeServices"}
        take_back = {start[-1]} if action == "stop" else set()
        assert asked == {name.partition(".")[2] for name in {*calls, *take_back}}
        assert {each.arn for each in permissions} <= {one.ref.id, *one.uses}
        assert len(session_policies(permissions)) == 1


# --- services that are scaled ------------------------------------------------------------------


def test_scaling_rests_before_there_are_no_tasks_and_resumes_after_there_are(cloud: Cloud) -> None:
    apply(cloud, "stop", scaled_service(cloud, state=HALF))
    (asked,) = cloud.parameters("APPLICATION-AUTO-SCALING.RegisterScalableTarget")
    identity = {"ServiceNamespace": "ecs", "ResourceId": "service/main/web"}
    identity["ScalableDimension"] = "ecs:service:DesiredCount"
    assert asked == {**identity, "MinCapacity": 0, "MaxCapacity": 10, "SuspendedState": ASLEEP}
    assert look(cloud, "web").tags[SAVED] == f"3 min 2 max 10 suspended out at {now(cloud)}"

    apply(cloud, "start", look(cloud, "web"))
    asked = cloud.parameters("APPLICATION-AUTO-SCALING.RegisterScalableTarget")[1]
    assert asked == {**identity, "MinCapacity": 2, "MaxCapacity": 10, "SuspendedState": HALF}


def test_a_target_that_is_gone_is_said_to_be_gone_once_the_tasks_are_back(cloud: Cloud) -> None:
    apply(cloud, "stop", scaled_service(cloud))
    stopped = look(cloud, "web")
    cloud.client("application-autoscaling").deregister_scalable_target(
        ServiceNamespace="ecs", ResourceId="service/main/web", ScalableDimension="ecs:service:DesiredCount"
    )
    with pytest.raises(FatalError, match="the scalable target it had is gone"):
        apply(cloud, "start", stopped)
    assert look(cloud, "web").size == 3


def test_what_scales_services_is_asked_about_in_fifties(cloud: Cloud) -> None:
    for number in range(53):
        add_service(cloud.client("ecs"), "main", f"s{number:02}", tagged("dev-1"))
    everything(cloud)
    asked = cloud.parameters("APPLICATION-AUTO-SCALING.DescribeScalableTargets")
    assert [len(one["ResourceIds"]) for one in asked] == [50, 3]


@pytest.mark.parametrize(
    ("text", "saved"),
    [
        ("3", Saved(3)),
        ("3 min 2 max 10", Saved(3, Limits(minimum=2, maximum=10))),
        ("3 min 0 max 4 suspended in+scheduled", Saved(3, Limits(minimum=0, maximum=4, suspended=("in", "scheduled")))),
        ("3 at 2026-03-02T18:00:03Z", Saved(3, at=NOTED)),
        ("3 min 2 max 10 at 2026-03-02T18:00:03Z", Saved(3, Limits(minimum=2, maximum=10), NOTED)),
        (
            "3 min 0 max 4 suspended in at 2026-03-02T18:00:03Z",
            Saved(3, Limits(minimum=0, maximum=4, suspended=("in",)), NOTED),
        ),
        ("3 at 2026-02-31T18:00:03Z", None),
        ("3 at noon", None),
        ("0 min 2 max 10", None),
        ("3 min 2", None),
        ("3 min 2 max 10 suspended", None),
        ("3 min 2 max 10 suspended all", None),
        ("x", None),
    ],
)
def test_what_is_noted_is_read_as_it_was_written_or_not_at_all(text: str, saved: Saved | None) -> None:
    assert saved_in({SAVED: text}) == saved
    assert saved is None or str(saved) == text


# --- groups ------------------------------------------------------------------------------------


def test_a_group_is_seen_with_its_limits_and_its_members_are_covered_by_it(cloud: Cloud) -> None:
    group = a_group(cloud)
    assert (group.size, group.running, group.state) == (2, 2, "running")
    assert group.limits == Limits(minimum=1, maximum=4)
    assert "terminated" in group.caution
    covered = [one for one in everything(cloud).values() if one.covered_by]
    assert [(one.covered_by, one.held) for one in covered] == [
        ("pool", "covered by pool, which is changed as a whole")
    ] * 2


def test_a_member_of_a_group_elsewhere_is_not_covered_but_left_alone(cloud: Cloud) -> None:
    group = a_group(cloud)
    autoscaling = cloud.client("autoscaling")
    tag = {"ResourceId": "pool", "ResourceType": "auto-scaling-group", "Key": "environment", "PropagateAtLaunch": False}
    autoscaling.create_or_update_tags(Tags=[{**tag, "Value": "other"}])
    members = [one for one in everything(cloud).values() if one.ref.type == "ec2-instance"]
    assert {one.covered_by for one in members} == {""}
    assert all("which would replace it" in one.held for one in members)
    assert group.name in members[0].held


def test_the_note_on_a_group_is_not_put_on_its_instances(cloud: Cloud) -> None:
    apply(cloud, "stop", a_group(cloud))
    (asked,) = cloud.parameters("AUTO-SCALING.CreateOrUpdateTags")
    noted = f"2 min 1 max 4 at {now(cloud)}"
    assert [(tag["Value"], tag["PropagateAtLaunch"]) for tag in asked["Tags"]] == [(noted, False)]
    (asked,) = cloud.parameters("AUTO-SCALING.UpdateAutoScalingGroup")
    assert asked == {"AutoScalingGroupName": "pool", "MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}


def group(**more: Any) -> dict[str, Any]:
    return {
        "AutoScalingGroupName": "pool",
        "AutoScalingGroupARN": f"arn:aws:autoscaling:{REGION}:{DEV}:autoScalingGroup:0-1:autoScalingGroupName/pool",
        "MinSize": 1,
        "MaxSize": 4,
        "DesiredCapacity": 2,
        "Tags": upper(tagged("dev-1")),
        "Instances": [{"InstanceId": "i-1", "LifecycleState": "InService"}] * 2,
        **more,
    }


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, ""),
        ({"Status": "Delete in progress"}, "being deleted"),
        ({"SuspendedProcesses": [{"ProcessName": "Launch"}]}, "suspended in it: Launch"),
        ({"SuspendedProcesses": [{"ProcessName": "AlarmNotification"}]}, ""),
        ({"WarmPoolConfiguration": {"MinSize": 1}}, "it has a warm pool"),
        ({"Tags": upper(tagged("dev-1", **{"eks:nodegroup-name": "n"}))}, "its size is up to EKS"),
        ({"Tags": upper(tagged("dev-1", AmazonECSManaged=""))}, "its size is up to ECS"),
        ({"Tags": upper(tagged("dev-1", AWSBatchServiceTag="batch"))}, "its size is up to AWS Batch"),
        (
            {"Tags": upper(tagged("dev-1", **{"elasticbeanstalk:environment-name": "shop"}))},
            "its size is up to Elastic Beanstalk",
        ),
        (
            {"Tags": upper(tagged("dev-1", **{"sigs.k8s.io/cluster-api-provider-aws/cluster/x": "owned"}))},
            "its size is up to Cluster API",
        ),
        ({"Tags": upper(tagged("dev-1", **{"crossplane-name": "pool"}))}, "its size is up to Crossplane"),
        ({"Operator": {"Managed": True, "Principal": "x.amazonaws.com"}}, "its size is up to x.amazonaws.com"),
        ({"Operator": {"Managed": False}}, ""),
        ({"Tags": upper(tagged("dev-1", **{"k8s.io/cluster-autoscaler/enabled": "true"}))}, ""),
        ({"Tags": upper(tagged("dev-1", **{"kubernetes.io/cluster/dev": "owned"}))}, ""),
        ({"Tags": upper(tagged("dev-1", **{"karpenter.sh/discovery": "dev"}))}, ""),
        ({"DeletionProtection": "prevent-force-deletion"}, ""),
        (
            {
                "DesiredCapacity": 0,
                "MaxSize": 0,
                "Tags": upper(tagged("dev-1", AmazonECSManaged="", **{SAVED: "2 min 1 max 4"})),
            },
            "",
        ),
        (
            {"Instances": [{"InstanceId": "i-1", "LifecycleState": "InService", "ProtectedFromScaleIn": True}]},
            "it has instances protected from scale-in",
        ),
        ({"Instances": [{"InstanceId": "i-1", "LifecycleState": "Standby"}]}, "it has instances in standby"),
    ],
)
def test_groups_to_leave_alone(cloud: Cloud, fields: dict[str, Any], reason: str) -> None:
    cloud.pages["AUTO-SCALING.DescribeAutoScalingGroups"] = [{"AutoScalingGroups": [group(**fields)]}]
    cloud.pages["AUTO-SCALING.DescribeInstanceRefreshes"] = [{"InstanceRefreshes": []}]
    assert look(cloud, "pool").held == reason


@pytest.mark.parametrize(("status", "held"), [("InProgress", True), ("Baking", True), ("Successful", False)])
def test_a_group_that_is_being_refreshed_is_left_alone(cloud: Cloud, status: str, held: bool) -> None:
    cloud.pages["AUTO-SCALING.DescribeAutoScalingGroups"] = [{"AutoScalingGroups": [group()]}]
    cloud.pages["AUTO-SCALING.DescribeInstanceRefreshes"] = [{"InstanceRefreshes": [{"Status": status}]}]
    assert look(cloud, "pool").held == ("an instance refresh is under way" if held else "")


def test_a_group_with_scheduled_actions_is_left_alone(cloud: Cloud) -> None:
    a_group(cloud)
    cloud.client("autoscaling").put_scheduled_update_group_action(
        AutoScalingGroupName="pool", ScheduledActionName="morning", Recurrence="0 8 * * *", DesiredCapacity=3
    )
    assert look(cloud, "pool").held == "it has scheduled actions, which set its size"


@pytest.mark.parametrize(
    ("mode", "breach", "held"),
    [
        ("ForecastAndScale", "IncreaseMaxCapacity", True),
        ("ForecastAndScale", "HonorMaxCapacity", False),
        ("ForecastAndScale", None, False),
        ("ForecastOnly", "IncreaseMaxCapacity", False),
    ],
)
def test_a_group_whose_maximum_a_forecast_may_raise_again_is_left_alone(
    cloud: Cloud, mode: str, breach: str | None, held: bool
) -> None:
    a_group(cloud)
    how = {"MetricSpecifications": [], "Mode": mode, **({"MaxCapacityBreachBehavior": breach} if breach else {})}
    policies = [
        {"AutoScalingGroupName": "other", "PolicyName": "o", "PredictiveScalingConfiguration": how},
        {"AutoScalingGroupName": "pool", "PolicyName": "track", "PolicyType": "TargetTrackingScaling"},
    ]
    ahead = {"AutoScalingGroupName": "pool", "PolicyName": "ahead", "PredictiveScalingConfiguration": how}
    cloud.pages["AUTO-SCALING.DescribePolicies"] = [
        {"ScalingPolicies": policies, "NextToken": "more"},
        {"ScalingPolicies": [ahead]},
    ]
    reason = "its predictive policy ahead may raise its maximum again (IncreaseMaxCapacity)"
    assert look(cloud, "pool").held == (reason if held else "")


def test_without_groups_no_policies_are_asked_about(cloud: Cloud) -> None:
    everything(cloud)
    assert cloud.count("AUTO-SCALING.DescribePolicies") == 0


@pytest.mark.parametrize(("mode", "held"), [("ForecastAndScale", True), ("ForecastOnly", False), (None, False)])
def test_a_service_that_is_scaled_by_forecast_is_left_alone(cloud: Cloud, mode: str | None, held: bool) -> None:
    scaled_service(cloud)
    policy: dict[str, Any] = {
        "ResourceId": "service/main/web",
        "PolicyName": "ahead",
        "PolicyType": "PredictiveScaling",
    }
    policy["PredictiveScalingPolicyConfiguration"] = {"Mode": mode} if mode else {}
    track = {"ResourceId": "service/main/web", "PolicyName": "track", "PolicyType": "TargetTrackingScaling"}
    cloud.pages["APPLICATION-AUTO-SCALING.DescribeScalingPolicies"] = [{"ScalingPolicies": [track, policy]}]
    reason = "its predictive policy ahead starts tasks by forecast, which cannot be suspended"
    assert look(cloud, "web").held == (reason if held else "")


def test_a_service_that_was_stopped_before_it_was_scaled_by_forecast_can_be_started(cloud: Cloud) -> None:
    apply(cloud, "stop", scaled_service(cloud))
    policy: dict[str, Any] = {
        "ResourceId": "service/main/web",
        "PolicyName": "ahead",
        "PolicyType": "PredictiveScaling",
    }
    policy["PredictiveScalingPolicyConfiguration"] = {"Mode": "ForecastAndScale"}
    cloud.pages["APPLICATION-AUTO-SCALING.DescribeScalingPolicies"] = [{"ScalingPolicies": [policy]}]
    assert look(cloud, "web").held == ""


def test_instances_with_weights_count_by_their_weight(cloud: Cloud) -> None:
    heavy = {"InstanceId": "i-1", "LifecycleState": "InService", "WeightedCapacity": "4"}
    page = group(DesiredCapacity=8, MaxSize=8, Instances=[heavy, {**heavy, "LifecycleState": "Pending"}])
    cloud.pages["AUTO-SCALING.DescribeAutoScalingGroups"] = [{"AutoScalingGroups": [page]}]
    cloud.pages["AUTO-SCALING.DescribeInstanceRefreshes"] = [{"InstanceRefreshes": []}]
    seen = look(cloud, "pool")
    assert (seen.size, seen.running, seen.state) == (8, 4, "starting")


def test_every_page_of_groups_is_read_with_the_tag_as_filter(cloud: Cloud) -> None:
    """By a stubbed client, which checks what is asked and answered against AWS's own description of the API."""
    client = cloud.client("autoscaling")
    full = {
        "DefaultCooldown": 1,
        "AvailabilityZones": ["a"],
        "HealthCheckType": "EC2",
        "CreatedTime": datetime(2026, 3, 2, tzinfo=UTC),
        "Instances": [],
    }
    tags = [{**tag, "ResourceId": "x", "ResourceType": "auto-scaling-group"} for tag in upper(tagged("dev-1"))]
    filters = [{"Name": "tag:environment", "Values": ["dev-1"]}]
    with Stubber(client) as stub:
        for name, token in (("one", None), ("two", "more")):
            page: dict[str, Any] = {"AutoScalingGroups": [group(AutoScalingGroupName=name, **full | {"Tags": tags})]}
            asked = {"Filters": filters, **({"NextToken": token} if token else {})}
            stub.add_response("describe_auto_scaling_groups", page | ({} if token else {"NextToken": "more"}), asked)
        stub.add_response("describe_scheduled_actions", {"ScheduledUpdateGroupActions": []}, {})
        stub.add_response("describe_policies", {"ScalingPolicies": []}, {"PolicyTypes": ["PredictiveScaling"]})
        for _ in range(2):
            stub.add_response("describe_instance_refreshes", {"InstanceRefreshes": []}, {"AutoScalingGroupName": ANY})
        place = cloud.place(account(), "dev-1")
        assert [one.name for one in AutoScalingGroups().survey(lambda service: client, place)] == ["one", "two"]
        stub.assert_no_pending_responses()


def test_another_group_of_the_same_name_is_not_touched(cloud: Cloud) -> None:
    seen = a_group(cloud)
    cloud.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName="pool", ForceDelete=True)
    cloud.client("autoscaling").delete_launch_configuration(LaunchConfigurationName="pool")
    a_group(cloud)
    with pytest.raises(ToolInputError, match="pool is no longer there"):
        apply(cloud, "stop", seen)


# --- clusters of databases ---------------------------------------------------------------------


def test_members_of_a_cluster_are_covered_by_it(cloud: Cloud) -> None:
    a_cluster(cloud)
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier="aurora-1",
        DBClusterIdentifier="aurora",
        Engine="aurora-postgresql",
        DBInstanceClass="db.t3.medium",
        Tags=upper(tagged("dev-1")),
    )
    member = look(cloud, "aurora-1")
    assert (member.covered_by, member.held) == ("aurora", "covered by aurora, which is changed as a whole")


def test_a_cluster_that_is_busy_is_not_ready_and_nothing_is_noted(cloud: Cloud) -> None:
    seen = a_cluster(cloud)
    busy = {"DBClusterIdentifier": "aurora", "Status": "backing-up"}
    cloud.pages["RDS.DescribeDBClusters"] = [{"DBClusters": [busy]}]
    with pytest.raises(NotReady, match="backing-up"):
        apply(cloud, "stop", seen)
    assert cloud.count("RDS.AddTagsToResource") == 0
    cloud.refuse("RDS.StopDBCluster", "InvalidDBClusterStateFault", 400, "DbCluster aurora is in modifying state")
    with pytest.raises(NotReady, match="modifying"):
        apply(cloud, "stop", seen)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Engine": "aurora-mysql"}, ""),
        ({"Engine": "aurora-postgresql", "EngineMode": "provisioned"}, ""),
        ({"Engine": "aurora-mysql", "DeletionProtection": True, "ServerlessV2ScalingConfiguration": {}}, ""),
        ({"Engine": "mysql"}, "a Multi-AZ DB cluster of mysql, which RDS cannot stop"),
        ({"Engine": "postgres"}, "a Multi-AZ DB cluster of postgres, which RDS cannot stop"),
        ({"Engine": "neptune"}, "a cluster of neptune, which is not stopped as one of RDS"),
        ({"EngineMode": "serverless"}, "Aurora Serverless v1, which RDS cannot stop"),
        ({"EngineMode": "multimaster"}, "an Aurora multi-master cluster, which RDS cannot stop"),
        ({"EngineMode": "global"}, "part of the global database, which RDS cannot stop"),
        ({"GlobalClusterIdentifier": "world"}, "part of the global database world, which RDS cannot stop"),
        (
            {"ReplicationSourceIdentifier": "x"},
            "a read replica of x; RDS stops neither a read replica nor its source",
        ),
        (
            {"Engine": "postgres", "ReadReplicaIdentifiers": ["r"]},
            "the source of the read replica r; RDS stops neither a read replica nor its source",
        ),
        ({"Status": "failed"}, "it is failed, which somebody has to look at"),
        ({"Status": "backing-up"}, ""),
    ],
)
def test_clusters_to_leave_alone(cloud: Cloud, fields: dict[str, Any], reason: str) -> None:
    plain = {
        "DBClusterIdentifier": "aurora",
        "DBClusterArn": f"arn:aws:rds:{REGION}:{DEV}:cluster:aurora",
        "Status": "available",
        "Engine": "aurora-mysql",
        "TagList": upper(tagged("dev-1")),
    }
    cloud.pages["RDS.DescribeDBClusters"] = [{"DBClusters": [plain | fields]}]
    assert look(cloud, "aurora").held == reason


# --- instances ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "reason"),
    [
        ("one-time", "a Spot Instance of a one-time request, which EC2 cannot stop"),
        ("persistent", "a Spot Instance of a persistent request, which EC2 starts again only when it has capacity"),
    ],
)
def test_of_a_spot_instance_it_is_said_of_which_request(cloud: Cloud, type: str, reason: str) -> None:
    instance = {
        "InstanceId": "i-1",
        "State": {"Name": "running"},
        "Tags": upper(tagged("dev-1")),
        "InstanceLifecycle": "spot",
        "SpotInstanceRequestId": "sir-1",
    }
    cloud.pages["EC2.DescribeInstances"] = [{"Reservations": [{"OwnerId": DEV, "Instances": [instance]}]}]
    request = {"SpotInstanceRequestId": "sir-1", "Type": type}
    cloud.pages["EC2.DescribeSpotInstanceRequests"] = [{"SpotInstanceRequests": [request]}]
    assert look(cloud, "i-1").held == reason


def test_an_instance_enabled_for_hibernation_is_hibernated(cloud: Cloud) -> None:
    add_instance(cloud.client("ec2"), tagged("dev-1", Name="plain"))
    plain = look(cloud, "plain")
    id = plain.ref.id.rpartition("/")[2]
    apply(cloud, "stop", plain)
    assert cloud.parameters("EC2.StopInstances") == [{"InstanceIds": [id]}]

    cloud.requests.clear()
    asleep = {"InstanceId": id, "State": {"Name": "running"}, "HibernationOptions": {"Configured": True}}
    cloud.pages["EC2.DescribeInstances"] = [{"Reservations": [{"Instances": [asleep]}]}]
    apply(cloud, "stop", plain)
    assert cloud.parameters("EC2.StopInstances") == [{"InstanceIds": [id], "Hibernate": True}]


def encrypted(cloud: Cloud, key: str) -> None:
    devices = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": "vol-1"}}]
    instance = {"InstanceId": "i-1", "State": {"Name": "stopped"}, "BlockDeviceMappings": devices}
    instance["Tags"] = upper(tagged("dev-1", **{SAVED: "1"}))
    cloud.pages["EC2.DescribeInstances"] = [{"Reservations": [{"OwnerId": DEV, "Instances": [instance]}]}]
    volume = {"VolumeId": "vol-1", "Encrypted": True, "KmsKeyId": key}
    cloud.pages["EC2.DescribeVolumes"] = [{"Volumes": [volume]}]


def about(policy: SessionPolicy, arn: str) -> bool:
    return any(one.arn == arn for one in policy.permissions)


def test_starting_asks_for_a_grant_on_the_keys_of_the_volumes_in_the_session_that_starts(cloud: Cloud) -> None:
    key = f"arn:aws:kms:{REGION}:{DEV}:key/1-2"
    encrypted(cloud, key)
    one = look(cloud, "i-1")
    assert (one.held, one.uses) == ("", (key,))
    platform = cloud.platform(account())
    permissions = list(platform.permissions(change("start", one)))
    assert Permission(action="kms:CreateGrant", arn=key, beside=one.ref.id) in permissions
    assert not any(each.action.startswith("kms:") for each in platform.permissions(change("stop", one)))
    for others in range(40):
        crowd = [Permission(action="ec2:StartInstances", arn=f"{one.ref.id[:-1]}0{n:04}") for n in range(others)]
        together = [each for each in session_policies([*crowd, *permissions]) if about(each, key)]
        assert [about(each, one.ref.id) for each in together] == [True], others


def test_a_key_of_another_account_is_not_used_and_its_instance_left_alone(cloud: Cloud) -> None:
    encrypted(cloud, f"arn:aws:kms:{REGION}:333333333333:key/1-2")
    assert "a key of another account" in look(cloud, "i-1").held


# --- what cannot be read or was not granted ----------------------------------------------------


def test_a_service_whose_scaling_cannot_be_read_is_not_shown_as_if_it_had_none(cloud: Cloud) -> None:
    add_service(cloud.client("ecs"), "main", "web", tagged("dev-1"))
    cloud.refuse("APPLICATION-AUTO-SCALING.DescribeScalableTargets", "AccessDeniedException")
    survey = cloud.platform(account()).survey()
    assert survey.resources == ()
    assert [one.reason for one in survey.unreachable] == ["reading ECS: not authorized"]


def test_a_target_registered_since_the_preview_was_not_granted(cloud: Cloud) -> None:
    seen = scaled_service(cloud).model_copy(update={"uses": ()})
    with pytest.raises(PermissionDenied, match="not among what this call was granted"):
        apply(cloud, "stop", seen)
    assert look(cloud, "web").size == 3


def test_a_stop_that_is_refused_and_cannot_be_taken_back_is_half_done_and_says_so(cloud: Cloud) -> None:
    service = scaled_service(cloud)
    cloud.refuse("ECS.UpdateService")
    scaled = "APPLICATION-AUTO-SCALING.RegisterScalableTarget"
    cloud.refuse(scaled, where=lambda parameters, region: parameters["MinCapacity"] != 0)
    with pytest.raises(HalfDone, match="could not be put back"):
        apply(cloud, "stop", service)
    limits = look(cloud, "web").limits
    assert limits is not None and limits.at_rest


@pytest.mark.parametrize("refused", ["ECS.TagResource", "ECS.UpdateService"])
def test_a_stop_that_is_refused_and_taken_back_changed_nothing(cloud: Cloud, refused: str) -> None:
    service = scaled_service(cloud)
    cloud.refuse(refused)
    with pytest.raises(PermissionDenied):
        apply(cloud, "stop", service)
    assert look(cloud, "web") == service


def test_a_start_whose_second_part_is_refused_is_half_done(cloud: Cloud) -> None:
    service = scaled_service(cloud)
    apply(cloud, "stop", service)
    cloud.refuse("APPLICATION-AUTO-SCALING.RegisterScalableTarget")
    with pytest.raises(HalfDone, match="what comes before that was done"):
        apply(cloud, "start", look(cloud, "web"))
    assert look(cloud, "web").size == 3
