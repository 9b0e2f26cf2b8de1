"""What a model may ask for in place of a plan, once: other tools than it was offered; and what it knows of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from distractors import distractors
from fake_model import FakeModel
from fakes import TOOLS, FakeClock, World, clients_of
from test_cli_display import shown
from test_drafting import Asked, knows_only
from test_prompting import CONTEXT, FULL, REQUEST, TALK, all_prompts, size
from test_retrieval import FOR_MODELS, REQUESTS, index

from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Budgets, Configuration
from copilot.domain import Plan
from copilot.errors import PlanError
from copilot.language_model.prompting import Context, plan_prompt
from copilot.language_model.reading import needed_in, read_plan
from copilot.language_model.retrieval import MOST_NAMED, NEEDED_TOKENS, ToolIndex, fitting_tools, needed_tools
from copilot.plans.check import check_plan
from copilot.plans.schema import plan_schema
from copilot.text.tokens import count_tokens
from copilot.tools.registry import BUILT_IN, Registry
from copilot.tools.tool import WriteTool

FINE_A = "kindly oblige with a"
"""No tool's words are in it."""
NEED = {"need": ["switch_off"]}
OFF = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}}
LOOK = {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}}
OFF_A = {"steps": [OFF], "answer": {"text": "{off.name} off"}}


def offered(prompt: Any) -> list[str]:
    block = prompt.user.partition("# Tools\n")[2].partition("\n\n# Context")[0]
    return [line.partition("(")[0] for line in block.splitlines() if "->" in line]


# --- asking once ---------------------------------------------------------------------------------


def test_a_model_that_lacks_a_tool_asks_for_it_and_plans_with_it() -> None:
    world = World(lights={"a": True})
    asked = Asked(world, NEED, OFF_A, text=FINE_A)
    assert (asked.ended, world.switched) == (("succeeded", "a off"), ["a"])
    first, second = asked.model.prompts
    assert offered(first) == [] and "switch_off" in offered(second)
    assert 'need was answered, once: what fits it stands under Tools too. It was, data: ["switch_off"]' in second.user
    assert first.system == second.system and "need was answered" not in first.user
    assert asked.purposes == ["plan", "plan"] and len(asked.reasoning["revisions"]) == 1


def test_it_is_kept_and_shown_as_what_was_asked_for() -> None:
    asked = Asked(World(lights={"a": True}), NEED, OFF_A, text=FINE_A)
    assert [call["needed"] for call in asked.reasoning["calls"]] == [["switch_off"], []]
    (told, _) = [
        one.data
        for one in asked.process.store.journal("main", FakeClock().at.date().isoformat())
        if one.kind == "model"
    ]
    assert isinstance(told, dict) and told["needed"] == ["switch_off"]
    said = shown(asked.view | asked.reasoning)
    assert "needs" in said and "switch_off" in said and said.count("passed") == 1


@pytest.mark.parametrize(
    "need", [["switch off"], ["switch_off@1"], ["turn a light off", "one light"], ["no_such", "switch_off"]]
)
def test_it_asks_by_name_or_in_words(need: list[str]) -> None:
    asked = Asked(World(lights={"a": True}), {"need": need}, OFF_A, text=FINE_A)
    assert "switch_off" in offered(asked.model.prompts[1])


def test_a_second_time_is_a_fault_and_costs_a_correction() -> None:
    world = World(lights={"a": True})
    asked = Asked(world, NEED, NEED, OFF_A, text=FINE_A)
    assert asked.ended == ("succeeded", "a off")
    assert "need was answered once, and is not again" in asked.reasoning["calls"][1]["problems"][0]
    assert [call["needed"] for call in asked.reasoning["calls"]] == [["switch_off"], [], []]


def test_a_model_that_does_nothing_else_is_given_up() -> None:
    asked = Asked(World(lights={"a": True}), NEED, text=FINE_A)
    assert (asked.ended[0], len(asked.model.prompts)) == ("failed", 4)


def test_what_is_not_found_is_no_tool_and_it_may_decline() -> None:
    asked = Asked(World(), {"need": ["book_flight"]}, {"decline": "No tool books flights."}, text=FINE_A)
    assert asked.ended == ("declined", "No tool books flights.")
    assert offered(asked.model.prompts[1]) == offered(asked.model.prompts[0]) == []


def test_a_need_is_none_of_the_corrections_a_plan_may_have() -> None:
    wrong = {"steps": [OFF | {"tool": "switch_of"}], "answer": {"text": "x"}}
    asked = Asked(World(lights={"a": True}), wrong, NEED, wrong, OFF_A, text=FINE_A)
    assert asked.ended == ("succeeded", "a off")
    third = asked.model.prompts[2]
    assert "# Problems" in third.user and "switch_off" in offered(third), "what was wrong is still what it is about"


def test_it_counts_among_the_calls_of_a_run() -> None:
    config = Configuration(accounts=(), people=(), budgets=Budgets(model_calls=1))
    asked = Asked(World(lights={"a": True}), NEED, OFF_A, text=FINE_A, config=config)
    assert asked.ended[0] == "failed" and "1 calls of a model are used up" in asked.ended[1]


def test_it_stands_alone() -> None:
    both = OFF_A | NEED
    asked = Asked(World(lights={"a": True}), both, OFF_A, text=FINE_A)
    assert asked.ended == ("succeeded", "a off")
    assert "need stands alone, in place of a plan" in asked.reasoning["calls"][0]["problems"][0]
    assert asked.reasoning["calls"][0]["needed"] == []
    with pytest.raises(PlanError, match="need stands alone"):
        check_plan(Plan.model_validate({"goal": "g", **both}), Registry(TOOLS))
    with pytest.raises(PlanError, match="one of the five"):
        check_plan(Plan.model_validate(NEED), Registry(TOOLS))


def test_a_task_that_is_done_again_is_not_asked_again() -> None:
    class Breaking(FakeModel):
        def complete(self, prompt: Any) -> Any:
            found = super().complete(prompt)
            if len(self.prompts) == 2:
                raise ConnectionResetError
            return found

    world, clock = World(lights={"a": True}), FakeClock()
    model = Breaking([NEED, "never read", OFF_A])
    process = InProcess(clients_of(world, clock), registry=Registry(TOOLS), clock=clock, sleep=clock.sleep)
    process.model_for = lambda purpose: None if purpose == "route" else model
    with pytest.raises(ConnectionResetError):
        process.run(FINE_A)
    (turn,) = process.store.turns("main", "me/in-process")
    process.use_cases.make_plan("main", turn.run_id)
    view = process.go_on(process.store.run("main", turn.run_id))
    assert (view["outcome"], world.switched) == ("succeeded", ["a"])
    assert len(model.prompts) == 3 and "switch_off" in offered(model.prompts[2])


def test_for_a_better_plan_it_may_ask_too_but_once_in_all() -> None:
    world = World(lights={"a": True}, on_look=knows_only("a"))
    wrong = {"steps": [LOOK | {"arguments": {"environment_id": "z"}}], "answer": {"text": "{look.name}"}}
    asked = Asked(world, wrong, {"need": ["list_lights"]}, {"steps": [LOOK]}, text=FINE_A)
    assert (asked.ended, asked.purposes) == (("succeeded", "a"), ["plan", "repair", "repair"])
    assert "list_lights" in offered(asked.model.prompts[2]) and "# Failed call" in asked.model.prompts[2].user
    asked = Asked(world, NEED, wrong, NEED, {"steps": [LOOK]}, text=FINE_A)
    assert (asked.ended, asked.purposes) == (("succeeded", "a"), ["plan", "plan", "repair", "repair"])
    assert "need was answered once" in asked.reasoning["calls"][2]["problems"][0]
    odd = {"steps": [{"id": "all", "tool": "list_lights", "expect": "length(lights) == `9`"}], "answer": {"text": "x"}}
    asked = Asked(world, odd, {"need": ["look"]}, {"steps": [LOOK], "answer": {"text": "{look.name}"}}, text=FINE_A)
    assert (asked.ended, asked.purposes) == (("succeeded", "a"), ["plan", "revise", "revise"])


def test_a_tool_that_the_plan_at_hand_uses_is_shown_where_that_is_to_be_put_right() -> None:
    wrong = {"steps": [OFF | {"arguments": {"name": "a"}}], "answer": {"text": "{off.name} off"}}
    asked = Asked(World(lights={"a": True}), wrong, OFF_A, text=FINE_A)
    assert asked.ended == ("succeeded", "a off")
    assert offered(asked.model.prompts[0]) == [] and "switch_off" in offered(asked.model.prompts[1])


@pytest.mark.parametrize(
    "said", ['{"need":["a","b"]}', '```json\n{"need": ["a", "b",]}\n```', '{"plan":{"need":["a","b"]}}']
)
def test_it_is_read_however_it_is_wrapped(said: str) -> None:
    assert needed_in(said) == ("a", "b")


def test_what_is_none_is_read_as_none() -> None:
    assert read_plan('{"need":"a"}').need == ("a",)
    assert needed_in('{"say":"I need nothing"}') == needed_in("nothing") == needed_in(json.dumps(OFF_A | NEED)) == ()


# --- what is found -------------------------------------------------------------------------------


@pytest.mark.parametrize("tools", [0, 500])
def test_every_tool_that_is_named_is_offered_or_found_and_within_bounds(tools: int) -> None:
    among = index(tools)
    for name in FOR_MODELS:
        before = fitting_tools("see to it", among)
        found = needed_tools([name], among, before)
        assert name in [tool.name for tool in found], name
        assert among.size([one.name for one in found]) <= among.size([one.name for one in before]) + NEEDED_TOKENS
        assert name in [tool.name for tool in fitting_tools(name, among)]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one["text"])
def test_what_a_request_needs_is_found_in_its_words_whatever_was_offered(request_: dict[str, Any]) -> None:
    among = index(500)
    before = fitting_tools("stop idle dev environments and tell #platform", among)
    found = needed_tools([request_["text"], request_.get("before", "")], among, before)
    assert found[: len(before)] == before
    names = [tool.name for tool in found]
    assert among.size(names) <= among.size([tool.name for tool in before]) + NEEDED_TOKENS


def test_of_several_the_first_of_each_comes_before_the_second_of_any() -> None:
    found = [tool.name for tool in needed_tools(["pause_schedule", "usage_statistics", "notify"], index(0), ())]
    assert found[:3] == ["pause_schedule", "usage_statistics", "notify"]
    assert {"list_schedules", "resume_schedule"} <= set(found), "with what it needs next to it"


def test_a_domain_is_all_that_is_in_it_as_far_as_there_is_room() -> None:
    found = [tool.name for tool in needed_tools(["schedules"], index(0), ())]
    assert {"keep_environment", "pause_schedule", "delete_schedule"} <= set(found)
    assert {index(0).registry.entry(name).domain for name in found} == {"schedules"}


# --- what a tool has next to it ------------------------------------------------------------------


def test_what_takes_back_a_change_is_taken_back_by_it() -> None:
    registry = Registry()
    writes = {name: tool for name in registry.names() if issubclass(tool := registry.find(name), WriteTool)}
    writes = {name: tool for name, tool in writes.items() if not tool.by_code}
    inverse = {name: tool.inverse for name, tool in writes.items() if tool.inverse}
    lasting = {"notify", "restart_service", "reboot_resource", "delete_environment"}
    assert inverse.keys() == writes.keys() - lasting, "what was sent stays sent, what was deleted is gone"
    assert all(inverse[other] in {name, other} for name, other in inverse.items()), "by the other, or by itself again"


TOLD = "Every day at 18:00 UTC: stop all development environments (schedule s0123abcde). Next: Mon 02 Mar 2026 18:00."


@pytest.mark.parametrize("text", ["not tomorrow please", "not tomorrow", "skip tomorrow", "leave it running tonight"])
@pytest.mark.parametrize("before", ["", TOLD, f"Stop all dev environments every day after 6pm {TOLD}"])
@pytest.mark.parametrize("tools", [0, 500])
def test_who_wants_an_exception_is_offered_one(text: str, before: str, tools: int) -> None:
    assert "keep_environment" in [tool.name for tool in fitting_tools(text, index(tools), background=before)]


@pytest.mark.parametrize(
    ("text", "inverse"),
    [
        ("keep shop up until monday", "release_environment"),
        ("release shop", "keep_environment"),
        ("make a schedule for shop", "delete_schedule"),
        ("stop shop", "start_environment"),
    ],
)
def test_the_inverse_is_offered_with_it(text: str, inverse: str) -> None:
    assert inverse in [tool.name for tool in fitting_tools(text, index(0))]


# --- what a model knows of there being others ----------------------------------------------------


def test_all_tools_are_named_in_what_a_provider_keeps_and_of_many_their_domains() -> None:
    there = [one for one in BUILT_IN if one.partition("@")[0] in FOR_MODELS and one != "list_environments@1"]
    some = {one: BUILT_IN[one] for one in ["list_environments@1", *there][:MOST_NAMED]}
    few = ToolIndex(Registry(entries=some)).there_are
    names = {one.partition("@")[0] for one in some}
    assert few.startswith("All tools: ") and set(few.removeprefix("All tools: ").split(", ")) == names
    assert len(names) == MOST_NAMED < len(FOR_MODELS) and "list_environments" in few
    many = ToolIndex(Registry()).there_are
    assert many.startswith("Domains of all tools: ") and "list_environments" not in many
    rooms = {"deployments", "dockerfiles", "environments", "messages", "schedules", "usage"}
    assert rooms < set(many.removeprefix("Domains of all tools: ").split(", "))


def test_the_line_is_the_same_for_every_purpose_and_comes_last() -> None:
    context = Context(**{**vars(CONTEXT), "tools": "All tools: a, b"})
    prompts = all_prompts(context=context)
    systems = {prompts[name].system for name in ("plan", "correction", "unreadable", "repair", "revise")}
    assert len(systems) == 1 and systems.pop().endswith("\n\nAll tools: a, b")
    assert "All tools" not in prompts["route"].system + prompts["compose"].system


def test_it_is_in_every_prompt_of_a_run() -> None:
    asked = Asked(World(lights={"a": True}), NEED, OFF_A, text=FINE_A)
    there_are = ToolIndex(Registry(TOOLS)).there_are
    assert all(prompt.system.endswith(f"\n\n{there_are}") for prompt in asked.model.prompts)


@pytest.mark.parametrize(("tools", "most_cached", "most_else"), [(21, 1_850, 760), (60, 2_040, 870)])
def test_the_task_of_six_environments_stays_under_3000_tokens_cached_and_not(
    tools: int, most_cached: int, most_else: int
) -> None:
    built_in = {one: BUILT_IN[one] for one in [one for one in BUILT_IN if one.partition("@")[0] in FOR_MODELS][:tools]}
    among = ToolIndex(Registry(distractors(tools - len(built_in)), built_in))
    assert len(among.entries) == tools
    context = Context(**{**vars(CONTEXT), "tools": among.there_are})
    prompt = plan_prompt(REQUEST, context, fitting_tools(REQUEST, among))
    cached = count_tokens(prompt.system) + count_tokens(json.dumps(plan_schema(described=False), separators=(",", ":")))
    assert cached <= most_cached and count_tokens(prompt.user) <= most_else
    assert cached + count_tokens(prompt.user) == size(prompt) < 3_000


def test_after_200_turns_it_does_too_and_what_is_asked_for_comes_to_no_more_than_its_bound() -> None:
    among = ToolIndex(Registry())
    tools = fitting_tools(REQUEST, among, background=TALK)
    context = Context(**{**vars(FULL), "tools": among.there_are})
    before = size(plan_prompt(REQUEST, context, tools))
    assert before < 3_000
    more = needed_tools(["schedules", "usage"], among, tools)
    context = Context(**{**vars(context), "needed": ["schedules", "usage"]})
    assert size(plan_prompt(REQUEST, context, more)) < before + NEEDED_TOKENS + 60
