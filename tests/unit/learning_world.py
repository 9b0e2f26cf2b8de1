"""What a model planned, learned and used again without a cloud: the requests of learned_requests.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from fakes import FakeClock

from copilot.adapters.memory_learned import MemoryLearned
from copilot.domain import (
    Focus,
    Kind,
    Known,
    KnownEnvironment,
    LearnedPlan,
    LearnedShape,
    Person,
    Plan,
    Revision,
    Run,
    Trigger,
    Turn,
)
from copilot.intents import load_intents
from copilot.planning.learned import LearnedPlans
from copilot.planning.request_shapes import Vocabulary
from copilot.tools.registry import Registry

NOVEMBER = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
KINDS: dict[str, Kind] = {
    "storefront": "development",
    "basket": "development",
    "orders": "development",
    "pr-12": "preview",
    "pr-14": "preview",
    "books": "staging",
    "shelf": "staging",
    "prod-eu": "production",
    "prod-us": "production",
}
KNOWN = Known(
    environments=tuple(KnownEnvironment(name=name, kind=KINDS[name], seen_at=NOVEMBER) for name in sorted(KINDS)),
    services=("api", "mailer", "web", "worker"),
    resources=("carts", "orders-db"),
    seen_at=NOVEMBER,
)
CHANNELS = ("#ops", "#platform", "#payments", "#oncall")
ANN, BEN = Person(id="ann", name="Ann"), Person(id="ben", name="Ben")
INTENTS = load_intents()
REGISTRY = Registry()


class Case(NamedTuple):
    """A request that a model planned, its plan, and what is asked after it."""

    text: str
    plan: Plan
    other: str
    meant: Plan | None


class Learning:
    """What one installation has learned."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOVEMBER)
        self.kept = MemoryLearned()
        self.known = KNOWN
        self.under = "as it is"
        self.turns: list[Turn] = []

    @property
    def plans(self) -> LearnedPlans:
        def vocabulary() -> Vocabulary:
            return Vocabulary(INTENTS.lexicon, self.known, CHANNELS, (ANN.id, BEN.id))

        parts = (lambda: self.kept, vocabulary, lambda: self.under, REGISTRY, self.clock)
        return LearnedPlans(*parts, lambda tenant, conversation, limit: self.turns)

    def run(self, text: str, person: Person = ANN, **more: Any) -> Run:
        given = {"kind": "api", "tenant": "main", "person": person, "text": text, "conversation": "c"}
        given |= {"dedupe_key": text, "received_at": self.clock.now()}
        trigger = Trigger.model_validate(given | more)
        return Run(run_id=trigger.run_id, trigger=trigger)

    def may_learn(self, text: str, plan: Plan, **more: Any) -> Revision:
        made = Revision(plan=plan, model="m", alone=True)
        return self.plans.with_what_may_be_learned(made, self.run(text, **more))

    def learn(self, text: str, plan: Plan, person: Person = ANN) -> Revision:
        """As if its Run had ended well."""
        revision = self.may_learn(text, plan, person=person)
        if revision.learned is not None:
            one = LearnedPlan(of=revision.learned, plan=revision.plan)
            there = self.kept.of_shape(person.id, revision.learned.shape)
            new = LearnedShape(person=person.id, shape=one.of.shape, plans=(one,), used_at=self.clock.now())
            self.kept.put(new if there is None else there.with_plan(one))
        return revision

    def planned(self, text: str, focus: Focus = Focus(), person: Person = ANN, **more: Any) -> Plan | None:
        revision = self.plans.planned(self.run(text, person, **more), focus)
        return None if revision is None else revision.plan


def cases() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "learned_requests.yaml").read_text()
    return list(yaml.safe_load(text.replace("<<", "«").replace("»", "").replace(">>", "»")))


def said(entry: dict[str, Any], values: dict[str, Any]) -> str:
    written = {name: form.format(values[name]) for name, form in entry.get("written", {}).items()}
    return str(_with(entry["asked"], values | written))


def plan_for(entry: dict[str, Any], values: dict[str, Any], goal: str = "") -> Plan:
    return Plan.model_validate({"goal": goal, **_with(entry["plan"], values)})


def repeats() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    yield from ((entry, values) for entry in cases() for values in entry["repeats"])


def near_misses() -> Iterator[tuple[dict[str, Any], str]]:
    yield from ((entry, text) for entry in cases() for text in entry["near"])


def _with(value: Any, values: dict[str, Any]) -> Any:
    """The value with the slots in it filled in; one that is a slot alone is what stands for it."""
    if isinstance(value, str):
        for name, one in values.items():
            if value == f"«{name}»":
                return one
            value = value.replace(f"«{name}»", str(one))
        return value
    if isinstance(value, dict):
        return {_with(key, values): _with(one, values) for key, one in value.items()}
    return [_with(one, values) for one in value] if isinstance(value, list) else value


def words(some: Sequence[tuple[dict[str, Any], Any]]) -> list[str]:
    return [f"{entry['asked'][:20]}-{at}" for at, (entry, _) in enumerate(some)]
