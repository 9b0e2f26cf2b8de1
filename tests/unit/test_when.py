"""Steps that are run only if something is so: what may be asked, what comes of a no and of not knowing, who is led."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_model import FakeModel
from fakes import TOOLS, FakeClock, Nothing, World, clients_of, failing
from fakes_typed import TYPED
from pydantic import JsonValue
from test_cli_display import shown
from test_drafting import Asked, knows_only
from test_firing import AFTER_SIX, Setting
from test_plan_check import problems, step
from test_plan_schema import faults
from test_taint import FIND, LOG, came, conversation_of, first, plan, revised, runner, switch
from test_taint import ran as has_run

from cli.display.page import Page
from cli.display.plan import show_plan
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Budgets, Configuration
from copilot.domain import Frozen, Plan, Revision
from copilot.errors import FatalError
from copilot.language_model.reading import merge, read_plan
from copilot.plans.check import check_plan
from copilot.plans.references import evaluate
from copilot.plans.taint import tainted_steps
from copilot.tools.registry import Registry
from copilot.tools.tool import ReadTool

# --- what may be asked ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("find.first.sort", ["find.first.sort is one of 'development'", "expected what is true or false"]),
        ("find.first.owner", ["find.first.owner is text, expected what is true or false"]),
        ("find.things[?on]", ["it is a list", "compare its length"]),
        ("find.first", ["find.first is an object"]),
        ("find.total", ["find.total is a whole number, which is never false; compare it with one"]),
        ("find.total && find.first.on", ["which is never false"]),
        ("find.first.on || find.summary", ["find.summary is text"]),
        ("!find.things", ["find.things is a list"]),
        ("find.first.sort == 'prod'", ["these are never equal", "nearest"]),
        ("find.first.onn", ["there is no field onn", "nearest: on"]),
        ("fnd.first.on", ["refers to fnd, and no earlier step has that id", "nearest: find"]),
        ("later.done == `1`", ["refers to later, which does not come before it"]),
        ("@.on", ["@ has no meaning here"]),
        ("failures", ["name the step whose failures are meant"]),
        ("find.first.token == 'x'", ["token is masked"]),
        ("!find.things[0].on", ["may be null, which ! makes true", "== `false`"]),
        ("find.first.on &&", ["is not a valid reference"]),
        ("starts_with(find.first.id, 'a') && !(find.things[0].count > `1`)", ["may be null"]),
    ],
)
def test_what_is_never_so_or_never_otherwise_is_refused_before_anything_runs(when: str, said: list[str]) -> None:
    found = problems(step(when=when), step(id="later"))
    assert len(found) == 1 and found[0].startswith("step work, when: "), found
    assert all(part in found[0] for part in (*said,)), found[0]


@pytest.mark.parametrize(
    "when",
    [
        "find.first.on",
        "!find.first.on",
        "find.things[0].on",
        "find.things[0].on == `false`",
        "length(find.things[?on]) > `0`",
        "find.first.sort == 'staging' && (find.total > `3` || !find.first.on)",
        "starts_with(find.first.id, 'a')",
        "find.things | length(@) == `0`",
        "find.first.anything",
        "length(failures.find) == `0`",
        "length(attachments) > `0`",
    ],
)
def test_what_may_be_so_or_not_is_let_through(when: str) -> None:
    assert problems(step(when=when, for_each=["a"], arguments={"id": {"$item": "@"}})) == ()


@pytest.mark.parametrize(
    ("expression", "gives"),
    [
        ("!a.on", True),
        ("!a.b.on || a.on", True),
        ("!list[0].on", False),
        ("!a", False),
        ("a.name != 'x'", True),
        ("a.name == '!a.on'", True),
        ("length(list[?!b.on]) > `0`", True),
    ],
)
def test_not_is_said_of_all_that_follows_it(expression: str, gives: bool) -> None:
    one: Any = {"on": False, "name": "!a.on", "b": {"on": False}}
    assert evaluate(expression, {"a": one, "list": [{"on": True, "b": {"on": False}}]}) is gives


def test_a_step_waits_for_what_it_asks_of_and_rings_are_found_by_it() -> None:
    found = problems(step(id="a", when="b.done == `1`"), step(id="b", after=["a"]))
    assert any("waits for b -> a" in one for one in found)


# --- what comes of it ----------------------------------------------------------------------------

LOOK = {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}}
OFF = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "b"}}
TELL = {"id": "tell", "tool": "shout", "arguments": {"environment_id": {"$ref": "off.name"}}}


def ran(world: World, *steps: dict[str, Any], answer: str = "Looked at {look.name}.", **more: Any) -> dict[str, Any]:
    clock = FakeClock()
    given: dict[str, Any] = {"registry": Registry(TOOLS), "clock": clock, "sleep": clock.sleep, "workers": 2} | more
    process = InProcess(clients_of(world, clock), **given)
    return process.run(Plan.model_validate({"goal": "g", "steps": steps, "answer": {"text": answer}}))


def test_what_is_so_is_done() -> None:
    world = World(lights={"a": True, "b": True})
    view = ran(world, LOOK, OFF | {"when": "look.on && look.lumen > `1`"}, TELL)
    assert (view["outcome"], world.switched, view["answer"]) == ("succeeded", ["b", "b"], "Looked at a.")


def test_what_is_not_so_is_skipped_with_what_depends_on_it_and_nothing_has_failed() -> None:
    world = World(lights={"a": False, "b": True})
    view = ran(world, LOOK, OFF | {"when": "look.on && look.lumen > `1`"}, TELL)
    assert (view["outcome"], world.switched, view["effects"]) == ("succeeded", [], [])
    assert view["answer"] == (
        "Looked at a.\n\nNot done:\n"
        "- off (switch off): not run, because look.on && look.lumen > 1 was not so\n"
        "- tell (shout): not run, because off was not run"
    )
    assert [one["status"] for one in view["steps"]] == ["done", "skipped", "skipped"]


def test_of_two_ways_one_is_gone() -> None:
    world = World(lights={"a": False, "b": True, "c": True})
    other = {"id": "other", "tool": "switch_off", "arguments": {"environment_id": "c"}, "when": "!look.on"}
    view = ran(world, LOOK, OFF | {"when": "look.on"}, other, answer="{off.name}\n{other.name} is off.")
    assert (view["outcome"], world.switched) == ("succeeded", ["c"])
    assert view["answer"].startswith("c is off.\n\nNot done:\n- off (switch off): not run, because look.on was not so")


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("!look.on", "look.on was so"),
        ("!(look.on)", "look.on was so"),
        ("!look.on && look.lumen > `1`", "!look.on && look.lumen > 1 was not so"),
        ("look.name == 'x'", "look.name == 'x' was not so"),
    ],
)
def test_it_says_what_was_not_so_without_saying_not_twice(when: str, said: str) -> None:
    view = ran(World(lights={"a": True, "b": True}), LOOK, OFF | {"when": when})
    assert view["outcome"] == "succeeded" and f"not run, because {said}" in view["answer"]


def test_a_question_of_which_a_part_was_not_needed_lacks_nothing() -> None:
    also = {"id": "also", "tool": "look", "arguments": {"environment_id": "b"}, "when": "look.on"}
    view = ran(World(lights={"a": False, "b": True}), LOOK, also)
    assert view["outcome"] == "succeeded"
    assert view["answer"] == "Looked at a.\n\nNot looked at:\n- also (look): not run, because look.on was not so"


def test_it_is_asked_once_for_all_elements() -> None:
    world = World(lights={"a": True, "b": True, "c": True})
    each = OFF | {"for_each": ["b", "c"], "arguments": {"environment_id": {"$item": "@"}}}
    assert ran(world, LOOK, each | {"when": "!look.on"}, answer="{length(off)} off")["outcome"] == "succeeded"
    assert world.switched == []
    ran(world, LOOK, each | {"when": "look.on"})
    assert sorted(world.switched) == ["b", "c"]


class Unsure(Frozen):
    sure: bool | None = None
    any: JsonValue = "yes"
    words: str | None = None


class Guess(ReadTool[Nothing, Unsure]):
    name, summary, Input, Output = "guess", "Guess.", Nothing, Unsure

    def run(self, input: Nothing) -> Unsure:
        return Unsure()


GUESS = {"id": "guess", "tool": "guess"}


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("guess.sure", "it is not known whether guess.sure"),
        ("guess.sure && guess.words == 'x'", "it is not known whether guess.sure && guess.words == 'x'"),
        ("starts_with(guess.words, 'x')", "it is not known whether starts_with(guess.words, 'x')"),
        ("guess.any", "guess.any is neither true nor false"),
    ],
)
def test_what_is_not_known_is_not_so_and_is_no_success(when: str, said: str) -> None:
    world = World(lights={"b": True})
    model = FakeModel([{"say": "x"}])
    registry = Registry([*TOOLS, Guess])
    view = ran(world, GUESS, OFF | {"when": when}, TELL, answer="Ok.", registry=registry, model_for=lambda _: model)
    assert (view["outcome"], world.switched, model.prompts) == ("failed", [], [])
    assert f"- off (switch off): not run, because {said}\n" in view["answer"]
    assert "- tell (shout): not run, because off was not run" in view["answer"]


def test_what_went_wrong_is_said_before_what_was_not_so() -> None:
    world = World(lights={"a": False, "b": True}, on_look=failing(1, FatalError("no right to a")))
    bad = {"id": "bad", "tool": "look", "arguments": {"environment_id": "a"}}
    view = ran(world, bad, LOOK | {"after": ["bad"]}, OFF | {"when": "look.on"})
    assert (view["outcome"], world.switched) == ("failed", [])
    assert "- off (switch off): not run, because look was not run" in view["answer"]
    unneeded = {"id": "x", "tool": "look", "arguments": {"environment_id": "b"}, "when": "length(all.lights) == `0`"}
    last = OFF | {"after": ["x", "zz"]}
    broken = {"id": "zz", "tool": "look", "arguments": {"environment_id": "none"}}
    world = World(lights={"b": True}, on_look=knows_only("b"))
    view = ran(world, {"id": "all", "tool": "list_lights"}, unneeded, broken, last, answer="{length(all.lights)}")
    assert view["outcome"] == "failed" and "off (switch off): not run, because zz did not succeed" in view["answer"]


EACH = LOOK | {"for_each": ["a", "b"], "arguments": {"environment_id": {"$item": "@"}}}
NONE_ON = {"when": "length(look[?on]) == `0`"}


def only_a(name: str) -> None:
    if name != "a":
        raise FatalError("no right to it")


def test_a_change_goes_by_all_of_it_or_not_at_all_and_a_read_by_what_there_is() -> None:
    world = World(lights={"a": False, "b": True}, on_look=only_a)
    more = {"id": "more", "tool": "list_lights"} | NONE_ON
    view = ran(world, EACH, OFF | NONE_ON, more, answer="{length(look)}")
    assert world.switched == [] and view["outcome"] == "partial"
    said = "it is not known whether length(look[?on]) == 0: look succeeded for 1 of 2"
    assert f"- off (switch off): not run, because {said}" in view["answer"]
    assert [one["status"] for one in view["steps"]][2] == "done"
    goes_on = EACH | {"continue_on_failure": True}
    ran(world, goes_on, OFF | NONE_ON, answer="{length(look)}")
    assert world.switched == ["b"]


def test_without_the_step_that_was_not_to_be_run_the_last_that_ran_says_how_it_went() -> None:
    world = World(lights={"a": False, "b": True}, on_look=only_a)
    broken = {"id": "zz", "tool": "look", "arguments": {"environment_id": "b"}}
    view = ran(world, broken, LOOK, OFF | {"when": "look.on"})
    assert view["outcome"] == "partial", "what was looked at is answered"


def test_what_was_skipped_is_none_of_the_items_that_a_run_may_have() -> None:
    world = World(lights={"a": False, "b": True})
    config = Configuration(accounts=(), people=(), budgets=Budgets(items=2))
    view = ran(world, LOOK, OFF | {"when": "look.on"}, LOOK | {"id": "again", "when": "!look.on"}, config=config)
    assert [one["status"] for one in view["steps"]] == ["done", "skipped", "done"]


def test_it_is_decided_once_whatever_is_so_when_the_wave_is_decided_again() -> None:
    world = World(lights={"a": False, "b": True})
    process = runner(world)
    process.run(plan(LOOK, switch("b", when="look.on")))
    (turn, *_) = process.store.turns("main", "me/in-process")
    before = process.store.load_run("main", turn.run_id)
    world.lights["a"] = True
    run = before.run
    process.use_cases.advance("main", run.run_id, run.wave - 1, [])
    assert process.store.load_run("main", run.run_id).steps == before.steps and world.switched == []


# --- who is led by it ----------------------------------------------------------------------------

LED = {"id": "look", "tool": "look", "arguments": {"environment_id": {"$ref": "log.lines[0]"}}}


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([LOG, switch("b", when="log.lines[0] == 'go'")], "runs only where log.lines[0] == 'go', which text"),
        ([LOG, switch("b", when="length(log.lines[?@ == 'go']) > `0`")], "runs only where length("),
        ([FIND, switch("b", when="length(find.things[?note == 'x']) > `0`")], "runs only where length("),
        ([LOG | {"for_each": ["b"]}, switch("b", when="failures.log[0].reason == 'x'")], "runs only where failures"),
        ([LOG, LED, switch("b", when="look.on")], "runs only where look.on"),
    ],
)
def test_a_write_that_runs_only_if_untrusted_text_is_so_is_tainted(steps: list[Any], said: str) -> None:
    found = first(*steps)
    assert "off" in found and said in found["off"]


def test_so_is_all_that_comes_of_it_or_waits_for_it() -> None:
    look = {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}, "when": "log.lines[0] == 'go'"}
    assert first(LOG, look, switch("b", after=["look"])).keys() == {"look", "off"}
    assert first(LOG, look, switch({"$ref": "look.name"})).keys() == {"look", "off"}
    assert first(LOG, look, switch("b", when="look.on")).keys() == {"look", "off"}


@pytest.mark.parametrize(
    "steps",
    [
        [LOG, switch("b", when="log.id == 'a'")],
        [FIND, switch("b", when="find.first.on && find.total > `1`")],
        [FIND, switch("b", when="length(find.things[?on]) > `0`")],
    ],
)
def test_what_asks_none_of_it_is_not(steps: list[Any]) -> None:
    assert first(*steps) == {}


def test_what_turned_out_to_hold_none_decides_nothing() -> None:
    revisions = [Revision(plan=plan(LOG, switch("b", when="log.lines[0] == 'go'")))]
    registry = Registry([*TOOLS, *TYPED])
    assert tainted_steps(revisions, {}, registry)
    assert tainted_steps(revisions, came("log", "lines"), registry)
    assert tainted_steps(revisions, came("log"), registry) == {}


@pytest.mark.parametrize(("when", "asks"), [("log.id == 'a'", False), ("log.lines[0] != 'x'", True)])
def test_a_write_that_it_chose_is_done_with_approval_or_not_at_all(when: str, asks: bool) -> None:
    world = World(lights={"a": True, "b": True})
    view = runner(world).run(plan(LOG, switch("b", when=when)))
    assert (view["status"] == "parked", world.switched) == (asks, [] if asks else ["b"])
    if asks:
        reason = view["approval"]["calls"][0]["reason"]
        assert "it runs only where log.lines[0] != 'x', which text that the copilot did not write decides" in reason


# --- better plans --------------------------------------------------------------------------------


def test_a_call_put_right_stays_one_that_was_to_be_made_only_then() -> None:
    world = World(lights={"a": True}, on_look=knows_only("a"))
    listed = {"id": "all", "tool": "list_lights"}
    wrong = LOOK | {"arguments": {"environment_id": "z"}, "when": "length(all.lights) > `0`"}
    given = {"steps": [listed, wrong], "answer": {"text": "{look.name} is {look.on}."}}
    asked = Asked(world, given, {"steps": [LOOK]})
    assert asked.ended == ("succeeded", "a is yes.")
    assert asked.view["plan"]["steps"][1]["when"] == "length(all.lights) > `0`"
    asked = Asked(world, given, {"steps": [LOOK | {"when": "length(all.lights) > `9`"}]})
    assert asked.ended == ("succeeded", "a is yes."), "that it is run was decided when it began"


def test_a_plan_that_goes_on_is_told_why_a_step_was_not_run_and_may_not_refer_to_it() -> None:
    world = World(lights={"a": False, "b": True})
    odd = {"id": "odd", "tool": "list_lights", "expect": "length(lights) == `9`", "after": ["look"]}
    given = {"steps": [LOOK, OFF | {"when": "look.on"}, odd], "answer": {"text": "{look.name}"}}
    lost = {"steps": [LOOK | {"id": "more", "when": "off.on"}], "answer": {"text": "{look.name}"}}
    asked = Asked(world, given, lost, {"steps": [LOOK | {"id": "more"}], "answer": {"text": "{more.name}"}})
    assert (asked.ended[0], world.switched) == ("succeeded", [])
    assert "off (switch off): not run, because look.on was not so" in asked.ended[1]
    revise = asked.model.prompts[1].user
    assert 'off: not run, reason, data: "look.on was not so"' in revise
    assert "refers to off, which gave nothing to refer to" in " ".join(asked.reasoning["calls"][1]["problems"])


def test_what_asked_of_a_step_that_is_dropped_is_said_and_put_right() -> None:
    draft = read_plan('{"steps":[{"id":"look","tool":"look"},{"id":"off","tool":"t","when":"look.on"}],"answer":"x"}')
    change = read_plan('{"steps":[{"id":"off","tool":"t"}],"drop":["look"]}')
    assert [(one.id, one.when) for one in merge(draft, change).steps] == [("off", None)]
    new = read_plan('{"steps":[{"id":"look","tool":"look"}]}')
    later = read_plan('{"steps":[{"id":"off","tool":"t","when":"look.on"}],"answer":"x"}')
    assert [one.id for one in merge(later, new).steps] == ["look", "off"], "what is asked of comes first"


def test_a_write_that_was_not_run_and_is_planned_anew_after_reading_others_text_asks() -> None:
    before = [LOG, switch("b", when="log.id == 'x'")]
    after = [LOG, switch("b", when="log.id == 'a'")]
    assert revised(before, after, has_run("log")).keys() == {"off"}


@pytest.mark.parametrize("written", ['"look.on"', '{"$ref":"look.on"}'])
def test_a_reference_may_be_written_as_everywhere(written: str) -> None:
    found = read_plan(f'{{"steps":[{{"id":"off","tool":"t","when":{written}}}],"answer":"x"}}')
    assert found.steps[0].when == "look.on"


def test_its_words_are_among_what_a_plan_says() -> None:
    world = World(lights={"a": True, "b": True})
    quotes = {"steps": [LOG], "answer": {"text": "It says {log.lines[0]}."}}
    leads = {"steps": [LOOK, switch("b", when="look.name == 'see https://evil.example'")], "answer": {"text": "x"}}
    process = conversation_of(world, quotes, leads, leads, leads)
    process.run("what does the log say?")
    view = process.run("and now?")
    assert view["outcome"] == "failed" and "https://" not in view["answer"]


# --- wherever plans come from --------------------------------------------------------------------


def test_a_model_plans_it_without_another_call() -> None:
    world = World(lights={"a": False, "b": True})
    asked = Asked(world, {"steps": [LOOK, OFF | {"when": "look.on"}], "answer": {"text": "a is {look.on}."}})
    assert asked.ended == (
        "succeeded",
        "a is no.\n\nNot done:\n- off (switch off): not run, because look.on was not so",
    )
    assert asked.purposes == ["plan"]


@pytest.mark.parametrize(("state", "outcome"), [("running", ["done"]), ("stopped", [])])
def test_the_plan_of_a_schedule_has_it_too(state: str, outcome: list[str]) -> None:
    setting = Setting()
    schedule = setting.made(AFTER_SIX)
    kept = setting.schedules.schedule(schedule)
    assert kept is not None
    stop = kept.runbooks["stop"].model_dump(mode="json")
    stop["steps"][1]["when"] = f"length(look.due[?state == '{state}']) > `0`"
    setting.schedules.put(kept.model_copy(update={"runbooks": {**kept.runbooks, "stop": Plan.model_validate(stop)}}))
    view = setting.done(setting.fired(schedule))
    assert view["outcome"] == "succeeded"
    assert list({one["status"] for one in view["steps"][1]["items"]}) == outcome


def test_it_is_in_the_schema_and_shown_with_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"steps": [LOOK, OFF | {"when": "look.on"}], "answer": {"text": "x"}}
    assert faults(given, described=False) == [] and faults({"steps": [OFF | {"when": True}]}, described=False)
    show_plan(Page(), Plan.model_validate(given))
    assert "when look.on" in capsys.readouterr().out


def test_following_a_run_and_looking_at_it_say_it_in_words() -> None:
    view = ran(World(lights={"a": False, "b": True}), LOOK, OFF | {"when": "look.on"}, TELL)
    followed, looked_at = shown(view).split("Run ", 1)
    for one in (followed, looked_at):
        assert "skipped" in one and "look.on was not so" in one and "off was not run" in one
    assert "not run, because look.on was not so" in looked_at


def test_the_plan_in_the_pages_may_run() -> None:
    page = (Path(__file__).parents[2] / "docs/plan-language.md").read_text().partition("## Only if")[2]
    written = yaml.safe_load(page.partition("```yaml")[2].partition("```")[0])
    check_plan(Plan.model_validate({"goal": "g", **written}), Registry())
