"""What a request comes to without a model, where it is no plain plan: a question, an answer, or why there is none."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from fakes import focus_on, hearing
from test_heard import INTENTS, KNOWN, REGISTRY, planned

from copilot.domain import NOTHING_KNOWN, Focus, Kind, Known, KnownEnvironment, OpenQuestion, Person, Revision, Trigger
from copilot.intents import Present, examples_of
from copilot.intents.completing import complete, is_dropped
from copilot.intents.referring import NoneSpokenOf
from copilot.planning.about_itself import KINDS
from copilot.planning.hearing import Hear
from copilot.plans.afresh import changes as changes_something
from copilot.plans.check import check_plan
from copilot.policy.rights import Outcome, Rights

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PRESENT = Present(NOON, "UTC")
HEAR = hearing(INTENTS, REGISTRY, known=lambda: KNOWN)


def trigger(text: str, person: str = "ana") -> Trigger:
    who = Person(id=person, name=person.title(), roles=("developer",))
    return Trigger(kind="api", tenant="main", person=who, text=text, conversation="c", dedupe_key="k", received_at=NOON)


def asked(text: str) -> Revision:
    revision = planned(text)
    assert revision is not None and revision.plan.ask is not None and not revision.plan.steps, revision
    return revision


def said(text: str) -> str:
    return HEAR.not_understood(trigger(text), model_would_help=True).plan.say or ""


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("stpo uat", "stop uat"),
        ("please shtu down sandbox", "please shut down sandbox"),
        ("stop sandbxo", "stop sandbox"),
        ("how is sandbxo", "how is sandbox"),
        ("start ordrs-dev and uat", "start orders-dev and uat"),
    ],
)
def test_what_was_put_right_and_decides_is_asked_about(text: str, meant: str) -> None:
    revision = asked(text)
    assert revision.plan.ask is not None and revision.plan.ask.choices == (meant,)
    question = OpenQuestion(asker="ana", at=PRESENT.now, request=text, lacks=revision.lacks or "", choices=(meant,))
    assert complete(question, "yes", PRESENT) == meant


@pytest.mark.parametrize("text", ["plaese stop uat", "stop all dev enviroments", "how is the stagin environment"])
def test_what_was_put_right_and_decides_nothing_is_not(text: str) -> None:
    revision = planned(text)
    assert revision is not None and revision.plan.steps


def test_no_number_is_taken_for_another() -> None:
    revision = planned("how is pr-483")
    assert revision is not None and revision.plan.steps[0].arguments == {"name": "pr-483"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("stop everything", "all 12 environments"),
        ("turn off all environments", "all 12 environments"),
        ("stop everything except uat", "all other 11 environments"),
    ],
)
def test_all_there_is_is_asked_about_and_the_answer_says_the_kinds(text: str, count: str) -> None:
    revision = asked(text)
    assert revision.plan.ask is not None and f"That is {count}" in revision.plan.ask.question
    question = OpenQuestion(
        at=PRESENT.now, asker="ana", request=text, lacks=revision.lacks or "", choices=tuple(revision.plan.ask.choices)
    )
    whole = complete(question, "development", PRESENT)
    assert whole is not None and "all development environments" in whole
    found = planned(whole)
    assert found is not None and found.plan.steps[0].arguments["kinds"] == ["development"]


def test_more_than_so_many_are_asked_about_and_yes_is_enough() -> None:
    hear = hearing(INTENTS, REGISTRY, known=lambda: KNOWN, most=3)
    text = "stop all dev envs except sandbox"
    first = hear(trigger(text), Focus())
    assert first is not None and first.plan.ask is not None
    assert "That is 5 environments: " in first.plan.ask.question and "orders-dev" in first.plan.ask.question
    focus = Focus(
        open=OpenQuestion(asker="ana", at=PRESENT.now, request=text, lacks=first.lacks or "", choices=(text,))
    )
    again = hear(trigger(text), focus)
    assert again is not None and again.plan.ask is not None, "said again is not yes"
    done = hear(trigger("yes"), focus)
    assert done is not None and [step.tool for step in done.plan.steps] == ["list_environments", "stop_environment"]
    few = hear(trigger("stop the preview environments"), Focus())
    assert few is not None and few.plan.steps


@pytest.mark.parametrize(
    ("text", "answer", "tool", "time"),
    [
        ("stop uat every day at 7", "evening", "create_schedule", "19:00"),
        ("stop uat every day at 7", "morning", "create_schedule", "07:00"),
        ("stop uat every day at 7", "In the evening.", "create_schedule", "19:00"),
        ("stop uat tomorrow at 12", "noon", "create_schedule", "12:00"),
        ("keep uat until 9", "evening", "keep_environment", "21:00"),
    ],
)
def test_a_word_of_the_question_completes_the_request_and_is_no_greeting(
    text: str, answer: str, tool: str, time: str
) -> None:
    first = asked(text)
    assert first.plan.ask is not None
    question = OpenQuestion(
        asker="ana", at=PRESENT.now, request=text, lacks=first.lacks or "", choices=first.plan.ask.choices
    )
    revision = HEAR(trigger(answer), Focus(open=question))
    assert revision is not None and [step.tool for step in revision.plan.steps] == ["find_environment", tool]
    assert time in str(revision.plan.steps[1].arguments)


def test_a_question_is_answered_by_who_was_asked_and_by_nobody_else() -> None:
    open_question = OpenQuestion(asker="ana", at=PRESENT.now, request="stop it", lacks="it", choices=("uat", "sandbox"))
    focus = Focus(open=open_question)
    mine = HEAR(trigger("2"), focus)
    assert mine is not None and mine.plan.steps[0].arguments == {"name": "sandbox"} and mine.plan.goal == "stop sandbox"
    theirs = HEAR(trigger("2", "lee"), focus)
    assert theirs is not None and not theirs.plan.steps and "No question to you is open" in (theirs.plan.say or "")
    new = HEAR(trigger("how is orders-dev?"), focus)
    assert new is not None and new.plan.steps[0].arguments == {"name": "orders-dev"}


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        ("2", "stop prod-us"),
        ("the second one", "stop prod-us"),
        ("option 1", "stop prod-eu"),
        ("eu", "stop prod-eu"),
        ("Prod-US please", "stop prod-us"),
        ("i mean prod us", "stop prod-us"),
        ("the last", "stop prod-us"),
        ("both", "stop prod-eu and prod-us"),
        ("3", None),
        ("prod", None),
        ("yes", None),
        ("what is the difference?", None),
    ],
)
def test_a_choice_is_known_by_its_number_its_text_or_a_part_of_it(answer: str, whole: str | None) -> None:
    question = OpenQuestion(
        asker="ana", at=PRESENT.now, request="stop prod", lacks="prod", choices=("prod-eu", "prod-us")
    )
    assert complete(question, answer, PRESENT) == whole


@pytest.mark.parametrize("answer", ["never mind", "Forget it!", "no", "cancel that, please"])
def test_a_question_may_be_dropped(answer: str) -> None:
    assert is_dropped(answer)


@pytest.mark.parametrize(("answer", "window"), [("every day", "every day"), ("tonight", "tonight")])
def test_once_or_every_day_is_answered_by_one_word(answer: str, window: str) -> None:
    revision = asked("stop uat at 8pm")
    question = OpenQuestion(asker="ana", at=PRESENT.now, request="stop uat at 8pm", lacks=revision.lacks or "")
    whole = complete(question, answer, PRESENT)
    assert whole is not None and window in whole
    found = planned(whole)
    assert found is not None and [step.tool for step in found.plan.steps] == ["find_environment", "create_schedule"]


def test_what_is_not_understood_says_which_words_and_what_is_nearest() -> None:
    told = said("stop uat gently")
    assert "I could not place “gently”" in told and "The nearest that I can do: “stop uat”" in told
    assert "needs a model" in told and "Nothing was done" in told


@pytest.mark.parametrize(
    "text", ["never ever stop uat", "stop uat unless it is busy", "stop uat without warning bells"]
)
def test_nothing_is_offered_that_says_the_contrary(text: str) -> None:
    assert "nearest" not in said(text)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("frobnicate uat", "how is uat"),
        ("stop uat and paint it", "stop uat"),
        ("stop uat the fancy way", "stop uat"),
        ("start the thing called sandbox for ana's friends", "start sandbox"),
    ],
)
def test_the_nearest_is_about_the_same_action_or_the_same_environment(text: str, offered: str) -> None:
    assert f"The nearest that I can do: “{offered}”." in said(text)


def test_where_nothing_is_near_nothing_is_called_so_and_what_may_not_be_done_is_not_offered() -> None:
    assert "nearest" not in said("paint the bike shed") + said("stop everything in the kitchen")
    changes: dict[Kind, Outcome] = {"development": "allow", "preview": "deny", "staging": "deny", "production": "deny"}
    rights = Rights(looks=True, changes=changes, approves=frozenset(), schedules=changes)
    hear = Hear(INTENTS, REGISTRY, lambda person: rights, lambda: KNOWN)

    def told(text: str) -> str:
        return hear.not_understood(trigger(text), model_would_help=False).plan.say or ""

    assert "nearest" not in told("stop uat gently")
    assert "The nearest that I can do: “stop sandbox”" in told("stop sandbox gently")
    helped = hear(trigger("help with changes"), Focus())
    assert helped is not None and helped.plan.say is not None
    assert "Stop all idle dev environments" in helped.plan.say
    of_staging = [one.removeprefix("- ") for one in helped.plan.say.splitlines() if "staging" in one]
    plans = [INTENTS.match(one, Focus(), PRESENT, KNOWN) for one in of_staging]
    assert not any(match and match.plan and changes_something(match.plan, REGISTRY) for match in plans)
    looked = hear(trigger("help with environments"), Focus())
    assert looked is not None and "How is the production cluster?" in (looked.plan.say or "")


def test_who_may_not_look_is_offered_nothing() -> None:
    none: dict[Kind, Outcome] = {"development": "deny", "production": "deny"}
    rights = Rights(looks=False, changes=none, approves=frozenset({"production"}), schedules=none)
    hear = Hear(INTENTS, REGISTRY, lambda person: rights, lambda: KNOWN)
    helped = hear(trigger("help"), Focus())
    assert helped is not None and helped.plan.say is not None and "nothing that you may ask for" in helped.plan.say


@pytest.mark.parametrize(
    ("text", "why", "nearest"),
    [
        ("restart uat", "I restart services", "“restart all services in uat”"),
        ("could you reboot sandbox pls, it hangs", "I restart services", "“restart all services in sandbox”"),
        ("uat needs a restart", "I restart services", "“restart all services in uat”"),
        ("delete sandbox", "delete preview environments and schedules", "“stop sandbox”"),
        ("destroy sandbox and uat", "delete preview environments and schedules", "“stop sandbox and uat”"),
        ("scale prod-us to 10", "a whole environment I stop", "“stop prod-us”, then “start prod-us”"),
        ("deploy checkout to uat", "deploy nothing new", "“Deployment statistics for the last 5 weeks”"),
        ("redeploy uat", "deploy nothing new", "“Deployment statistics for the last 5 weeks”"),
        ("roll checkout back to yesterday's version", "I bring back one service of one environment", ""),
        ("kill uat or sandbox", "to stop or to delete", ""),
    ],
)
def test_what_cannot_be_done_yet_is_said_with_what_is_nearest(text: str, why: str, nearest: str) -> None:
    assert planned(text) is None
    told = said(text)
    assert why in told and "Nothing was done." in told
    assert (f"The nearest that I can do: {nearest}" if nearest else "") in told and (nearest or "nearest" not in told)


@pytest.mark.parametrize(
    "text", ["who deleted uat?", "do not restart uat", "if it hangs, restart uat", "drop the schedule"]
)
def test_what_only_speaks_of_it_is_no_request_for_it(text: str) -> None:
    assert "cannot" not in said(text) and "I delete" not in said(text)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("kill sandbox", "stop sandbox"),
        ("please terminate sandbox", "stop sandbox"),
        ("stop uat, QA went home", "stop uat"),
        ("stop uat because nobody uses it anymore", "stop uat"),
        ("the demo is over, stop uat", "stop uat"),
    ],
)
def test_what_may_be_meant_is_offered_and_one_word_completes_it(text: str, whole: str) -> None:
    assert planned(text) is None
    revision = HEAR.not_understood(trigger(text), model_would_help=True)
    assert revision.plan.ask is not None and revision.plan.ask.choices == (whole,)
    assert "Nothing was done." in revision.plan.ask.question
    question = OpenQuestion(asker="ana", at=PRESENT.now, request=text, lacks=revision.lacks or "", choices=(whole,))
    for answer in ("yes", "1"):
        done = HEAR(trigger(answer), Focus(open=question))
        assert done is not None and done.plan.goal == whole and done.plan.steps[-1].tool == "stop_environment"


def test_what_is_the_reason_is_said() -> None:
    ask = HEAR.not_understood(trigger("stop uat, QA went home"), model_would_help=True).plan.ask
    assert ask is not None
    assert "I could not place “QA went home”; it seems to be the reason. Without it: “stop uat”." in ask.question


@pytest.mark.parametrize(
    "text",
    [
        "stop uat, unless QA is there",
        "stop uat if QA went home",
        "stop uat, just kidding",
        "stop uat, later",
        "QA said, stop uat",
        "stop uat, prod-eu went home",
        "stop uat, when QA went home",
        "stop uat because prod-eu is broken",
        "stop uat, not because QA went home",
        "never stop uat, QA went home",
    ],
)
def test_a_condition_is_no_reason(text: str) -> None:
    assert planned(text) is None
    assert HEAR.not_understood(trigger(text), model_would_help=True).plan.ask is None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("which dev environments are mine?", ["development"]),
        ("what do i own", []),
        ("show me the staging envs that are mine", ["staging"]),
        ("which envs belong to me", []),
    ],
)
def test_mine_is_what_one_is_the_owner_of(text: str, kinds: list[str]) -> None:
    hear = hearing(INTENTS, REGISTRY, known=lambda: KNOWN, owned_as=lambda person: (person.id, "Ana B."))
    revision = hear(trigger(text), Focus())
    assert revision is not None and revision.plan.answer is not None
    assert revision.plan.steps[0].arguments["kinds"] == kinds
    assert "{envs.environments[?owner=='ana' || owner=='Ana B.'].summary}" in (revision.plan.answer.text or "")
    check_plan(revision.plan, REGISTRY)


def test_more_than_so_many_of_ones_own_are_asked_about() -> None:
    own = tuple(one.model_copy(update={"owner": "ana"}) for one in KNOWN.environments)
    hear = hearing(INTENTS, REGISTRY, known=lambda: KNOWN.model_copy(update={"environments": own}), most=3)
    revision = hear(trigger("stop my environments"), Focus())
    assert revision is not None and revision.plan.ask is not None
    assert "That is 12 environments" in revision.plan.ask.question
    few = hearing(INTENTS, REGISTRY, known=lambda: KNOWN, most=3)(trigger("stop my environments"), Focus())
    assert few is not None and few.plan.steps, "none of them is ana's"


def test_whose_name_is_not_theirs_alone_is_told_so() -> None:
    hear = hearing(INTENTS, REGISTRY, known=lambda: KNOWN, owned_as=lambda person: ())
    revision = hear(trigger("stop my dev environments"), Focus())
    assert revision is not None and "somebody else is called as you are" in (revision.plan.say or "")


@pytest.mark.parametrize("text", ["thanks", "Thank you so much!", "great", "perfect, thanks", "cool"])
def test_who_thanks_is_welcome(text: str) -> None:
    revision = planned(text)
    assert revision is not None and revision.plan.say == "You are welcome." and revision.unplanned is None


def test_thanks_are_no_yes_and_leave_the_question_open() -> None:
    question = OpenQuestion(
        asker="ana", at=PRESENT.now, request="kill sandbox", lacks="kill sandbox", choices=("stop sandbox",)
    )
    revision = HEAR(trigger("perfect"), Focus(open=question))
    assert (
        revision is not None and revision.plan.ask is not None and "Nothing was done yet" in revision.plan.ask.question
    )
    assert (revision.plan.goal, revision.lacks, revision.plan.ask.choices) == (
        question.request,
        question.lacks,
        question.choices,
    )
    others = HEAR(trigger("perfect", "lee"), Focus(open=question))
    assert others is not None and others.plan.say == "You are welcome."


@pytest.mark.parametrize("text", ["never mind", "forget it", "cancel that", "Nevermind."])
def test_to_drop_what_is_not_open_is_answered_and_nothing_is_done(text: str) -> None:
    revision = planned(text)
    assert revision is not None and "No question was open, and nothing was done" in (revision.plan.say or "")


@pytest.mark.parametrize(
    "text", ["stop schedule s0123abcde", "please end schedule s0123abcde", "i want schedule s0123abcde stopped"]
)
def test_whether_a_schedule_is_to_be_paused_or_deleted_is_asked(text: str) -> None:
    revision = asked(text)
    assert revision.plan.ask is not None
    assert revision.plan.ask.choices == ("pause schedule s0123abcde", "delete schedule s0123abcde")
    question = OpenQuestion(
        asker="ana", at=PRESENT.now, request=text, lacks=revision.lacks or "", choices=revision.plan.ask.choices
    )
    for answer, tool in (("pause", "pause_schedule"), ("2", "delete_schedule"), ("delete it", "delete_schedule")):
        done = HEAR(trigger(answer), Focus(open=question))
        assert (done.plan.steps[0].tool if done and done.plan.steps else None) == tool, answer


def test_examples_are_of_what_exists_and_of_what_one_may() -> None:
    told = said("paint the bike shed")
    assert "orders-dev" in told and "blue-42" not in told, "names of this cloud"
    nothing = Rights(looks=True, changes={"development": "deny", "production": "deny"}, approves=frozenset())
    reader = Hear(INTENTS, REGISTRY, lambda person: nothing, lambda: KNOWN)
    told = reader.not_understood(trigger("paint the bike shed"), model_would_help=False).plan.say or ""
    assert "Stop" not in told and "Keep" not in told and "needs a model" not in told


def test_help_is_short_and_each_of_its_kinds_shows_more() -> None:
    """In examples that are heard, of names that are there."""
    short = planned("help")
    assert short is not None
    lines = (short.plan.say or "").splitlines()
    of_kinds = dict(line.removeprefix("- ").split(": ", 1) for line in lines if line.startswith("- "))
    assert list(of_kinds) == list(KINDS) and len(lines) == len(KINDS) + 2 and len(short.plan.say or "") < 900
    for kind, example in of_kinds.items():
        helped = planned(f"help with {kind}")
        assert helped is not None
        more = (helped.plan.say or "").splitlines()
        shown = [line.removeprefix("- ") for line in more[1:]]
        assert more[0] == f"About {kind} you may say, for example:" and shown[0] == example.strip("“”")
        for one in shown:
            with contextlib.suppress(NoneSpokenOf):  # "start it again"
                assert INTENTS.match(one, Focus(), PRESENT, KNOWN), one


def test_every_action_with_examples_is_of_one_kind() -> None:
    of_kinds = [action for actions in KINDS.values() for action in actions]
    there = [one.action for one in INTENTS.actions if examples_of(INTENTS.actions, NOTHING_KNOWN, one.action)]
    assert len(of_kinds) == len({*of_kinds}) and {*there} <= {*of_kinds}
    assert {*of_kinds} <= {one.action for one in INTENTS.actions}
    assert {f"help_{kind}" for kind in KINDS} <= {one.action for one in INTENTS.actions}


@pytest.mark.parametrize("text", ["help", "what can you do?", "How do I use you"])
def test_help_says_what_there_is_to_ask(text: str) -> None:
    revision = planned(text)
    assert revision is not None and "for example:" in (revision.plan.say or "")


def test_what_one_may_do_is_what_the_policies_say() -> None:
    told = (planned("what may I do?") or asked("")).plan.say or ""
    assert "You may look at everything." in told
    assert "You may stop and start development and preview environments." in told
    assert "You may ask for changes to staging and production environments" in told
    assert "You may make, pause, resume and delete schedules for development and preview environments" in told
    assert "Those for staging and production environments wait for an approval." in told
    assert "You may not approve changes." in told


def test_a_greeting_is_greeted() -> None:
    revision = planned("Hi there!")
    assert revision is not None and (revision.plan.say or "").startswith("Hello.")


@pytest.mark.parametrize(
    "text", ["stop uat and sandbox", "stop uat, sandbox & orders-dev", "stop all dev envs but uat"]
)
def test_what_is_done_to_several_names_each_of_them(text: str) -> None:
    revision = planned(text)
    assert revision is not None and [step.tool for step in revision.plan.steps] == [
        "list_environments",
        "stop_environment",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "uat shut down?",
        "prod-eu halted?",
        "just got paged: prod-eu shut down!",
        "have they stopped?",
        "have the dev environments stopped?",
        "can prod-eu be stopped?",
        "uat should be running?",
        "can anyone stop prod-eu?",
        "question: stop uat?",
        "the exception for uat is not needed?",
        "tell #ops we need to stop uat",
        "post to #ops: stop uat",
        "ping #ops: can someone stop uat?",
        "stop uat or sandbox",
        "stop any preview",
        "stop my uat",
        "stop my dev environment",
        "stop uat and my dev environments",
        "stop all dev environments except mine",
        "stop all dev environments except my preview envs",
        "stop my dev environments and all staging environments",
        "stop all environments in my dev",
        "prod-eu may go down now",
        "they said prod-eu can go off now",
        "stop their environments",
        "stop prod, eu",
        "stop prod (eu)",
        "stop uat right now every day at 18:00",
        "we do not need it right now, start uat",
        "i need it for a test, stop uat",
        "stop uat every day at 18:00 and start all environments at 7am",
        "just got paged: prod-eu off!",
        "got an alert: uat off now",
        "uat back on",
        "uat can be stopped",
        "staging can go off if nobody needs it",
        "stop whatever",
        "should uat go off at 18:00 every day?",
        "uat off tonight at 9pm?",
    ],
)
def test_what_is_no_order_or_not_a_whole_one_changes_nothing(text: str) -> None:
    revision = planned(text)
    steps = revision.plan.steps if revision else ()
    assert [step.tool for step in steps if REGISTRY.find(step.tool).effect != "read"] == []


@pytest.mark.parametrize(
    "text", ["schedule uat to be stopped", "plan a shutdown of uat", "always stop all dev environments"]
)
def test_what_is_said_of_a_schedule_needs_its_time(text: str) -> None:
    revision = planned(text)
    assert revision is None or revision.plan.steps == ()


@pytest.mark.parametrize(
    ("answer", "choices"),
    [
        ("no production", ("all development environments", "all production environments")),
        ("no us", ("prod-eu", "prod-us")),
        ("not prod-us", ("prod-eu", "prod-us")),
        ("stop!", ("stop sandbox",)),
        ("sandbox", ("stop sandbox",)),
        ("18", ("today at 18:00", "every day at 18:00")),
        ("00", ("today at 18:00", "tomorrow at 7am")),
    ],
)
def test_what_is_no_answer_completes_nothing(answer: str, choices: tuple[str, ...]) -> None:
    question = OpenQuestion(asker="ana", at=PRESENT.now, request="stop it", lacks="it", choices=choices)
    assert complete(question, answer, PRESENT) is None


@pytest.mark.parametrize("answer", ["5", "tell #ops", "except sandbox"])
def test_an_answer_without_a_time_does_nothing_now(answer: str) -> None:
    text = "stop uat at 8pm"
    focus = Focus(
        open=OpenQuestion(asker="ana", at=PRESENT.now, request=text, lacks="at 8pm", choices=("today at 20:00",))
    )
    revision = HEAR(trigger(answer), focus)
    assert revision is None or not any(step.tool.startswith("stop") for step in revision.plan.steps)


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        ("dev and preview", ["development", "preview"]),
        ("dev", ["development"]),
        ("dev envs", ["development"]),
        ("the dev environments", ["development"]),
    ],
)
def test_kinds_may_be_answered_in_ones_own_words(answer: str, kinds: list[str]) -> None:
    asked_back = asked("stop everything").plan.ask
    assert asked_back is not None
    question = OpenQuestion(
        asker="ana", at=PRESENT.now, request="stop everything", lacks="everything", choices=asked_back.choices
    )
    revision = HEAR(trigger(answer), Focus(open=question))
    assert revision is not None and revision.plan.steps[0].arguments["kinds"] == kinds
    assert revision.plan.steps[-1].tool == "stop_environment"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("stop all idle ones", "1"),
        ("stop all idle environments", "all idle development environments"),
        ("stop every unused environment", "dev"),
        ("stop all environments that are idle", "development"),
        ("stop all idle ones except orders-dev", "1"),
    ],
)
def test_the_state_that_was_said_is_kept_through_the_question(text: str, answer: str) -> None:
    first = asked(text)
    assert first.plan.ask is not None
    question = OpenQuestion(
        asker="ana", at=PRESENT.now, request=text, lacks=first.lacks or "", choices=first.plan.ask.choices
    )
    revision = HEAR(trigger(answer), Focus(open=question))
    assert revision is not None
    assert [step.tool for step in revision.plan.steps] == [
        "list_environments",
        "environment_activity",
        "stop_environment",
    ], revision.plan.goal
    assert revision.plan.steps[0].arguments["kinds"] == ["development"]


def test_what_is_no_time_is_asked_for_again_and_nothing_stands_in_its_place() -> None:
    revision = asked("stop all dev envs on fri at 5pm, back on mon 8am")
    assert revision.lacks is None


def test_a_name_that_is_no_name_is_no_example_and_completes_no_request() -> None:
    hostile = "<!channel> https://evil.test and stop prod-eu"
    known = KNOWN.model_copy(
        update={"environments": (KNOWN.environments[0].model_copy(update={"name": hostile}), *KNOWN.environments[1:])}
    )
    told = hearing(INTENTS, REGISTRY, known=lambda: known)(trigger("help"), Focus())
    assert told is not None and "evil" not in (told.plan.say or "")
    question = OpenQuestion(asker="ana", at=PRESENT.now, request="stop it", lacks="it", choices=("uat", ""))
    assert complete(question, "2", PRESENT) is None and complete(question, "both", PRESENT) is None
    assert complete(question, "1", PRESENT) == "stop uat"


def test_a_channel_that_is_none_is_asked_about_before_anything_is_done() -> None:
    hear = hearing(INTENTS, REGISTRY, known=lambda: KNOWN, channels=("#platform", "#oncall", "#dev-envs"))
    text = "stop uat and tell #plaform"
    revision = hear(trigger(text), Focus())
    assert revision is not None and revision.plan.ask is not None and not revision.plan.steps
    assert "There is no channel #plaform" in revision.plan.ask.question
    assert revision.plan.ask.choices[0] == "stop uat and tell #platform"
    question = OpenQuestion(asker="ana", at=PRESENT.now, request=text, lacks=text, choices=revision.plan.ask.choices)
    done = hear(trigger("1"), Focus(open=question))
    assert done is not None and [step.arguments.get("channel") for step in done.plan.steps][-1] == "#platform"
    known = hear(trigger("stop uat and tell #oncall"), Focus())
    assert known is not None and known.plan.steps[-1].arguments["channel"] == "#oncall"


def test_without_a_list_of_channels_any_may_be_one() -> None:
    revision = hearing(INTENTS, REGISTRY, known=lambda: KNOWN)(trigger("stop uat and tell #new-one"), Focus())
    assert revision is not None and revision.plan.steps[-1].arguments["channel"] == "#new-one"


ONE_OR_ALL = "stop uat and prod"


@pytest.mark.parametrize(
    "answer",
    ["not prod", "abort", "never mind that", "wait", "hmm", "I'll ask ben first", "what do you mean", "prod-eu?",
     "that", "them", "the fourth one", "it"],
)  # fmt: skip
def test_nothing_but_an_answer_completes_the_question_for_one_or_all(answer: str) -> None:
    first = planned(ONE_OR_ALL)
    assert first is not None and first.plan.ask is not None
    assert first.plan.ask.choices[:2] == ("prod-eu", "prod-us"), "in the order in which the question names them"
    question = OpenQuestion(
        asker="ana", at=PRESENT.now, request=ONE_OR_ALL, lacks=first.lacks or "", choices=first.plan.ask.choices
    )
    listed = focus_on(environments=("orders-dev", "sandbox", "blue-42"), listed=True, open=question)
    revision = HEAR(trigger(answer), listed)
    assert revision is None or not revision.plan.steps, revision
    done = HEAR(trigger("1"), listed)
    assert done is not None and "prod-eu" in str(done.plan.steps) and "prod-us" not in str(done.plan.steps)


def test_a_question_does_not_wait_for_its_answer_for_ever() -> None:
    question = OpenQuestion(
        asker="ana", at=PRESENT.now - timedelta(hours=5), request="stop it", lacks="it", choices=("uat",)
    )
    revision = HEAR(trigger("yes"), Focus(open=question))
    assert revision is not None and not revision.plan.steps and "asked too long ago" in (revision.plan.say or "")


@pytest.mark.parametrize("text", ["yes", "No.", "1", "ok"])
def test_an_answer_to_no_question_is_told_so(text: str) -> None:
    revision = planned(text)
    assert revision is not None and "No question to you is open" in (revision.plan.say or "")


@pytest.mark.parametrize("answer", ["all four", "all of them", "all four kinds"])
def test_all_four_kinds_may_be_what_is_meant(answer: str) -> None:
    first = planned("stop everything")
    assert first is not None and first.plan.ask is not None
    question = OpenQuestion(
        asker="ana", at=PRESENT.now, request="stop everything", lacks=first.lacks or "", choices=first.plan.ask.choices
    )
    whole = complete(question, answer, PRESENT)
    assert whole is not None and all(f"all {kind} environments" in whole for kind in get_args(Kind))


@pytest.mark.parametrize(
    "text",
    ["stop uat, keep the db", "stop uat, half of it", "stop uat, dry run", "stop uat, upon approval",
     "stop uat, provided QA is fine", "for example, stop uat", "stop uat, as soon as QA agrees"],
)  # fmt: skip
def test_what_may_be_a_condition_is_no_reason(text: str) -> None:
    revision = HEAR.not_understood(trigger(text), model_would_help=False)
    assert revision.plan.ask is None and "stop uat" not in (revision.plan.say or "")


@pytest.mark.parametrize("text", ["stop everything but prod", "stop all dev, preview and staging environments"])
def test_nearly_everything_is_shown_and_asked_about(text: str) -> None:
    revision = asked(text)
    assert revision.plan.ask is not None and "orders-dev" in revision.plan.ask.question


@pytest.mark.parametrize("text", ["stop all environments tonight at 9pm", "stop everything every day at 18:00"])
def test_everything_at_times_is_asked_about_too(text: str) -> None:
    revision = asked(text)
    assert revision.plan.ask is not None and "Which kinds are meant?" in revision.plan.ask.question


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("stop orders", ("stop orders-dev",)),
        ("how is blue?", ("how is blue-42?",)),
        ("is orders ok", ("is orders-dev ok",)),
        ("start prod_", ()),
        ("stop staging-e", ("stop staging-eu",)),
    ],
)
def test_a_name_that_was_begun_is_asked_about(text: str, meant: tuple[str, ...]) -> None:
    revision = planned(text) or HEAR.not_understood(trigger(text), model_would_help=False)
    assert (revision.plan.ask.choices if revision.plan.ask else ()) == meant or not meant, revision
    assert not revision.plan.steps or not meant


@pytest.mark.parametrize("text", ["tell #platform if uat is down", "let #oncall know if prod-eu is unhealthy please"])
def test_others_are_not_told_what_they_are_to_hear_only_if_it_is_so(text: str) -> None:
    assert planned(text) is None


def cloud(**kinds: Kind) -> Known:
    environments = tuple(KnownEnvironment(name=name, kind=kind, seen_at=PRESENT.now) for name, kind in kinds.items())
    return Known(environments=environments, seen_at=PRESENT.now)


@pytest.mark.parametrize("name", ["preprod", "live", "stage", "stg", "dev", "prod", "qa"])
@pytest.mark.parametrize(
    "text",
    ["stop {}", "start {} please", "keep {} until 23:00", "stop {} every day at 18:00", "stop the {} environment"],
)
def test_what_is_called_as_a_kind_is_meant_before_the_kind(name: str, text: str) -> None:
    kinds: dict[str, Kind] = {name: "development", "loadtest": "staging", "shop": "production"}
    known = cloud(**kinds)
    revision = hearing(INTENTS, REGISTRY, known=lambda: known)(trigger(text.format(name)), Focus())
    assert revision is not None and revision.plan.steps[0].arguments["name"] in {name, f"the {name} environment"}


def test_what_is_left_out_by_its_name_is_no_kind() -> None:
    known = cloud(preprod="development", basket="development", loadtest="staging", live="preview")
    hear = hearing(INTENTS, REGISTRY, known=lambda: known)
    for text, but in (("stop everything in dev but preprod", "preprod"), ("stop all previews except live", "live")):
        revision = hear(trigger(text), Focus())
        assert revision is not None and revision.plan.steps[0].arguments["but"] == [but], text


def test_both_are_two() -> None:
    revision = asked("stop both dev envs")
    assert revision.plan.ask is not None and "That is 6 environments: " in revision.plan.ask.question
    two = planned("stop both staging envs")
    assert two is not None and two.plan.steps
