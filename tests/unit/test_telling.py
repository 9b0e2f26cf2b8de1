"""What a message tells of is decided on by policy, by whom it goes to: what they may not have waits for an approval."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from fake_model import FakeModel
from hypothesis import given, settings
from hypothesis import strategies as st
from steering_model import doing
from steering_world import ANA, AWAKE, BEN, CHANNEL, LIVE, World, quickly

from copilot.domain import (
    PRIVATE,
    STRICTER,
    About,
    Item,
    OutputClass,
    Person,
    Plan,
    Revision,
    StepState,
)
from copilot.errors import FatalError
from copilot.plans.telling import Telling
from copilot.policy.decisions import Policy
from copilot.tools.registry import Registry
from copilot.triggers.firing import Fire
from copilot.triggers.ingesting import Ingest

CLEO = Person(id="cleo", name="Cleo", roles=("reader",))
NILS = Person(id="nils", name="Nils")
REGISTRY = Registry()
SHARED = "tells of {}, which channels are not told without an approval"


def step(tool: str, id: str = "it", **arguments: Any) -> dict[str, Any]:
    return {"id": id, "tool": tool, "arguments": arguments}


def tell(text: Any = "{it.summary}", channel: Any = CHANNEL, **more: Any) -> dict[str, Any]:
    text = {"$text": text} if isinstance(text, str) and "{" in text else text
    return {"id": "tell", "tool": "notify", "arguments": {"channel": channel, "text": text}} | more


CONFIGURATION = step("configuration", environment_id=AWAKE)
COSTS = step("costs")
ACTIVITY = step("environment_activity", environment_id=LIVE)
CHANGES = step("changes", environment_id=AWAKE)
LINES = "{it.lines}"
"""What changes gives in the place of a summary."""


def told(before: dict[str, Any], channel: Any = CHANNEL) -> dict[str, Any]:
    return doing(before, tell(LINES if before is CHANGES else "{it.summary}", channel))


def world(*answers: Any, decide: Any = lambda approval: None, **people: Person) -> World:
    """With a model that plans so. Ben may look alone, Nils nothing."""
    one, model = World(), FakeModel(list(answers))
    one.people = {"ana": ANA, "ben": BEN, "cleo": CLEO, "nils": NILS} | people
    one.process = one._process()
    one.process.model_for = lambda purpose: None if purpose == "route" else model
    one.process.decide = decide
    return one


EVERYBODY = f"see to {AWAKE} and {LIVE}, and tell {CHANNEL}, person:cleo, person:nils or person:nobody"


def asked(one: World, text: str = EVERYBODY) -> dict[str, Any]:
    with quickly():
        return one.ask(text)


def sent(one: World) -> list[tuple[str, str]]:
    return list(one.notifier.sent.values())


def reasons(view: dict[str, Any]) -> list[str]:
    return [call["reason"] for call in view["approval"]["calls"]]


@contextmanager
def one_failing(one: World) -> Iterator[None]:
    """While no message can be sent."""
    with patch.object(one.notifier, "send", side_effect=FatalError("it is away")):
        yield


# --- into a channel --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "what"),
    [(CONFIGURATION, "configuration of development"), (CHANGES, "security of production")],
    ids=["configuration", "security"],
)
def test_what_a_channel_may_not_have_waits_and_goes_as_it_was_shown(before: dict[str, Any], what: str) -> None:
    one = world(told(before))
    view = asked(one, f"send it of {AWAKE} to {CHANNEL}")
    assert view["status"] == "parked" and not sent(one)
    (reason,) = reasons(view)
    assert SHARED.format(what) in reason and reason.startswith("channel")
    (call,) = view["approval"]["calls"]
    shown = call["arguments"]["text"]
    assert call["arguments"]["channel"] == CHANNEL and shown
    one.process.decide = lambda approval: "approve"
    view = one.process.go_on(one.run_of(view))
    assert view["outcome"] == "succeeded" and sent(one) == [(CHANNEL, shown)]


def test_who_denies_it_keeps_it_from_there() -> None:
    one = world(doing(CONFIGURATION, tell()), decide=lambda approval: "deny")
    view = asked(one)
    assert view["outcome"] == "denied" and not sent(one)


@pytest.mark.parametrize("before", [COSTS, ACTIVITY], ids=["cost", "status of production"])
def test_status_and_costs_of_whatever_kind_go_into_a_named_channel_at_once(before: dict[str, Any]) -> None:
    one = world(told(before))
    assert asked(one, f"tell {CHANNEL} about it")["outcome"] == "succeeded"
    ((channel, text),) = sent(one)
    assert channel == CHANNEL and text


def test_what_was_only_typed_is_private_to_nobody() -> None:
    one = world(doing(tell("We deploy at noon.")))
    assert asked(one, f"{CHANNEL} should hear of this: we deploy at noon")["outcome"] == "succeeded"
    assert sent(one) == [(CHANNEL, "We deploy at noon.")]


def test_it_is_by_what_the_step_takes_from_and_not_by_what_the_run_did_besides() -> None:
    one = world(doing(CONFIGURATION, ACTIVITY | {"id": "live"}, tell("Live is {live.idle}.")))
    assert asked(one)["outcome"] == "succeeded" and sent(one)


def test_what_is_taken_by_way_of_other_steps_is_told_too() -> None:
    find = step("find_environment", "env", name={"$ref": "it.environment_id"})
    one = world(doing(CONFIGURATION, find, tell("It is {env.environment.name}.")))
    assert SHARED.format("configuration of development") in reasons(asked(one))[0]


def test_why_a_step_failed_is_of_its_class_too() -> None:
    each = step("configuration", environment_id={"$item": "@"}) | {"for_each": [AWAKE, "nowhere"]}
    of_failures = tell("{failures.it[].reason}", after=["it"])
    one = world(doing(each | {"continue_on_failure": True}, of_failures))
    assert "tells of configuration" in reasons(asked(one, f"{EVERYBODY} and nowhere"))[0]


def test_whether_it_is_told_at_all_may_tell_as_much() -> None:
    one = world(doing(CONFIGURATION, tell("Look at it.", when="length(it.settings) > `0`")))
    assert "tells of configuration" in reasons(asked(one))[0]


def test_each_message_of_several_goes_by_whom_it_goes_to() -> None:
    each = ["person:cleo", CHANNEL, "person:nils"]
    one = world(doing(CONFIGURATION, tell(channel={"$item": "@"}, for_each=each)))
    view = asked(one)
    assert view["status"] == "parked"
    assert [call["arguments"]["channel"] for call in view["approval"]["calls"]] == [CHANNEL, "person:nils"]
    assert [channel for channel, _ in sent(one)] == ["person:cleo"]
    assert "which person:nils is not told without an approval" in reasons(view)[1]


# --- to one person ---------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [CONFIGURATION, COSTS, ACTIVITY, CHANGES])
def test_a_person_is_told_what_they_would_be_answered(before: dict[str, Any]) -> None:
    one = world(told(before, "person:cleo"))
    assert asked(one)["outcome"] == "succeeded" and [channel for channel, _ in sent(one)] == ["person:cleo"]


@pytest.mark.parametrize("before", [CONFIGURATION, COSTS, ACTIVITY, CHANGES])
@pytest.mark.parametrize("who", ["nils", "nobody"])
def test_who_has_no_role_is_told_nothing_that_was_found_out_without_an_approval(
    before: dict[str, Any], who: str
) -> None:
    one = world(told(before, f"person:{who}"))
    view = asked(one)
    assert view["status"] == "parked" and not sent(one)
    assert f"which person:{who} is not told without an approval" in reasons(view)[0]


def test_who_has_no_role_is_told_what_somebody_typed() -> None:
    one = world(doing(tell("lunch is at noon", channel="person:nils")))
    assert asked(one, "tell person:nils lunch is at noon")["outcome"] == "succeeded"


def test_it_goes_by_the_roles_that_they_have_when_it_is_decided() -> None:
    one = world(doing(CONFIGURATION, tell(channel="person:cleo")), cleo=Person(id="cleo", name="Cleo"))
    view = asked(one)
    assert view["status"] == "parked"
    one = world(doing(CONFIGURATION, tell(channel="person:nils")), nils=Person(id="nils", name="N", roles=("reader",)))
    assert asked(one)["outcome"] == "succeeded"


# --- what a model had read -------------------------------------------------------------------------


READ_IT = doing(CONFIGURATION, answer="{it.summary}")


def test_what_a_model_writes_that_had_read_an_earlier_answer_tells_of_that() -> None:
    one = world(READ_IT, doing(tell("shop-dev has 2 variables")))
    assert asked(one, "what is configured?")["outcome"] == "succeeded"
    view = asked(one, f"tell {CHANNEL} what it was")
    assert view["status"] == "parked" and SHARED.format("configuration of development") in reasons(view)[0]


def test_it_does_not_where_its_words_are_those_of_who_asks() -> None:
    one = world(READ_IT, doing(tell("We deploy — at noon!")))
    asked(one, "what is configured?")
    assert asked(one, f"tell {CHANNEL}: we deploy at noon")["outcome"] == "succeeded"
    assert sent(one) == [(CHANNEL, "We deploy — at noon!")]


def test_nor_where_what_it_had_read_may_stand_there() -> None:
    one = world(doing(COSTS, answer="{it.summary}"), doing(tell("it cost 9 USD")))
    assert asked(one, "what is on the bill?")["outcome"] == "succeeded"
    assert asked(one)["outcome"] == "succeeded" and sent(one)


def test_what_is_written_after_a_look_tells_of_all_that_had_been_done() -> None:
    first = {"steps": [CONFIGURATION], "then": {"using": ["it.summary"], "why": "it depends"}}
    one = world(json.dumps(first), doing(tell("two of them"), answer="Told."))
    view = asked(one)
    assert view["status"] == "parked", view
    assert "tells of configuration of development" in reasons(view)[0]


def test_an_approval_shows_no_more_where_it_was_asked_than_the_words_in_it_may() -> None:
    """Those words are in the plan, and taken from no step."""
    one = world(READ_IT, doing(tell("shop-dev has 2 variables")))
    asked(one, "what is configured?")
    view = asked(one, f"tell {CHANNEL} what it was")
    record = one.store.load_run("main", view["run_id"])
    approval = one.store.approval("main", view["approval"]["id"])
    assert Telling.of(record, one.store, REGISTRY).asked(approval) == About(shows="configuration", kind="development")


# --- wherever a call is decided again --------------------------------------------------------------


def test_what_was_approved_is_decided_again_as_private() -> None:
    """Policy may have been made stricter while a person was asked."""
    one = world(doing(CONFIGURATION, tell()))
    view = asked(one)
    text = "permit (principal, action, resource); forbid (principal, action, resource) when { context.private };"
    shows = 'forbid (principal, action == Action::"show", resource) when { resource.destination == "named" };'
    one.process.use_cases.policies = lambda tenant, read_only: Policy(REGISTRY, tenant, read_only, text + shows)
    one.process.decide = lambda approval: "approve"
    view = one.process.go_on(one.run_of(view))
    assert view["outcome"] == "denied" and not sent(one)


def test_who_asked_and_lost_their_role_has_nothing_told() -> None:
    one = world(doing(COSTS, tell()), ana=Person(id="ana", name="Ana", roles=("approver",)))
    assert asked(one)["outcome"] != "succeeded" and not sent(one)


def test_a_channel_that_text_from_outside_named_is_asked_about_with_both_reasons() -> None:
    one = world(doing(CONFIGURATION, tell()))
    one.said_by(BEN, f"send the configuration of {AWAKE} to {CHANNEL}")
    (reason,) = reasons(asked(one))
    assert "tells of configuration" in reason and "was written after reading" in reason


def test_without_the_rule_it_is_not_asked_about() -> None:
    """It is the policies that come with it which say so, and no code."""
    one = world(doing(CONFIGURATION, tell()))
    text = re.sub(r'@id\("private-needs-approval"\)[^;]*;', "", one.process.use_cases.policy._text)
    one.process.use_cases.policies = lambda tenant, read_only: Policy(REGISTRY, tenant, read_only, text)
    assert asked(one)["outcome"] == "succeeded" and sent(one)


def test_a_run_that_is_tried_again_tells_of_what_had_been_read_for_it() -> None:
    one = world(READ_IT, doing(tell("shop-dev has 2 variables")), decide=lambda approval: "approve")
    asked(one, "what is configured?")
    with one_failing(one):
        assert asked(one, f"tell {CHANNEL} what it was")["outcome"] == "failed"
    one.process.decide = lambda approval: None
    view = asked(one, "try again")
    assert view["status"] == "parked" and "tells of configuration of development" in reasons(view)[0]


def test_a_run_that_is_done_again_tells_of_what_had_been_read_for_it() -> None:
    """Its words were written then, and the new run itself has read nothing."""
    one = world(READ_IT, doing(tell("shop-dev has 2 variables")), decide=lambda approval: "approve")
    asked(one, "what is configured?")
    first = asked(one, f"tell {CHANNEL} what it was")
    assert first["outcome"] == "succeeded" and len(sent(one)) == 1
    one.process.decide = lambda approval: None
    view = asked(one, f"do run {first['run_id']} again")
    assert view["status"] == "parked" and "tells of configuration of development" in reasons(view)[0]


def test_an_answer_in_words_of_an_earlier_run_is_about_what_had_been_read_for_it() -> None:
    one = world(READ_IT, doing(COSTS, tell("hello"), answer="2 variables"), decide=lambda approval: "approve")
    asked(one, "what is configured?")
    with one_failing(one):
        failed = asked(one, f"say hello to {CHANNEL}, and what it was")
    assert failed["outcome"] != "succeeded" and "tried" not in failed["answer"]
    for again in ("try again", f"do run {failed['run_id']} again"):
        view = asked(one, again)
        assert view["outcome"] == "succeeded" and "2 variables" in view["answer"], view
        about = one.store.load_run("main", view["run_id"]).run.about
        assert about is not None and about.shows == "configuration", again


def test_a_run_that_is_tried_again_finds_out_anew_what_its_steps_tell_of() -> None:
    one = world(doing(CONFIGURATION, tell()), decide=lambda approval: "approve")
    with one_failing(one):
        assert asked(one)["outcome"] == "failed"
    one.process.decide = lambda approval: None
    view = asked(one, "try again")
    assert view["status"] == "parked" and "tells of configuration of development" in reasons(view)[0]


# --- what is kept to be sent later -----------------------------------------------------------------


class NobodyWaits:
    """A machine that nothing is handed to: the test goes on with each run itself."""

    def start(self, *given: Any) -> None: ...


def fired(one: World, id: str) -> dict[str, Any]:
    ingest = Ingest(one.store, NobodyWaits(), one.clock)  # type: ignore[arg-type]
    fire = Fire(one.schedules, ingest, REGISTRY, one.process.config, one.clock)
    with quickly():
        return one.process.go_on(fire.now(id, "run", ANA, "k"))


DAILY = f"let {CHANNEL} have what matters of {AWAKE} every day at 07:00"


def scheduled(one: World, text: str = DAILY) -> tuple[list[str], dict[str, Any]]:
    """The schedules that it made, and the view of the request."""
    before = {schedule.id for schedule in one.schedules.schedules()}
    view = asked(one, text)
    return [schedule.id for schedule in one.schedules.schedules() if schedule.id not in before], view


def test_each_firing_of_a_schedule_is_asked_about() -> None:
    one = world(doing(CONFIGURATION, tell()))
    (made,), view = scheduled(one)
    assert view["outcome"] == "succeeded", view["answer"]
    view = fired(one, made)
    assert view["status"] == "parked" and not sent(one)
    assert "tells of configuration of development" in reasons(view)[0]


def test_words_that_a_channel_may_not_have_are_not_kept_to_be_sent_again_and_again() -> None:
    one = world(READ_IT, doing(tell("shop-dev has 2 variables")))
    asked(one, "what is configured?")
    made, view = scheduled(one)
    assert not made and "had read what tells of configuration of development" in view["answer"]
    assert f"«{CHANNEL}» is not told that without an approval" in view["answer"]
    assert "Nothing was done" in view["answer"]


def test_the_askers_own_are_kept_and_so_is_what_may_stand_there() -> None:
    one = world(READ_IT, doing(tell(f"what matters of {AWAKE}")))
    asked(one, "what is configured?")
    (made,), _ = scheduled(one)
    assert fired(one, made)["outcome"] == "succeeded"
    one = world(doing(COSTS, answer="{it.summary}"), doing(tell("it cost 9 USD")))
    assert asked(one, "what is on the bill?")["outcome"] == "succeeded"
    (made,), _ = scheduled(one)
    assert fired(one, made)["outcome"] == "succeeded" and len(sent(one)) == 1


SAVE = "save that as a runbook called morning"


def test_a_runbook_is_asked_about_each_time_it_is_run() -> None:
    one = world(doing(CONFIGURATION, tell()), decide=lambda approval: "approve")
    assert asked(one)["outcome"] == "succeeded"
    assert asked(one, SAVE)["outcome"] == "succeeded"
    one.process.decide = lambda approval: None
    view = asked(one, "run the runbook morning")
    assert view["status"] == "parked" and "tells of configuration of development" in reasons(view)[0]
    assert len(sent(one)) == 1


def test_words_that_a_channel_may_not_have_are_not_saved_in_a_runbook() -> None:
    one = world(READ_IT, doing(tell("shop-dev has 2 variables")), decide=lambda approval: "approve")
    asked(one, "what is configured?")
    assert asked(one)["outcome"] == "succeeded"
    said = asked(one, SAVE)["answer"]
    assert "cannot be saved as a runbook" in said and "had read what tells of configuration of development" in said


# --- in general ------------------------------------------------------------------------------------


TOOLS = {"status": "environment_activity", "cost": "costs", "configuration": "configuration", "security": "changes"}
abouts = st.builds(About, shows=st.sampled_from(PRIVATE), kind=st.sampled_from([*STRICTER, None]))


@st.composite
def runs(draw: st.DrawFn) -> tuple[Telling, set[OutputClass]]:
    """A run whose last step tells of some before it, these of others before them; and the classes of those."""
    classes = draw(st.lists(st.sampled_from(sorted(TOOLS)), min_size=1, max_size=6))
    takes = [
        draw(st.just({at - 1}) | st.sets(st.integers(0, at - 1))) if at else set[int]() for at in range(len(classes))
    ]
    steps = [
        {
            "id": f"s{at}",
            "tool": TOOLS[shows],
            "arguments": {"environments": [{"$ref": f"s{one}.summary"} for one in takes[at]]},
        }
        for at, shows in enumerate(classes)
    ]
    told = draw(st.just({len(classes) - 1}) | st.sets(st.integers(0, len(classes) - 1)))
    reached, new = set[int](), told
    while new:
        reached |= new
        new = {before for at in new for before in takes[at]} - reached
    text = "".join(f"{{s{at}.summary}}" for at in sorted(told))
    plan = Plan.model_validate({"steps": [*steps, tell(text or "hello")]})
    states = {
        one.id: StepState(step_id=one.id, tool=one.tool, items=(Item(index=0, arguments={}, status="done"),))
        for one in plan.steps[:-1]
    }
    read = draw(st.none() | abouts)
    typed = draw(st.booleans())
    request = "say hello" if typed else "do it"
    telling = Telling([Revision(plan=plan, read_about=read)], states, lambda name: None, REGISTRY, request)
    seen: set[Any] = {classes[at] for at in reached} | ({read.shows} if read and not (typed or told) else set())
    return telling, seen


@given(runs())
@settings(deadline=None)
def test_it_tells_of_all_that_it_was_made_of_and_of_nothing_else(
    run: tuple[Telling, set[OutputClass]],
) -> None:
    telling, classes = run
    about = telling.about("tell")
    assert (about.shows if about else None) == max(classes, key=PRIVATE.index, default=None)
