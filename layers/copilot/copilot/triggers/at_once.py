"""What is done the moment it is asked for, before the request has its turn: that something is frozen, or thawed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from copilot.domain import SPEAKS_OF_FREEZING, OpenQuestion, Revision, Trigger
from copilot.ports import Store

SHORT = 120
"""What answers a question by one of its choices is no longer."""


class InWords(Protocol):
    def __call__(self, trigger: Trigger, question: OpenQuestion | None = None) -> Revision | None: ...


@dataclass(frozen=True)
class AtOnce:
    """`freezing` is made, and what it takes imported, only for what may speak of that."""

    store: Store
    freezing: Callable[[], InWords]

    def __call__(self, trigger: Trigger) -> Revision | None:
        """What was done, to be told when the request has its turn; None of all that has to wait for that."""
        if SPEAKS_OF_FREEZING.search(trigger.text):
            return self.freezing()(trigger)
        if len(trigger.text) > SHORT:
            return None
        question = self.store.focus(trigger.tenant, trigger.conversation).open
        if question is None or question.asker != trigger.person.id:
            return None
        offered = any(SPEAKS_OF_FREEZING.search(choice) for choice in question.choices)
        return self.freezing()(trigger, question) if offered else None
