"""Plans made by a model: checked before anything runs, put right when a call was wrong, changed when the world is."""

from __future__ import annotations

from typing import Any

import pytest
from fake_model import FakeModel, Said, completion
from fakes import TOOLS, FakeClock, ListLights, SwitchOff, World, clients_of, failing

from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Budgets, Configuration
from copilot.domain import Completion, Focus, Person, Prompt, Trigger
from copilot.edges.run_views import view_reasoning
from copilot.errors import FatalError, RetryableError, ToolInputError
from copilot.tools.registry import Registry

LOOK_A = {"id": "look", "tool": "look", "arguments": {"environment_id": "a"}}
LOOK_Z = {"id": "look", "tool": "look", "arguments": {"environment_id": "z"}}
SAYS_LOOK = {"text": "{look.name} is {look.on}."}
OFF = {
    "id": "off",
    "tool": "switch_off",
    "for_each": {"$ref": "all.lights[?on].name"},
    "arguments": {"environment_id": {"$item": "@"}},
}
ALL = {"id": "all", "tool": "list_lights"}


TRIGGER = Trigger(
    kind="api",
    tenant="main",
    person=Person(id="me", name="Me"),
    text="do the lights",
    conversation="c",
    dedupe_key="k",
    received_at=FakeClock().now(),
)


class Asked:
    """One request to a copilot with this world and a model that gives these answers."""

    def __init__(self, world: World, *answers: Said, text: str = "do the lights", **more: Any) -> None:
        clock = FakeClock()
        self.model = FakeModel(list(answers))
        given: dict[str, Any] = {"registry": Registry(TOOLS), "clock": clock, "sleep": clock.sleep, "workers": 4} | more
        self.process = InProcess(clients_of(world, clock), model_for=self.model_for, **given)
        self.view = self.process.run(text)
        self.run_id: str = self.view["run_id"]
        self.reasoning: Any = view_reasoning(self.process.store, "main", self.run_id)

    def model_for(self, purpose: str) -> FakeModel | None:
        return None if purpose == "route" else self.model

    @property
    def ended(self) -> tuple[str, str]:
        return self.view["outcome"], self.view["answer"]

    @property
    def purposes(self) -> list[str]:
        return [call["purpose"] for call in self.reasoning["calls"]]


def knows_only(*names: str) -> Any:
    def look(name: str) -> None:
        if name not in names:
            raise ToolInputError(f"there is no light {name}", names)

    return look


# --- the first plan ----------------------------------------------------------------------------


def test_what_no_intent_knows_is_planned_by_one_call_and_answered_by_a_template() -> None:
    world = World(lights={"a": True, "b": False, "c": True})
    asked = Asked(world, {"steps": [ALL, OFF], "answer": {"text": "Off: {off[].name}."}})
    assert asked.ended == ("succeeded", "Off: a, c.")
    assert (asked.purposes, sorted(world.switched)) == (["plan"], ["a", "c"])
    assert asked.view["plan"]["goal"] == "do the lights"


def test_a_question_that_needs_no_tool_is_answered_at_once() -> None:
    asked = Asked(World(), {"say": "Hello. Ask me about the lights."})
    assert asked.ended == ("succeeded", "Hello. Ask me about the lights.")
    assert asked.purposes == ["plan"]


def test_a_vague_request_gets_one_question_with_choices() -> None:
    asked = Asked(World(), {"ask": {"question": "Which light?", "choices": ["a", "b"]}})
    assert asked.ended == ("asked", "Which light?\n- a\n- b")


def test_a_bad_plan_costs_one_more_call_and_never_an_effect() -> None:
    world = World(lights={"a": True})
    wrong = {"steps": [ALL, OFF | {"for_each": {"$ref": "all.lamps[?on].name"}}], "answer": {"text": "{off[].name}"}}
    asked = Asked(world, wrong, {"steps": [OFF]})
    assert asked.ended == ("succeeded", "a")
    first, second = asked.reasoning["calls"]
    assert "lamps" in " ".join(first["problems"]) and "lights" in " ".join(first["problems"])
    assert second["problems"] == [] and "lamps" in second["asked"]
    assert len(asked.reasoning["revisions"]) == 1, "what never passed the check is no revision"


def test_a_plan_that_stays_bad_is_given_up_in_words_with_nothing_done() -> None:
    world = World(lights={"a": True})
    asked = Asked(world, {"steps": [ALL | {"tool": "list_lamps"}], "answer": {"text": "x"}})
    outcome, answer = asked.ended
    assert (outcome, len(asked.model.prompts), world.switched) == ("failed", 3, [])
    assert "nothing was done" in answer and "list_lamps" in answer and "Traceback" not in answer


@pytest.mark.parametrize("garbage", ["", "I would rather not.", "{", '{"steps": 3}', '["a"]'])
def test_what_cannot_be_read_is_asked_for_once_more(garbage: str) -> None:
    asked = Asked(World(lights={"a": True}), garbage, {"steps": [LOOK_A], "answer": SAYS_LOOK})
    assert asked.ended == ("succeeded", "a is yes.")
    assert asked.purposes == ["plan", "plan"]


def test_a_model_that_is_away_is_said_so_and_nothing_is_done() -> None:
    asked = Asked(World(), RetryableError("the model at 127.0.0.1 did not answer within 60 s"))
    outcome, answer = asked.ended
    assert outcome == "failed"
    assert "did not answer within 60 s" in answer and "Nothing was done" in answer
    assert asked.reasoning["calls"][0]["error"]


def test_no_more_of_an_answer_is_read_than_a_plan_can_be() -> None:
    asked = Asked(World(lights={"a": True}), "{" * 3_000_000, {"steps": [LOOK_A], "answer": SAYS_LOOK})
    assert asked.ended == ("succeeded", "a is yes.")
    assert len(asked.reasoning["calls"][0]["answered"]) == 100_000


def test_a_plan_that_was_cancelled_while_it_was_made_does_nothing() -> None:
    world, clock = World(lights={"a": True}), FakeClock()
    process = InProcess(clients_of(world, clock), registry=Registry(TOOLS), clock=clock)

    class Slow(FakeModel):
        def complete(self, prompt: Prompt) -> Completion:
            (turn,) = process.store.turns("main", "me/in-process")
            process.store.cancel_run("main", turn.run_id, "me")
            return super().complete(prompt)

    model = Slow([{"steps": [OFF | {"for_each": ["a"]}], "answer": {"text": "x"}}])
    process.model_for = lambda purpose: None if purpose == "route" else model
    assert (process.run("do the lights")["outcome"], world.switched) == ("cancelled", [])


def test_a_tool_that_is_not_there_is_put_right_in_a_better_plan_too() -> None:
    world = World(lights={"a": True})
    odd = {"steps": [ALL | {"expect": "length(lights) == `9`"}], "answer": {"text": "x"}}
    asked = Asked(world, odd, {"steps": [LOOK_A | {"tool": "lok"}], "answer": SAYS_LOOK}, {"steps": [LOOK_A]})
    assert asked.ended == ("succeeded", "a is yes.")
    assert "no tool lok; nearest: look" in " ".join(asked.reasoning["calls"][1]["problems"])


def test_a_refusal_is_not_taken_for_a_plan() -> None:
    refusal = completion("I can't help with that.", stop="refusal")
    asked = Asked(World(), refusal)
    assert asked.ended[0] == "failed"
    assert "declined" in asked.ended[1]


def test_an_answer_that_was_cut_off_says_so_to_the_model() -> None:
    cut = completion('{"steps": [{"id": "look", "tool": "lo', stop="length")
    asked = Asked(World(lights={"a": True}), cut, {"steps": [LOOK_A], "answer": SAYS_LOOK})
    assert asked.ended == ("succeeded", "a is yes.")
    assert "cut off" in asked.model.prompts[1].user


def test_a_cheaper_model_named_for_it_answers_what_needs_no_plan() -> None:
    routing = FakeModel([{"say": "Hello."}, {"plan": True}, RetryableError("away")], name="small")
    planning = FakeModel([{"steps": [LOOK_A], "answer": SAYS_LOOK}])
    clock = FakeClock()
    process = InProcess(
        clients_of(World(lights={"a": True}), clock),
        registry=Registry(TOOLS),
        clock=clock,
        model_for=lambda purpose: routing if purpose == "route" else planning,
    )
    assert process.run("how was your weekend")["answer"] == "Hello."
    assert planning.prompts == []
    for _ in ("it says that a plan is needed", "it is away"):
        view = process.run("is a on?")
        assert (view["outcome"], view["answer"]) == ("succeeded", "a is yes.")
    assert [len(routing.prompts), len(planning.prompts)] == [3, 2]


def test_a_key_that_cannot_be_read_is_said_so() -> None:
    def keyless(purpose: str) -> FakeModel:
        raise FatalError("there is no secret devops-copilot/key")

    clock = FakeClock()
    process = InProcess(clients_of(World(), clock), registry=Registry(TOOLS), clock=clock)
    process.model_for = lambda purpose: FakeModel([{"say": "x"}])
    consult = process.use_cases.consult
    assert consult is not None
    draft = process.use_cases.make_plan.draft
    assert draft is not None
    object.__setattr__(draft.consult, "model_for", keyless)
    run, _ = process.store.record_trigger(TRIGGER)
    revision = draft.first(run, Focus())
    assert revision.unplanned == "failed" and "there is no secret" in (revision.plan.say or "")


# --- repair ------------------------------------------------------------------------------------


def test_a_wrong_call_is_put_right_by_one_call_that_returns_one_step() -> None:
    world = World(lights={"a": True}, on_look=knows_only("a"))
    asked = Asked(world, {"steps": [LOOK_Z], "answer": SAYS_LOOK}, {"steps": [LOOK_A]})
    assert asked.ended == ("succeeded", "a is yes.")
    assert asked.purposes == ["plan", "repair"]
    assert [revision["kind"] for revision in asked.reasoning["revisions"]][1:] == ["repair"]
    assert "there is no light z" in asked.reasoning["revisions"][1]["reason"]
    assert "there is no light z" in asked.model.prompts[1].user


def test_what_was_done_for_other_elements_is_not_done_again() -> None:
    looks: list[str] = []

    def look(name: str) -> None:
        looks.append(name)
        knows_only("a", "b")(name.removesuffix("!"))
        if name.endswith("!"):
            raise ToolInputError(f"{name} has a mark too many")

    each = {"id": "look", "tool": "look", "for_each": ["a", "b!"], "arguments": {"environment_id": {"$item": "@"}}}
    plan = {"steps": [each], "answer": {"text": "{look[].name}"}}
    world = World(lights={"a": True, "b": True}, on_look=look)
    asked = Asked(world, plan, {"steps": [each | {"arguments": LOOK_A["arguments"]}]})
    assert asked.ended == ("succeeded", "a, a")
    assert (sorted(looks[:2]), looks[2:]) == (["a", "b!"], ["a"])  # the first two side by side


def test_a_repair_changes_one_step_and_nothing_else_of_the_plan() -> None:
    world = World(lights={"a": True}, on_look=knows_only("a"))
    more = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}}
    asked = Asked(world, {"steps": [LOOK_Z], "answer": SAYS_LOOK}, {"steps": [LOOK_A, more]}, {"steps": [LOOK_A]})
    assert (asked.ended, world.switched) == (("succeeded", "a is yes."), [])
    assert "exactly this step" in " ".join(asked.reasoning["calls"][1]["problems"])


def test_the_same_failure_twice_ends_it() -> None:
    def never(name: str) -> None:
        raise ToolInputError("no such thing here")

    world = World(lights={"a": True}, on_look=never)
    asked = Asked(world, {"steps": [LOOK_Z], "answer": SAYS_LOOK}, {"steps": [LOOK_A]})
    outcome, answer = asked.ended
    assert (outcome, asked.purposes) == ("failed", ["plan", "repair"])
    assert "no such thing here" in answer


def test_plans_are_changed_no_more_often_than_the_budget_says() -> None:
    def never(name: str) -> None:
        raise ToolInputError(f"no {name}")

    steps = [{"steps": [LOOK_Z | {"arguments": {"environment_id": f"z{n}"}}], "answer": SAYS_LOOK} for n in range(9)]
    config = Configuration(accounts=(), people=(), budgets=Budgets(revisions=2))
    asked = Asked(World(lights={}, on_look=never), *steps, config=config)
    assert (asked.ended[0], asked.purposes) == ("failed", ["plan", "repair", "repair"])
    assert "changed 2 times" in asked.ended[1]


@pytest.mark.parametrize(
    ("budgets", "said"),
    [
        (Budgets(model_calls=1), "1 calls of a model are used up"),
        (Budgets(tokens=100), "100 tokens are used up"),
    ],
)
def test_a_run_spends_no_more_on_models_than_its_budgets(budgets: Budgets, said: str) -> None:
    world = World(lights={"a": True}, on_look=knows_only("a"))
    config = Configuration(accounts=(), people=(), budgets=budgets)
    asked = Asked(world, {"steps": [LOOK_Z], "answer": SAYS_LOOK}, {"steps": [LOOK_A]}, config=config)
    assert (asked.ended[0], len(asked.model.prompts)) == ("failed", 1)
    assert said in asked.ended[1]


def test_a_write_whose_call_was_wrong_is_made_once_it_is_right() -> None:
    world = World(lights={"a": True}, before_switch=failing(1, ToolInputError("say it otherwise")))
    off = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}}
    asked = Asked(world, {"steps": [off], "answer": {"text": "{off.name} off"}}, {"steps": [off]})
    assert (asked.ended, world.switched) == (("succeeded", "a off"), ["a"])
    assert [effect["state"] for effect in asked.view["effects"]] == ["done"]


DECLINES = [
    ({"say": "I know no other light."}, "I know no other light."),
    ({"ask": {"question": "Which light?", "choices": ["a", "b"]}}, "Which light? (a, b)"),
]


@pytest.mark.parametrize(("declines", "said"), DECLINES)
def test_where_the_model_knows_no_better_call_the_failure_stands_and_says_so(declines: Any, said: str) -> None:
    world = World(lights={"a": True}, on_look=knows_only("a"))
    asked = Asked(world, {"steps": [LOOK_Z], "answer": SAYS_LOOK}, declines)
    outcome, answer = asked.ended
    assert (outcome, asked.purposes) == ("failed", ["plan", "repair"]), "it is not asked the same again"
    assert "there is no light z" in answer and said in answer


def test_a_model_that_is_away_in_the_middle_leaves_the_rest_of_the_run_standing() -> None:
    world = World(lights={"a": True, "b": True}, on_look=knows_only("a"))
    off = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "b"}}
    plan = {"steps": [LOOK_Z, off], "answer": {"text": "{off.name} off"}}
    asked = Asked(world, plan, RetryableError("the model is overloaded"))
    outcome, answer = asked.ended
    assert (outcome, world.switched) == ("partial", ["b"])
    assert "b off" in answer and "overloaded" in answer


# --- revise ------------------------------------------------------------------------------------

UNEXPECTED: dict[str, Any] = {
    "steps": [ALL | {"expect": "length(lights) > `5`"}, OFF],
    "answer": {"text": "Off: {off[].name}."},
}


def test_when_the_world_is_not_as_assumed_the_remaining_steps_change() -> None:
    world = World(lights={"a": True, "b": True})
    rest = {"steps": [LOOK_A | {"id": "one"}], "answer": {"text": "{one.name}"}}
    asked = Asked(world, UNEXPECTED, rest)
    assert asked.ended == ("succeeded", "a")
    assert (asked.purposes, world.switched) == (["plan", "revise"], [])
    assert [step["id"] for step in asked.view["plan"]["steps"]] == ["all", "one"]


def test_a_run_cancelled_before_it_was_planned_asks_no_model() -> None:
    clock, model = FakeClock(), FakeModel([{"say": "x"}])
    process = InProcess(clients_of(World(), clock), registry=Registry(TOOLS), clock=clock)
    process.model_for = lambda purpose: model
    run, _ = process.store.record_trigger(TRIGGER)
    process.store.cancel_run("main", run.run_id, "me")
    process.use_cases.make_plan("main", run.run_id)
    view = process.go_on(process.store.run("main", run.run_id))
    assert (view["outcome"], model.prompts) == ("cancelled", [])
    assert "Nothing was done" in view["answer"]


def test_a_call_made_anew_is_tried_as_often_as_any_other() -> None:
    world = World(lights={"a": True}, on_look=failing(1, ToolInputError("say it otherwise")))
    looked = world.on_look

    def look(name: str) -> None:
        looked(name)
        passing(name)

    passing = failing(2, RetryableError("throttled"))
    world.on_look = look
    asked = Asked(world, {"steps": [LOOK_A], "answer": SAYS_LOOK}, {"steps": [LOOK_A]})
    assert asked.ended == ("succeeded", "a is yes.")


def test_where_one_step_cannot_be_put_right_another_still_can() -> None:
    world = World(lights={"a": True}, on_look=knows_only("a"))
    other = LOOK_Z | {"id": "other"}
    plan = {"steps": [LOOK_Z, other], "answer": {"text": "{other.name} is {other.on}."}}
    asked = Asked(world, plan, {"say": "I know no other."}, {"steps": [LOOK_A | {"id": "other"}]})
    assert asked.purposes == ["plan", "repair", "repair"]
    assert asked.ended[1].startswith("a is yes.")


def test_what_was_as_expected_of_a_list_is_shown_beside_what_was_not() -> None:
    each = {"id": "each", "tool": "look", "for_each": ["a", "b"], "arguments": {"environment_id": {"$item": "@"}}}
    plan = {"steps": [each | {"expect": "on"}], "answer": {"text": "{each[].name}"}}
    asked = Asked(World(lights={"a": True, "b": False}), plan, {"steps": [], "answer": {"text": "b is off"}})
    so_far = asked.model.prompts[1].user.partition("# So far")[2]
    assert '"name":"a"' in so_far and '"name":"b"' in so_far
    assert asked.ended == ("succeeded", "b is off")


def test_what_was_not_as_expected_is_shown_to_the_model_that_changes_the_rest() -> None:
    rest = {"steps": [LOOK_A | {"id": "one"}], "answer": {"text": "{one.name}"}}
    asked = Asked(World(lights={"a": True, "lamp-of-the-hall": True}), UNEXPECTED, rest)
    assert "lamp-of-the-hall" in asked.model.prompts[1].user


def test_finished_steps_are_kept_and_may_be_referred_to() -> None:
    world = World(lights={"a": True, "b": True})
    plan = {
        "steps": [ALL, LOOK_A | {"expect": "!on", "after": ["all"]}, OFF | {"after": ["look"]}],
        "answer": {"text": "Off: {off[].name}."},
    }
    others = OFF | {"id": "rest", "for_each": {"$ref": "all.lights[?name != 'a'].name"}}
    rest = {"steps": [others], "answer": {"text": "{rest[].name}"}}
    asked = Asked(world, plan, rest)
    assert asked.ended == ("succeeded", "b")
    assert world.switched == ["b"]


def test_the_same_surprise_twice_ends_it() -> None:
    rest = {"steps": [UNEXPECTED["steps"][0] | {"id": "again"}], "answer": {"text": "x"}}
    asked = Asked(World(lights={"a": True}), UNEXPECTED, rest)
    assert (asked.ended[0], asked.purposes) == ("failed", ["plan", "revise"])
    assert "as before the plan was changed" in asked.ended[1]


def test_what_has_run_cannot_be_planned_again() -> None:
    world = World(lights={"a": True})
    asked = Asked(world, UNEXPECTED, {"steps": [ALL], "answer": {"text": "x"}})
    assert asked.ended[0] == "failed"
    assert any("it has run" in problem for call in asked.reasoning["calls"] for problem in call["problems"])


@pytest.mark.parametrize(("declines", "said"), DECLINES)
def test_where_the_model_knows_no_other_way_what_it_says_is_passed_on(declines: Any, said: str) -> None:
    asked = Asked(World(lights={"a": True}), UNEXPECTED, declines)
    assert (asked.ended[0], asked.purposes) == ("failed", ["plan", "revise"]), "the call that was paid is on record"
    assert said in asked.ended[1]


def test_a_broken_tool_is_not_planned_around() -> None:
    world = World(lights={"a": True}, on_look=failing(9, FatalError("broken")))
    asked = Asked(world, {"steps": [LOOK_A], "answer": SAYS_LOOK})
    assert (asked.ended[0], asked.purposes) == ("failed", ["plan"])


# --- what a better plan may not do -------------------------------------------------------------


def test_a_plan_that_grows_stays_one_that_can_be_kept() -> None:
    many = [LOOK_A | {"id": f"s{n}"} for n in range(20)]
    few = {"steps": [LOOK_A | {"id": "s0"}], "answer": {"text": "{s0.name}"}}
    asked = Asked(World(lights={"a": True}), UNEXPECTED, {"steps": many, "answer": {"text": "{s0.name}"}}, few)
    assert "at most 20 steps" in " ".join(asked.reasoning["calls"][1]["problems"])
    for revision in asked.process.store.load_run("main", asked.run_id).revisions:
        assert type(revision).model_validate_json(revision.model_dump_json()) == revision


SHOUT = {"id": "tell", "tool": "shout", "arguments": {"environment_id": "a"}}


def test_a_write_that_was_made_is_not_made_again_under_another_name() -> None:
    world = World(lights={"a": True})
    plan = {"steps": [SHOUT, UNEXPECTED["steps"][0] | {"after": ["tell"]}], "answer": {"text": "x"}}
    repeats = {"steps": [SHOUT | {"id": "again", "tool": "shout@1"}], "answer": {"text": "{again.name}"}}
    asked = Asked(world, plan, repeats, {"steps": [], "answer": {"text": "{tell.name}"}})
    assert (world.switched, asked.ended) == (["a"], ("succeeded", "a"))
    assert "not made twice" in " ".join(asked.reasoning["calls"][1]["problems"])


def test_a_write_that_was_made_is_not_put_right() -> None:
    """What cannot be read back any more was done with the arguments it had; other ones were never used."""

    class Vanishing(SwitchOff):
        def verify(self, input: Any, prior: Any) -> Any:
            raise ToolInputError(f"there is no light {input.environment_id}", ["b"])

    world = World(lights={"a": True, "b": True})
    off = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}}
    better = {"steps": [off | {"arguments": {"environment_id": "b"}}]}
    plan = {"steps": [off], "answer": {"text": "{off.name} is off"}}
    asked = Asked(world, plan, better, registry=Registry([ListLights, Vanishing]))
    assert (asked.purposes, world.switched) == (["plan"], ["a"])
    assert asked.ended[0] == "partial" and "there is no light a" in asked.ended[1]


def test_a_write_that_was_refused_may_be_planned_anew() -> None:
    world = World(lights={"a": True}, before_switch=failing(1, FatalError("not now", ours=True)))
    plan = {"steps": [SHOUT, UNEXPECTED["steps"][0]], "answer": {"text": "x"}}
    again = {"steps": [SHOUT | {"id": "again"}], "answer": {"text": "{again.name}"}}
    asked = Asked(world, plan, again)
    assert (world.switched, asked.purposes) == (["a"], ["plan", "revise"])


@pytest.mark.parametrize(("slow", "kinds"), [({"b": 3}, {}), ({}, {"b": "production"})], ids=["waits", "asks"])
def test_a_write_that_is_under_way_is_not_said_to_have_failed(slow: Any, kinds: Any) -> None:
    world = World(lights={"a": True, "b": True}, slow=slow, kinds=kinds)
    off = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "b"}}
    plan = {"steps": [off, UNEXPECTED["steps"][0] | {"after": []}], "answer": {"text": "x"}}
    rest = {"steps": [LOOK_A | {"id": "one", "after": ["off"]}], "answer": {"text": "{off.name} {one.name}"}}
    asked = Asked(world, plan, rest, decide=lambda approval: "approve")
    assert "off: under way" in asked.model.prompts[1].user
    assert (asked.ended, world.switched) == (("succeeded", "b a"), ["b"])
    assert len(asked.process.store.effects("main", asked.run_id)) == 1


def test_a_write_that_a_changed_plan_goes_without_is_accounted_for() -> None:
    def nameless(name: str) -> None:
        raise ToolInputError(f"there is no light {name}")

    off = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "z"}}
    plan = {"steps": [off, UNEXPECTED["steps"][0]], "answer": {"text": "x"}}
    world = World(lights={"a": True}, before_preview=nameless)
    asked = Asked(world, plan, {"steps": [], "answer": {"text": "All is well."}})
    assert asked.purposes == ["plan", "revise"]
    assert "switch off z: not done like this, the plan was changed: there is no light z" in asked.ended[1]


def test_what_gave_nothing_cannot_be_referred_to() -> None:
    """It would be found out when the step is to run, too late for the model to do otherwise."""
    look = LOOK_A | {"id": "one"}
    asked = Asked(
        World(lights={"a": True}),
        UNEXPECTED,
        {"steps": [look | {"arguments": {"environment_id": {"$ref": "all.lights[0].name"}}}], "answer": {"text": "x"}},
        {"steps": [look], "answer": {"text": "{one.name}"}},
    )
    assert asked.ended == ("succeeded", "a")
    assert asked.reasoning["calls"][1]["problems"] == ["step one: refers to all, which gave nothing to refer to"]


def test_a_call_is_not_put_right_with_what_is_not_there_yet() -> None:
    world = World(lights={"a": True, "b": True}, slow={"a": 3}, on_look=knows_only("a"))
    off = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "a"}}
    early = LOOK_Z | {"arguments": {"environment_id": {"$ref": "off.name"}}}
    asked = Asked(world, {"steps": [off, LOOK_Z], "answer": {"text": "{look.name}"}}, {"steps": [early]})
    assert "may not wait for off here" in " ".join(asked.reasoning["calls"][1]["problems"])
    assert "there is no light z" in asked.ended[1]


# --- answers that are composed -----------------------------------------------------------------

COMPOSED = {"steps": [ALL], "answer": {"compose": "say how many lights are on", "using": ["all"]}}


def test_an_answer_that_a_template_cannot_give_is_composed_by_a_second_call() -> None:
    said = "Of {length(all.lights)} lights {all.lights[?on].name} is on, at {all.lights[0].lumen} lumen."
    outcome, answer = Asked(World(lights={"a": True, "b": False}), COMPOSED, said).ended
    assert (outcome, answer.splitlines()[0]) == ("succeeded", "Of 2 lights a is on, at 1.5 lumen. [1]")
    asked = Asked(World(lights={"a": True, "b": False}), COMPOSED, said)
    assert asked.purposes == ["plan", "compose"]


def test_half_an_answer_is_not_given() -> None:
    half = completion("Of 2 lights", stop="length")
    asked = Asked(World(lights={"a": True, "b": False}), COMPOSED, half, "{length(all.lights)} lights.")
    assert asked.ended[1].startswith("2 lights. [1]") and asked.purposes == ["plan", "compose", "compose"]
    assert "cut off" in asked.model.prompts[-1].user


def test_a_number_that_no_tool_gave_is_not_answered() -> None:
    asked = Asked(World(lights={"a": True}), COMPOSED, "There are 77 lights.", "There are 78 lights.")
    outcome, answer = asked.ended
    assert (outcome, asked.purposes) == ("succeeded", ["plan", "compose", "compose"])
    assert "results as they came" in answer
    assert "There are 7" not in answer


# --- once ---------------------------------------------------------------------------------------


def test_a_repeated_task_asks_no_model_again() -> None:
    asked = Asked(World(lights={"a": True}), {"steps": [LOOK_A], "answer": SAYS_LOOK})
    process, store = asked.process, asked.process.store
    consult = process.use_cases.consult
    assert consult is not None
    run = store.run("main", asked.run_id).model_copy(update={"revision": 0})
    again = consult.about(run)
    text, problems = again.ask("plan", asked.model.prompts[0], lambda text: ["never judged again"])
    assert (problems, len(asked.model.prompts)) == ((), 1)
    assert "look" in text


def test_what_another_task_was_answered_is_no_answer_to_this_one() -> None:
    """Planning that died before it had a revision left its calls at the place where Reply's come next."""
    asked = Asked(World(lights={"a": True}), {"steps": [LOOK_A], "answer": SAYS_LOOK}, "2 lights.")
    consult, store = asked.process.use_cases.consult, asked.process.store
    assert consult is not None
    run = store.run("main", asked.run_id).model_copy(update={"revision": 0})
    for _ in range(2):
        text, _ = consult.about(run).ask("compose", asked.model.prompts[0], lambda text: ())
        assert text == "2 lights."
    assert [(call.number, call.purpose) for call in store.calls("main", run.run_id)] == [(1, "plan"), (2, "compose")]


def test_what_is_masked_is_judged_as_it_is_kept_and_is_a_plan_still() -> None:
    plan = '{"steps":[],"answer":{"text":"password=abcd1234\\" x"}}'
    asked = Asked(World(lights={"a": True}), plan)
    assert asked.ended[0] == "succeeded" and "[masked]" in asked.ended[1]
    assert "abcd1234" not in str(asked.reasoning) + asked.ended[1]


def test_what_calls_cost_is_on_the_run() -> None:
    asked = Asked(World(lights={"a": True}), {"steps": [LOOK_A], "answer": SAYS_LOOK})
    (call,) = asked.reasoning["calls"]
    assert (call["usage"]["input"], call["usage"]["cached"], call["usage"]["output"]) == (100, 50, 20)
    assert (call["model"], call["seconds"]) == ("m-1", 0.5)
    assert asked.reasoning["usage"]["calls"] == 1
    journal = asked.process.store.journal("main", "2026-03-02")
    assert [entry.kind for entry in journal].count("model") == 1
