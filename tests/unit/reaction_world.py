"""An installation with reactions, in one process: from events as a queue hands them over to what a channel is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from fakes import FakeClock
from fakes_platform import FakeNotifier, FakePlatform, service
from memory_schedules import MemorySchedules
from some_clients import SomeClients

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.adapters.known_reactions import ConfiguredReactions
from copilot.adapters.memory_inventory import MemoryInventory
from copilot.adapters.memory_reactions import MemoryReactions
from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import checked
from copilot.domain import Kind, Permission, Person, Run, Runbook, SavedRunbook
from copilot.domain.inventory import Place, Sweep, seen_in
from copilot.ports import Clients
from copilot.tools.environments.restoring import Restoring
from copilot.triggers.reacting import React, Reacting

EVENTS = Path(__file__).parents[2] / "events" / "reactions"
NOON = datetime(2026, 3, 2, 12, 1, tzinfo=UTC)
HOME, LIVE, REGION = "000000000000", "111111111111", "eu-west-1"
OURS = f"arn:aws:sqs:{REGION}:{HOME}:copilot-reaction-events"
OWN = f"arn:aws:sqs:{REGION}:{HOME}:copilot-own-events"
LOOK = {
    "name": "look",
    "parameters": {
        "environment": {"type": "string", "names": "environment"},
        "why": {"type": "string", "default": "-"},
    },
    "steps": [{"id": "found", "tool": "find_environment", "arguments": {"name": {"$slot": "environment"}}}],
    "answer": {"text": "Looked at {found.environment.id} for {$why}."},
}
STOP = {
    "name": "stop",
    "parameters": {"environment": {"type": "string", "names": "environment"}},
    "steps": [{"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": {"$slot": "environment"}}}],
    "answer": {"text": "Done: {stop.summary}"},
}


def recorded(name: str, **more: Any) -> dict[str, Any]:
    """An event of `events/reactions`, with other values in it: `detail` and what stands beside it."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    detail = more.pop("detail", {})
    return event | more | {"detail": event["detail"] | detail}


def alarm(name: str, number: int = 0, **more: Any) -> dict[str, Any]:
    return recorded("alarm", detail={"alarmName": name}, **{"id": f"{name}-{number}"} | more)


def messages(events: Sequence[dict[str, Any]], queue: str = OURS) -> list[dict[str, Any]]:
    return [
        {"messageId": f"m{index}", "body": json.dumps(event), "eventSourceARN": queue}
        for index, event in enumerate(events)
    ]


def on_alarm(**more: Any) -> dict[str, Any]:
    given = {"name": "on-alarm", "event": "alarm", "runbook": "look", "parameters": {"environment": "{environment}"}}
    return {"person": "bot", "tells": "#oncall", **given, **more}


def account(id: str, name: str) -> dict[str, Any]:
    return {"id": id, "name": name, "regions": [REGION], "read_role": f"arn:aws:iam::{id}:role/copilot-read"}


class ReactionWorld:
    """`shop` is an environment with the service `checkout`; `bot` is the service person, olga may approve."""

    def __init__(self, *reactions: dict[str, Any], roles: Sequence[str] = ("developer",), **more: Any) -> None:
        self.clock, self.notifier = FakeClock(NOON), FakeNotifier()
        self.platform = FakePlatform([service("shop", "checkout", 2), service("side", "other", 1)], kinds=self.kinds)
        self.store, self.reactions = MemoryStore(), MemoryReactions()
        self.inventory = MemoryInventory()
        self.inventory_of(LIVE)
        self.runbooks = MemoryRunbooks()
        for document in (LOOK, STOP):
            saved = Runbook.model_validate(document)
            self.runbooks.put(SavedRunbook(runbook=saved, by=Person(id="olga", name="Olga"), at=NOON))
        self.config = checked(
            {
                "accounts": [account(HOME, "workshop"), account(LIVE, "live")],
                "people": [
                    {"id": "bot", "name": "On alarm", "roles": [*roles], "service": True},
                    {
                        "id": "olga",
                        "name": "Olga",
                        "principals": [f"arn:aws:iam::{HOME}:user/olga"],
                        "roles": ["operator", "approver"],
                    },
                ],
                "reactions": [*reactions],
                **more,
            }
        )
        self.process = InProcess(
            self.clients,
            config=self.config,
            store=self.store,
            inventory=self.inventory,
            runbooks=self.runbooks,
            clock=self.clock,
            sleep=self.clock.sleep,
            workers=1,
        )
        vars(self.use_cases).update(
            reactions=self.reactions, notifier=self.notifier, schedules=MemorySchedules(self.store)
        )

    kinds: ClassVar[dict[str, Kind]] = {"shop": "development", "side": "development"}

    @property
    def use_cases(self) -> Any:
        return self.process.use_cases

    def inventory_of(self, id: str) -> None:
        place = Place(account=id, region=REGION)
        survey = self.platform.survey()
        read_at = {"ecs_service": NOON}
        self.inventory.note(Sweep(place=place, at=NOON, read_at=read_at), None, seen_in(survey, place, NOON), [])

    def clients(self, run: Run, call_id: str, permissions: Sequence[Permission] | None = None) -> Clients:
        world = self

        class Given(SomeClients):
            platform = Restoring(world.platform, MemoryEffects(world.store))
            notifier, clock = world.notifier, world.clock
            effects, person = MemoryEffects(world.store), run.trigger.person
            reactions = ConfiguredReactions(world.config, world.reactions)

        given = Given()
        given.call_id = call_id
        return given

    @property
    def react(self) -> React:
        made: React = self.use_cases.react
        return React(**{**vars(made), "here": (HOME, REGION), "own_queue": OWN})

    def happens(self, *events: dict[str, Any], queue: str = OURS) -> Reacting:
        return self.react(messages(events, queue))

    @property
    def runs(self) -> list[Run]:
        return [*reversed(self.store.recent_runs("main", 100))]

    def finish(self) -> list[dict[str, Any]]:
        """Whatever was begun goes as far as it can, and is told."""
        views = [self.process.go_on(run) for run in self.runs if run.status != "answered"]
        for run in self.runs:
            self.use_cases.tell_reaction.of_run(run)
        return views

    @property
    def told(self) -> list[str]:
        return [text for _, text in self.notifier.sent.values()]
