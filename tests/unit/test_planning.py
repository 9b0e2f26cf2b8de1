"""From a request to a kept plan."""

from __future__ import annotations

import pytest
from fakes import FakeClock, focus_on, hearing, spoken_of

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import Focus, Person, Revision, Trigger
from copilot.intents import load_intents
from copilot.planning.make_plan import MakePlan
from copilot.tools.registry import Registry

INTENTS = load_intents()


def planned(text: str, focus: Focus) -> Revision:
    store = MemoryStore()
    trigger = Trigger(
        kind="api",
        tenant="main",
        person=Person(id="ann", name="Ann", roles=("developer",)),
        text=text,
        conversation="c",
        dedupe_key="k",
        received_at=FakeClock().now(),
    )
    run, _ = store.record_trigger(trigger)
    spoken_of(store, focus, "c")
    make = MakePlan(store, Registry(), hearing(INTENTS))
    assert make("main", run.run_id).revision == make("main", run.run_id).revision == 1
    revision = store.load_run("main", run.run_id).revision
    assert revision is not None
    return revision


def focus(text: str) -> Focus:
    match = INTENTS.match(text, Focus())
    assert match is not None
    return focus_on(environments=("blue",), intent=match.intent, slots=match.slots)


def test_a_question_is_asked_again_about_something_else() -> None:
    plan = planned("What about the staging cluster?", focus("How is the production cluster?")).plan
    assert [step.tool for step in plan.steps] == ["find_environment", "cluster_health"]
    assert plan.goal == "What about the staging cluster?"


@pytest.mark.parametrize("before", ["Stop the production environment", "stop idle dev environments"])
def test_a_change_is_never_repeated_on_a_hint(before: str) -> None:
    hint = "what about staging?" if "idle" not in before else "what about the preview environments?"
    revision = planned(hint, focus(before))
    assert (revision.plan.steps, revision.unplanned) == ((), "not_understood")
    assert "say it in full" in (revision.plan.say or "")


def test_what_nobody_foresaw_needs_a_model_and_says_what_does_not() -> None:
    plan = planned("paint the bike shed", Focus()).plan
    assert "needs a model" in (plan.say or "") and "How is the production cluster?" in (plan.say or "")


def test_a_pronoun_without_a_meaning_is_asked_about() -> None:
    assert "Which environment" in (str(planned("stop it", Focus()).plan.ask))
