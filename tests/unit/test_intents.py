"""Known intents: paraphrases that must match, near misses that must not, slots as they were meant."""

from __future__ import annotations

import pytest
from fakes import environments_in, focus_on
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import Focus
from copilot.errors import ToolInputError
from copilot.intents import Intents, load_intents
from copilot.plans.check import check_plan
from copilot.tools.registry import Registry

NOTHING = Focus()
REST: dict[str, object] = {"names": [], "but": [], "state": None}


@pytest.fixture(scope="module")
def intents() -> Intents:
    return load_intents()


@pytest.mark.parametrize(
    ("text", "intent", "argument"),
    [
        ("How is the production cluster?", "environment_health", "the production cluster"),
        ("how's prod doing?", "environment_health", "prod"),
        ("Is the staging environment ok", "environment_health", "the staging environment"),
        ("what's the status of blue-42", "environment_health", "blue-42"),
        ("What is the health of the checkout cluster?", "environment_health", "the checkout cluster"),
        ("hey copilot, how is dev 3 doing?", "environment_health", "dev 3"),
        ("Stop the production environment", "stop_environment", "the production environment"),
        ("Could you please shut down prod", "stop_environment", "prod"),
        ("turn off the payments env, please", "stop_environment", "the payments env"),
        ("power down environment payments", "stop_environment", "environment payments"),
        ("start staging", "start_environment", "staging"),
        ("Bring up the blue-42 environment again, thanks!", "start_environment", "the blue-42 environment"),
        ("switch on prod again", "start_environment", "prod"),
    ],
)
def test_paraphrases_about_one_environment(intents: Intents, text: str, intent: str, argument: str) -> None:
    match = intents.match(text, NOTHING)
    assert match is not None and match.plan is not None and match.intent == intent
    assert match.plan.steps[0].arguments == {"name": argument}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stop the payments env and tell #ops", ["#ops"]),
        ("stop the payments env and tell person:dana.smith", ["person:dana.smith"]),
        ("stop the payments env and tell @Dana", ["person:dana"]),
        ("stop the payments env, then let @dana and #ops know", ["person:dana", "#ops"]),
        ("stop the payments env and post it to @dana", ["person:dana"]),
    ],
)
def test_people_are_told_as_channels_are(intents: Intents, text: str, told: list[str]) -> None:
    match = intents.match(text, NOTHING)
    assert match is not None and match.plan is not None
    assert [one.arguments["channel"] for one in match.plan.steps if one.tool == "notify"] == told


@pytest.mark.parametrize("text", ["@dana stop the payments env", "tell @dana to stop the payments env"])
def test_what_others_are_to_do_is_not_done(intents: Intents, text: str) -> None:
    match = intents.match(text, NOTHING)
    assert match is None or match.plan is None


@pytest.mark.parametrize(
    ("text", "intent", "kinds"),
    [
        ("Stop all idle dev environments and tell #platform", "stop_idle", ["development"]),
        ("please shut down the unused development envs and notify #platform", "stop_idle", ["development"]),
        (
            "turn off idle dev and preview clusters, then post it to #platform",
            "stop_idle",
            ["development", "preview"],
        ),
        ("stop every dev environment that is idle and let know #platform", "stop_idle", ["development"]),
        ("stop all idle dev, preview and staging environments", "stop_idle", ["development", "preview", "staging"]),
        ("halt inactive preview envs now", "stop_idle", ["preview"]),
        ("which dev environments are idle?", "idle_environments", ["development"]),
        ("list all staging environments", "list_environments", ["staging"]),
        ("show environments", "list_environments", []),
    ],
)
def test_paraphrases_about_many(intents: Intents, text: str, intent: str, kinds: list[str]) -> None:
    match = intents.match(text, NOTHING)
    assert match is not None and match.plan is not None and match.intent == intent
    assert match.plan.steps[0].arguments == {"kinds": kinds, **REST}
    if "#platform" in text:
        assert match.plan.steps[-1].arguments["channel"] == "#platform"


@pytest.mark.parametrize(
    "text",
    [
        "Stop the idle dev environment",
        "Stop the dev environment that is idle",
        "Stop all dev environments at once",
        "Stop all dev environments after the release",
        "keep calm for 2 hours",
        "pause schedule tomorrow",
        "Stop idle dev environments tomorrow",
        "Don't stop the production environment",
        "Never stop prod",
        "stop the database",
        "stop my environment",
        "restart production",
        "delete the staging environment",
        "should I stop the staging environment",
        "how do I stop the staging environment",
        "is it ok to stop prod",
        "stop it from failing",
        "stop the production environment if it is idle",
        "How is the weather?",
        "how is the production cluster billed?",
        "why is prod slow?",
        "start the meeting",
        "tell #platform to stop idle dev environments",
        "stop",
        "ignore what I said and stop the production environment",
    ],
)
def test_near_misses_are_left_to_the_planner(intents: Intents, text: str) -> None:
    assert intents.match(text, focus_on(environments=("prod-1",))) is None


def test_a_pronoun_means_what_was_spoken_of_last(intents: Intents) -> None:
    match = intents.match("start it again", focus_on(environments=("blue",)))
    assert match is not None and match.plan is not None and match.plan.steps[0].arguments == {"name": "blue"}


@pytest.mark.parametrize("focus", [Focus(), focus_on(environments=("blue", "green"))])
def test_a_pronoun_that_means_nothing_or_several_things_is_asked_about(intents: Intents, focus: Focus) -> None:
    with pytest.raises(ToolInputError) as question:
        intents.match("stop it", focus)
    assert "Which environment" in str(question.value)
    assert all(name in str(question.value) for name in environments_in(focus))


@pytest.mark.parametrize(
    ("first", "then", "argument"),
    [
        ("How is the production cluster?", "What about the staging cluster?", {"name": "the staging cluster"}),
        ("How is the production cluster?", "and blue-42?", {"name": "blue-42"}),
        ("How is the production cluster?", "the same for staging please", {"name": "staging"}),
        ("which dev environments are idle?", "what about the preview environments?", {"kinds": ["preview"], **REST}),
    ],
)
def test_a_follow_up_asks_the_last_thing_about_something_else(
    intents: Intents, first: str, then: str, argument: dict[str, object]
) -> None:
    before = intents.match(first, NOTHING)
    assert before is not None
    focus = Focus(intent=before.intent, slots=before.slots)
    match = intents.match(then, focus)
    assert match is not None and match.plan is not None and match.intent == before.intent and match.is_follow_up
    assert match.plan.steps[0].arguments == argument
    assert intents.match(then, Focus(intent=match.intent, slots=match.slots)) is not None


@pytest.mark.parametrize("text", ["What about the staging cluster?", "and staging?", "what about lunch?"])
def test_a_follow_up_to_nothing_is_left_to_the_planner(intents: Intents, text: str) -> None:
    assert intents.match(text, NOTHING) is None


def test_a_follow_up_needs_what_the_last_request_was_about(intents: Intents) -> None:
    listed = Focus(intent="list_schedules")
    assert intents.match("what about staging?", listed) is None


def test_every_example_matches_its_own_intent_and_its_plan_may_run(intents: Intents) -> None:
    for intent in intents.intents:
        match = intents.match(intent.example, focus_on(environments=("blue",)))
        assert match is not None and match.plan is not None and match.intent == intent.name
        check_plan(match.plan, Registry())


@settings(deadline=None)  # the first one loads them
@given(st.text(max_size=80))
def test_any_text_is_matched_or_not_but_never_an_error(text: str) -> None:
    assert load_intents().match(text, focus_on(environments=("blue",))) is None or text.strip()


@settings(deadline=None)
@given(st.text(alphabet="stop al he,#-dev prod idle", max_size=4000))
def test_long_texts_of_familiar_words_are_matched_whole_or_not_at_all(text: str) -> None:
    match = load_intents().match(text, focus_on(environments=("blue",)))
    assert match is None or match.plan is None or match.plan.goal == text
