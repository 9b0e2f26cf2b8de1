"""What somebody means by default where a request does not say: whose "my team's" are, which environment.

A default fills in where exactly that would be asked back, and never for a change of production.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from copilot.domain import Fact, Focus, OpenQuestion, Revision, Trigger
from copilot.intents.names import written_as
from copilot.planning.hearing import Hear
from copilot.planning.known_facts import Remembered
from copilot.plans.afresh import changes
from copilot.plans.arguments import literal_texts
from copilot.tools.registry import Registry

_TEAMS = re.compile(r"\b(?:my|our) team(?P<own>['\u2019]s)?(?![\w-])", re.IGNORECASE)
_OF_TEAM = re.compile(
    r"\b(?:all )?(?:of )?(?:the )?(?P<what>(?:[\w-]+ )?(?:environments?|envs?)) of (?:my|our) team\b", re.IGNORECASE
)
_MINE = "_mine"
"""How the intents end that are about what has an owner."""


class Heard(NamedTuple):
    """What a request comes to without a model, and the facts that decided it."""

    revision: Revision | None
    facts: Sequence[Fact] = ()


@dataclass(frozen=True)
class HearByDefault:
    hear: Hear
    registry: Registry

    def __call__(self, trigger: Trigger, focus: Focus, facts: Remembered) -> Heard:
        team = facts.default("team")
        if team is not None and (revision := self._of_team(trigger, focus, team)) is not None:
            return Heard(revision, [team])
        revision, environment = self.hear(trigger, focus), facts.default("environment")
        if revision is None or environment is None:
            return Heard(revision)
        filled = self._in_environment(trigger, focus, revision, environment)
        return Heard(revision) if filled is None else Heard(filled, [environment])

    def _of_team(self, trigger: Trigger, focus: Focus, team: Fact) -> Revision | None:
        for text in _with_team(trigger.text, team.value):
            revision = self.hear(trigger.model_copy(update={"text": text}), focus)
            if revision is not None and revision.plan.steps:
                return revision
        owner = written_as(team.value, self.hear.known())
        hear = replace(self.hear, owned_as=lambda person: owner)
        for text in _as_own(trigger.text):
            revision = hear(trigger.model_copy(update={"text": text}), focus)
            if revision is not None and revision.plan.steps and (revision.intent or "").endswith(_MINE):
                return revision
        return None

    def _in_environment(self, trigger: Trigger, focus: Focus, asked: Revision, environment: Fact) -> Revision | None:
        """The plan, where all that was asked was which environment is meant. It changes no production, and nothing that
        was called "it": that may be anything.
        """
        question = asked.plan.ask
        if question is None or question.choices or asked.lacks is None:
            return None
        open = OpenQuestion(asker=trigger.person.id, at=trigger.received_at, request=asked.plan.goal, lacks=asked.lacks)
        answer = trigger.model_copy(update={"text": environment.value})
        filled = self.hear(answer, focus.model_copy(update={"open": open}))
        if filled is None or not filled.plan.steps or not _names(filled, environment.value):
            return None
        changing = changes(filled.plan, self.registry)
        return None if changing and (asked.lacks or self._may_be_production(environment)) else filled

    def _may_be_production(self, environment: Fact) -> bool:
        kinds = {one.name: str(one.kind) for one in self.hear.known().environments}
        return kinds.get(environment.value, environment.value) not in {"development", "preview", "staging"}


def used_by_model(revision: Revision, text: str, facts: Sequence[Fact]) -> list[Fact]:
    """The defaults that stand in a plan and not in its request."""
    said = {one.casefold() for step in revision.plan.steps for one in literal_texts(step.arguments)}
    return [one for one in facts if one.kind == "default" and one.value.casefold() in said - {*text.casefold().split()}]


def _with_team(text: str, team: str) -> Iterator[str]:
    if _TEAMS.search(text):
        yield _TEAMS.sub(lambda found: f"{team}'s" if found["own"] else team, text)


def _as_own(text: str) -> Iterator[str]:
    if _OF_TEAM.search(text):
        yield _OF_TEAM.sub(lambda found: f"my {found['what']}", text)
    elif _TEAMS.search(text):
        yield _TEAMS.sub("my", text)


def _names(revision: Revision, environment: str) -> bool:
    return any(environment in literal_texts(step.arguments) for step in revision.plan.steps)
