"""Whole runs whose plans come over real HTTP from a scripted model, by both protocols: every kind of wrong plan is
refused before any effect, and put right by one more call.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fakes import TOOLS, FakeClock, World, clients_of
from scripted_model import Reply, ScriptedModel, document, fenced, in_order, refusal, surrounded, text

from copilot.adapters.language_models.anthropic_messages import AnthropicMessages, messages_client
from copilot.adapters.language_models.openai_compatible import OpenAiCompatible, completions_client
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import ModelSettings
from copilot.edges.run_views import view_reasoning
from copilot.ports import LanguageModel
from copilot.tools.registry import Registry

ALL = {"id": "all", "tool": "list_lights"}
OFF = {
    "id": "off",
    "tool": "switch_off",
    "for_each": {"$ref": "all.lights[?on].name"},
    "arguments": {"environment_id": {"$item": "@"}},
}
RIGHT = {"steps": [ALL, OFF], "answer": {"text": "Off: {off[].name}."}}


def changed(**off: Any) -> dict[str, Any]:
    return RIGHT | {"steps": [ALL, OFF | off]}


def each_of(expression: str) -> dict[str, Any]:
    return changed(for_each={"$ref": expression})


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown tool": (changed(tool="swich_off"), "switch_off"),
    "unknown version": (changed(tool="switch_off@7"), "switch_off@1"),
    "missing argument": (changed(arguments={}), "environment_id"),
    "extra argument": (changed(arguments=OFF["arguments"] | {"force": True}), "force"),  # type: ignore[operator]
    "literal of another type": (changed(for_each=None, arguments={"environment_id": 7}), "expected text"),
    "unknown identifier": (each_of("all.lights[?onn].name"), "nearest: on"),
    "quoted text": (each_of('all.lights[?name == "a"].name'), "'a'"),
    "two types compared": (each_of("all.lights[?on == 'yes'].name"), "on == 'yes'"),
    "type that does not fit": (changed(arguments={"environment_id": {"$ref": "all.lights[0].on"}}), "expected text"),
    "dangling reference": (each_of("al.lights[].name"), "nearest: all"),
    "forward reference": (RIGHT | {"steps": [OFF, ALL]}, "does not come before it"),
    "cycle": (RIGHT | {"steps": [ALL | {"after": ["off"]}, OFF]}, "waits for"),
    "for_each over no list": (each_of("all.lights[0].name"), "expected a list"),
    "item without for_each": (changed(for_each=None), "without for_each"),
    "answer about nothing": (RIGHT | {"answer": {"text": "{of[].name}"}}, "nearest: off"),
    "reserved id": (RIGHT | {"steps": [ALL | {"id": "failures"}, *RIGHT["steps"]]}, "reserved"),
}


@pytest.fixture(params=["anthropic", "openai_compatible"])
def model_at(request: pytest.FixtureRequest) -> Callable[[str], LanguageModel]:
    """What speaks one of the protocols to a server, by its URL."""

    def made(url: str) -> LanguageModel:
        settings, clock = ModelSettings(provider=request.param, name="m-1", endpoint=url), FakeClock()
        if request.param == "anthropic":
            return AnthropicMessages(messages_client(settings, None), settings, "m-1", clock, clock.sleep)
        return OpenAiCompatible(completions_client(settings, None), settings, "m-1", clock, clock.sleep)

    return made


def asked(model: LanguageModel, world: World) -> tuple[dict[str, Any], list[Any]]:
    """A run, and the calls it made of the model."""
    clock = FakeClock()
    process = InProcess(
        clients_of(world, clock),
        registry=Registry(TOOLS),
        clock=clock,
        sleep=clock.sleep,
        workers=2,
        model_for=lambda purpose: None if purpose == "route" else model,
    )
    view = process.run("make it dark")
    reasoning: Any = view_reasoning(process.store, "main", view["run_id"])
    return view, reasoning["calls"]


@pytest.mark.parametrize("kind", WRONG)
def test_each_kind_of_wrong_plan_is_refused_before_any_effect_and_put_right_by_one_call(
    kind: str, model_at: Callable[[str], LanguageModel]
) -> None:
    wrong, said = WRONG[kind]
    world = World(lights={"a": True, "b": False})
    switched_by_then: list[list[str]] = []

    def right(_: Any) -> Reply:
        switched_by_then.append(list(world.switched))
        return document(RIGHT)

    with ScriptedModel(in_order(document(wrong), right), latency=None) as server:
        view, (first, second) = asked(model_at(server.url), world)
    assert (view["outcome"], view["answer"], world.switched) == ("succeeded", "Off: a.", ["a"])
    assert said in "\n".join(first["problems"]), first["problems"]
    assert (second["problems"], switched_by_then) == ([], [[]])
    assert said in server.asked[1].last.replace('\\"', '"'), "the model is told what was wrong"


@pytest.mark.parametrize("dressed", [fenced, surrounded, lambda plan: document({"plan": plan})])
def test_a_plan_however_it_is_wrapped_is_a_plan(dressed: Any, model_at: Callable[[str], LanguageModel]) -> None:
    world = World(lights={"a": True})
    with ScriptedModel(in_order(dressed(RIGHT)), latency=None) as server:
        view, calls = asked(model_at(server.url), world)
    assert (view["outcome"], len(calls), world.switched) == ("succeeded", 1, ["a"])


DRAFT = {"steps": [{"id": "off", "tool": "switch_off", "arguments": {"environment_id": "b"}}], "answer": {"text": "x"}}
THOUGHT = [
    "<think>DRAFT no, only the one that is on.</think>\nPLAN",
    "One could say DRAFT but that one is off.</think>\nPLAN",
    "[THINK]DRAFT[/THINK]PLAN",
    "<|channel|>analysis<|message|>DRAFT<|end|><|start|>assistant<|channel|>final<|message|>PLAN",
]


@pytest.mark.parametrize("said", THOUGHT)
def test_what_a_model_thought_of_is_not_done(said: str, model_at: Callable[[str], LanguageModel]) -> None:
    world = World(lights={"a": True, "b": False})
    answer = said.replace("DRAFT", json.dumps(DRAFT)).replace("PLAN", json.dumps(RIGHT))
    with ScriptedModel(in_order(text(answer)), latency=None) as server:
        view, calls = asked(model_at(server.url), world)
    assert (view["outcome"], len(calls), world.switched) == ("succeeded", 1, ["a"])


@pytest.mark.parametrize("said", ["<think>Perhaps DRAFT or rather", "DRAFT or RIGHT", "<think>DRAFT"])
def test_what_may_be_no_more_than_a_thought_is_asked_about_once_more(
    said: str, model_at: Callable[[str], LanguageModel]
) -> None:
    world = World(lights={"a": True, "b": False})
    answer = said.replace("DRAFT", json.dumps(DRAFT)).replace("RIGHT", json.dumps(RIGHT))
    with ScriptedModel(in_order(text(answer), document(RIGHT)), latency=None) as server:
        view, calls = asked(model_at(server.url), world)
    assert (view["outcome"], len(calls), world.switched) == ("succeeded", 2, ["a"])


def test_what_a_model_thought_is_not_answered(model_at: Callable[[str], LanguageModel]) -> None:
    world = World(lights={"a": True, "b": False})
    plan = {"steps": [ALL], "answer": {"compose": "how many are on", "using": ["all"]}}
    said = "Of {length(all.lights)} lights, {all.lights[?on].name} is on."
    for answer in (f"<think>the secret</think>{said}", f"the secret</think>\n{said}"):
        with ScriptedModel(in_order(document(plan), text(answer)), latency=None) as server:
            view, calls = asked(model_at(server.url), world)
        assert view["answer"].startswith("Of 2 lights, a is on. [1]\n") and "secret" not in view["answer"]
        assert len(calls) == 2
    endless = text(f"<think>the secret: {said}")
    with ScriptedModel(in_order(document(plan), endless, endless), latency=None) as server:
        view, calls = asked(model_at(server.url), world)
    assert "secret" not in view["answer"] and "results as they came" in view["answer"]


def test_a_refusal_is_said_once(model_at: Callable[[str], LanguageModel]) -> None:
    world = World(lights={"a": True})
    with ScriptedModel(in_order(refusal("I cannot help with that.")), latency=None) as server:
        view, calls = asked(model_at(server.url), world)
    assert (view["outcome"], len(calls), world.switched) == ("failed", 1, [])
    assert "declined" in view["answer"] and "Nothing was done" in view["answer"]


def test_prose_in_place_of_a_plan_is_asked_about_once_more(model_at: Callable[[str], LanguageModel]) -> None:
    world = World(lights={"a": True})
    with ScriptedModel(in_order(text("I would switch it off."), document(RIGHT)), latency=None) as server:
        view, calls = asked(model_at(server.url), world)
    assert (view["outcome"], len(calls), world.switched) == ("succeeded", 2, ["a"])
