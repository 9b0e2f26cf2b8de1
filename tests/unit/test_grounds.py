"""A target that a model wrote into a step that writes is one the person, or our code, has named; else it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from fake_model import FakeModel
from fakes import focus_on, spoken_of
from test_firing import Setting

from copilot.domain import Plan
from copilot.plans.grounds import ungrounded
from copilot.tools.registry import Registry

REGISTRY = Registry()
FIND = {"id": "find", "tool": "find_environment", "arguments": {"name": "red"}}
LIST = {"id": "envs", "tool": "list_environments"}


def stop(value: Any, **more: Any) -> dict[str, Any]:
    return {"id": "off", "tool": "stop_environment", "arguments": {"environment_id": value}} | more


def problems(*steps: dict[str, Any], grounds: tuple[str, ...] = ("stop the red one", "blue-dev")) -> list[str]:
    plan = Plan.model_validate({"steps": steps, "answer": {"text": "x"}})
    return ungrounded(plan.steps, REGISTRY, grounds)


@pytest.mark.parametrize(
    "steps",
    [
        [stop("red")],
        [stop("RED")],
        [stop("blue-dev")],
        [FIND, stop({"$ref": "find.environment.id"})],
        [LIST, stop({"$item": "@"}, for_each={"$ref": "envs.environments[?name=='green'].id"})],
        [LIST, stop({"$ref": "envs.environments[?name=='green'].id | [0]"})],
        [stop({"$item": "@"}, for_each=["red", "blue-dev"])],
        [FIND, stop({"$item": "@"}, for_each=[{"$ref": "find.environment.id"}, "red"])],
        [stop({"$text": "red"})],
        [FIND, stop({"$text": "{find.environment.id}"})],
        [{"id": "look", "tool": "cluster_health", "arguments": {"environment_id": "green"}}],
    ],
)
def test_what_was_said_or_found_may_be_changed(steps: list[Any]) -> None:
    assert problems(*steps) == []


def test_what_code_alone_plans_no_model_does_with_whatever_it_read_for_it() -> None:
    """What is put on a schedule is a plan that was checked, and no text out of a log."""
    read = {"id": "logs", "tool": "list_environments"}
    when = {"minutes": [0], "hours": [3], "days": ["MON"], "time_zone": "UTC"}
    arguments = {"request": "stop red", "plan": {"$ref": "logs.environments[0].name"}, "when": when}
    (problem,) = problems(read, {"id": "make", "tool": "schedule_request", "arguments": arguments})
    assert problem.startswith("step make: schedule_request ")


@pytest.mark.parametrize(
    ("step", "named"),
    [
        (stop("green"), "green"),
        (stop("red-dev"), "red-dev"),
        (stop("blue"), ""),
        (stop({"$text": "green"}), "green"),
        (stop({"$ref": "'green'"}), "green"),
        (stop({"$ref": "envs.environments[0].id || 'green'"}), "green"),
        (stop({"$item": "@"}, for_each=["red", "green"]), "green"),
        (stop({"$item": "name"}, for_each=[{"name": "green"}]), "green"),
        (stop({"$item": "@"}, for_each={"$ref": '`["green"]`'}), "green"),
        (stop("red", id="only", arguments={"environment_id": "red", "only": ["arn:x:y"]}), "arn:x:y"),
        ({"id": "t", "tool": "notify", "arguments": {"channel": "#general", "text": "x"}}, "#general"),
        ({"id": "d", "tool": "delete_schedule", "arguments": {"schedule_id": "s0123456789"}}, "s0123456789"),
        ({"id": "k", "tool": "keep_environment", "arguments": {"environment_id": "green", "until": "x"}}, "green"),
        (
            {"id": "c", "tool": "create_schedule", "arguments": {"window": {}, "environments": ["green"]}},
            "green",
        ),
    ],
)
def test_what_nobody_named_may_not(step: dict[str, Any], named: str) -> None:
    found = problems(LIST, step)
    if not named:  # part of a name that was said is said
        assert found == []
        return
    (problem,) = found
    assert f"step {step['id']}, argument " in problem and repr(named) in problem and "by a reference" in problem


def asked(setting: Setting, *answers: Any, text: str) -> tuple[dict[str, Any], FakeModel]:
    model, process = FakeModel(list(answers)), setting.runner()
    process.model_for = lambda purpose: None if purpose == "route" else model
    return process.run(text), model


def whole(*steps: Any) -> dict[str, Any]:
    return {"steps": list(steps), "answer": {"text": "{off.summary}"}}


def test_a_model_is_told_which_step_and_has_it_put_right_by_a_read() -> None:
    setting = Setting()
    found = whole(FIND, stop({"$ref": "find.environment.id"}))
    view, model = asked(setting, whole(stop("blue")), found, text="put the red thing to sleep, would you")
    assert view["outcome"] == "succeeded", view["answer"]
    assert {name for _, name, _ in setting.platform.applied} == {"web"}
    assert "'blue' is neither in the request" in model.prompts[1].user
    assert setting.platform.resources[1].size == 3, "blue was not touched"


def test_what_an_earlier_answer_quoted_grounds_nothing_and_what_the_conversation_speaks_of_does() -> None:
    setting = Setting()
    setting.ask("list environments")
    view, _ = asked(setting, whole(stop("blue")), text="now send that one to bed, would you")
    assert (view["outcome"], setting.platform.applied) == ("failed", [])
    spoken_of(setting.store, focus_on(environments=("blue",)))
    view, _ = asked(setting, whole(stop("blue")), text="now send that one to bed, would you")
    assert view["outcome"] == "succeeded"


def test_one_of_a_list_grounds_where_the_request_says_which() -> None:
    """Which it is was found by code; the model is told, and may not take another."""
    setting = Setting()
    setting.ask("list environments")
    view, model = asked(setting, whole(stop("red")), text="put the last one to sleep for me, would you be so kind")
    assert view["outcome"] == "succeeded", view["answer"]
    assert '"the last one":{"environments":["red"]}' in model.prompts[0].user
    setting.ask("list environments")
    view, _ = asked(setting, whole(stop("blue")), text="put the last one to sleep for me, would you be so kind")
    assert view["outcome"] == "failed" and setting.platform.resources[1].size == 3


def test_what_text_of_others_chose_grounds_nothing() -> None:
    setting = Setting()
    spoken_of(setting.store, focus_on(environments=("blue",), marked=("blue",)))
    view, _ = asked(setting, whole(stop("blue")), text="now send that one to bed, would you")
    assert (view["outcome"], setting.platform.applied) == ("failed", [])


def test_what_was_spoken_of_before_something_that_was_not_understood_grounds_nothing() -> None:
    setting = Setting()
    spoken_of(setting.store, focus_on(environments=("blue",), unsettled=True))
    view, _ = asked(setting, whole(stop("blue")), text="now send that one to bed, would you")
    assert (view["outcome"], setting.platform.applied) == ("failed", [])


# --- what only who asks may say


def delete(value: Any) -> dict[str, Any]:
    return {"id": "gone", "tool": "delete_environment", "arguments": {"environment_id": "red", "running_too": value}}


def not_said(value: Any, *own: str) -> list[str]:
    plan = Plan.model_validate({"steps": [FIND, delete(value)], "answer": {"text": "x"}})
    return ungrounded(plan.steps, REGISTRY, ("red", "blue-dev"), own)


@pytest.mark.parametrize(
    "own",
    [
        "tear down red even though it is running",
        "delete red, even if somebody still has it running",
        "Delete red whether or not it is up",
        "although red runs, delete it",
    ],
)
def test_that_it_may_be_running_counts_where_the_request_says_so(own: str) -> None:
    assert not_said(True, own) == []


@pytest.mark.parametrize(
    ("value", "own"),
    [
        (True, ()),
        (True, ("delete red",)),
        (True, ("delete red, it is running",)),
        (True, ("delete red even though it is not running",)),
        ({"$ref": "find.environment.state == 'running'"}, ("delete red even though it is running",)),
        ("true", ("delete red even though it is running",)),
    ],
)
def test_that_it_may_be_running_is_nothing_a_model_or_a_read_may_say(value: Any, own: tuple[str, ...]) -> None:
    (problem,) = not_said(value, *own)
    assert "running_too" in problem and "does not say so" in problem
    assert not_said(False, *own) == []
