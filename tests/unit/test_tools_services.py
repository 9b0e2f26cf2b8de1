"""What a service runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes_platform import NOW, FakeClients, FakePlatform, database, service

from copilot.domain import Container, Rollout, ServiceState, TargetGroup, TargetHealth, Unreachable
from copilot.errors import Ambiguous, ToolInputError
from copilot.plans.marks import marked_paths
from copilot.plans.tool_types import types_of
from copilot.tools.environments.services import ServiceDetails, ServiceDetailsInput, ServiceDetailsOutput

REGISTRY = "111111111111.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = "sha256:" + "0123456789abcdef" * 4


def rollout(state: str = "COMPLETED", **more: Any) -> Rollout:
    given: dict[str, Any] = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "reason": "ECS deployment ecs-svc/1 completed.",
        "definition": "shop-web:12",
    }
    given |= {
        "id": "ecs-svc/1",
        "since": NOW - timedelta(hours=2),
        "wanted": 3,
        "running": 3,
        "pending": 0,
        "failed": 0,
    }
    return Rollout.model_validate({**given, "state": state, **more})


def state(*images: str, **more: Any) -> ServiceState:
    containers = tuple(Container(name=f"c{number}", image=image) for number, image in enumerate(images or ("web:1.4",)))
    return ServiceState.model_validate(
        {"definition": "shop-web:12", "containers": containers, "rollouts": (rollout(),), **more}
    )


def shop(**more: Any) -> FakePlatform:
    resources = [service("shop", "web", 3), service("shop", "jobs", 0), database("shop", "web")]
    return FakePlatform(resources, **{"serving": {"web": state(), "jobs": state()}, **more})


def run(platform: FakePlatform, name: str = "web", environment: str | None = "shop") -> ServiceDetailsOutput:
    taken = ServiceDetailsInput(service=name, environment_id=environment)
    return ServiceDetails(FakeClients(platform)).run(taken)


def test_image_tasks_and_the_last_deployment_are_said() -> None:
    output = run(shop())
    assert output.summary == "web in shop (development): web:1.4, 3 of 3 tasks running"
    assert output.lines == (
        "task definition shop-web:12",
        "deployment of shop-web:12: completed, begun 2026-03-02 10:30 UTC",
    )
    assert output.why == ()
    (one,) = output.places
    assert (one.task_definition, one.wanted, one.running) == ("shop-web:12", 3, 3)
    assert one.id == shop().resources[0].ref.id


def test_what_is_scaled_to_none_is_said_to_be() -> None:
    assert run(shop(), "jobs").summary == "jobs in shop (development): web:1.4, scaled to none"


@pytest.mark.parametrize(
    ("image", "kept", "tag", "digest", "shown"),
    [
        ("web", "web", "latest", "", "web:latest"),
        ("web:1.4", "web", "1.4", "", "web:1.4"),
        (f"{REGISTRY}/shop/web:1.4", f"{REGISTRY}/shop/web", "1.4", "", "shop/web:1.4"),
        ("localhost:5000/web", "localhost:5000/web", "latest", "", "web:latest"),
        ("acme/web:2", "acme/web", "2", "", "acme/web:2"),
        (f"{REGISTRY}/web@{DIGEST}", f"{REGISTRY}/web", "", DIGEST, "web (sha256:0123456789ab)"),
        (f"ghcr.io/a/web:2@{DIGEST}", "ghcr.io/a/web", "2", DIGEST, "a/web:2 (sha256:0123456789ab)"),
    ],
)
def test_an_image_is_taken_apart(image: str, kept: str, tag: str, digest: str, shown: str) -> None:
    output = run(shop(serving={"web": state(image)}))
    (found,) = output.places[0].images
    assert (found.image, found.tag, found.digest) == (kept, tag, digest)
    assert f": {shown}, 3 of 3" in output.summary


def test_containers_beside_it_are_named_after_it() -> None:
    output = run(shop(serving={"web": state("web:1.4", "envoy:1.30", "agent:7")}))
    assert "web:1.4 with envoy:1.30, agent:7 beside it" in output.summary


def test_a_deployment_under_way_is_shown_with_what_it_replaces_and_why_it_hangs() -> None:
    hangs = rollout("IN_PROGRESS", definition="shop-web:13", running=1, pending=1, failed=4, reason="tasks failed")
    before = rollout("COMPLETED", status="ACTIVE", running=2)
    output = run(shop(serving={"web": state(rollouts=(hangs, before))}))
    assert output.lines[1:] == (
        "deployment of shop-web:13: under way, begun 2026-03-02 10:30 UTC, 1 of 3 tasks running, 1 starting, "
        "4 failed to start",
        "deployment of shop-web:12: completed, begun 2026-03-02 10:30 UTC",
    )
    assert output.why == ("tasks failed",)


def test_one_that_says_nothing_of_its_state_is_called_by_its_status() -> None:
    assert (
        "shop-web:12: active, begun"
        in run(shop(serving={"web": state(rollouts=(rollout("", status="ACTIVE"),))})).lines[1]
    )


def test_the_health_of_its_targets_is_counted_with_the_reasons_of_the_ill() -> None:
    ill = TargetHealth(id="10.0.0.3", state="unhealthy", reason="Target.FailedHealthChecks")
    targets = (TargetHealth(id="10.0.0.1", state="healthy"), ill, ill, TargetHealth(id="10.0.0.4", state="draining"))
    groups = (TargetGroup(name="web", targets=targets), TargetGroup(name="spare", targets=()))
    output = run(shop(serving={"web": state(target_groups=groups)}))
    assert output.lines[-2:] == (
        "target group web: 1 of 4 targets healthy (2 unhealthy Target.FailedHealthChecks, 1 draining)",
        "target group spare: no targets",
    )
    assert (output.places[0].target_groups[0].healthy, output.places[0].target_groups[0].targets) == (1, 4)


def test_what_is_not_told_of_targets_is_said_and_hides_nothing_else() -> None:
    output = run(shop(serving={"web": state(unread="AccessDenied")}))
    assert output.lines[-1] == "the health of its targets could not be read"
    assert output.why == ("AccessDenied",) and "web:1.4" in output.summary


def test_what_the_platform_says_is_marked_though_it_looks_like_a_name() -> None:
    output = run(shop(serving={"web": state(rollouts=(rollout("FAILED", reason="failed"),))}))
    marked = marked_paths(output.model_dump(mode="json"), types_of(ServiceDetails).output)
    assert {"why", "places[].rollouts[].reason"} <= {path.removesuffix("[]") for path in marked}


def test_one_service_in_two_regions_is_shown_in_each() -> None:
    platform = shop()
    platform.resources.append(service("shop", "web", 1, region="us-east-1"))
    output = run(platform)
    assert output.summary == (
        "web in shop (development): in eu-west-1 web:1.4, 3 of 3 tasks running; "
        "in us-east-1 web:1.4, 1 of 1 tasks running"
    )
    assert output.lines[0] == "task definition shop-web:12, eu-west-1"


@pytest.mark.parametrize("said", ["web", "WEB", " web", "w-e-b"])
def test_a_service_is_found_as_people_write_it(said: str) -> None:
    assert run(shop(), said).service == "web"


def test_alone_it_is_looked_for_everywhere() -> None:
    platform = shop()
    platform.resources.append(service("other", "api", 1))
    assert run(platform, environment=None).environment_id == "shop"
    assert platform.surveys == [None]


def test_of_several_environments_that_have_it_the_person_chooses() -> None:
    platform = shop()
    platform.resources.append(service("other", "web", 1))
    with pytest.raises(Ambiguous, match="the service web is in 2 environments: other, shop; which one") as raised:
        run(platform, environment=None)
    assert list(raised.value.nearest) == ["other", "shop"]
    assert run(platform).environment_id == "shop"


def test_of_names_that_are_alike_the_person_chooses() -> None:
    platform = FakePlatform([service("shop", "Web", 1), service("shop", "WEB", 1)])
    with pytest.raises(Ambiguous, match="web may be any of 2 services: WEB, Web"):
        run(platform)


def test_a_name_that_none_has_is_refused_with_the_nearest_and_where_it_may_be() -> None:
    platform = shop(unreachable=[Unreachable(account="far (2)", region="eu-west-1", reason="AccessDenied")])
    with pytest.raises(ToolInputError, match=r"no service webb in shop; nearest: web \(it may be where nothing"):
        run(platform, "webb")
    with pytest.raises(ToolInputError, match="no service orders anywhere"):
        run(platform, "orders", None)
