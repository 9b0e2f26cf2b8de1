"""What a plan can say: texts about the element, reverse and starts_with, values checked before anything runs."""

from __future__ import annotations

from typing import Any

import pytest
from fake_model import FakeModel
from fakes import TOOLS, FakeClock, World, clients_of
from fakes_platform import FakePlatform, service
from fakes_typed import TYPED
from test_firing import Setting

from copilot.bootstrap.in_process import InProcess
from copilot.domain import Plan, Step
from copilot.errors import FatalError, PlanError, ToolInputError
from copilot.language_model.reading import merge
from copilot.plans.arguments import dependencies, resolve
from copilot.plans.check import check_plan
from copilot.plans.references import evaluate
from copilot.tools.environments.power import PowerInput
from copilot.tools.environments.stopping import StopEnvironment
from copilot.tools.registry import Registry

REGISTRY = Registry([*TOOLS, *TYPED])
FIND = {"id": "find", "tool": "find_things"}


def check(*steps: dict[str, Any], answer: Any = "done") -> list[str]:
    given = answer if isinstance(answer, dict) else {"text": answer}
    try:
        check_plan(Plan.model_validate({"goal": "g", "steps": steps, "answer": given}), REGISTRY)
    except PlanError as error:
        return list(error.problems)
    return []


def tell(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "tell", "tool": "notify", "arguments": {"channel": "#x", "text": {"$text": text}}} | more


EACH = {"for_each": {"$ref": "find.things"}}


@pytest.mark.parametrize(
    ("text", "more", "problem"),
    [
        ("{@.id} costs {@.cost}", EACH, ""),
        ("{@}", {"for_each": {"$ref": "find.things[].id"}}, ""),
        ("{join(', ', @.labels)} of {find.total}", EACH, ""),
        ("{@.nothing}", EACH, "no field nothing"),
        ("{@}", EACH, "name a field of it"),
        ("{@.id}", {}, "@ has no meaning here"),
        ("{starts_with(@.id, find.first.id)}", EACH, "one of the two at a time"),
        ("{@.token}", EACH, "masked"),
    ],
)
def test_a_text_may_be_made_of_the_element(text: str, more: dict[str, Any], problem: str) -> None:
    found = check(FIND, tell(text, **more))
    assert bool(found) == bool(problem) and problem in " ".join(found)


def test_each_call_gets_the_text_of_its_own_element() -> None:
    world = World(lights={"a": True, "b": False})
    clock = FakeClock()
    say: dict[str, Any] = {
        "id": "say",
        "tool": "look",
        "for_each": {"$ref": "all.lights[?on].name"},
        "arguments": {"environment_id": {"$text": "{@}"}},
    }
    plan = {"goal": "g", "steps": [{"id": "all", "tool": "list_lights"}, say], "answer": {"text": "{say[].name}"}}
    process = InProcess(clients_of(world, clock), registry=REGISTRY, clock=clock, sleep=clock.sleep, workers=2)
    assert process.run(Plan.model_validate(plan))["answer"] == "a"


def test_what_speaks_of_the_element_waits_for_no_step() -> None:
    step = Step.model_validate(tell("{@.id} and {find.total}", **EACH))
    assert dependencies(step) == {"find"}
    found = resolve(step.arguments["text"], {"find": {"total": 3}}, {"id": "x"})
    assert found == "x and 3"


@pytest.mark.parametrize(
    ("expression", "given"),
    [
        ("reverse(x)", ["b", "a"]),
        ("reverse('ab')", "ba"),
        ("x[?starts_with(@, 'a')]", ["a"]),
        ("reverse(sort_by(y, &n))[0].n", 2),
    ],
)
def test_the_functions_there_are(expression: str, given: Any) -> None:
    assert evaluate(expression, {"x": ["a", "b"], "y": [{"n": 2}, {"n": 1}]}) == given


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("find.things[?starts_with(id, 'a')].id", ""),
        ("reverse(find.things)[].id", ""),
        ("find.things[?starts_with(count, 'a')].id", "starts_with takes two texts"),
        ("reverse(find.total)", "reverse takes a list or a text"),
        ("find.things[?starts_with(id)].id", "starts_with takes 2 arguments"),
    ],
)
def test_they_are_checked_by_type(expression: str, problem: str) -> None:
    given = {"environment_id": {"$item": "@"}}
    look = {"id": "w", "tool": "look", "for_each": {"$ref": expression}, "arguments": given}
    found = check(FIND, look)
    assert bool(found) == bool(problem) and problem in " ".join(found)


# --- values that are known before the plan runs ----------------------------------------------------------------

CHANNELS = {"channel": {"$item": "@"}, "text": "x"}


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ({"arguments": {"channel": "platform", "text": "x"}}, "'platform'"),
        ({"arguments": {"channel": {"$text": "platform"}, "text": "x"}}, "'platform'"),
        ({"arguments": {"channel": {"$ref": "'platform'"}, "text": "x"}}, "'platform'"),
        ({"arguments": CHANNELS, "for_each": ["#a", "platform"]}, "'platform'"),
        ({"arguments": {"channel": {"$item": "c"}, "text": "x"}, "for_each": [{"c": "platform"}]}, "'platform'"),
        ({"arguments": {"channel": {"$ref": "find.first.sort"}, "text": "x"}}, "'development'"),
        ({"arguments": CHANNELS, "for_each": ["#a", "#b"]}, ""),
        ({"arguments": {"channel": {"$text": "#a"}, "text": "x"}}, ""),
        ({"arguments": {"channel": {"$ref": "find.first.id"}, "text": "x"}}, ""),
    ],
)
def test_a_pattern_is_held_against_every_value_that_is_known(step: dict[str, Any], wrong: str) -> None:
    found = check(FIND, {"id": "tell", "tool": "notify"} | step)
    assert bool(found) == bool(wrong)
    if wrong:
        assert "argument channel" in found[0] and wrong in found[0]


# --- corrections, revisions, and what cannot be done -------------------------------------------------------------


def plan(*ids: str, **more: Any) -> Plan:
    steps = [{"id": name, "tool": "list_lights"} for name in ids]
    return Plan.model_validate({"steps": steps, **({"answer": {"text": "x"}} | more)})


def test_a_correction_can_leave_steps_out() -> None:
    change = Plan.model_validate({"steps": [{"id": "c", "tool": "look"}], "drop": ["a", "gone"]})
    merged = merge(plan("a", "b"), change)
    assert [step.id for step in merged.steps] == ["b", "c"]
    assert merged.drop == ()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"decline": "There is no tool that reads logs; health says which service fails."}, "declined"),
        ({"say": "Hello."}, "succeeded"),
        ({"ask": {"question": "Which?"}}, "asked"),
    ],
)
def test_what_cannot_be_done_is_an_outcome_of_its_own(more: dict[str, Any], said: str) -> None:
    clock, model = FakeClock(), FakeModel([more])
    more_of = {"registry": REGISTRY, "clock": clock, "sleep": clock.sleep}
    process = InProcess(clients_of(World(), clock), **more_of)  # type: ignore[arg-type]
    process.model_for = lambda purpose: None if purpose == "route" else model
    view = process.run("show me the traces of checkout")
    assert view["outcome"] == said


def test_one_of_answer_say_ask_and_decline() -> None:
    both = Plan.model_validate({"decline": "no", "say": "no"})
    with pytest.raises(PlanError, match="one of the five"):
        check_plan(both, REGISTRY)


def test_an_answer_about_a_step_that_gave_nothing_is_refused_when_the_plan_is_revised() -> None:
    """It used to read "There is none." and to succeed."""

    def fail(name: str) -> None:
        raise FatalError("the light is broken")

    world = World(lights={"a": True}, on_look=fail)
    look = {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}}
    unlike = {"id": "all", "tool": "list_lights", "expect": "length(lights) > `5`"}
    first = {"steps": [look, unlike], "answer": {"text": "It is {look.name}."}}
    keeps = {"steps": [{"id": "again", "tool": "list_lights"}]}
    better = keeps | {"answer": {"text": "There are {length(again.lights)}."}}
    clock, model = FakeClock(), FakeModel([first, keeps, better])
    process = InProcess(clients_of(world, clock), registry=REGISTRY, clock=clock, sleep=clock.sleep, workers=1)
    process.model_for = lambda purpose: None if purpose == "route" else model
    view = process.run("see to the lights")
    assert "answer: refers to look, which gave nothing" in model.prompts[-1].user
    assert "There are 1." in view["answer"]


def test_only_ids_that_are_there() -> None:
    setting = Setting()
    setting.platform = FakePlatform([service("red", "web", 2), service("red", "worker", 1)])
    tool = StopEnvironment(setting.clients(_run(setting), "call"))
    there = setting.platform.resources[0].ref.id
    assert tool.preview(PowerInput(environment_id="red", only=(there,))).changes
    with pytest.raises(ToolInputError, match="has no resource with the id 'wep'; nearest: ") as error:
        tool.preview(PowerInput(environment_id="red", only=(there, "wep")))
    assert error.value.nearest == (there,)


def _run(setting: Setting) -> Any:
    view = setting.ask("list environments")
    return setting.store.run("main", view["run_id"])
