"""Plans that are looked at before they go on: what is asked, what comes after, what ends it; all of it once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_model import FakeModel, completion
from fakes import TOOLS, FakeClock, World, clients_of, failing
from fakes_typed import TYPED
from test_cli_display import shown
from test_drafting import Asked, knows_only
from test_firing import AFTER_SIX, Setting
from test_need import offered
from test_plan_schema import faults
from test_when import Guess

from cli.display.page import Page
from cli.display.plan import show_plan
from copilot.adapters.in_memory import MemoryStore
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Budgets, Configuration
from copilot.domain import Completion, Plan, Prompt, TokenUsage
from copilot.errors import Ambiguous, CopilotError, FatalError, PlanError, RetryableError
from copilot.language_model.reading import merge, read_plan
from copilot.plans.check import check_plan
from copilot.plans.rounds import call_of
from copilot.tools.registry import Registry

LOOK = {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}}
LOOK_B = {"id": "other", "tool": "look", "arguments": {"environment_id": "b"}}
ALL = {"id": "all", "tool": "list_lights"}
OFF = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "b"}}
ENDS: dict[str, Any] = {"answer": {"text": "a is {look.on}."}}
WHY = "which of them nobody needs"


def then(*using: str, why: str = WHY) -> dict[str, Any]:
    return {"then": {"using": list(using), "why": why}}


def planned(*steps: dict[str, Any], **end: Any) -> dict[str, Any]:
    return {"steps": list(steps)} | end


FIRST = planned(LOOK, **then("look.on", "look"))


def budgets(**most: Any) -> Configuration:
    return Configuration(accounts=(), people=(), budgets=Budgets(**most))


def told(prompt: Prompt) -> str:
    """What a look is told of the plan before it."""
    return prompt.user.partition("# Look\n")[2]


def outcomes(prompt: Prompt) -> dict[str, str]:
    """How it is told that the steps came out."""
    line = next(line for line in told(prompt).splitlines() if line.startswith("how the steps came out, data: "))
    found: dict[str, str] = json.loads(line.partition("data: ")[2])
    return found


def values(prompt: Prompt) -> dict[str, Any]:
    """The values that a look is shown, by their expressions."""
    lines = [json.loads(line.removeprefix("data: ")) for line in told(prompt).splitlines() if '"of":' in line]
    return {line.pop("of"): line for line in lines}


# --- what a plan may say --------------------------------------------------------------------------


def checked(written: dict[str, Any], **more: Any) -> str:
    """What is wrong with it where it may look again; "" where nothing is."""
    plan = Plan.model_validate({"goal": "g", **written})
    try:
        check_plan(plan, Registry([*TOOLS, *TYPED]), **({"no_look": ""} | more))
    except PlanError as error:
        return "; ".join(error.problems)
    return ""


@pytest.mark.parametrize(
    ("using", "said"),
    [
        ("look.onn", "then, using: 'look.onn': there is no field onn; nearest: on"),
        ("lok.on", "then, using: 'lok.on': refers to lok, and no earlier step has that id"),
        ("@.on", "@ has no meaning here"),
        ("failures", "name the step whose failures are meant"),
        ("look.on &&", "is not a valid reference"),
        ("max(look.lumen)", "no function max"),
        ("find.first.token", "token is masked"),
    ],
)
def test_what_it_wants_to_look_at_is_checked_before_anything_runs(using: str, said: str) -> None:
    assert said in checked(planned(LOOK, {"id": "find", "tool": "find_things"}, **then(using)))


def test_any_value_may_be_looked_at() -> None:
    using = ["look", "all.lights[?on].name", "length(all.lights)", "failures.look[].reason", "attachments[0].name"]
    assert checked(planned(LOOK, ALL, **then(*using))) == ""


def test_it_is_one_of_the_five_ends_and_needs_steps() -> None:
    assert "one of the five" in checked(FIRST | ENDS)
    assert "one of the five" in checked(FIRST | {"say": "x"})
    assert "there is nothing new to look at without steps before it" in checked(then("attachments"))
    assert faults(FIRST, described=False) == []
    for wrong in ({"using": "look"}, {"why": "x"}, {"using": ["look"], "why": 3}, {"using": [], "why": "x"}):
        assert faults(planned(LOOK, then=wrong), described=True)


@pytest.mark.parametrize("using", ['"look.on"', '["look.on"]', '[{"$ref":"look.on"}]'])
def test_it_is_read_as_models_write_it(using: str) -> None:
    found = read_plan(f'{{"steps":[{{"id":"look","tool":"look"}}],"then":{{"using":{using}}}}}')
    assert found.then is not None and (found.then.using, found.then.why) == (("look.on",), "")


def test_in_a_correction_it_takes_the_place_of_the_answer_and_the_other_way_round() -> None:
    draft, other = read_plan(json.dumps(planned(LOOK, **ENDS))), read_plan(json.dumps(then("look")))
    assert merge(draft, other).then and merge(draft, other).answer is None
    assert merge(merge(draft, other), draft).then is None and merge(merge(draft, other), draft).answer
    assert merge(merge(draft, other), read_plan(json.dumps(planned(LOOK)))).then


# --- where it may not -------------------------------------------------------------------------------


def test_a_plan_that_is_kept_never_looks_again_and_says_why() -> None:
    plan = Plan.model_validate({"goal": "g", **FIRST})
    with pytest.raises(PlanError, match="a plan that is kept, as a schedule's, a runbook's and a file's are"):
        check_plan(plan, Registry(TOOLS))
    world, clock = World(lights={"a": True}), FakeClock()
    model = FakeModel([planned(**ENDS)])
    process = InProcess(clients_of(world, clock), registry=Registry(TOOLS), clock=clock, model_for=lambda _: model)
    with pytest.raises(PlanError, match="decides with `when`"):
        process.run(plan)
    assert model.prompts == []


def test_nor_does_that_of_a_schedule_which_is_refused_when_it_fires() -> None:
    setting = Setting()
    schedule = setting.made(AFTER_SIX)
    kept = setting.schedules.schedule(schedule)
    assert kept is not None
    stop = kept.runbooks["stop"].model_dump(mode="json") | {"answer": None} | then("look.due")
    setting.schedules.put(kept.model_copy(update={"runbooks": {**kept.runbooks, "stop": Plan.model_validate(stop)}}))
    firing = setting.fired(schedule)
    assert firing.run_id is None and "runs without a model that could be asked again" in (firing.reason or "")


def test_without_a_model_nothing_changes() -> None:
    world, clock = World(lights={"a": True}), FakeClock()
    process = InProcess(clients_of(world, clock), registry=Registry(TOOLS), clock=clock)
    view = process.run("do the lights")
    assert view["outcome"] == "not_understood"


# --- a look -----------------------------------------------------------------------------------------


def test_where_meaning_decides_the_model_is_asked_again_and_goes_on() -> None:
    world = World(lights={"a": False, "b": True})
    second = planned(OFF, answer={"text": "a is {look.on}, {off.name} is off."})
    asked = Asked(world, FIRST, second, text="do the lights, b too")
    assert (asked.ended, world.switched) == (("succeeded", "a is no, b is off."), ["b"])
    assert asked.purposes == ["plan", "look"]
    assert [one["id"] for one in asked.view["plan"]["steps"]] == ["look", "off"]
    assert [one["kind"] for one in asked.reasoning["revisions"]] == ["first", "look"]
    assert asked.reasoning["revisions"][1]["reason"] == WHY


def test_it_is_shown_the_values_typed_and_as_data_and_what_it_said_it_looks_for() -> None:
    world = World(lights={"a": True, "b": False})
    first = planned(ALL, LOOK, **then("all.lights[?on]", "length(all.lights)", "look.note", "failures.look"))
    asked = Asked(world, first, planned(**ENDS))
    plan, look = asked.model.prompts
    assert plan.system == look.system and plan.answer_schema == look.answer_schema
    assert f'why, data: "{WHY}"\nrounds after this one: 2\n' in told(look)
    assert outcomes(look) == {"all": "done", "look": "done"}
    assert values(look) == {
        "all.lights[?on]": {
            "type": "[{name: text, on: bool, lumen: number, note: text}]".replace(": text", ""),
            "is": [{"name": "a", "on": True, "lumen": 1.5, "note": ""}],
        },
        "length(all.lights)": {"type": "int", "is": 2},
        "look.note": {"type": "text", "is": ""},
        "failures.look": {"type": values(look)["failures.look"]["type"], "is": []},
    }
    assert all(line.startswith("data: {") for line in told(look).splitlines() if '"of":' in line)
    assert {"list_lights", "look"} <= set(offered(look)), "what it used it can use again"


def test_an_answer_may_be_all_that_is_left_and_may_be_composed() -> None:
    asked = Asked(World(lights={"a": True}), FIRST, planned(**ENDS))
    assert asked.ended == ("succeeded", "a is yes.")
    composed = {"answer": {"compose": "Say how it is.", "using": ["look"]}}
    asked = Asked(World(lights={"a": True}), FIRST, planned(**composed), "It is on {#look.on}.")
    assert asked.ended[0] == "succeeded" and asked.ended[1].startswith("It is on")
    assert asked.purposes == ["plan", "look", "compose"]


@pytest.mark.parametrize(
    ("end", "outcome", "answer"),
    [
        ({"say": "All is well."}, "succeeded", "All is well."),
        ({"ask": {"question": "Which?", "choices": ["a", "b"]}}, "asked", "Which?\n- a\n- b"),
        ({"decline": "Nothing here does that."}, "declined", "Nothing here does that."),
    ],
)
def test_or_it_says_asks_or_declines(end: dict[str, Any], outcome: str, answer: str) -> None:
    asked = Asked(World(lights={"a": True}), FIRST, end)
    assert asked.ended == (outcome, answer)
    assert [one["status"] for one in asked.view["steps"]] == ["done"], "what was done is still shown"
    second = planned(OFF, **end)
    asked = Asked(World(lights={"a": True, "b": True}), FIRST, second, planned(**ENDS))
    assert "a plan that only says or asks something has no steps" in asked.reasoning["calls"][1]["problems"]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"say": "It uses 93 % of its memory."}, "93"),
        ({"answer": {"text": "It had 7 restarts."}}, "7 restarts"),
        ({"ask": {"question": "Is 12 lumen enough?"}}, "12 lumen"),
    ],
)
def test_no_number_is_said_that_nothing_shows(end: dict[str, Any], said: str) -> None:
    asked = Asked(World(lights={"a": True}), FIRST, end, planned(**ENDS))
    assert asked.ended == ("succeeded", "a is yes.")
    (problem,) = asked.reasoning["calls"][1]["problems"]
    assert problem.startswith("these numbers are in nothing that was shown: ") and said.split()[0] in problem


@pytest.mark.parametrize("text", ["It gives 1.5 lumen.", "2 lights: a and b.", "Of the 40 you named, none."])
def test_one_that_was_shown_counted_or_asked_about_is(text: str) -> None:
    first = planned(ALL, LOOK, **then("all.lights", "look"))
    asked = Asked(World(lights={"a": True, "b": True}), first, {"say": text}, text="are the 40 lights on")
    assert asked.ended == ("succeeded", text)


def test_what_failed_before_stands_under_what_is_said() -> None:
    world = World(lights={"a": True, "b": True}, on_look=knows_only("a"))
    bad = LOOK_B | {"id": "bad", "tool": "shout"}
    world.before_preview = failing(9, FatalError("no right to it"))
    asked = Asked(world, planned(LOOK, bad, **then("look.on")), {"say": "It is on."}, text="look at b")
    assert asked.ended == ("failed", "It is on.\n\nNot done:\n- shout b: failed: no right to it. Nothing was changed")


def test_it_may_look_again_and_again_while_rounds_are_left() -> None:
    world = World(lights={name: True for name in "abcd"})
    rounds = [
        planned({"id": f"l{n}", "tool": "look", "arguments": {"environment_id": n}}, **then(f"l{n}.on")) for n in "bcd"
    ]
    asked = Asked(world, FIRST, *rounds[:2], planned(**ENDS))
    assert asked.ended == ("succeeded", "a is yes.") and asked.purposes == ["plan", "look", "look", "look"]
    assert [f"rounds after this one: {n}" in asked.model.prompts[3 - n].user for n in (0, 1, 2)] == [True] * 3
    asked = Asked(world, FIRST, *rounds, planned(**ENDS))
    assert asked.ended == ("succeeded", "a is yes."), "the fourth is put right"
    assert asked.reasoning["calls"][3]["problems"] == [
        "then: the run's 3 rounds are used up; answer with what there is"
    ]
    asked = Asked(world, FIRST, *rounds)
    assert asked.ended[0] == "partial" and "Found so far:\n- name: c" in asked.ended[1]
    assert "the run's 3 rounds are used up" in asked.ended[1] and len(asked.model.prompts) == 6


def test_rounds_are_no_changes_of_the_plan_and_changes_no_rounds() -> None:
    world = World(lights={"a": True, "b": True}, on_look=knows_only("a", "b"))
    wrong = planned(LOOK | {"arguments": {"environment_id": "z"}}, **then("look.on"))
    again = planned(LOOK_B | {"arguments": {"environment_id": "zz"}}, **then("other.on"))
    given = [wrong, planned(LOOK), again, planned(LOOK_B), planned(**ENDS)]
    asked = Asked(world, *given, config=budgets(revisions=2, rounds=2))
    assert asked.ended == ("succeeded", "a is yes.")
    assert asked.purposes == ["plan", "repair", "look", "repair", "look"]


def test_where_none_may_be_made_a_plan_is_put_right() -> None:
    asked = Asked(World(lights={"a": True}), FIRST, planned(**ENDS), config=budgets(rounds=0))
    assert asked.ended == ("succeeded", "a is yes.") and asked.purposes == ["plan", "plan"]


def test_what_is_still_to_be_done_comes_before_it() -> None:
    world = World(lights={"a": True, "b": True}, slow={"b": 2})
    asked = Asked(world, planned(LOOK, OFF, **then("off.on")), planned(**ENDS), text="b off")
    assert asked.ended == ("succeeded", "a is yes.")
    assert outcomes(asked.model.prompts[1])["off"] == "done", "what was slow was waited for"


def test_a_correction_of_what_comes_next_still_has_the_values() -> None:
    world = World(lights={"a": True, "b": True})
    wrong = planned(OFF | {"tool": "switch_of"}, **ENDS)
    asked = Asked(world, FIRST, wrong, planned(OFF), text="b")
    assert (asked.ended, world.switched) == (("succeeded", "a is yes."), ["b"])
    assert values(asked.model.prompts[2]) == values(asked.model.prompts[1]) != {}
    assert "# Problems" in asked.model.prompts[2].user and '"switch_of"' in asked.model.prompts[2].user
    asked = Asked(World(lights={"a": True}), FIRST, "{broken", planned(**ENDS))
    assert asked.ended == ("succeeded", "a is yes.") and values(asked.model.prompts[2])


def test_it_may_ask_for_other_tools_once() -> None:
    world = World(lights={"a": True, "b": True})
    given = [FIRST, {"need": ["switch_off"]}, {"need": ["shout"]}, planned(OFF, **ENDS)]
    asked = Asked(world, *given, text="kindly oblige with a, and b")
    assert (asked.ended[0], world.switched) == ("succeeded", ["b"])
    assert "switch_off" in offered(asked.model.prompts[2]) and values(asked.model.prompts[2])
    assert "need was answered once" in asked.reasoning["calls"][2]["problems"][0]


# --- ids, and calls that were made -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([LOOK | {"arguments": {"environment_id": "b"}}], "step look: it has run; refer to what it gave"),
        ([LOOK | {"id": "again"}], "step again: this is the call of step look; refer to what that gave"),
        ([OFF | {"arguments": {"environment_id": {"$ref": "lok.name"}}}], "refers to lok"),
    ],
)
def test_ids_are_never_reused_and_calls_not_repeated(steps: list[dict[str, Any]], said: str) -> None:
    asked = Asked(World(lights={"a": True, "b": True}), FIRST, planned(*steps, **ENDS), planned(**ENDS))
    assert said in " ".join(asked.reasoning["calls"][1]["problems"])
    asked = Asked(World(lights={"a": True, "b": True}), FIRST, planned(*steps, **ENDS))
    assert asked.ended[0] == "partial" and said in asked.ended[1] and "Found so far:\n- name: a" in asked.ended[1]


def test_what_came_to_nothing_cannot_be_referred_to() -> None:
    world = World(lights={"a": True, "b": True}, on_look=lambda name: failing(name == "b", FatalError("no"))(name))
    second = planned(OFF | {"arguments": {"environment_id": {"$ref": "other.name"}}}, **ENDS)
    asked = Asked(world, planned(LOOK, LOOK_B, **then("look.on")), second, planned(**ENDS))
    assert "refers to other, which gave nothing to refer to" in " ".join(asked.reasoning["calls"][1]["problems"])


BY_LIST = LOOK | {"id": "again", "arguments": {"environment_id": {"$ref": "all.lights[0].name"}}}


def test_the_same_call_made_twice_ends_it_with_what_was_found() -> None:
    world = World(lights={"a": True, "b": True})
    asked = Asked(world, planned(ALL, LOOK, **then("look")), planned(BY_LIST, **then("again")), planned(**ENDS))
    assert asked.purposes == ["plan", "look"], "nothing new would come of asking"
    outcome, answer = asked.ended
    assert outcome == "partial"
    assert answer.startswith("Found so far:\n- name: a, on: yes")
    assert answer.endswith(
        f"This was to be looked at to go on ({WHY}), and was not: the same call was made twice (look a), so that "
        "nothing new comes of looking."
    )
    assert asked.reasoning["revisions"][-1]["problem"].startswith("the same call was made twice")


def test_after_a_change_the_same_read_is_another() -> None:
    world = World(lights={"a": True, "b": True})
    third = LOOK | {"id": "again", "after": ["off"]}
    off_a = OFF | {"arguments": {"environment_id": "a"}}
    given = [planned(LOOK, off_a, **then("look.on")), planned(third, **then("again.on")), planned(**ENDS)]
    asked = Asked(world, *given, text="switch off a")
    assert asked.ended == ("succeeded", "a is yes.") and asked.purposes == ["plan", "look", "look"]
    given = [FIRST, planned(off_a, third, **then("again.on")), planned(**ENDS)]
    assert Asked(World(lights={"a": True}), *given, text="switch off a").ended == ("succeeded", "a is yes.")


@pytest.mark.parametrize("tool", ["shout", "switch_off"])
def test_a_write_is_never_made_a_second_time_however_it_is_written(tool: str) -> None:
    world = World(lights={"a": True, "b": True})
    off = OFF | {"tool": tool}
    again = off | {"id": "again", "arguments": {"environment_id": {"$ref": "all.lights[1].name"}}}
    asked = Asked(world, planned(ALL, off, **then("all")), planned(again, answer={"text": "ok"}), text="b off")
    assert world.switched == ["b"] and asked.ended[0] == "partial"
    assert "the same call was made by step off, and is not made twice" in asked.ended[1]


def test_nor_is_one_that_nobody_let_it_make() -> None:
    world = World(lights={"a": True, "b": True}, kinds={"b": "production"})
    off = OFF | {"id": "again", "arguments": {"environment_id": {"$ref": "all.lights[1].name"}}}
    denies: Any = lambda approval: "deny"  # noqa: E731
    given = [planned(ALL, OFF, **then("all")), planned(off, answer={"text": "ok"})]
    asked = Asked(world, *given, text="b off", decide=denies)
    assert world.switched == [] and "again" not in str(asked.view["approval"])
    assert outcomes(asked.model.prompts[1])["off"] == "not allowed: denied by another"
    assert "the same call was made by step off" in asked.ended[1]


def test_a_call_is_the_same_with_its_defaults_written_out() -> None:
    find = next(tool for tool in TYPED if tool.name == "find_things")
    assert call_of(find, {}) == call_of(find, {"least": 0, "labels": []}) != call_of(find, {"least": 1})


# --- what became of the steps ----------------------------------------------------------------------


def test_what_failed_was_skipped_or_denied_is_told_in_words_of_code() -> None:
    world = World(lights={"a": True, "b": True, "c": True}, kinds={"b": "production"})
    world.on_look = lambda name: failing(name == "zz", FatalError("no right to zz"))(name)
    each = {"id": "each", "tool": "look", "for_each": ["a", "zz"], "arguments": {"environment_id": {"$item": "@"}}}
    steps = [LOOK, each, OFF, OFF | {"id": "not_so", "when": "!look.on", "arguments": {"environment_id": "c"}}]
    tell = {"id": "tell", "tool": "shout", "arguments": {"environment_id": {"$ref": "off.name"}}}
    denies: Any = lambda approval: "deny"  # noqa: E731
    asked = Asked(world, planned(*steps, tell, **then("look.on")), planned(**ENDS), text="b, c", decide=denies)
    assert outcomes(next(one for one in asked.model.prompts if "# Look" in one.user)) == {
        "look": "done",
        "each": "done (1 of 2), failed (1 of 2)",
        "off": "not allowed: denied by another",
        "not_so": "not run: look.on was so",
        "tell": "not run: off did not succeed",
    }, "why it failed is in words that may be anybody's"
    assert world.switched == []


def test_what_the_person_has_to_say_first_is_asked_instead_of_looked_at() -> None:
    def several(name: str) -> None:
        raise Ambiguous(f"{name} may be several", ("a1", "a2"))

    world = World(lights={"a": True}, on_look=several)
    asked = Asked(world, FIRST, planned(**ENDS))
    assert (asked.ended[0], asked.purposes) == ("asked", ["plan"])


# --- bounds, budgets, an end from outside ----------------------------------------------------------


def test_a_look_that_is_too_dear_ends_with_what_was_found() -> None:
    for most, said in (
        ({"model_calls": 1}, "the run's 1 calls of a model are used up"),
        ({"tokens": 100}, "the run's 100 tokens are used up"),
    ):
        asked = Asked(World(lights={"a": True}), FIRST, planned(**ENDS), config=budgets(**most))
        assert asked.ended[0] == "partial" and said in asked.ended[1] and "- name: a, on: yes" in asked.ended[1]
        assert asked.purposes == ["plan"]


@pytest.mark.parametrize("error", [RetryableError("the model did not answer within 60 s"), FatalError("no such model")])
def test_so_does_one_for_which_the_model_is_away(error: CopilotError) -> None:
    asked = Asked(World(lights={"a": True}), FIRST, error)
    assert asked.ended[0] == "partial" and str(error) in asked.ended[1] and "- name: a" in asked.ended[1]


class Meanwhile(FakeModel):
    """Something happens while it thinks of what comes next."""

    happens: Any = None

    def complete(self, prompt: Prompt) -> Completion:
        if "# Look" in prompt.user:
            self.happens()
        return super().complete(prompt)


def process_of(world: World, model: FakeModel, clock: FakeClock, **more: Any) -> InProcess:
    process = InProcess(
        clients_of(world, clock), registry=Registry([*TOOLS, Guess]), clock=clock, sleep=clock.sleep, workers=2, **more
    )
    process.model_for = lambda purpose: None if purpose == "route" else model
    return process


def only_run(process: InProcess) -> Any:
    (turn, *_) = process.store.turns("main", "me/in-process")
    return process.store.run("main", turn.run_id)


def test_a_run_that_is_cancelled_before_a_look_makes_none() -> None:
    world, clock = World(lights={"a": True}), FakeClock()
    model = FakeModel([FIRST, planned(OFF, **ENDS)])
    process = process_of(world, model, clock)
    world.on_look = lambda name: process.store.cancel_run("main", only_run(process).run_id, "me")
    view = process.run("do the lights")
    assert (view["outcome"], len(model.prompts)) == ("cancelled", 1)
    assert "and was not: cancelled by me." in view["answer"]


def test_one_that_is_cancelled_during_it_does_nothing_of_what_was_planned() -> None:
    world, clock = World(lights={"a": True, "b": True}), FakeClock()
    model = Meanwhile([FIRST, planned(OFF, **ENDS)])
    process = process_of(world, model, clock)
    model.happens = lambda: process.store.cancel_run("main", only_run(process).run_id, "me")
    view = process.run("do the lights, b too")
    assert (view["outcome"], world.switched) == ("cancelled", [])
    assert "- off (switch off): not run, because cancelled by me" in view["answer"]


def test_a_run_whose_time_is_up_is_not_looked_at() -> None:
    world, clock = World(lights={"a": True}), FakeClock()
    model = FakeModel([FIRST, planned(**ENDS)])
    process = process_of(world, model, clock, config=budgets(wall_minutes=1))
    world.on_look = lambda name: clock.sleep(120)
    view = process.run("do the lights")
    assert (view["outcome"], len(model.prompts)) == ("partial", 1)
    assert "Found so far:\n- name: a" in view["answer"] and "the run ended before that" in view["answer"]


# --- once, whatever happens ------------------------------------------------------------------------


def test_a_second_delivery_of_the_task_makes_no_second_call_and_no_second_step() -> None:
    world, clock = World(lights={"a": True, "b": True}), FakeClock()
    model = Meanwhile([FIRST, planned(OFF, **ENDS), planned(OFF | {"id": "more"}, **ENDS)])
    process = process_of(world, model, clock)
    inner = process.use_cases.make_plan
    twice = type("Twice", (), {"__call__": lambda self, *task: (inner(*task), inner(*task))[1]})()
    object.__setattr__(process.use_cases, "make_plan", twice)
    model.happens = lambda: None
    view = process.run("do the lights, b too")
    assert (view["outcome"], world.switched, len(model.prompts)) == ("succeeded", ["b"], 2)
    assert [one["id"] for one in view["plan"]["steps"]] == ["look", "off"]
    assert len(process.store.load_run("main", view["run_id"]).revisions) == 2


def test_one_that_comes_late_changes_nothing_any_more() -> None:
    world, clock = World(lights={"a": True, "b": True}), FakeClock()
    model = FakeModel([FIRST, planned(OFF, **ENDS), planned(**ENDS)])
    process = process_of(world, model, clock)
    view = process.run("do the lights, b too")
    before = process.store.load_run("main", view["run_id"])
    process.use_cases.make_plan("main", view["run_id"])
    assert process.store.load_run("main", view["run_id"]) == before and len(model.prompts) == 2


class Crash(BaseException):
    """As a function that is killed: nothing of ours catches it."""


class Crashing:
    """A store that is gone, once, before or after one of its calls."""

    def __init__(self, inner: Any, call: str, number: int, after: bool) -> None:
        self._inner, self._call, self._left, self._after = inner, call, number, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name != self._call:
            return found

        def called(*given: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Crash
            result = found(*given, **more)
            if self._left == 0:
                raise Crash
            return result

        return called


def gone_on(process: InProcess, run: Any) -> dict[str, Any]:
    """As the machine does after a task that died: it is started anew from its beginning."""
    for _ in range(20):
        try:
            process.use_cases.make_plan(run.tenant, run.run_id)
            return process.go_on(process.store.run(run.tenant, run.run_id))
        except Crash:
            continue
    raise AssertionError("it never came to its end")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("call", "number"),
    [
        *(("load_run", number) for number in range(1, 14)),
        *(("save_revision", number) for number in (1, 2, 3)),
        *(("record_call", number) for number in (1, 2, 3)),
        *(("save_wave", number) for number in range(1, 8)),
        *(("results", number) for number in range(1, 6)),
        *(("calls", number) for number in (1, 2, 3)),
    ],
)
def test_a_crash_anywhere_around_a_look_loses_and_doubles_nothing(call: str, number: int, after: bool) -> None:
    world, clock = World(lights={"a": True, "b": True, "c": True}), FakeClock()
    more = OFF | {"id": "more", "arguments": {"environment_id": "c"}}
    by_look = {0: FIRST, 1: planned(OFF, **then("off.on")), 2: planned(more, **ENDS)}

    class ByLook(FakeModel):
        """Says what fits, however often it is asked."""

        def complete(self, prompt: Prompt) -> Completion:
            self.prompts.append(prompt)
            looks = ("# Look" in prompt.user) + ('"id":"off"' in prompt.user)
            return completion(json.dumps(by_look[looks]))

    model = ByLook([])
    store: Any = Crashing(MemoryStore(), call, number, after)
    process = process_of(world, model, clock, store=store)
    try:
        view = process.run("do the lights, b and c too")
    except Crash:
        view = gone_on(process, only_run(process))
    assert (view["outcome"], view["answer"], world.switched) == ("succeeded", "a is yes.", ["b", "c"])
    assert [one["id"] for one in view["plan"]["steps"]] == ["look", "off", "more"]
    record = process.store.load_run("main", view["run_id"])
    assert [one.kind for one in record.revisions] == ["first", "look", "look"]
    kept = process.store.calls("main", view["run_id"])
    assert [(one.revision, one.number) for one in kept] == [(1, 1), (2, 1), (3, 1)], "a call that was kept is the one"
    lost = len(model.prompts) - 3
    assert lost == (1 if call == "record_call" and not after else 0), "none was asked that was kept before"


# --- seen ------------------------------------------------------------------------------------------


def test_the_journal_has_the_look_and_what_was_decided() -> None:
    asked = Asked(World(lights={"a": True}), FIRST, planned(**ENDS))
    journal = asked.process.store.journal("main", FakeClock().at.date().isoformat())
    assert [one.data["purpose"] for one in journal if one.kind == "model" and isinstance(one.data, dict)] == [
        "plan",
        "look",
    ]


def test_looking_at_the_run_says_what_it_looked_at_and_why() -> None:
    world = World(lights={"a": True, "b": True})
    asked = Asked(world, FIRST, planned(OFF, **ENDS), text="do the lights, b")
    said = " ".join(shown(asked.view | asked.reasoning).split())
    assert f"Revision 2: gone on after a look at what there was, by m-1 because {WHY}" in said
    assert "asked m-1 what comes next: " in said and "All steps of the plan are over" in said


def test_a_plan_that_looks_again_is_shown_so(capsys: pytest.CaptureFixture[str]) -> None:
    show_plan(Page(), Plan.model_validate({"goal": "g", **FIRST}))
    assert f"then look at look.on, look: {WHY}" in " ".join(capsys.readouterr().out.split())


def test_what_calls_cost_counts_on() -> None:
    asked = Asked(World(lights={"a": True}), FIRST, planned(**ENDS))
    usage = sum((one.usage for one in asked.process.store.calls("main", asked.run_id)), TokenUsage())
    assert asked.reasoning["usage"]["calls"] == 2 and asked.reasoning["usage"]["input"] == usage.input


def test_the_plan_in_the_pages_may_run() -> None:
    page = (Path(__file__).parents[2] / "docs/plan-language.md").read_text().partition("## Looking before going on")[2]
    written = yaml.safe_load(page.partition("```yaml")[2].partition("```")[0])
    check_plan(Plan.model_validate({"goal": "g", **written}), Registry(), no_look="")
