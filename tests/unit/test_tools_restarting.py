"""Restarting services, and rebooting instances and databases."""

from __future__ import annotations

import pytest
from fakes_platform import NOW, FakeClients, FakePlatform, cluster, database, group, instance, service

from copilot.domain import Container, Limits, NothingToUndo, Rollout, ServiceState
from copilot.errors import Ambiguous, FatalError, PermissionDenied, RetryableError, ToolInputError, Unfinished
from copilot.tools.environments.restarting import (
    RebootResource,
    RebootResourceInput,
    RestartService,
    RestartServiceInput,
)

SHOP_WEB = RestartServiceInput(environment_id="shop", service="web")


def runs(definition: str = "web:7", state: str = "COMPLETED", controller: str = "", **more: object) -> ServiceState:
    rollout = Rollout.model_validate(
        {
            "id": "launch-1",
            "status": "PRIMARY",
            "state": state,
            "reason": "",
            "definition": definition,
            "since": NOW,
            "wanted": 3,
            "running": 3,
            "pending": 0,
            "failed": 0,
            **more,
        }
    )
    return ServiceState(
        definition=definition,
        containers=(Container(name="web", image="web:7"),),
        rollouts=(rollout,),
        controller=controller,
    )


def a_shop(**more: object) -> FakePlatform:
    there = [service("shop", "web", 3), instance("shop", "batch"), database("shop", "orders")]
    return FakePlatform(there, serving={"web": runs()}, **more)  # type: ignore[arg-type]


def test_a_service_is_restarted_once_whatever_is_called_how_often() -> None:
    platform = a_shop()
    tool = RestartService(FakeClients(platform))
    preview = tool.preview(SHOP_WEB)
    (change,) = preview.changes
    assert (change.action, change.before, change.after) == ("restart", "3 of 3 tasks running", "new tasks of web:7")

    assert tool.run(SHOP_WEB, preview).state == "restarting"
    tool.run(SHOP_WEB, preview)

    assert platform.applied == [("restart", "web", None)]
    found = tool.verify(SHOP_WEB, preview)
    assert (found.outcome, found.output and found.output["summary"]) == (
        "true",
        "web in shop: restarted, 3 of 3 tasks running",
    )


def test_it_is_waited_for_and_a_failure_is_told_in_the_words_of_the_platform() -> None:
    platform = a_shop(slow={"web"})
    tool = RestartService(FakeClients(platform))
    preview = tool.preview(SHOP_WEB)
    tool.run(SHOP_WEB, preview)
    platform.serving["web"] = runs(id="launch-2", state="IN_PROGRESS", running=1)
    coming = tool.verify(SHOP_WEB, preview)
    assert (coming.outcome, coming.reason) == ("not yet", "web: 1 of 3 new tasks running")

    platform.serving["web"] = runs(id="launch-2", state="FAILED", reason="tasks failed to start")
    failed = tool.verify(SHOP_WEB, preview)
    assert failed.outcome == "false"
    assert "the new tasks did not come up" in failed.reason and "tasks failed to start" in failed.reason


def test_before_it_was_restarted_a_fresh_read_says_so() -> None:
    tool = RestartService(FakeClients(a_shop()))
    found = tool.verify(SHOP_WEB, tool.preview(SHOP_WEB))
    assert (found.outcome, found.tells) == ("false", True)


def test_a_deployment_since_it_was_looked_at_is_another_state() -> None:
    platform = a_shop()
    tool = RestartService(FakeClients(platform))
    before = tool.preview(SHOP_WEB)
    platform.serving["web"] = runs("web:8", id="launch-2")
    assert tool.preview(SHOP_WEB).state_hash != before.state_hash


def test_somebody_elses_deployment_meanwhile_is_no_restart() -> None:
    platform = a_shop()
    tool = RestartService(FakeClients(platform))
    preview = tool.preview(SHOP_WEB)
    tool.run(SHOP_WEB, preview)
    platform.serving["web"] = runs("web:8", id="launch-3")
    found = tool.verify(SHOP_WEB, preview)
    assert (found.outcome, found.reason) == ("false", "web: somebody deployed web:8 meanwhile")


@pytest.mark.parametrize(
    ("platform", "reason"),
    [
        (FakePlatform([service("shop", "web", 0)], serving={"web": runs()}), "it is stopped"),
        (a_shop(), ""),
        (
            FakePlatform([service("shop", "web", 3)], serving={"web": runs(controller="CodeDeploy")}),
            "CodeDeploy alone deploys it",
        ),
        (FakePlatform([service("shop", "web", 3)]), "its platform does not tell what it runs"),
    ],
)
def test_what_cannot_be_restarted_is_left_alone_with_the_reason(platform: FakePlatform, reason: str) -> None:
    tool = RestartService(FakeClients(platform))
    preview = tool.preview(SHOP_WEB)
    (change,) = preview.changes
    if not reason:
        assert change.action == "restart"
        return
    assert change.action == "skip" and change.reason.startswith(reason)
    output = tool.run(SHOP_WEB, preview)
    assert (output.state, platform.applied) == ("left alone", [])
    assert reason in output.summary
    assert tool.verify(SHOP_WEB, preview).outcome == "true"


def test_without_the_pack_nothing_is_even_asked_for() -> None:
    platform = a_shop(packs_off={"restart"})
    with pytest.raises(PermissionDenied, match="the pack restart is off"):
        RestartService(FakeClients(platform)).preview(SHOP_WEB)
    with pytest.raises(PermissionDenied, match="the pack restart is off"):
        RebootResource(FakeClients(platform)).preview(RebootResourceInput(environment_id="shop", resource="orders"))


def test_of_a_service_in_two_clusters_the_one_that_is_named_by_its_id_is_restarted() -> None:
    one = service("shop", "web", 3)
    other = service("shop", "web", 2, region="us-east-1")
    platform = FakePlatform([one, other], serving={"web": runs()})
    tool = RestartService(FakeClients(platform))
    assert len(tool.preview(SHOP_WEB).wanted) == 2
    only = RestartServiceInput(environment_id="shop", service=other.ref.id)
    assert [change.ref for change in tool.preview(only).wanted] == [other.ref]


def test_where_one_of_two_fails_the_rest_can_be_done_later() -> None:
    platform = FakePlatform(
        [service("shop", "web", 3), service("shop", "web", 2, region="us-east-1")], serving={"web": runs()}
    )
    tool = RestartService(FakeClients(platform))
    preview = tool.preview(SHOP_WEB)
    calls = iter([None, RetryableError("slow down")])

    def apply(change: object, resource: object) -> None:
        if error := next(calls):
            raise error

    platform.apply = apply  # type: ignore[method-assign]
    with pytest.raises(Unfinished, match="the rest was"):
        tool.run(SHOP_WEB, preview)


@pytest.mark.parametrize(("name", "cut"), [("batch", "what runs on it"), ("orders", "its connections")])
def test_an_instance_and_a_database_are_rebooted(name: str, cut: str) -> None:
    platform = a_shop()
    tool = RebootResource(FakeClients(platform))
    given = RebootResourceInput(environment_id="shop", resource=name)
    preview = tool.preview(given)
    assert preview.changes[0].reason.startswith(cut)
    tool.run(given, preview)
    assert platform.applied == [("restart", name, None)]
    found = tool.verify(given, preview)
    assert (found.outcome, found.output and found.output["summary"]) == (
        "true",
        f"{name} in shop: rebooted, and running",
    )
    assert not found.tells, "that it runs does not tell that it was rebooted"


def test_it_is_waited_for_until_it_runs_again() -> None:
    platform = a_shop()
    tool = RebootResource(FakeClients(platform))
    given = RebootResourceInput(environment_id="shop", resource="orders")
    preview = tool.preview(given)
    platform.resources[2] = database("shop", "orders", "other", detail="rebooting")
    assert tool.verify(given, preview).outcome == "not yet"
    platform.resources[2] = database("shop", "orders", "stopped")
    assert tool.verify(given, preview).outcome == "false"
    del platform.resources[2]
    assert "is no longer there" in tool.verify(given, preview).reason


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (service("shop", "web", 3), "it is a service, which is restarted and not rebooted"),
        (group("shop", "pool", 2, Limits(minimum=1, maximum=3)), "one instance group is not rebooted as a whole"),
        (cluster("shop", "aurora"), "one database cluster is not rebooted as a whole"),
        (instance("shop", "batch", "stopped"), "it is stopped, and only what runs can be rebooted"),
    ],
)
def test_what_cannot_be_rebooted_is_left_alone(resource: object, reason: str) -> None:
    platform = FakePlatform([resource])  # type: ignore[list-item]
    tool = RebootResource(FakeClients(platform))
    given = RebootResourceInput(environment_id="shop", resource=platform.resources[0].name)
    preview = tool.preview(given)
    assert preview.changes[0].reason.startswith(reason)
    assert (tool.run(given, preview).state, platform.applied) == ("left alone", [])


def test_names_that_are_not_there_or_are_there_twice_are_asked_about() -> None:
    tool = RebootResource(FakeClients(a_shop()))
    with pytest.raises(ToolInputError, match="shop has nothing called order; nearest: orders"):
        tool.preview(RebootResourceInput(environment_id="shop", resource="order"))
    twice = FakePlatform([instance("shop", "batch"), instance("shop", "batch", region="us-east-1")])
    with pytest.raises(Ambiguous, match="which one is meant"):
        RebootResource(FakeClients(twice)).preview(RebootResourceInput(environment_id="shop", resource="batch"))


def test_what_the_platform_refuses_is_told_and_nothing_else() -> None:
    platform = a_shop(failing={"orders": FatalError("no")})
    tool = RebootResource(FakeClients(platform))
    given = RebootResourceInput(environment_id="shop", resource="orders")
    with pytest.raises(FatalError, match="orders was not rebooted"):
        tool.run(given, tool.preview(given))


def test_neither_leaves_anything_to_take_back() -> None:
    tool = RestartService(FakeClients(a_shop()))
    assert isinstance(RestartService.undo(SHOP_WEB, tool.preview(SHOP_WEB)), NothingToUndo)
