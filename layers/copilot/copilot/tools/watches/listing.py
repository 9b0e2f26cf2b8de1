"""What is watched."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from copilot.domain import Frozen, Made, live
from copilot.tools.by_hand import ByHand, own
from copilot.tools.tool import ReadTool
from copilot.tools.watches.telling import WatchSummary, summary_of


class ListWatchesInput(Frozen):
    mine: bool = Field(default=False, description="only those of who asks")


class ListWatchesOutput(Frozen):
    watches: tuple[WatchSummary, ...] = Field(description="those of who asks first, then the oldest first")
    none: Made = Field(description='that nothing is watched, in a sentence; "" where something is')


class ListWatches(ReadTool[ListWatchesInput, ListWatchesOutput]):
    name = "list_watches"
    summary = "List what is being watched, for whom and until when."
    Input = ListWatchesInput
    Output = ListWatchesOutput
    of_environments = False
    shown_by = ("devops-copilot watches list",)

    @classmethod
    def by_hand(cls, input: ListWatchesInput, output: ListWatchesOutput) -> Sequence[ByHand]:
        return [own("watches", "list")]

    def run(self, input: ListWatchesInput) -> ListWatchesOutput:
        me = self.clients.person.id
        there = sorted(live(self.clients.watches.watches(), self.clients.clock.now()), key=lambda one: one.owner != me)
        found = [one for one in there if one.owner == me or not input.mine]
        none = "" if found else f"Nothing is watched{' for you' if input.mine else ''}."
        return ListWatchesOutput(watches=tuple(map(summary_of, found)), none=none)
