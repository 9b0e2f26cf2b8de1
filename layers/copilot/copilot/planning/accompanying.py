"""Who is told of what a plan does, because somebody asked for that: a message behind the changes that it may tell of.

Which of them it tells of is known when they were made; code says it then, and nothing is sent where none was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from copilot.domain import (
    MOST_STEPS,
    NAMING,
    Accompanies,
    ChangeSort,
    Fact,
    Known,
    Person,
    Plan,
    Selector,
    Step,
)
from copilot.planning.known_facts import KnownFacts, Remembered
from copilot.plans.arguments import dependencies, literal_texts
from copilot.plans.classes import sources_of
from copilot.plans.telling import messages_of, told_in
from copilot.tools.registry import Registry

NOTIFY = "notify"
SORTS: dict[str, frozenset[ChangeSort]] = {
    "stop_environment": frozenset({"stop"}),
    "start_environment": frozenset({"start"}),
    "restart_service": frozenset({"restart"}),
    "reboot_resource": frozenset({"restart"}),
    "scale_resource": frozenset({"scale", "stop", "start"}),
    "delete_environment": frozenset({"delete"}),
    "roll_back_service": frozenset({"deploy"}),
    "promote_release": frozenset({"deploy"}),
    "keep_environment": frozenset(),
    "release_environment": frozenset(),
}
"""What changes an environment may come to; any, of what is not among them."""


class Accompanied(NamedTuple):
    """A plan with its messages; `without` says, in words, who is not told of it because there is no room."""

    plan: Plan
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Accompany:
    known_facts: KnownFacts
    registry: Registry

    def __call__(self, plan: Plan, facts: Remembered, person: Person, begun: Collection[str] = ()) -> Accompanied:
        """The plan with a message for each who is to be told, in the place of those that there were and have not begun.
        Who is told of a change by it anyway is not told twice.
        """
        plan = without_company(plan, begun)
        companions = [one for one in (*facts.own, *facts.shared) if one.companion]
        if not companions or not plan.steps:
            return Accompanied(plan)
        more, without = list[Step](), list[str]()
        for channel in dict.fromkeys(name for one in companions if one.companion for name in one.companion.tell):
            of = [one for one in companions if one.companion and channel in one.companion.tell]
            fitting = [(step.id, one) for step in plan.steps for one in of if self._may_be_of(step, plan, one)]
            told = self._told_by(plan, channel) if fitting else set[str]()
            after = dict.fromkeys(name for name, _ in fitting if name not in told)
            used = list(dict.fromkeys(one for name, one in fitting if name in after))
            if after and len(plan.steps) + len(more) < MOST_STEPS:
                more.append(self._told(channel, after, used, person, {step.id for step in (*plan.steps, *more)}))
            elif after:
                asked = " and ".join(dict.fromkeys(self.known_facts.asked(one, person) for one in used))
                without.append(f"the plan has no step left to tell {channel}, as {asked}: {MOST_STEPS} are the most")
        plan = plan.model_copy(update={"steps": (*plan.steps, *more)}) if more else plan
        return Accompanied(plan, tuple(without))

    def _told_by(self, plan: Plan, channel: str) -> set[str]:
        """The steps that the plan tells the channel of: those that a message there waits for, whenever they are run."""
        planned = {step.id: step for step in plan.steps}
        before = {name: _before(step, planned) for name, step in planned.items()}
        found = {name for step in plan.steps if step.accompanies and _is_for(step, channel) for name in step.after}
        for step in messages_of(plan, self.registry):
            if step.accompanies is None and _is_for(step, channel):
                skips = {name for name in {step.id, *before[step.id]} if planned[name].when is not None}
                found |= {name for name in before[step.id] if skips <= {name, *before[name]}}
        return found

    def _told(
        self, channel: str, after: Collection[str], facts: Sequence[Fact], person: Person, taken: Collection[str]
    ) -> Step:
        of = tuple(one.companion.of for one in facts if one.companion)
        because = tuple(dict.fromkeys(self.known_facts.asked(one, person) for one in facts))
        names = ["told", *(f"told_{number}" for number in range(2, MOST_STEPS + 2))]
        return Step(
            id=next(name for name in names if name not in taken),
            tool=NOTIFY,
            arguments={"channel": channel, "text": f"what was done of {' and of '.join(one.in_words for one in of)}"},
            after=tuple(after),
            accompanies=Accompanies(of=of, because=because),
        )

    def _may_be_of(self, step: Step, plan: Plan, fact: Fact) -> bool:
        """Whether it changes anything that it may be told of; what cannot be said of it before is."""
        entry, companion = self.registry.entry(step.tool), fact.companion
        if companion is None or entry.effect == "read" or entry.resource != "Environment":
            return False
        sorts = SORTS.get(step.tool.partition("@")[0])
        if sorts is not None and (not sorts or (companion.of.changes and sorts.isdisjoint(companion.of.changes))):
            return False
        return not _names_others(step, plan, companion.of, self.known_facts.known)


def _before(step: Step, planned: Mapping[str, Step]) -> set[str]:
    """The ids of the steps that it waits for, and that these wait for."""
    left, named = [step], set[str]()
    while left:
        new = (dependencies(left.pop()) & planned.keys()) - named
        named |= new
        left += [planned[name] for name in new]
    return named


def _is_for(message: Step, channel: str) -> bool:
    return channel in told_in(message)


def without_company(plan: Plan, begun: Collection[str] = ()) -> Plan:
    """The plan without the messages that code put there and that have not begun."""
    steps = tuple(step for step in plan.steps if step.accompanies is None or step.id in begun)
    return plan if len(steps) == len(plan.steps) else plan.model_copy(update={"steps": steps})


def _names_others(step: Step, plan: Plan, of: Selector, known: Callable[[], Known]) -> bool:
    """Whether the plan names which environments it is for, each by its whole name, and none that is meant."""
    if not of.environments:
        return False
    planned = {one.id: one for one in plan.steps}
    made_of = [step, *(planned[name] for name in sources_of(step, planned))]
    given = [value for one in made_of for name, value in one.arguments.items() if name in NAMING]
    named = {text.casefold() for one in made_of for text in literal_texts({"": one.for_each})}
    named |= {text.casefold() for value in given for text in literal_texts({"": value})}
    there = {one.name.casefold() for one in known().environments}
    return bool(named) and named <= there and named.isdisjoint(one.casefold() for one in of.environments)
