"""Tell the channel of a reaction what a run of it came to, or that it waits; and what else came of the same cause.

Of one run there is one message, however often its events come: all have the same key. What came of the same cause
before stands in the thread of the first message about it, for a day: whose message an alarm itself is in a chat,
nobody tells the copilot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from copilot.config.configuration import Configuration
from copilot.config.reacting import Reaction
from copilot.domain import NOT_KNOWN, Run, told_key
from copilot.domain.reaction_words import and_more, in_words
from copilot.plans.telling import MayTell
from copilot.ports import Clock, Reactions
from copilot.text.outside import inert
from copilot.times.zones import moment

LONGEST = 3000


@dataclass(frozen=True)
class TellReaction:
    """`tell` has a reaction's channel told, under a key and in the thread of a cause; `may_tell` says whether what
    tells of something may be sent there for a person, by the roles they have now.
    """

    reactions: Reactions
    tell: Callable[[Reaction, str, str, str], None]
    may_tell: MayTell
    config: Configuration
    clock: Clock

    def of_run(self, run: Run) -> None:
        """Nothing of a run that no reaction began, or one that is gone from the configuration. Raises as `tell`."""
        reaction = self.config.reaction(run.trigger.reaction) if run.trigger.reaction else None
        if reaction is None or run.status not in {"parked", "answered"}:
            return
        zone = ZoneInfo(self.config.time_zone)
        begin = self.reactions.reacted(reaction.name).of_key(run.trigger.dedupe_key)
        names = self.config.account_names
        cause = in_words(begin.open, names) if begin else "an event"
        more = and_more(begin, names, moment(self.clock.now(), zone)) if begin else ""
        text = f"Reaction {reaction.name}, {cause}: {self._what(run, reaction)}"
        said = "\n".join(part for part in (text, more) if part)
        self.tell(reaction, said, told_key(run.trigger.dedupe_key), begin.open.cause if begin else "")

    def _what(self, run: Run, reaction: Reaction) -> str:
        whole = f"`devops-copilot runs show {run.run_id}` has all of it."
        if run.status == "parked":
            return f"it waits for an approval of something in it. {whole}"
        if not self.may_tell(run.trigger.person, reaction.tells, run.about or NOT_KNOWN):
            return f"what it found is nothing that policy lets be told here. {whole}"
        said = (run.answer or "").strip()
        outcome = "" if run.outcome == "succeeded" else f"ended {inert((run.outcome or '').replace('_', ' '))}.\n"
        return f"{outcome}{said[:LONGEST]}\n{'… ' if len(said) > LONGEST else ''}{whole}"
