"""What "it", "the second one" and "that schedule" mean: of environments, services and schedules, in the order shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from deployment_facts import deployment
from fake_model import FakeModel
from fakes import environments_in
from memory_deployments import MemoryDeployments
from test_firing import NOON, Setting
from test_heard import INTENTS, KNOWN, PRESENT

from copilot.domain import Focus, OpenQuestion, Reference, Revision
from copilot.errors import ToolInputError
from copilot.intents.hinting import NO_HINTS
from copilot.memory.remembering import MOST_BYTES, MOST_SHOWN, Spoken, also_changed, fitting, remembered

WEEKDAYS = "Stop all dev environments every weekday at 18:00"
PREVIEWS = "Stop all preview environments every day at 20:00"
RED = "Stop environment red every day at 19:00"


class Talk(Setting):
    """A conversation with ana, who may do everything."""

    def __init__(self) -> None:
        super().__init__()
        self.people = dict.fromkeys(("ana", "ben"), ("developer", "operator", "approver"))
        self.deployments = MemoryDeployments()
        self.deployments.record(deployment("d1", NOON, {"build": 60.0}, service="checkout"))

    def clients(self, *args: Any, **more: Any) -> Any:
        given = super().clients(*args, **more)
        given.deployments = self.deployments  # type: ignore[misc]
        return given

    def say(self, text: str, person: str = "ana") -> str:
        """The answer."""
        runner = self.runner(person)
        runner.decide = lambda approval: "approve"
        view = runner.run(text)
        self.outcome = view["outcome"]
        self.clock.sleep(20)
        return str(view["answer"])

    @property
    def focus(self) -> Focus:
        return self.store.focus("main", "ana/in-process")

    @property
    def paused(self) -> list[bool]:
        return [one.paused for one in self.schedules.schedules()]


@pytest.fixture
def talk() -> Talk:
    return Talk()


# --- schedules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["it", "that schedule", "this schedule", "the schedule", "that one"])
def test_a_schedule_that_was_just_made_is_it(talk: Talk, words: str) -> None:
    talk.say(WEEKDAYS)
    assert "paused" in talk.say(f"pause {words}") and talk.paused == [True]
    assert "active" in talk.say(f"resume {words}") and talk.paused == [False]
    assert "deleted" in talk.say(f"please delete {words}") and talk.paused == []


def test_schedules_of_a_list_are_called_by_their_places(talk: Talk) -> None:
    talk.say(WEEKDAYS)
    talk.say(PREVIEWS)
    talk.say("list schedules")
    talk.say("pause the second one")
    assert talk.paused == [False, True]
    talk.say("show me the schedules")
    talk.say("put the first schedule on hold")
    assert talk.paused == [True, True]
    talk.say("list schedules")
    talk.say("resume both")
    assert talk.paused == [False, False]
    talk.say("list schedules")
    talk.say("delete those schedules")
    assert talk.paused == []


def test_what_was_done_to_a_schedule_says_which_it_is(talk: Talk) -> None:
    talk.say(WEEKDAYS)
    talk.say(PREVIEWS)
    talk.say("list schedules")
    talk.say("pause the last one")
    talk.say("how are things in the dev environments?")
    talk.say("resume the one you paused")
    assert (talk.outcome, talk.paused) == ("succeeded", [False, False])


def test_where_a_schedule_and_its_environment_were_spoken_of_it_is_asked_which(talk: Talk) -> None:
    schedule = talk.made(RED)
    answer = talk.say("pause it")
    assert talk.outcome == "asked" and "red" in answer and schedule in answer
    talk.say(schedule)
    assert talk.paused == [True] and talk.on()["red/web"]


@pytest.mark.parametrize("text", ["stop that schedule", "stop the schedule for dev environments"])
def test_whether_one_that_is_to_stop_comes_back_is_asked(talk: Talk, text: str) -> None:
    talk.say(WEEKDAYS)
    assert "paused until it is resumed, or deleted" in talk.say(text)
    assert (talk.outcome, talk.paused) == ("asked", [False])
    talk.say("pause")
    assert talk.paused == [True]


def test_a_schedule_is_found_by_what_it_is_for(talk: Talk) -> None:
    talk.say(WEEKDAYS)
    talk.say(PREVIEWS)
    talk.say("pause the preview schedule")
    assert talk.paused == [False, True]
    talk.say("pause the schedule for dev environments")
    assert talk.paused == [True, True]
    assert "no schedule for production" in talk.say("resume the schedule for production environments")
    assert talk.outcome != "succeeded" and talk.paused == [True, True]


def test_a_schedule_that_is_for_others_too_is_asked_about(talk: Talk) -> None:
    schedule = talk.made(WEEKDAYS)
    answer = talk.say("pause the schedule for environment red")
    assert talk.outcome == "asked" and f"no schedule is for red alone: {schedule} (" in answer.lower()
    assert talk.paused == [False]
    talk.say("yes")
    assert talk.paused == [True]


def test_of_two_that_are_for_the_same_one_is_chosen(talk: Talk) -> None:
    talk.say(WEEKDAYS)
    talk.say("stop all dev environments every saturday at noon")
    assert "2 schedules are for development environments" in talk.say("delete the dev schedule")
    assert (talk.outcome, len(talk.paused)) == ("asked", 2)
    talk.say("2")
    (left,) = talk.schedules.schedules()
    assert left.window and left.window.stop == "18:00"


def test_every_schedule_is_asked_about_once_more(talk: Talk) -> None:
    talk.say(WEEKDAYS)
    talk.say(PREVIEWS)
    assert "every schedule there is" in talk.say("delete all schedules")
    assert (talk.outcome, len(talk.paused)) == ("asked", 2)
    talk.say("yes")
    assert talk.paused == []


def test_the_schedules_of_an_environment_are_listed(talk: Talk) -> None:
    weekdays, previews, red = (talk.made(text) for text in (WEEKDAYS, PREVIEWS, RED))
    answer = talk.say("which schedules does red have?")
    assert weekdays in answer and red in answer and previews not in answer
    answer = talk.say("show me the schedules for preview environments")
    assert previews in answer and red not in answer
    assert "No schedule stops production environments." in talk.say("schedules of the prod environments")


# --- one for the other -----------------------------------------------------------------------------


def test_a_schedule_is_no_environment(talk: Talk) -> None:
    talk.say("how is environment red?")
    schedule = talk.made(WEEKDAYS)
    before = talk.on()
    answer = talk.say("stop it")
    assert talk.outcome == "asked" and schedule in answer and "red" in answer, "what it was, and what was before"
    assert talk.on() == before
    talk.say("red")
    assert "red/web" not in talk.on()


def test_an_environment_is_no_schedule(talk: Talk) -> None:
    talk.say(WEEKDAYS)
    talk.say("how is environment red?")
    assert "the environment red" in talk.say("delete it") and talk.outcome == "asked" and talk.paused == [False]


def test_a_service_is_not_stopped_for_its_environment(talk: Talk) -> None:
    talk.say("how is environment red?")
    talk.say("how often do we deploy checkout?")
    assert talk.outcome == "succeeded"
    before = talk.on()
    answer = talk.say("stop it")
    assert talk.outcome == "asked" and "the service checkout" in answer and "red" in answer
    assert talk.on() == before
    talk.say("1")
    assert "red/web" not in talk.on()


# --- what was changed ------------------------------------------------------------------------------


def test_what_was_stopped_already_was_stopped_by_somebody_else(talk: Talk) -> None:
    talk.say("stop environment red", person="ben")
    talk.say("stop environment red and environment blue")
    assert talk.on() == {"live/x": 4}
    talk.say("start the ones you stopped")
    assert (talk.outcome, sorted(talk.on())) == ("succeeded", ["blue/api", "blue/web", "live/x"])


def test_how_far_back_is_meant_is_asked_and_everything_is_all_of_it(talk: Talk) -> None:
    talk.say("stop environment red")
    talk.say("stop environment blue")
    assert "It was blue last, and before that red" in talk.say("start the ones you stopped")
    assert (talk.outcome, talk.on()) == ("asked", {"live/x": 4})
    talk.say("start everything you stopped")
    assert talk.on() == {"red/web": 2, "blue/web": 3, "blue/api": 1, "live/x": 4}
    talk.say("stop environment red")
    talk.say("start the ones you stopped")
    assert (talk.outcome, len(talk.on())) == ("succeeded", 4), "what was started again is no more among them"


# --- schedules of several --------------------------------------------------------------------------


def test_schedules_in_plural_are_those_that_are_for_nothing_else(talk: Talk) -> None:
    weekdays, red = talk.made(WEEKDAYS), talk.made(RED)
    answer = talk.say("delete all schedules for environment red")
    assert talk.outcome == "asked" and f"{weekdays} (" in answer and "not for red alone" in answer
    talk.say(red)
    assert [one.id for one in talk.schedules.schedules()] == [weekdays]


def test_there_is_no_schedule_is_said(talk: Talk) -> None:
    assert talk.say("list schedules") == "There is no schedule."


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "then", "slots"),
    [
        ("deployment statistics for the last 3 weeks", "usage over the same period", {"days": 21}),
        ("usage statistics over the last 14 days", "idle cost over that period", {"days": 14}),
        ("usage last month", "deployment statistics for the same month", {"since": "2026-02-01T00:00:00+00:00"}),
    ],
)
def test_a_period_that_was_spoken_of_is_meant_again(before: str, then: str, slots: dict[str, Any]) -> None:
    first = INTENTS.match(before, Focus(), PRESENT)
    assert first is not None
    match = INTENTS.match(then, Focus(turn=1, intent=first.intent, slots=first.slots), PRESENT)
    assert match is not None and match.slots.items() >= slots.items()


def test_a_period_that_nobody_spoke_of_is_asked_about() -> None:
    with pytest.raises(ToolInputError, match="Which period is meant by “the same period”"):
        INTENTS.match("usage over the same period", Focus(), PRESENT)


# --- what an answer shows -------------------------------------------------------------------------------


def test_the_order_is_that_of_the_answer_whoever_planned_it(talk: Talk) -> None:
    listing = {"id": "envs", "tool": "list_environments"}
    text = "{join(', ', reverse(sort_by(envs.environments, &name))[].name)}."
    model = FakeModel([{"steps": [listing], "answer": {"text": text}}])
    runner = talk.runner()
    runner.model_for = lambda purpose: None if purpose == "route" else model
    view = runner.run("what have we got, backwards?")
    assert view["answer"].startswith("red, live, blue")
    assert environments_in(talk.focus) == ("red", "live", "blue")
    talk.say("stop the last one")
    assert "blue/web" not in talk.on() and "red/web" in talk.on()


def test_of_several_lists_the_first_is_what_the_answer_is_about(talk: Talk) -> None:
    plan = {
        "steps": [{"id": "envs", "tool": "list_environments"}],
        "answer": {
            "text": "Development:\n- {envs.environments[?kind == 'development'].summary}\n"
            "Others:\n- {envs.environments[?kind != 'development'].summary}"
        },
    }
    runner = talk.runner()
    runner.model_for = lambda purpose: None if purpose == "route" else FakeModel([plan])
    runner.run("what have we got, sorted by what it is?")
    assert environments_in(talk.focus) == ("blue", "red")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "could checkout be moved to uat, at your leisure",
            '{"checkout":{"service":"checkout"},"uat":{"environment":"uat"}}',
        ),
        (
            "bring the idle staging environments into shape",
            '"the idle staging environments":{"kind":"staging","state":"idle"}',
        ),
        ("archive the logs every friday at 7pm", '{"days":["FRI"],"stop":"19:00","time_zone":"UTC"}'),
    ],
)
def test_a_model_is_told_what_words_stand_for(text: str, told: str) -> None:
    said = INTENTS.hints(text, Focus(), PRESENT, KNOWN).said
    assert told in json.dumps(said, sort_keys=True, separators=(",", ":"))


def test_no_more_is_told_than_what_was_said() -> None:
    assert INTENTS.hints("tell me a story about the weather", Focus(), PRESENT, KNOWN) == NO_HINTS
    assert INTENTS.hints("explain it, the second one", Focus(), PRESENT, KNOWN) == NO_HINTS, "of nothing spoken of"


def test_a_channel_that_was_told_is_remembered_and_no_environment(talk: Talk) -> None:
    talk.say("how is environment red? and tell #platform")
    assert [one.id for one in talk.focus.spoken_of("channel")] == ["#platform"] and not talk.focus.has_marked
    talk.say("stop it")
    assert talk.outcome == "succeeded" and "red/web" not in talk.on()


def test_what_is_kept_is_bounded(talk: Talk) -> None:
    focus = Focus()
    for turn in range(40):
        names = [f"environment-{'x' * 200}-{turn}-{at}" for at in range(MOST_SHOWN)]
        refs = tuple(Reference(type="environment", id=name, name=name) for name in names)
        focus = fitting(remembered(focus, Spoken(refs, REVISION), "ana"))
        changed = tuple(one.model_copy(update={"role": "changed", "by": "stop_environment"}) for one in refs[:3])
        focus = fitting(also_changed(focus, Spoken(changed, REVISION)))
        assert len(focus.model_dump_json().encode()) <= MOST_BYTES
    assert [one.id[-4:] for one in focus.changed_by("stop_environment")] == ["39-0", "39-1", "39-2"]


def test_a_question_about_a_letter_is_not_kept_with_all_of_it() -> None:
    letter = "ä" * 4_000
    question = OpenQuestion(asker="ana", at=NOON, request=letter, lacks=letter, choices=("uat",))
    kept = fitting(Focus(turn=1, open=question, references=(Reference(type="environment", id="uat", turn=1),)))
    assert kept.open is None and len(kept.model_dump_json().encode()) <= MOST_BYTES
    assert [one.id for one in kept.spoken_of("environment")] == ["uat"]


REVISION = Revision.model_validate({"plan": {"goal": "x", "say": "x"}})


def test_a_place_in_a_list_means_something_after_a_question_about_another_one_of_it(talk: Talk) -> None:
    talk.say("list dev environments")
    shown = [one.id for one in talk.focus.spoken_of("environment")]
    assert len(shown) > 1
    assert shown[0] in talk.say("how is the first one?")
    assert shown[1] in talk.say("and the second one?") and talk.outcome == "succeeded"
    talk.say("stop the first one")
    assert talk.outcome == "asked", "what is to be changed has to be in the last answer"
    talk.say("how is staging?")
    talk.say("and the second one?")
    assert talk.outcome == "asked", "of another thing was spoken meanwhile"
