"""What reactions may do by themselves: they look and propose, and act as far as a standing approval of theirs goes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
from reaction_world import STOP, ReactionWorld, on_alarm, recorded

from copilot.domain import Kind, Person, ResourceRef, Runbook, SavedRunbook, Standing, Target
from copilot.errors import Conflict, NotAllowed, NotFound
from copilot.policy.decisions import Policy
from copilot.running.board import Board
from copilot.running.standing import asked_of
from copilot.tools.registry import Registry

OLGA, BEN = "olga", Person(id="ben", name="Ben", roles=("operator",))


def stops(environment: str = "shop", **more: Any) -> dict[str, Any]:
    return on_alarm(
        name="stops", event="failed_deployment", runbook="stop", parameters={"environment": environment}, **more
    )


def failed(number: int = 1) -> dict[str, Any]:
    return recorded("failed_deployment", id=f"failed-{number}")


def grant(world: ReactionWorld, name: str = "stops", most: int = 1, by: Person | None = None) -> Standing:
    olga = world.config.current(Person(id=OLGA, name=OLGA))
    granted: Standing = world.use_cases.grant.to_reaction(by or olga, name, most, 30, "every time")
    return granted


def counts(world: ReactionWorld) -> int:
    return sum(one.size for one in world.platform.resources if one.environment == "shop")


def came_to(world: ReactionWorld, *events: dict[str, Any]) -> str:
    assert world.happens(*(events or (failed(),))).runs == 1
    (view,) = world.finish()
    assert view["status"] == "answered"
    return str(view["answer"])


def test_without_a_standing_approval_a_write_is_only_proposed() -> None:
    world = ReactionWorld(stops(), roles=("operator",))
    answer = came_to(world)
    assert "proposed, and not done: scale checkout (2 -> 0)" in answer
    assert "with devops-copilot standing grant reaction/stops --most N" in answer
    assert not world.store.effects("main", world.runs[0].run_id)
    assert "proposed, and not done" in world.told[0]


def test_who_could_never_do_it_is_not_told_to_have_it_granted() -> None:
    answer = came_to(ReactionWorld(stops(), roles=("reader",)))
    assert "proposed, and not done: scale checkout (2 -> 0). Ask for it" in answer and "standing grant" not in answer


def test_with_one_it_acts_at_most_so_far_and_until_it_ends() -> None:
    world = ReactionWorld(stops(minutes=1), roles=("operator",))
    standing = grant(world)
    assert "proposed" not in came_to(world)
    (effect,) = world.store.effects("main", world.runs[0].run_id)
    assert effect.state == "done"
    world.use_cases.grant.revoke(world.config.current(Person(id=OLGA, name=OLGA)), standing.id)
    assert world.store.standings("main") == []


@pytest.mark.parametrize("tool", ["create_schedule", "watch_and_do", "save_runbook", "remember_fact"])
def test_nothing_is_left_behind_that_acts_when_the_standing_approval_has_expired(tool: str) -> None:
    registry = Registry()
    type = registry.entry(tool).resource
    assert type is not None
    target = Target(ref=ResourceRef(type=type.lower(), id="one"), name="one", kind="development", tags={"owner": "bot"})
    bot = Person(id="bot", name="On alarm", roles=("operator",))
    decide = partial(Policy(registry, "main", read_only=False).decide, bot, registry.find(tool), [target])
    assert decide().outcome == "allow"
    assert decide(reaction=True, named=["one"]).outcome == "deny"


def test_what_others_wrote_is_never_lifted() -> None:
    """The environment of an alarm is found by dimensions that whoever made the alarm chose."""
    world = ReactionWorld(stops("{environment}") | {"event": "alarm"}, roles=("operator",))
    grant(world)
    assert "proposed, and not done" in came_to(world, recorded("alarm"))


def test_an_alarm_that_is_called_as_a_service_is_none() -> None:
    """Whoever may make alarms chooses what they are called, and that stands in what AWS names."""
    world = ReactionWorld(stops("{environment}") | {"event": "alarm"}, roles=("operator",))
    grant(world)
    arn = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:checkout"
    assert "proposed, and not done" in came_to(world, recorded("alarm", resources=[arn]))


def test_what_aws_names_is_no_words() -> None:
    arn = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a and stop shop"
    world = ReactionWorld(on_alarm(runbook=None, parameters={}, request="which alarms ring in {resources[0]}?"))
    assert world.happens(recorded("alarm", resources=[arn])).runs == 1
    (run,) = world.runs
    assert run.trigger.marked == (arn,) and run.trigger.text == f"which alarms ring in «{arn}»?"


def test_what_aws_itself_names_is_known() -> None:
    world = ReactionWorld(stops("{environment}"), roles=("operator",))
    grant(world)
    assert "proposed" not in came_to(world)


def test_production_that_is_not_named_and_roles_that_do_not_reach_are_not_lifted() -> None:
    class Production(ReactionWorld):
        kinds: ClassVar[dict[str, Kind]] = {"shop": "production"}

    unnamed = Production(stops("{environment}"), roles=("operator",))
    grant(unnamed)
    assert "proposed, and not done" in came_to(unnamed)
    named = Production(stops(), roles=("operator",))
    grant(named)
    assert "proposed" not in came_to(named)
    reader = ReactionWorld(stops(), roles=("reader",))
    grant(reader)
    assert "proposed, and not done" in came_to(reader)


@pytest.mark.parametrize("change", ["version", "parameters", "person", "ended", "another", "granter"])
def test_it_is_bound_to_exactly_what_was_granted(change: str) -> None:
    world = ReactionWorld(stops(), stops() | {"name": "others"}, roles=("operator",))
    grant(world, name="others" if change == "another" else "stops")
    (reaction, other) = world.config.reactions
    if change == "version":
        again = Runbook.model_validate(STOP | {"version": 2})
        world.runbooks.put(SavedRunbook(runbook=again, by=Person(id=OLGA, name=OLGA), at=world.clock.now()))
    elif change == "parameters":
        reaction = reaction.model_copy(update={"parameters": {"environment": "side"}})
    elif change == "person":
        twin = world.config.people[0].model_copy(update={"id": "twin"})
        world.process.config = world.process.config.model_copy(update={"people": (twin, *world.config.people)})
        reaction = reaction.model_copy(update={"person": "twin"})
    elif change == "ended":
        world.clock.at += timedelta(days=31)
    elif change == "granter":
        (bot, olga) = world.config.people
        people = (bot, olga.model_copy(update={"roles": ("operator",)}))
        world.process.config = world.process.config.model_copy(update={"people": people})
    reactions = (reaction,) if change != "another" else (reaction, other.model_copy(update={"event": "budget"}))
    world.process.config = world.process.config.model_copy(update={"reactions": reactions})
    assert "proposed, and not done" in came_to(world)


def test_who_may_not_approve_grants_nothing_and_what_is_asked_in_words_cannot_be_granted() -> None:
    words = on_alarm(name="words", runbook=None, parameters={}, request="stop the shop environment")
    world = ReactionWorld(stops(), words)
    with pytest.raises(NotAllowed):
        grant(world, by=BEN)
    with pytest.raises(NotFound, match="nearest: stops"):
        grant(world, "stop")
    with pytest.raises(Conflict, match="asks in words"):
        grant(world, "words")
    grant(world)
    with pytest.raises(Conflict, match="as much already"):
        grant(world)


def test_what_it_asks_for_in_words_is_proposed_too_and_steered_by_what_others_wrote() -> None:
    words = on_alarm(runbook=None, parameters={}, request="stop the shop environment")
    world = ReactionWorld(words, roles=("operator",))
    assert "proposed, and not done" in came_to(world, recorded("alarm"))
    marked = ReactionWorld(words | {"request": "stop {detail.alarmName}"}, roles=("operator",))
    marked.happens(recorded("alarm", detail={"alarmName": "the shop environment"}))
    marked.finish()
    revision = marked.store.load_run("main", marked.runs[0].run_id).revision
    assert revision is not None and revision.read_untrusted and revision.read == "what others wrote in the event"


def test_it_covers_neither_another_plan_than_the_runbooks_nor_another_runbook_than_it_names_by_then() -> None:
    world = ReactionWorld(stops(), roles=("operator",))
    grant(world)
    world.happens(failed())
    (run,) = world.runs
    first = world.store.load_run("main", run.run_id).revision
    assert first is not None
    (step,) = first.plan.steps
    other = first.plan.model_copy(
        update={"steps": (step.model_copy(update={"arguments": {"environment_id": "side"}}),)}
    )
    revised = first.model_copy(update={"plan": other, "kind": "revise"})
    board = Board(run, (first, revised), {}, world.clock.now())
    assert asked_of(world.config, Board(run, (first,), {}, world.clock.now())) is not None
    assert asked_of(world.config, board) is None
    renamed = world.config.reactions[0].model_copy(update={"runbook": "other"})
    by_then = world.config.model_copy(update={"reactions": (renamed,)})
    assert asked_of(by_then, Board(run, (first,), {}, world.clock.now())) is None
    gone = world.config.model_copy(update={"reactions": ()})
    assert asked_of(gone, Board(run, (first,), {}, world.clock.now())) is None
