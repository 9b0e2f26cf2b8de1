"""How long what a copilot keeps is kept. What has no end of its own here stays until somebody deletes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, model_validator

from copilot.domain.frozen import Frozen
from copilot.domain.standing import MOST_DAYS

FEWEST_OF_RUNS = 35
"""What calls gave is kept for up to 35: a run outlives it. A repeated request is known by its run."""
FEWEST_OF_EVIDENCE = MOST_DAYS + FEWEST_OF_RUNS
"""Who granted a standing approval is known for as long as it can be used, and a while after."""
MOST = 3650


class Retention(Frozen):
    """For how many days what is kept of requests is kept. Then it is deleted, within about two days."""

    runs: Annotated[int, Field(ge=FEWEST_OF_RUNS, le=MOST)] = Field(
        default=400,
        description="requests with their files, plans, steps, what a model was asked, and answers; counted from the "
        "request. What is older can be shown, undone and done again no more",
    )
    conversations: Annotated[int, Field(ge=7, le=MOST)] = Field(
        default=180,
        description="what was said in a conversation, each turn counted from when it was said, and what it speaks of, "
        "counted from its last answer; at most `runs`",
    )
    evidence: Annotated[int, Field(ge=FEWEST_OF_EVIDENCE, le=MOST)] = Field(
        default=800,
        description="in the table: ledger, changes, approvals and journal, this last once it is archived; at least "
        "`runs`. What is archived stays in its bucket",
    )

    @model_validator(mode="after")
    def _outlasts(self) -> Retention:
        if self.evidence < self.runs:
            raise ValueError(f"`evidence` ({self.evidence}) is below `runs` ({self.runs}): it would not outlast them")
        if self.conversations > self.runs:
            raise ValueError(
                f"`conversations` ({self.conversations}) is above `runs` ({self.runs}): turns would have no runs"
            )
        return self

    def run_until(self, at: datetime) -> datetime:
        return at + timedelta(days=self.runs)

    def said_until(self, at: datetime) -> datetime:
        return at + timedelta(days=self.conversations)

    def said_since(self, now: datetime) -> datetime:
        """What was said before is kept no more."""
        return now - timedelta(days=self.conversations)

    def evidence_until(self, at: datetime) -> datetime:
        return at + timedelta(days=self.evidence)
