"""What people ask every day, over what there is every day, asks for no more approvals than policy wants by itself.

Run as a script it prints the counts:
`PYTHONPATH=layers/copilot:.:tests:tests/unit python tests/unit/test_daily_approvals.py`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from deployment_facts import deployment
from fake_model import FakeModel
from fakes_platform import database, service
from steering_entries import ENTRIES, Entry
from steering_model import EFFECTS, Goal, doing
from steering_phases import (
    ODD,
    Attack,
    Cell,
    chosen_by_a_filter,
    chosen_by_its_order,
    expected_of_it,
    for_each_of_it,
    has_list,
    is_output,
    told_in_a_text,
    told_one_by_one,
)
from steering_world import DOCKERFILE, NOON, World, quickly, schedule

from copilot.domain import Alarm, Attachment, Keep, Unreachable
from copilot.errors import CopilotError
from copilot.intents.actions import read_yaml
from copilot.text.outside import looks_like_a_name

ANSWERS = read_yaml(Path(__file__).parent / "planner" / "answers.yaml")
EXAMPLES = [
    "Why is my deployment time high this week?",
    "Deployment statistics for the last 5 weeks",
    "How can I optimize my Dockerfile?",
    "How is the production cluster?",
    "Which dev environments are there?",
    "Which dev environments are idle?",
    "Stop all idle dev environments",
    "Stop all idle dev environments and tell #platform",
    "Stop the staging environment",
    "Start it again",
    "What about the staging cluster?",
    "What about the preview environments?",
    "Stop all dev environments every day after 6pm",
    "Stop the orders-dev environment every weekday at 18:00 Paris time and start it again at 7am",
    "Keep orders-dev until 23:00",
    "Stop keeping orders-dev",
    "List schedules",
    "Pause schedule s0123abcde",
    "Resume schedule s0123abcde",
    "Delete schedule s0123abcde",
    "Generate usage statistics over the last 30 days",
    "How much did idle environments cost last month?",
    "And over the last week?",
]
"""In this order: some go on from the one before."""
HERE = "main (111111111111)"
ARN = "arn:aws:ecs:eu-west-1:111111111111:service/main/checkout-api"


class Everyday(World):
    """Names of two words with dashes, digits and dots, ARNs; owners as they are called. `trouble` is an account that
    cannot be read, with the reason as AWS gives it.
    """

    def __init__(self, trouble: bool = False) -> None:
        super().__init__()
        self.platform.resources[:] = [
            service("orders-dev", "checkout-api-2", 2),
            service("orders-dev", "web.front-3", 1),
            service("atlas-dev", "jobs", 2),
            database("atlas-dev", "orders-db-01"),
            service("pr-1234", "preview-web", 1),
            service("staging", "worker_v2", 2),
            service("production", ARN, 4),
        ]
        self.platform.kinds = {"pr-1234": "preview", "staging": "staging", "production": "production"}
        self.platform.owners = {
            "orders-dev": "ana@example.com",
            "atlas-dev": "Jane Doe",
            "pr-1234": "team-checkout",
            "staging": "marta",
            "production": "Jane Doe, marta",
        }
        since = NOON - timedelta(hours=2)
        self.platform.ringing.append(
            Alarm(name="cpu-high", state="ALARM", reason=CROSSED, since=since, account=HERE, region="eu-west-1")
        )
        if trouble:
            self.platform.unreachable.append(Unreachable(account="other (2222)", region="eu-west-1", reason=DENIED))
        self.schedules.put(schedule(environments=("orders-dev",)))
        self.schedules.put_keep(
            Keep(environment="orders-dev", until=NOON + timedelta(hours=3), by="ana@example.com", made_at=NOON)
        )
        self.attachments = (Attachment(name="Dockerfile", text=DOCKERFILE),)
        for number in range(30):
            begun = NOON - timedelta(days=20) + number * timedelta(hours=15)
            facts = deployment(f"d{number}", begun, {"build": 60.0}, service="checkout-api", environment="staging")
            self.deployments.record(facts)


CROSSED = "Threshold Crossed: 1 datapoint [93.0 (02/03/26 09:58:00)] was greater than the threshold (90.0)."
DENIED = "User is not authorized to perform ecs:ListClusters"


def asked_in(world: World, *requests: str) -> int:
    """How many calls of these requests wait for an approval."""
    found = 0
    for request in requests:
        view = world.ask(request)
        found += len(view["approval"]["calls"]) if view["approval"] else 0
    return found


def known() -> Iterator[tuple[str, int]]:
    """Every known request, after one that it may refer to."""
    for example in EXAMPLES:
        yield f"known: {example}", asked_in(Everyday(), "How is orders-dev?", example)


def in_a_row() -> Iterator[tuple[str, int]]:
    """All of them in one conversation."""
    yield "known, all in a row", asked_in(Everyday(), *EXAMPLES)


def planned() -> Iterator[tuple[str, int]]:
    """What a model plans, as it is in answers.yaml."""
    for entry in ANSWERS:
        if not entry.get("read_only"):
            yield f"planned: {entry['request']}", asked_in(_with_model(Everyday(), entry["answer"]), entry["request"])


STOPS = doing(
    {"id": "stop", "tool": "stop_environment", "arguments": {"environment_id": "atlas-dev"}},
    {"id": "tell", "tool": "notify", "arguments": {"channel": "#platform", "text": {"$text": "Stopped {stop.name}."}}},
    answer="{stop.summary}",
)


def after_an_answer(trouble: bool = False) -> Iterator[tuple[str, int]]:
    """A change that a model plans, in the conversation of each known request."""
    for example in EXAMPLES:
        world = _with_model(Everyday(trouble), STOPS)
        if "it" in example.lower().split() or "about" in example:
            world.ask("How is orders-dev?")
        world.process.decide = lambda approval: "approve"
        world.ask(example)
        world.process.decide = lambda approval: None
        yield f"after: {example}", asked_in(world, "and send atlas-dev to bed, say so in #platform")


NAMES = (
    "checkout-api-2",
    "web.front-3",
    ARN,
    "team-checkout",
    "ana@example.com",
    "Jane Doe",
    "marta",
    "i-0a1b2c3d4e5f",
)
STOP = EFFECTS[0]
WAYS: dict[str, tuple[Attack, Any]] = {
    "filter": (chosen_by_a_filter, has_list),
    "order": (chosen_by_its_order, lambda entry: has_list(entry) and entry.field != "@"),
    "for each": (for_each_of_it, has_list),
    "expect": (expected_of_it, is_output),
    "text": (told_in_a_text, lambda entry: True),
    "item": (told_one_by_one, has_list),
}
NAMED = (
    "environment",
    "environment activity",
    "owner",
    "owner in a summary",
    "service",
    "service that fails",
    "service without figures",
    "cluster",
    "alarm",
    "alarm in a summary",
    "schedule's environments",
    "keeper",
    "kept, as a window sees it",
    "opted out",
    "held",
    "deployed service",
    "deployed environment",
    "file name",
    "most idle",
    "no known price",
    "usage by owner",
    "who asked",
)
"""The entries that hold names."""
PEOPLE = frozenset(
    {"owner", "owner in a summary", "usage by owner", "who asked", "keeper", "kept, as a window sees it"}
)
"""Those that hold what people are called; what things are called is written as names are."""


def by_name() -> Iterator[tuple[str, int]]:
    """What a plan does with names that it has from what it read, without reading them to a model again."""
    for number, (way, (attack, fits)) in enumerate(WAYS.items()):
        for entry in filter(fits, _named(number)):
            yield f"{way}: {entry.name}", _asked(entry, attack)


def after_names() -> Iterator[tuple[str, int]]:
    """A change that a model plans once it has read names, in an answer or in what a read came to."""
    for number in range(0, len(NAMES), 2):
        for entry in _named(number):
            yield f"answered: {entry.name}", _asked(entry, _answered)
            yield f"revised: {entry.name}", _asked(entry, _revised)


def _named(number: int) -> Iterator[Entry]:
    """The entries that hold names, each with one, of all in turn."""
    entries = {entry.name: entry for entry in ENTRIES}
    for place, entry in enumerate(map(entries.__getitem__, NAMED)):
        names = NAMES if entry.name in PEOPLE else [name for name in NAMES if looks_like_a_name(name)]
        yield replace(entry, spell=partial(_called, names[(number + place) % len(names)]))


def _called(name: str, goal: Goal) -> str:
    return name


def _answered(cell: Cell) -> None:
    cell.reads()
    cell.plans(doing(STOP.step()))
    cell.ask("and send shop-dev to bed")


def _revised(cell: Cell) -> None:
    cell.plans(doing(*cell.entry.steps, ODD | {"after": ["src"]}), doing(STOP.step()))
    cell.ask("send shop-dev to bed once all are there")


def _asked(entry: Entry, attack: Attack) -> int:
    try:
        cell = Cell(entry, STOP)
        attack(cell)
    except (CopilotError, ValueError):  # no name for this
        return 0
    return sum(len(view["approval"]["calls"]) for view in cell.views if view["approval"])


def _with_model(world: World, answer: Any) -> World:
    model = FakeModel([answer])
    world.process.model_for = lambda purpose: None if purpose == "route" else model
    return world


def in_trouble() -> Iterator[tuple[str, int]]:
    """The same where an account cannot be read, and answers say why in AWS's words."""
    yield from after_an_answer(trouble=True)


BEFORE: dict[str, int] = {
    "known": 1,
    "in_a_row": 1,
    "planned": 0,
    "after_an_answer": 5,
    "by_name": 1,
    "after_names": 48,
}
"""How many calls were asked about at commit 046161d, when only text that a tool said was free text was marked."""
ASKED = BEFORE | {"after_an_answer": 1, "by_name": 2, "after_names": 16}
"""And now. An environment that is staging asks by policy; a file asks with all that comes of it, an `expect` of it too;
an alarm's own words once a model has read them.
"""
KINDS = (known, in_a_row, planned, after_an_answer, by_name, after_names)


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quickly():
        yield


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_asked_every_day_needs_no_more_approvals_than_it_did(kind: Any) -> None:
    counted = Counter[str]()
    for request, asked in kind():
        counted[request] += asked
    assert counted.total() == ASKED[kind.__name__], counted.most_common(12)
    of_files = counted["expect: file name"]
    assert counted.total() - of_files <= BEFORE[kind.__name__]


def test_words_of_aws_in_an_answer_make_what_a_model_plans_after_it_ask() -> None:
    """Why an account cannot be read is said in them, and in them may be whatever somebody called something."""
    asked = {request for request, number in in_trouble() if number}
    assert asked - {request for request, number in after_an_answer() if number} == {
        "after: Which dev environments are there?",
        "after: Which dev environments are idle?",
        "after: Stop all idle dev environments",
        "after: Stop all idle dev environments and tell #platform",
        "after: How is the production cluster?",
        "after: Start it again",
        "after: What about the staging cluster?",
        "after: What about the preview environments?",
        "after: Generate usage statistics over the last 30 days",
        "after: How much did idle environments cost last month?",
    }


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with quickly():
        for kind in (*KINDS, in_trouble):
            counted = Counter[str]()
            for request, asked in kind():
                counted[request] += asked
            print(f"{kind.__name__}: {counted.total()} calls asked about, {len(counted)} requests")
            for request, number in counted.items():
                print(f"    {number:3} {request}" if number else "", end="\n" if number else "")
