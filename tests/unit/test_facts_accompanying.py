"""Who is told because somebody asked for that: a message behind the changes, of those alone that were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from facts_world import APP, DEV, OPA, REA, FactsWorld
from test_learned import ASKED, PLAN, all_of, taught

from copilot.domain import MOST_STEPS, Plan, scope_of
from copilot.planning.accompanying import SORTS, Accompany
from copilot.running.accompanying import told_of
from copilot.running.board import Board
from copilot.tools.registry import BUILT_IN

TELL = "tell #payments whenever you stop storefront"


def steps(view: dict[str, Any]) -> list[str]:
    return [step["tool"] for step in view["plan"]["steps"]]


def test_who_is_to_be_told_of_a_change_is_told_and_it_is_said_why() -> None:
    world = FactsWorld()
    assert world.says(TELL) == "remembered: stops of storefront are told to #payments."
    view = world.ask("stop storefront", conversation="another")
    assert view["outcome"] == "succeeded" and steps(view) == ["find_environment", "stop_environment", "notify"]
    assert world.told == [("#payments", "Dev had me do this: stopped storefront.")]
    assert view["answer"].endswith("(told to #payments, because you asked to, on 12 Nov)")


def test_nobody_is_told_of_what_another_does_of_something_else_of_a_read_or_of_another_sort_of_change() -> None:
    world = FactsWorld()
    world.ask(TELL)
    for text, person in (("stop basket", DEV), ("start storefront", DEV), ("is storefront healthy?", DEV)):
        view = world.ask(text, person)
        assert "notify" not in steps(view) and world.told == [], text
    assert world.ask("stop storefront", OPA)["outcome"] == "succeeded" and world.told == []


def test_what_is_stopped_already_is_told_to_nobody() -> None:
    world = FactsWorld()
    world.ask("stop storefront")
    world.ask(TELL)
    view = world.ask("stop storefront")
    assert view["outcome"] == "succeeded" and world.told == [] and "told" not in view["answer"]


def test_of_many_those_alone_are_told_of_that_are_meant_and_were_done() -> None:
    world = FactsWorld()
    world.ask("my team is payments")
    world.ask("tell #payments when you stop theirs")
    assert world.kept()["companion"] == "stops of payments's environments are told to #payments"
    view = world.ask("stop storefront and books", OPA)
    assert world.told == [], "that was another's"
    view = world.ask("stop all development environments")
    assert view["outcome"] == "succeeded", view["answer"]
    assert world.told == [("#payments", "Dev had me do this: stopped basket.")], "storefront was stopped before"


def test_what_failed_or_was_kept_back_is_not_told_and_what_was_done_beside_it_is() -> None:
    world = FactsWorld()
    world.ask("basket is off limits", OPA)
    world.ask("tell #ops whenever you stop anything", OPA)
    view = world.ask("stop books and basket", OPA)
    assert view["outcome"] == "partial" and world.states["basket"] == "running"
    assert world.told == [("#ops", "Opa had me do this: stopped books.")], view["answer"]


@pytest.mark.parametrize("told", ["#ops", "@priya"])
def test_that_who_is_told_is_gone_keeps_nothing_from_being_done_and_is_said(told: str) -> None:
    world = FactsWorld()
    world.ask(f"tell {told} whenever you stop storefront")
    world.notifier.channels, world.notifier.people = ("#general", "#payments"), ("app",)
    view = world.ask("stop storefront")
    assert world.states["storefront"] == "stopped" and world.told == []
    assert view["outcome"] == "partial" and "Not done:" in view["answer"] and "(told to" not in view["answer"]


def test_a_channel_that_the_plan_tells_is_not_told_twice() -> None:
    world = FactsWorld()
    world.ask(TELL)
    view = world.ask("stop storefront and tell #payments")
    assert steps(view).count("notify") == 1 and len(world.told) == 1 and "because you asked" not in view["answer"]


def test_two_who_ask_for_the_same_have_it_told_once() -> None:
    world = FactsWorld()
    world.ask(TELL)
    assert world.ask(f"for everybody: {TELL}", APP)["outcome"] == "succeeded"
    view = world.ask("stop storefront")
    assert len(world.told) == 1 and "because you asked to, on 12 Nov and App asked to, on 12 Nov" in view["answer"]
    world.ask("start storefront")
    world.ask("stop storefront", OPA)
    assert world.told[-1] == ("#payments", "Opa had me do this: stopped storefront."), "it holds for everybody"


def test_a_plan_of_a_model_has_it_as_any_and_the_model_can_plan_none_itself() -> None:
    find: dict[str, Any] = {"id": "find", "tool": "find_environment", "arguments": {"name": "storefront"}}
    stop = {
        "id": "stop",
        "tool": "stop_environment",
        "arguments": {"environment_id": {"$ref": "find.environment.id"}},
    }
    plan = {"steps": [find, stop], "answer": {"text": "{stop.summary}"}}
    world = FactsWorld(plan)
    world.ask(TELL)
    view = world.ask("have storefront doze off for the moment")
    assert steps(view)[-1] == "notify" and len(world.told) == 1, view["answer"]

    hidden = {**plan, "steps": [find, {**stop, "accompanies": {"of": [{"everything": True}], "because": ["x"]}}]}
    world = FactsWorld(hidden, plan)
    world.ask("have storefront doze off for the moment")
    assert "no field accompanies" in str(world.model.prompts[-1])


def test_what_takes_it_back_is_told_too_and_what_was_told_stays_told() -> None:
    world = FactsWorld()
    world.ask("tell #payments whenever you touch storefront")
    world.ask("stop storefront")
    view = world.ask("undo that")
    assert world.states["storefront"] == "running", view["answer"]
    assert [text for _, text in world.told] == [
        "Dev had me do this: stopped storefront.",
        "Dev had me do this: started storefront.",
    ]


def test_before_a_change_nobody_is_told_and_that_is_said() -> None:
    world = FactsWorld()
    view = world.ask("always notify #payments before you restart storefront")
    assert view["outcome"] == "asked" and "not what is about to be done" in view["answer"]
    assert world.kept() == {}
    assert world.says("always notify #payments whenever you restart storefront").startswith("remembered")


def test_me_is_who_asks_and_somebody_by_name_is_that_person() -> None:
    world = FactsWorld()
    world.ask("whenever you scale production tell @priya")
    world.ask("tell me whenever you stop storefront")
    assert world.rules() == {
        "changes of size of production environments are told to person:priya",
        "stops of storefront are told to person:dev",
    }


def test_whom_else_to_tell_stands_beside_it() -> None:
    world = FactsWorld()
    world.ask(TELL)
    answer = world.says("tell #ops whenever you stop storefront")
    assert "(beside it stands: stops of storefront are told to #payments, as you said on 12 Nov)" in answer
    world.ask("stop storefront")
    assert sorted(whom for whom, _ in world.told) == ["#ops", "#payments"]


@pytest.mark.parametrize(
    "said", ["no, tell #ops whenever you stop storefront", "tell only #ops whenever you stop storefront"]
)
def test_a_correction_takes_its_place_and_it_is_shown_and_forgotten(said: str) -> None:
    world = FactsWorld()
    world.ask(TELL)
    assert world.says(said).endswith("- forgotten: stops of storefront are told to #payments")
    assert "- stops of storefront are told to #ops, as you said on 12 Nov" in world.says("what do you know about me?")
    assert world.says("stop telling #ops when you stop storefront").startswith(
        "- forgotten: stops of storefront are told"
    )
    world.ask("stop storefront")
    assert world.told == []


def test_a_message_that_may_not_be_sent_is_decided_as_any() -> None:
    world = FactsWorld()
    world.ask("tell #ops whenever you stop live", OPA)
    view = world.ask("stop live", OPA)
    assert view["status"] == "parked" and world.told == []


def test_every_tool_that_changes_environments_says_which_sorts_of_change_it_makes() -> None:
    changing = {name.partition("@")[0] for name, entry in BUILT_IN.items() if entry.resource == "Environment"}
    assert changing == {*SORTS}


@pytest.mark.parametrize("person", [REA, DEV])
def test_whose_it_is_alone_has_it(person: Any) -> None:
    world = FactsWorld()
    assert world.ask(TELL, person)["outcome"] == "succeeded"
    assert world.rules(scope_of(person.id)) == {"stops of storefront are told to #payments"}


def test_what_was_learned_is_told_of_as_any_and_nothing_is_learned_of_whom_to_tell() -> None:
    world = taught(PLAN, ASKED)
    world.ask("tell #payments whenever you stop basket")
    before = len(world.model.prompts)
    view = world.ask(ASKED.format("basket"), conversation="second")
    assert len(world.model.prompts) == before and world.told == [("#payments", "Dev had me do this: stopped basket.")]
    assert steps(view)[-1] == "notify"

    world = FactsWorld(PLAN)
    world.ask(TELL)
    world.ask(ASKED.format("storefront"))
    assert len(world.told) == 1 and all_of(world) == []


def test_a_plan_that_would_not_go_on_after_a_part_failed_tells_of_the_other() -> None:
    find: dict[str, Any] = {"id": "find", "tool": "find_environment", "for_each": ["books", "basket"]}
    stop: dict[str, Any] = {"id": "stop", "tool": "stop_environment", "for_each": {"$ref": "find[].environment.id"}}
    find |= {"arguments": {"name": {"$item": "@"}}}
    stop |= {"arguments": {"environment_id": {"$item": "@"}}}
    world = FactsWorld({"steps": [find, stop], "answer": {"text": "{stop[].summary}"}})
    world.ask("basket is off limits", OPA)
    world.ask("tell #ops whenever you stop anything", OPA)
    view = world.ask("have the two of the shop doze off for the moment", OPA)
    assert view["outcome"] == "partial" and world.told == [("#ops", "Opa had me do this: stopped books.")]


def test_only_what_was_seen_to_be_done_is_told_of() -> None:
    world = FactsWorld()
    world.ask(TELL)
    view = world.ask("stop storefront")
    store = world.process.store
    record, entries = store.load_run("main", view["run_id"]), store.effects("main", view["run_id"])
    (told,) = [step for step in record.revisions[0].plan.steps if step.accompanies]

    def said(**stop: Any) -> str:
        (item,) = record.steps["stop"].items
        there = record.steps["stop"].model_copy(update={"items": (item.model_copy(update=stop),)})
        board = Board(record.run, record.revisions, {**record.steps, "stop": there}, world.clock.now())
        return told_of(board, told, entries)

    assert said() == "Dev had me do this: stopped storefront."
    assert said(status="failed") == said(status="unknown") == ""
    begun = [entry.model_copy(update={"state": "unknown"}) for entry in entries]
    assert told_of(Board(record.run, record.revisions, dict(record.steps), world.clock.now()), told, begun) == ""


FIND: dict[str, Any] = {"id": "find", "tool": "find_environment", "arguments": {"name": "storefront"}}
STOP: dict[str, Any] = {
    "id": "stop",
    "tool": "stop_environment",
    "arguments": {"environment_id": {"$ref": "find.environment.id"}},
}
DOZE = "have storefront doze off for the moment"


def message(text: Any, **more: Any) -> dict[str, Any]:
    return {"id": "say", "tool": "notify", "arguments": {"channel": "#payments", "text": text}, **more}


def company(world: FactsWorld, *steps: dict[str, Any], begun: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Who is told by code of which steps."""
    facts = world.process.use_cases.make_plan.facts
    assert facts is not None
    accompany, plan = Accompany(facts.known_facts, world.process.registry), Plan.model_validate({"steps": steps})
    found = accompany(plan, facts.known_facts.of(DEV), DEV, begun).plan
    return {str(step.arguments["channel"]): step.after for step in found.steps if step.accompanies}


@pytest.mark.parametrize(
    ("said", "look", "is_told"),
    [
        (message("Maintenance begins"), {}, False),
        (message("Maintenance begins", after=["find"]), {}, False),
        (message("Stopped", after=["stop"], when="stop.summary == 'x'"), {}, False),
        (message("Stopped", after=["stop", "look"]), {"when": "find.environment.name == 'x'"}, False),
        (message("Stopped", after=["look"]), {"after": ["stop"], "when": "find.environment.name == 'x'"}, False),
        (message("Stopped", after=["stop"]), {"when": "find.environment.name == 'x'"}, True),
        (message({"$text": "{stop.summary}"}), {}, True),
        (message("Stopped", after=["look"]), {"after": ["stop"]}, True),
    ],
)
def test_only_a_message_that_comes_of_the_change_tells_of_it(
    said: dict[str, Any], look: dict[str, Any], is_told: bool
) -> None:
    world = FactsWorld()
    world.ask(TELL)
    found = company(world, FIND, STOP, {"id": "look", "tool": "list_environments"} | look, said)
    assert found == ({} if is_told else {"#payments": ("stop",)})
    only_then = {**STOP, "when": "find.environment.name == 'storefront'"}
    assert company(world, FIND, only_then, message("Stopped", after=["stop"])) == {}, "where it is not, nothing is done"


def test_what_else_a_channel_is_sent_is_not_taken_for_what_was_done() -> None:
    world = FactsWorld({"steps": [message("Maintenance begins"), FIND, STOP], "answer": {"text": "done"}})
    world.ask(TELL)
    view = world.ask("have #payments hear that maintenance begins while storefront dozes off for the moment")
    assert world.states["storefront"] == "stopped", view["answer"]
    assert world.told == [
        ("#payments", "Maintenance begins"),
        ("#payments", "Dev had me do this: stopped storefront."),
    ]


def test_where_a_plan_has_no_step_left_it_is_said_who_is_not_told() -> None:
    looks = [{"id": f"look_{at}", "tool": "list_environments"} for at in range(MOST_STEPS - 2)]
    world = FactsWorld({"steps": [FIND, STOP, *looks], "answer": {"text": "done"}})
    world.ask(TELL)
    view = world.ask(DOZE)
    assert world.states["storefront"] == "stopped" and world.told == []
    said = f"(the plan has no step left to tell #payments, as you asked to, on 12 Nov: {MOST_STEPS} are the most)"
    assert view["answer"].count(said) == 1, view["answer"]


def test_after_a_better_plan_each_channel_hears_of_what_it_has_not_been_told() -> None:
    world = FactsWorld()
    world.ask("tell #payments and #ops whenever you stop storefront")
    told = {"id": "told", "tool": "notify", "arguments": {"channel": "#payments", "text": "x"}, "after": ["stop"]}
    told |= {"accompanies": {"of": [{"environments": ["storefront"]}], "because": ["you asked to"]}}
    found = company(world, FIND, STOP, told, begun=["find", "stop", "told"])
    assert found == {"#payments": ("stop",), "#ops": ("stop",)}
    more = {**STOP, "id": "again"}
    found = company(world, FIND, STOP, told, more, begun=["find", "stop", "told"])
    assert found == {"#payments": ("again",), "#ops": ("stop", "again")}
