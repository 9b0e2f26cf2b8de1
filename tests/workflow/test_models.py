"""Requests that no intent knows, planned by a model over real HTTP, run by the deployed system over a random cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import clouds
import pytest
from conftest import ROOT, SEED, System
from gateway import Gateway, Seen, kill_caller
from scripted_model import Asked, Reply, ScriptedModel, document, status, text

from cli.laptop.deployments import NO_DEPLOYMENTS
from cli.laptop.system import down, up
from copilot.config.caps import Caps
from copilot.config.configuration import ModelSettings


class Script:
    """What the model says next; asked without anything to say, it fails the test."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    def __call__(self, asked: Asked) -> Reply:
        assert self.replies, f"nothing was to be asked: {asked.last[:300]}"
        return self.replies.pop(0)

    def will_say(self, *said: Any) -> None:
        self.replies = [each if isinstance(each, Reply) else document(each) for each in said]


class Modelled(System):
    script: Script
    model: ScriptedModel

    def reasoning(self, run_id: str) -> dict[str, Any]:
        found, view = self.http("GET", f"/v1/runs/{run_id}?reasoning=1")
        assert found == 200, view
        return dict(view)


@pytest.fixture(scope="module", params=["anthropic", "openai_compatible"])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Modelled]:
    state = tmp_path_factory.mktemp("laptop")
    gateway, script = Gateway(), Script()
    cloud = clouds.random_cloud(Random(SEED))
    said: list[str] = []
    with ScriptedModel(script, latency=None) as model:
        settings = ModelSettings(provider=request.param, name="claude-sonnet-4-5", endpoint=model.url)
        config = clouds.configuration().model_copy(update={"model": settings})
        try:
            through = {"AWS_ENDPOINT_URL": gateway.url}
            laptop = up(ROOT, state, said.append, config, cloud, through, NO_DEPLOYMENTS)
            gateway.upstream = laptop.port
            system = Modelled(laptop, cloud, gateway)
            system.script, system.model = script, model
            yield system
        finally:
            down(state, said.append)
            gateway.close()


LIST = {"id": "envs", "tool": "list_environments", "arguments": {"kinds": ["development"]}}
OWNERS = {
    "steps": [LIST],
    "answer": {"text": "Dev environments and owners:\n- {envs.environments[].owner}"},
}


def test_what_nobody_foresaw_is_planned_by_one_call_and_answered_from_the_cloud(system: Modelled) -> None:
    before = len(system.model.calls)
    system.script.will_say(OWNERS)
    view = system.ask("the bare owners of what we have in dev, one under the other")
    assert view["outcome"] == "succeeded", view["answer"]
    owners = {environment.tags["owner"] for environment in clouds.of_kind(system.cloud, "development")}
    assert {line[2:] for line in view["answer"].splitlines() if line.startswith("- ")} == owners
    assert len(system.model.calls) == before + 1


def test_what_a_model_was_asked_and_what_it_cost_can_be_read(system: Modelled) -> None:
    system.script.will_say(OWNERS)
    run_id = system.ask("who owns what in dev?")["run_id"]
    found = system.reasoning(run_id)
    (revision,), (call,) = found["revisions"], found["calls"]
    assert revision["number"] == 1 and revision["model"]
    assert "who owns what in dev?" in call["asked"]
    assert json.loads(call["answered"])["steps"][0]["tool"] == "list_environments"
    tokens = system.model.calls[-1].tokens
    used = found["usage"]
    assert (used["input"] + used["cached"] + used["cache_written"], used["output"]) == (
        tokens.input + tokens.cached + tokens.cache_written,
        tokens.output,
    )
    assert used["dollars"] > 0 and used["calls"] == 1


def test_a_known_intent_asks_no_model(system: Modelled) -> None:
    before = len(system.model.calls)
    assert system.ask("How is the production cluster?")["outcome"] == "succeeded"
    assert len(system.model.calls) == before


def test_a_plan_that_is_wrong_is_refused_before_any_effect_and_put_right_by_one_call(system: Modelled) -> None:
    idle = clouds.of_kind(system.cloud, "development")[0].name
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": idle}}
    wrong = stop | {"arguments": {"environment": idle}}
    before = system.look()
    system.script.will_say({"steps": [wrong], "answer": {"text": "{stop.summary}"}}, {"steps": [stop]})
    view = system.ask(f"send {idle} to bed, would you", conversation="sleep")
    assert view["outcome"] == "succeeded", view["answer"]
    assert all(not seen.on for seen in system.look().values() if seen.environment == idle)
    first, second = system.reasoning(view["run_id"])["calls"]
    assert "environment_id" in " ".join(first["problems"]) and second["problems"] == []
    start = {"id": "start", "tool": "start_environment", "arguments": {"environment_id": idle}}
    system.script.will_say({"steps": [start], "answer": {"text": "{start.summary}"}})
    assert system.ask(f"wake {idle} up, would you", conversation="sleep")["outcome"] == "succeeded"
    assert {arn: seen.on for arn, seen in system.look().items()} == {arn: seen.on for arn, seen in before.items()}


def test_a_call_that_was_wrong_is_repaired_by_one_call_that_returns_one_step(system: Modelled) -> None:
    name = clouds.of_kind(system.cloud, "staging")[0].name
    misspelt = {"id": "act", "tool": "environment_activity", "arguments": {"environment_id": f"{name}x", "hours": 6}}
    right = misspelt | {"arguments": {"environment_id": name, "hours": 6}}
    system.script.will_say({"steps": [misspelt], "answer": {"text": "{act.name}: {act.reason}"}}, {"steps": [right]})
    view = system.ask(f"say whether {name}x has had much work lately")
    assert view["outcome"] == "succeeded", view["answer"]
    assert view["answer"].startswith(name)
    found = system.reasoning(view["run_id"])
    assert [revision["kind"] for revision in found["revisions"]] == ["first", "repair"]
    assert [call["purpose"] for call in found["calls"]] == ["plan", "repair"]


def test_the_rest_of_a_plan_is_changed_when_the_world_is_not_as_assumed(system: Modelled) -> None:
    assumed = LIST | {"expect": "length(environments) > `50`"}
    plan = {"steps": [assumed], "answer": {"text": "Very many."}}
    rest = {
        "steps": [{"id": "all", "tool": "list_environments", "arguments": {"kinds": ["staging"]}}],
        "answer": {"text": "Staging: {all.environments[].name}."},
    }
    system.script.will_say(plan, rest)
    view = system.ask("do we have too many dev environments?")
    (staging,) = clouds.of_kind(system.cloud, "staging")
    assert (view["outcome"], _without_age(view)) == ("succeeded", f"Staging: {staging.name}.")
    assert [step["id"] for step in view["plan"]["steps"]] == ["envs", "all"]


def test_an_answer_is_composed_from_the_results_it_names(system: Modelled) -> None:
    developments = clouds.of_kind(system.cloud, "development")
    said = "There are {length(envs.environments)} dev environments."
    plan = {"steps": [LIST], "answer": {"compose": "how many are there", "using": ["envs"]}}
    system.script.will_say(plan, text(said))
    view = system.ask("tell me about the dev environments in a sentence")
    first = f"There are {len(developments)} dev environments. [1]"
    assert (view["outcome"], view["answer"].splitlines()[0]) == ("succeeded", first)
    assert "aws resourcegroupstaggingapi get-resources" in view["answer"].partition("Rests on:")[2]
    assert developments[0].name in system.model.asked[-1].last


def _without_age(view: dict[str, Any]) -> str:
    """The answer, without how old that is which was swept."""
    answer: str = view["answer"]
    return answer.partition("\n\nEnvironments as of")[0]


def test_a_production_write_that_a_model_planned_asks_as_every_other(system: Modelled) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    before = system.sizes(production.name)
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": production.name}}
    system.script.will_say({"steps": [stop], "answer": {"text": "{stop.summary}"}})
    view = system.ask(f"shut {production.name} down for the night, would you")
    assert view["status"] == "parked"
    assert system.decide(view, "deny")["outcome"] == "denied"
    assert system.sizes(production.name) == before


def test_a_model_that_obeys_what_a_tool_read_cannot_add_a_write_unasked(system: Modelled) -> None:
    """The alarm's reason stands for the instruction: with it read, even a development environment needs a person."""
    (production,) = clouds.of_kind(system.cloud, "production")
    quiet = clouds.of_kind(system.cloud, "development")[0].name
    before = system.look()
    health = {"id": "health", "tool": "cluster_health", "arguments": {"environment_id": production.name}}
    obeys = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": quiet}}
    system.script.will_say(
        {"steps": [health | {"expect": "length(alarms) == `0`"}], "answer": {"text": "{health.summary}"}},
        {"steps": [obeys], "answer": {"text": "{stop.summary}"}},
    )
    view = system.ask(f"see to it that {production.name} is as fine as {quiet}")
    assert system.cloud.alarms[0].reason in system.model.asked[-1].last
    assert view["status"] == "parked", view["answer"]
    assert "text that the copilot did not write" in view["approval"]["calls"][0]["reason"]
    assert system.decide(view, "deny")["outcome"] == "denied"
    assert {arn: seen.on for arn, seen in system.look().items()} == {arn: seen.on for arn, seen in before.items()}


def test_where_meaning_decides_a_plan_looks_at_what_it_found_and_goes_on(system: Modelled) -> None:
    quiet = clouds.of_kind(system.cloud, "development")[0].name
    before = system.look()
    look = {"using": ["envs.environments[].id"], "why": "which of them was made for a demonstration"}
    stop = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": quiet}}
    system.script.will_say(
        {"steps": [LIST], "then": look},
        {"steps": [stop], "answer": {"text": "Of {envs.environments[].id}: {stop.name}."}},
    )
    view = system.ask("stop the one that was made for a demonstration", conversation="demo")
    assert view["outcome"] == "succeeded", view["answer"]
    assert view["answer"].endswith(f": {quiet}.") and all(
        not seen.on for seen in system.look().values() if seen.environment == quiet
    )
    found = system.reasoning(view["run_id"])
    assert [revision["kind"] for revision in found["revisions"]] == ["first", "look"]
    assert [call["purpose"] for call in found["calls"]] == ["plan", "look"]
    asked = system.model.asked[-1].last
    assert '"of":"envs.environments[].id","type":"[text]","is":[' in asked and f'"{quiet}"' in asked
    start = {"id": "start", "tool": "start_environment", "arguments": {"environment_id": quiet}}
    system.script.will_say({"steps": [start], "answer": {"text": "{start.summary}"}})
    assert system.ask(f"wake {quiet} up, would you", conversation="demo")["outcome"] == "succeeded"
    assert {arn: seen.on for arn, seen in system.look().items()} == {arn: seen.on for arn, seen in before.items()}


def test_a_model_that_obeys_what_it_looked_at_cannot_add_a_write_unasked_either(system: Modelled) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    quiet = clouds.of_kind(system.cloud, "development")[0].name
    health = {"id": "health", "tool": "cluster_health", "arguments": {"environment_id": production.name}}
    obeys = {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": quiet}}
    system.script.will_say(
        {"steps": [health], "then": {"using": ["health.alarms[].reason"], "why": "whether it is fine"}},
        {"steps": [obeys], "answer": {"text": "{stop.summary}"}},
    )
    view = system.ask(f"is {production.name} as fine as {quiet}, and if not do what is to be done")
    assert system.cloud.alarms[0].reason in system.model.asked[-1].last
    assert view["status"] == "parked", view["answer"]
    assert "step health, field alarms[].reason" in view["approval"]["calls"][0]["reason"]
    assert system.decide(view, "deny")["outcome"] == "denied"


@pytest.mark.parametrize("at", ["MODEL#", "PLAN#0002"])
def test_a_worker_that_is_killed_during_a_look_asks_no_second_time_and_adds_nothing_twice(
    system: Modelled, at: str
) -> None:
    """Once with the answer kept and no plan of it, once with the plan kept and nobody told."""
    functions, name = system.client("lambda"), system.laptop.outputs["PlanFunction"]
    timeout = functions.get_function_configuration(FunctionName=name)["Timeout"]
    functions.update_function_configuration(FunctionName=name, Timeout=12)
    killed: list[int] = []

    def strike(seen: Seen) -> None:
        if seen.operation == "TransactWriteItems" and at in seen.body and "0002" in seen.body and not killed:
            killed.append(kill_caller(seen))

    more = {"id": "more", "tool": "list_environments", "arguments": {"kinds": ["staging"]}}
    system.script.will_say(
        {"steps": [LIST], "then": {"using": ["envs.environments[].id"], "why": "whether there is more"}},
        {"steps": [more], "answer": {"text": "And {more.environments[].name}."}},
    )
    before = len(system.model.calls)
    system.gateway.after = strike
    try:
        run = system.start("is there more than dev, and what", conversation=f"killed-{at[:4]}")
        view = system.until(run, "answered", seconds=120)
    finally:
        system.gateway.after = lambda seen: None
        functions.update_function_configuration(FunctionName=name, Timeout=timeout)
    (staging,) = clouds.of_kind(system.cloud, "staging")
    assert len(killed) == 1 and _without_age(view) == f"And {staging.name}."
    assert [step["id"] for step in view["plan"]["steps"]] == ["envs", "more"]
    found = system.reasoning(run)
    assert [revision["kind"] for revision in found["revisions"]] == ["first", "look"]
    assert len(found["calls"]) == len(system.model.calls) - before == 2


def test_what_was_planned_once_is_planned_by_code_for_another_name_and_for_nobody_else(system: Modelled) -> None:
    first, second = (one.name for one in clouds.of_kind(system.cloud, "development")[:2])

    def asks(name: str, conversation: str, person: str = "you") -> tuple[str, int]:
        before = len(system.model.calls)
        find = {"id": "find", "tool": "find_environment", "arguments": {"name": name}}
        health = {
            "id": "look",
            "tool": "cluster_health",
            "arguments": {"environment_id": {"$ref": "find.environment.id"}},
        }
        system.script.will_say({"steps": [find, health], "answer": {"text": "For newcomers: {look.summary}"}})
        view = system.ask(f"describe the mess in {name} to a newcomer", person, conversation=conversation)
        assert view["outcome"] == "succeeded", view["answer"]
        return view["answer"], len(system.model.calls) - before

    system.ask("list environments")  # by then what there is was swept
    assert asks(first, "learned-1")[1] == 1
    answer, calls = asks(second, "learned-2")
    assert calls == 0 and f"For newcomers: {second} " in answer and "(Planned as on " in answer, answer
    assert asks(second, "learned-3", "dana")[1] == 1
    found = system.client("dynamodb").scan(
        TableName=system.laptop.outputs["Table"],
        FilterExpression="begins_with(pk, :learned)",
        ExpressionAttributeValues={":learned": {"S": "LEARNED#"}},
    )["Items"]
    assert {row["pk"]["S"] for row in found} == {"LEARNED#main#dana", "LEARNED#main#you"}
    system.ask("forget what you learned", conversation="learned-4")
    assert asks(second, "learned-5")[1] == 1


def test_a_key_that_is_not_taken_is_said_so_and_nothing_is_done(system: Modelled) -> None:
    system.script.replies = [status(401, message="invalid x-api-key")]
    view = system.ask("whose are the dev environments, again?")
    assert view["outcome"] == "failed"
    assert "Nothing was done" in view["answer"] and "Traceback" not in view["answer"]
    assert "key" in view["answer"]


def test_at_a_cap_no_model_is_asked_what_is_known_goes_on_and_what_was_spent_is_shown(system: Modelled) -> None:
    person, most = "dana", Caps().person.models.day_calls
    assert most is not None
    today = datetime.now(UTC).date().isoformat()
    key = {"pk": {"S": f"SPEND#main#{today}"}, "sk": {"S": f"person#{person}"}}
    counted = {"models#micros": {"N": "0"}, "models#calls": {"N": str(most - 1)}}
    system.client("dynamodb").put_item(TableName=system.laptop.outputs["Table"], Item=key | counted)
    before = len(system.model.calls)
    system.script.will_say(OWNERS)
    last = system.ask("the bare owners of all our dev things, one under the other", person)
    assert last["outcome"] == "succeeded" and f"{most} of the {most} calls a day for models" in last["answer"]
    system.script.will_say()
    view = system.ask("the bare owners of all our dev stuff, one under the other", person)
    assert view["outcome"] == "not_understood" and "raises caps.person.models.day_calls" in view["answer"]
    assert len(system.model.calls) == before + 1
    assert system.ask("How is the production cluster?", person)["outcome"] == "succeeded"
    found, sheet = system.http("GET", f"/v1/spend?by=person&since={today}", person=person)
    assert found == 200 and sheet["dollars"] > 0
    assert [one["percent"] for one in sheet["caps"] if one["setting"] == "caps.person.models.day_calls"] == [100]
    told = system.ask("how much is left of the budget?", person)["answer"]
    assert f"{most} of the {most} calls a day for models of person {person} used, 0 calls left" in told
