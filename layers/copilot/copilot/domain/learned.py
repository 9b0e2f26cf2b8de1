"""Learned plans: what a model planned for a request of a person, kept for their requests of the same shape."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from copilot.domain.frozen import Frozen
from copilot.domain.plans import LearnedFrom, Plan

LEARNED_LASTS = timedelta(days=60)
"""Since one was used last."""
FORGETS_LEARNED = "learned"
"""The slot of a Revision by which what was learned for who asks is forgotten."""
MOST_LEARNED, MOST_OF_A_SHAPE = 100, 5
"""Shapes of one person; plans of one of them, which differ in the words that no others may stand for."""


class LearnedPlan(Frozen):
    of: LearnedFrom
    plan: Plan


class LearnedShape(Frozen):
    """All that is kept of one shape of requests, the plan that was kept last first. `rev` counts how often it changed,
    and `used_at` is when any of it was made or used last.
    """

    person: str
    shape: str
    rev: Annotated[int, Field(ge=1)] = 1
    plans: tuple[LearnedPlan, ...]
    used_at: datetime

    def lasts_at(self, now: datetime) -> bool:
        return now < self.used_at + LEARNED_LASTS

    def with_plan(self, plan: LearnedPlan) -> LearnedShape:
        """With this one in place of one for the same words."""
        others = [one for one in self.plans if one.of.fixed != plan.of.fixed and one.of.under == plan.of.under]
        plans = (plan, *others)[:MOST_OF_A_SHAPE]
        return self.model_copy(update={"rev": self.rev + 1, "plans": plans, "used_at": plan.of.at})

    def used(self, at: datetime) -> LearnedShape:
        return self.model_copy(update={"rev": self.rev + 1, "used_at": at})

    def without(self, run: str) -> LearnedShape:
        """Without the plan that this Run made."""
        plans = tuple(one for one in self.plans if one.of.run != run)
        return self.model_copy(update={"rev": self.rev + 1, "plans": plans})
