"""Giving services and groups another size."""

from __future__ import annotations

from typing import Any

import pytest
from fakes_platform import FakeClients, FakePlatform, database, group, instance, service

from copilot.domain import Call, Limits
from copilot.errors import PermissionDenied, ToolInputError
from copilot.tools.environments.scaling import ScaleInput, ScaleResource

TO_TEN = Limits(minimum=2, maximum=10)


def given(**more: Any) -> ScaleInput:
    return ScaleInput.model_validate({"environment_id": "shop", "resource": "web", **more})


def scaled(platform: FakePlatform, call: ScaleInput) -> str:
    """What is told of it in the end, run twice and read back."""
    tool = ScaleResource(FakeClients(platform))
    preview = tool.preview(call)
    tool.run(call, preview)
    tool.run(call, preview)
    found = tool.verify(call, preview)
    assert found.outcome == "true" and found.output
    return str(found.output["summary"])


@pytest.mark.parametrize(
    ("how", "size"), [({"size": 5}, 5), ({"by": 2}, 5), ({"by": -2}, 1), ({"as_in": "live"}, 8), ({"size": 1}, 1)]
)
def test_a_service_is_scaled_to_a_number_by_a_step_or_as_elsewhere(how: dict[str, Any], size: int) -> None:
    platform = FakePlatform([service("shop", "web", 3), service("live", "web", 8)])
    assert scaled(platform, given(**how)) == f"web in shop: 3 -> {size}, {size} running"
    assert [one.size for one in platform.resources] == [size, 8]


def test_a_group_is_scaled_within_its_limits() -> None:
    platform = FakePlatform([group("shop", "pool", 3, TO_TEN)])
    assert scaled(platform, given(resource="pool", size=10)) == "pool in shop: 3 (2 to 10) -> 10 (2 to 10), 10 running"


@pytest.mark.parametrize(("size", "bound"), [(11, "a maximum of 11"), (1, "a minimum of 1")])
def test_limits_are_kept_to_unless_a_person_says_otherwise(size: int, bound: str) -> None:
    platform = FakePlatform([service("shop", "web", 3, limits=TO_TEN)])
    with pytest.raises(ToolInputError, match=f"scaled between 2 and 10, and {size} is outside that.*{bound}"):
        ScaleResource(FakeClients(platform)).preview(given(size=size))


@pytest.mark.parametrize("size", [2, 10])
def test_at_its_limits_it_is_within_them(size: int) -> None:
    platform = FakePlatform([service("shop", "web", 3, limits=TO_TEN)])
    tool = ScaleResource(FakeClients(platform))
    (change,) = tool.preview(given(size=size)).changes
    assert (change.size, change.limits) == (size, None)
    assert change.reason == "its scaling may change that again, from 2 to 10"


def test_limits_that_are_named_are_changed_with_the_size() -> None:
    platform = FakePlatform([service("shop", "web", 3, limits=TO_TEN, uses=("arn:target",))])
    call = given(size=14, maximum=14)
    (change,) = ScaleResource(FakeClients(platform)).preview(call).changes
    assert change.uses == ("arn:target",)
    assert scaled(platform, call) == "web in shop: 3 (2 to 10) -> 14 (2 to 14), 14 running"
    assert platform.now("web").limits == Limits(minimum=2, maximum=14)


def test_limits_alone_may_be_changed() -> None:
    platform = FakePlatform([service("shop", "web", 3, limits=TO_TEN)])
    scaled(platform, given(minimum=3))
    assert (platform.now("web").size, platform.now("web").limits) == (3, Limits(minimum=3, maximum=10))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "say how many"),
        ({"size": 3, "by": 1}, "say how many"),
        ({"by": -3}, "to have none of it is to stop it"),
        ({"size": 4, "maximum": 9}, "nothing scales web by itself"),
        ({"size": 4, "as_in": "live"}, "say how many"),
        ({"as_in": "off"}, "so it says no size"),
        ({"resource": "orders", "size": 2}, "does not come in numbers"),
        ({"resource": "wbe", "size": 2}, "nothing called wbe; nearest: web"),
    ],
)
def test_what_makes_no_sense_is_said(more: dict[str, Any], why: str) -> None:
    platform = FakePlatform(
        [service("shop", "web", 3), database("shop", "orders"), instance("shop", "one"), service("off", "web", 0)]
    )
    with pytest.raises(ToolInputError, match=why):
        ScaleResource(FakeClients(platform)).preview(given(**more))


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        (service("shop", "web", 0, saved=3), "it is stopped"),
        (service("shop", "web", 3, held="a daemon, which runs one task on every host"), "a daemon"),
        (service("shop", "web", 5), "already 5"),
    ],
)
def test_what_is_not_scaled_is_left_alone_with_the_reason(there: Any, reason: str) -> None:
    platform = FakePlatform([there])
    summary = scaled(platform, given(size=5))
    assert f"left alone ({reason}" in summary
    assert platform.applied == []


def test_without_the_pack_nothing_is_asked_for() -> None:
    platform = FakePlatform([service("shop", "web", 3)], packs_off={"scale"})
    with pytest.raises(PermissionDenied, match="the pack scale is off"):
        ScaleResource(FakeClients(platform)).preview(given(size=5))


@pytest.mark.parametrize(
    ("there", "how"),
    [
        (service("shop", "web", 3), {"size": 5}),
        (service("shop", "web", 3), {"by": -1}),
        (service("shop", "web", 3, limits=TO_TEN), {"size": 12, "maximum": 12}),
        (service("shop", "web", 3, limits=TO_TEN), {"minimum": 1}),
        (group("shop", "web", 3, TO_TEN), {"size": 1, "minimum": 0}),
    ],
)
def test_it_is_taken_back_to_exactly_what_it_was(there: Any, how: dict[str, Any]) -> None:
    platform = FakePlatform([there])
    call = given(**how)
    tool = ScaleResource(FakeClients(platform))
    preview = tool.preview(call)
    tool.run(call, preview)
    assert platform.resources != [there]

    undone = ScaleResource.undo(call, preview)
    assert isinstance(undone, Call)
    scaled(platform, ScaleInput.model_validate(undone.arguments))
    assert platform.resources == [there]


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (service("shop", "web", 7), "somebody changed its size since: it is 7 now, and not 5"),
        (service("shop", "web", 5, limits=TO_TEN), "somebody changed its limits since: it is 5 (2 to 10) now"),
    ],
)
def test_what_somebody_changed_since_is_shown_and_left(since: Any, told: str) -> None:
    platform = FakePlatform([service("shop", "web", 3)])
    tool, call = ScaleResource(FakeClients(platform)), given(size=5)
    undone = ScaleResource.undo(call, tool.preview(call))
    assert isinstance(undone, Call)
    platform.resources = [since]
    assert told in scaled(platform, ScaleInput.model_validate(undone.arguments))
    assert platform.applied == []


def test_what_its_platform_moved_within_its_limits_is_nobodys_change() -> None:
    platform = FakePlatform([service("shop", "web", 3, limits=TO_TEN)])
    tool, call = ScaleResource(FakeClients(platform)), given(size=5)
    undone = ScaleResource.undo(call, tool.preview(call))
    assert isinstance(undone, Call)
    platform.resources = [service("shop", "web", 7, limits=TO_TEN)]
    scaled(platform, ScaleInput.model_validate(undone.arguments))
    assert platform.now("web").size == 3


def test_it_is_waited_for_and_a_size_that_somebody_else_set_is_told() -> None:
    platform = FakePlatform([service("shop", "web", 3)], slow={"web"})
    tool, call = ScaleResource(FakeClients(platform)), given(size=5)
    preview = tool.preview(call)
    tool.run(call, preview)
    assert tool.verify(call, preview).reason == "web has 3 of 5 running"
    platform.resources = [service("shop", "web", 4)]
    found = tool.verify(call, preview)
    assert (found.outcome, found.reason) == ("false", "web is to have 4, not 5")
    platform.resources = [service("shop", "web", 2, 5)]
    preview = preview.model_copy(update={"changes": (preview.changes[0].model_copy(update={"size": 2}),)})
    assert tool.verify(call, preview).outcome == "not yet", "those too many still run"


def test_a_change_since_it_was_looked_at_is_another_state() -> None:
    platform = FakePlatform([service("shop", "web", 3)])
    tool, call = ScaleResource(FakeClients(platform)), given(size=5)
    before = tool.preview(call).state_hash
    platform.resources = [service("shop", "web", 4)]
    assert tool.preview(call).state_hash != before
