"""Which runbooks there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from copilot.domain import Frozen, Made, Runbook, SavedRunbook, Untrusted
from copilot.runbooks.telling import steps_in_words, takes_in_words
from copilot.text.outside import quoted, quoted_people
from copilot.tools.by_hand import ByHand, own
from copilot.tools.tool import ReadTool


class RunbookSummary(Frozen):
    name: str = Field(description="the runbook's name")
    version: int = Field(description="its newest version")
    description: Untrusted = Field(description="what it is for, in the words of who saved it")
    takes: Made = Field(description="its parameters, what each takes and what it is unless it is said")
    steps: Made = Field(description="the tools it calls, in their order")
    by: str = Field(description="who saved it")
    at: datetime = Field(description="when")
    summary: Made = Field(description="one line about it")


class ListRunbooksInput(Frozen):
    pass


class ListRunbooksOutput(Frozen):
    runbooks: tuple[RunbookSummary, ...] = Field(description="by name, the newest version of each")
    none: Made = Field(description='that there are none, in a sentence; "" where there are some')


class ListRunbooks(ReadTool[ListRunbooksInput, ListRunbooksOutput]):
    name = "list_runbooks"
    summary = "List the runbooks there are: saved plans, with what each does and its parameters."
    Input = ListRunbooksInput
    Output = ListRunbooksOutput
    of_environments = False
    shown_by = ("devops-copilot runbooks list",)

    @classmethod
    def by_hand(cls, input: ListRunbooksInput, output: ListRunbooksOutput) -> Sequence[ByHand]:
        return [own("runbooks", "list")]

    def run(self, input: ListRunbooksInput) -> ListRunbooksOutput:
        found = self.clients.runbooks.runbooks()
        none = "" if found else "There is no runbook. `devops-copilot runbooks add FILE` adds one."
        return ListRunbooksOutput(runbooks=tuple(map(_summary, found)), none=none)


def _summary(saved: SavedRunbook) -> RunbookSummary:
    runbook: Runbook = saved.runbook
    takes = takes_in_words(runbook)
    described = f": {quoted(runbook.description)}" if runbook.description else ""
    return RunbookSummary(
        name=runbook.name,
        version=runbook.version,
        description=runbook.description,
        takes=takes,
        steps=steps_in_words(runbook),
        by=saved.by.id,
        at=saved.at,
        summary=f"{runbook.called}, by {quoted_people(saved.by.name)}{described}. It takes {takes}.",
    )
