"""What goes wrong in small ways: a name nearly right, throttling, a null, a change that is not as wanted."""

from __future__ import annotations

from typing import Any

import pytest
from fake_model import FakeModel
from fakes import TOOLS, FakeClock, SwitchOff, World, clients_of, failing
from fakes_typed import TYPED
from test_firing import Setting

from copilot.bootstrap.in_process import InProcess
from copilot.domain import Plan, Verification
from copilot.errors import RetryableError, ToolInputError
from copilot.running.mending import mend_of
from copilot.tools.registry import Registry


def missing(said: str, *near: str) -> ToolInputError:
    return ToolInputError(f"there is no environment {said!r}", near, ours=True)


@pytest.mark.parametrize(
    ("arguments", "error", "meant"),
    [
        ({"name": "stagng"}, missing("stagng", "staging"), "staging"),
        ({"name": "Orchard Live"}, missing("Orchard Live", "orchard-live"), "orchard-live"),
        ({"name": "bask"}, missing("bask", "basket-dev"), None),
        ({"name": "stagng"}, missing("stagng", "staging", "staging-2"), None),
        ({"name": "stagng"}, missing("stagng"), None),
        ({"name": "stagng", "other": "stagng"}, missing("stagng", "staging"), None),
        ({"name": "stagng"}, ToolInputError("no such thing", ["staging"]), None),
        ({"name": "stop it al"}, missing("stop it al", "stop it all"), None),
        ({"number": 3}, missing("3", "33"), None),
        ({"name": "stagng"}, ToolInputError("no environment 'stagng'", ["staging"], all=False), None),
    ],
)
def test_a_name_is_mended_where_one_is_near_and_there_is_no_doubt(
    arguments: dict[str, Any], error: ToolInputError, meant: str | None
) -> None:
    mend = mend_of(arguments, error)
    assert (mend.meant if mend else None) == meant


def test_a_read_is_mended_without_a_model_and_the_answer_says_so() -> None:
    setting = Setting()
    setting.platform.resources = [
        one.model_copy(update={"environment": one.environment.replace("red", "orchard-dev")})
        for one in setting.platform.resources
    ]
    view = setting.ask("how is the orchard-dv environment")
    assert view["outcome"] == "succeeded"
    first, _, rest = view["answer"].partition("\n\n")
    assert first == "\u201cthe orchard-dv environment\u201d was read as orchard-dev, the only name near it."
    assert rest.startswith("orchard-dev (development): healthy")


def test_what_would_be_changed_by_it_is_asked_about_first_and_one_word_answers() -> None:
    setting = Setting()
    setting.platform.resources = [
        one.model_copy(update={"environment": one.environment.replace("red", "orchard-dev")})
        for one in setting.platform.resources
    ]
    view = setting.ask("stop the orchard-dv environment")
    assert (view["status"], view["approval"], setting.platform.applied) == ("answered", None, [])
    asked = "there is no 'the orchard-dv environment', and the only name near it is orchard-dev; is that meant?"
    assert asked in view["answer"] and "Nothing was changed" in view["answer"]
    view = setting.ask("yes")
    assert view["outcome"] == "succeeded" and view["answer"].startswith("orchard-dev: stopped"), view["answer"]


def test_of_two_numbers_neither_is_nearly_the_other() -> None:
    setting = Setting()
    setting.platform.resources = [
        one.model_copy(update={"environment": one.environment.replace("red", "pr-482")})
        for one in setting.platform.resources
    ]
    for text in ("stop pr-483", "how is pr-483"):
        view = setting.ask(text)
        assert (view["outcome"], setting.platform.applied) == ("failed", [])
        assert "nearest: pr-482" in view["answer"]


def process(world: World, *answers: Any, tools: Any = TOOLS, **more: Any) -> tuple[InProcess, FakeModel, FakeClock]:
    clock, model = FakeClock(), FakeModel(list(answers) or [""])
    given: dict[str, Any] = {
        "clock": clock,
        "sleep": clock.sleep,
        "workers": 2,
        "registry": Registry([*tools, *TYPED]),
    } | more
    made = InProcess(clients_of(world, clock), **given)
    if answers:
        made.model_for = lambda purpose: None if purpose == "route" else model
    return made, model, clock


def plan(*steps: Any, answer: str = "done") -> Plan:
    return Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": answer}})


LOOK = {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}}
OFF = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}}


@pytest.mark.parametrize("times", [1, 4, 5])
def test_throttles_in_a_row_are_waited_out_while_the_tool_has_time(times: int) -> None:
    world = World(lights={"a": True}, on_look=failing(times, RetryableError("throttled")))
    made, _, clock = process(world)
    assert made.run(plan(LOOK, answer="{look.name}"))["answer"] == "a"
    assert clock.slept == [2.0, 4.0, 8.0, 16.0, 30.0][:times]


def test_what_never_passes_is_given_up_when_the_tools_time_is_up() -> None:
    world = World(lights={"a": True}, on_look=failing(99, RetryableError("throttled")))
    made, _, clock = process(world)
    view = made.run(plan(LOOK))
    assert "gave up after 6 attempts: throttled" in view["answer"] and sum(clock.slept) <= 60


def test_a_null_into_a_required_argument_is_a_reason_to_plan_anew_where_somebody_can() -> None:
    world = World(lights={"a": True})
    every = {"id": "all", "tool": "list_lights"}
    null = LOOK | {"arguments": {"environment_id": {"$ref": "all.lights[?name=='z'].name | [0]"}}}
    first = {"steps": [every, null], "answer": {"text": "{look.name}"}}
    better = {"steps": [], "answer": {"text": "There are {length(all.lights)}, and no z."}}
    made, model, _ = process(world, first, better)
    view = made.run("look at z, please do")
    assert (view["outcome"], view["answer"]) == ("succeeded", "There are 1, and no z.")
    assert len(model.prompts) == 2 and "gave nothing" in model.prompts[1].user
    alone, _, _ = process(world)
    said = alone.run(plan(every, null, answer="{look.name}"))
    assert said["steps"][1]["items"][0]["status"] == "no_data", "nobody there who could"


def test_what_was_changed_before_a_check_failed_stands_in_the_answer() -> None:
    class Glows(SwitchOff):
        def verify(self, input: Any, prior: Any) -> Verification:
            return Verification(outcome="false", reason="it still glows")

    made, _, _ = process(World(lights={"a": True}), tools=[Glows])
    view = made.run(plan(OFF))
    assert view["outcome"] == "partial"
    assert "a fresh read says otherwise: it still glows. Changed it was: a on -> off" in view["answer"]
