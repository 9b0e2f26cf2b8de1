"""Messages of the deployments' queue become facts that are kept. What cannot be kept now comes again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from copilot.domain.deployments import DeploymentFact
from copilot.errors import CopilotError
from copilot.ports import Deployments
from copilot.triggers.deployment_events import facts_of

AT_ONCE = 8


class Noted(NamedTuple):
    """How many facts were kept, and why each message that is to come again (by its id) was not."""

    facts: int
    failed: dict[str, str]


@dataclass(frozen=True)
class NoteDeployments:
    deployments: Deployments

    def __call__(self, messages: Sequence[dict[str, Any]]) -> Noted:
        """`messages` are the records of an SQS batch, each with an event as its body.

        A message that is malformed fails alone. Otherwise those fail that have part in a deployment which could not be
        written. Called again with the same, it changes nothing.
        """
        facts: dict[tuple[str, str, str], set[DeploymentFact]] = defaultdict(set)
        of: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        failed: dict[str, str] = {}
        for message in messages:
            try:
                for fact in facts_of(json.loads(message["body"])):
                    key = fact.service, fact.deployment, fact.account
                    facts[key].add(fact)
                    of[key].add(message["messageId"])
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
                failed[message["messageId"]] = f"not the event it says it is: {type(error).__name__}: {error}"[:400]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for key, problem in zip(facts, pool.map(self._record, facts.values()), strict=True):
                if problem:
                    failed |= dict.fromkeys(of[key], problem)
        return Noted(sum(map(len, facts.values())), failed)

    def _record(self, facts: set[DeploymentFact]) -> str:
        try:
            self.deployments.record(facts)
        except CopilotError as error:
            return str(error)
        return ""
