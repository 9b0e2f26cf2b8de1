"""Starting a watch that has something done once what it waits for has come to be so."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from copilot.domain import TARGET, ThenDone, Watch
from copilot.text.outside import inert
from copilot.times.steps import steps_in_words
from copilot.tools.schedules.kept_plans import (
    LONGEST_NOTE,
    LONGEST_PLAN,
    LONGEST_REQUEST,
    MOST_NOTES,
    kept_plan,
)
from copilot.tools.watches.keeping import Starting, StartWatchInput, Then


class WatchAndDoInput(StartWatchInput):
    request: str = Field(max_length=LONGEST_REQUEST, description="what is done then, in the person's words")
    plan: str = Field(
        max_length=LONGEST_PLAN, description="the plan that was made of it, as JSON", json_schema_extra=TARGET
    )
    notes: tuple[Annotated[str, StringConstraints(max_length=LONGEST_NOTE)], ...] = Field(
        default=(), max_length=MOST_NOTES, description="what else a person should know before it is started"
    )


class WatchAndDo(Starting[WatchAndDoInput]):
    """What is done is a plan that was made and checked as any other, and code puts it there. It is done once, as a Run
    of its own: decided, approved and counted as of then.
    """

    name = "watch_and_do"
    summary = "Watch: have a read repeated, and once a condition over it has come to be true, a plan run."
    Input = WatchAndDoInput
    resource = "Watch"
    by_code = True

    def _wanted(self, input: WatchAndDoInput) -> Watch:
        then = ThenDone(request=inert(input.request), plan=kept_plan(input.plan))
        return super()._wanted(input).model_copy(update={"once": True, "then": then})

    def _then(self, wanted: Watch, input: WatchAndDoInput) -> Then:
        assert wanted.then is not None
        plan = wanted.then.plan
        does = f"then does, once: {'; '.join(steps_in_words(plan))}"
        return Then(does, " ".join(map(inert, input.notes)))
