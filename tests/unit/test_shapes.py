"""The shapes that actions share: each is heard for every verb, what may be no order is asked about, and none acts on
what only looks like it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from test_heard import HEAR, INTENTS, KNOWN, PRESENT, effects, heard, planned
from test_hearing import trigger

from copilot.domain import Focus, OpenQuestion
from copilot.intents.actions import Action
from copilot.intents.frames import Targets
from copilot.intents.shapes import phrases_of

NEAR = Path(__file__).with_name("heard_near_shapes.txt").read_text().splitlines()

VERBS = {
    "stop": ("stop uat", "stopping uat", "uat", "stopped"),
    "start": ("start uat", "starting uat", "uat", "started"),
    "release": ("release uat", "releasing uat", "uat", "released"),
    "pause_schedule": ("pause s0123abcde", "pausing s0123abcde", "s0123abcde", "paused"),
    "resume_schedule": ("resume s0123abcde", "resuming s0123abcde", "s0123abcde", "resumed"),
    "delete_schedule": ("delete s0123abcde", "deleting s0123abcde", "s0123abcde", "deleted"),
    "improve": ("review my dockerfile", "reviewing my dockerfile", "my dockerfile", "reviewed"),
}
ORDERS = [
    "{do}",
    "{do} please",
    "please {do} for me",
    "can you {do}?",
    "could you please {do}",
    "would you be so kind as to {do}",
    "hey copilot, {do} now",
    "go ahead and {do}",
    "feel free to {do}",
    "please proceed to {do}",
    "i want that you {do}",
    "i need you to {do}",
    "it is necessary to {do}",
    "would you mind {doing}",
    "i need {it} {done}",
    "we would like {it} to be {done}",
    "i want to have {it} {done}",
    "get {it} {done}",
    "please have {it} {done}",
    "can i get {it} {done}",
    "make sure {it} is {done}",
    "{it} must be {done}",
    "{it} needs to be {done} please",
    "could {it} be {done} please",
    "would it be possible to get {it} {done}",
]
PERHAPS = ["you can {do}", "we should {do}", "{it} can be {done}", "{it} may be {done}"]


@pytest.mark.parametrize("shape", [*ORDERS, *PERHAPS])
def test_a_shape_is_heard_for_every_verb(shape: str) -> None:
    for action, (do, doing, it, done) in VERBS.items():
        found = heard(shape.format(do=do, doing=doing, it=it, done=done))
        assert found is not None and found.frame["action"] == action, (action, shape, found)


@pytest.mark.parametrize("shape", PERHAPS)
def test_what_may_be_no_order_is_asked_about_and_yes_is_enough(shape: str) -> None:
    text = shape.format(do="stop uat", it="uat", done="stopped")
    first = planned(text)
    assert first is not None and first.plan.ask is not None and not first.plan.steps
    again = HEAR(
        trigger(text), Focus(open=OpenQuestion(asker="ana", at=PRESENT.now, request=text, lacks=text, choices=(text,)))
    )
    assert again is not None and again.plan.ask is not None, "said again is not yes"
    yes = HEAR(
        trigger("yes"), Focus(open=OpenQuestion(asker="ana", at=PRESENT.now, request=text, lacks=text, choices=(text,)))
    )
    assert yes is not None and [step.tool for step in yes.plan.steps] == ["find_environment", "stop_environment"]


@pytest.mark.parametrize("text", ["sandbox off", "uat down tonight at 9pm", "prod-us stop"])
def test_half_a_sentence_that_may_be_a_report_is_asked_about(text: str) -> None:
    revision = planned(text)
    assert revision is not None and revision.plan.ask is not None and "to be done" in revision.plan.ask.question


@pytest.mark.parametrize("text", ["sandbox off?", "uat can be stopped?", "you can stop uat?", "we should stop uat?"])
def test_as_a_question_it_is_never_an_order(text: str) -> None:
    revision = planned(text)
    assert effects(text) == []
    assert revision is None or revision.plan.ask is None or "to be done" not in revision.plan.ask.question


ON_SCHEDULES = (
    "pause s0123abcde tomorrow at 6pm",
    "start uat every day at 7am",
    "start uat tomorrow at 7am",
    "turn uat on at 7am every day",
    "uat on at 7am every day",
)
"""What looked like one while a schedule could only stop: since any request is put on one, these are done."""


ONLY_TOLD = {
    "announce in #oncall that uat should be stopped": "notify",
    "mention in #oncall that uat stops": "notify",
    'post "stop uat" in #oncall': "notify",
    "tell #oncall that uat can be stopped": "notify",
    "tell #oncall that uat should be stopped": "notify",
    "tell #oncall when uat is stopped": "start_watch",
}
"""What is sent word for word, or once it is so: nothing is done to what it speaks of."""


ONCE_IT_IS_SO = ("start uat when it is down", "stop uat once it is idle")
"""What looked like one while a watch could only tell: since it has something done as well, these are."""


def test_what_only_looks_like_an_order_has_no_effect() -> None:
    assert len(NEAR) > 900
    done = {text: done for text in NEAR if (done := effects(text))}
    kept = {text: ["schedule_request"] for text in ON_SCHEDULES} | {text: ["watch_and_do"] for text in ONCE_IT_IS_SO}
    assert done == kept | {text: [tool] for text, tool in ONLY_TOLD.items()}


@pytest.mark.parametrize("mark", ["!", "/", "- ", "* ", "> ", "$ ", "& ", ": ", "... ", "; ", ". ", "^"])
def test_what_begins_with_a_sign_is_written_for_something_else(mark: str) -> None:
    for request in ("stop uat", "how is uat", "keep uat until 23:00"):
        assert heard(f"{mark}{request}") is None


def test_a_shape_without_its_form_is_left_out() -> None:
    action = Action(action="paint", takes=(), shaped={"asked_to": {"it": ("{targets}",), "do": ("paint {it}",)}})
    shapes = {"asked_to": ["<do>", "mind <doing>"], "asked_to_perhaps": ["you may <do>"]}
    sets = {"paint.asked_to.do": ()}
    assert list(phrases_of(action, shapes, sets)) == [
        ("<paint.asked_to.do>", False),
        ("you may <paint.asked_to.do>", True),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("stop the following envs: uat, sandbox", ["uat", "sandbox"]),
        ("stop prs 482 and 517", ["pr 482", "pr 517"]),
        ("stop the staging environment uat", ["uat"]),
        ('stop "uat"', ["uat"]),
        ("stop uat and also sandbox", ["uat", "sandbox"]),
    ],
)
def test_names_in_other_dress(text: str, names: list[str]) -> None:
    frame = next(INTENTS.frames(text, PRESENT, KNOWN))
    targets = frame.said["targets"]
    assert isinstance(targets, Targets) and [one.value for one in targets.of] == names


@pytest.mark.parametrize(
    "text", ["stop the production environment uat", "stop prs 482 and 999", 'stop "uat and sandbox"']
)
def test_a_name_that_is_not_of_the_kind_that_is_said_is_not_understood(text: str) -> None:
    assert effects(text) == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [("stop blue", "blue-42"), ("stop orders and sandbox", "orders-dev"), ("stop billing", "billing-dev")],
)
def test_the_first_part_of_one_name_is_asked_about(text: str, meant: str) -> None:
    revision = planned(text)
    assert revision is not None and revision.plan.ask is not None and meant in revision.plan.ask.question


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("run uat only from 8am to 6pm on weekdays", ("18:00", "08:00", ("MON", "TUE", "WED", "THU", "FRI"))),
        ("uat should only be up 08:15 to 8pm each monday", ("20:00", "08:15", ("MON",))),
        (
            "start uat every day at 7am and stop it at 6pm",
            ("18:00", "07:00", ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")),
        ),
    ],
)
def test_hours_in_which_it_is_on_are_a_window_in_which_it_is_not(text: str, when: tuple[object, ...]) -> None:
    found = heard(text)
    assert found is not None and (found.frame["action"], found.frame["when"]) == ("schedule", when)


@pytest.mark.parametrize("text", ["run uat only from 20:00 to 06:00 daily", "uat runs from 8am to 6pm daily"])
def test_what_names_no_hours_of_a_day_is_no_window(text: str) -> None:
    assert effects(text) == []


@pytest.mark.parametrize(
    ("text", "service"),
    [("why are chekout deployments slow", "checkout"), ("how often do we deploy web front", "web-front")],
)
def test_a_service_is_known_by_its_name(text: str, service: str) -> None:
    found = heard(text)
    assert found is not None and found.frame["service"] == service
