"""What a request comes to without a model: a plan, a question, an answer about the copilot itself; or why none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from pydantic import JsonValue

from copilot.domain import (
    NOTHING_KNOWN,
    Focus,
    Kind,
    Known,
    KnownEnvironment,
    OpenQuestion,
    Person,
    Plan,
    Question,
    Revision,
    Trigger,
)
from copilot.errors import ToolInputError
from copilot.intents import Correction, Intents, Match, Present
from copilot.intents.completing import complete, guesses, is_dropped, is_time
from copilot.intents.slots import Unclear
from copilot.planning.about_itself import about, examples_for
from copilot.plans.afresh import changes
from copilot.policy.rights import Rights
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.tools.registry import Registry

REPEAT = (
    "The last request was for a change, and a change is not repeated on a hint. "
    "Nothing was done; please say it in full."
)
NAMED_AT_MOST = 10
MOST_SHOWN = 100


@dataclass(frozen=True)
class Hear:
    """`rights_of` says what a person may do, `known` what there is by name, `zone_of` in which time zone a person, by
    id, names times, and `most` how many environments may be changed without asking whether they are meant.
    """

    intents: Intents
    registry: Registry
    rights_of: Callable[[Person], Rights]
    known: Callable[[], Known] = lambda: NOTHING_KNOWN
    zone_of: Callable[[str], str] = lambda person: "UTC"
    most: int = 20

    def __call__(self, trigger: Trigger, focus: Focus) -> Revision | None:
        """None for a request that is not a known one."""
        text, confirmed = trigger.text, False
        known = self.known()
        present = Present(trigger.received_at, self.zone_of(trigger.person.id))
        there = _with(known, focus.environments, present)
        if focus.open is not None and focus.open.asker == trigger.person.id:
            if is_dropped(text):
                return Revision(plan=Plan(goal=text, say="All right. Nothing was done."))
            there = _with(there, focus.open.choices, present)
            text = self._completed(focus.open, text, present, there)
            confirmed = text != trigger.text and focus.open.lacks == focus.open.request == text
        try:
            match = self.intents.match(text, focus, present, there)
        except ToolInputError as unclear:
            lacks = unclear.lacks if isinstance(unclear, Unclear) else None
            return _asking(text, str(unclear), unclear.nearest, lacks, _marked(focus, unclear.nearest))
        if match is None:
            return None
        if match.plan is None:
            rights = self.rights_of(trigger.person)
            return Revision(plan=Plan(goal=text, say=about(match.intent, trigger.person, rights, self.intents, known)))
        if match.wants_file and not trigger.attachments:
            return _asking(text, match.wants_file)
        if (asked := self._asked_first(text, match, known, changes(match.plan, self.registry), confirmed)) is not None:
            return asked
        marked = _marked(focus, match.remembered)
        return Revision(plan=match.plan, intent=match.intent, slots=match.slots, marked=marked, about=match.about)

    def _asked_first(self, text: str, match: Match, known: Known, changes: bool, confirmed: bool) -> Revision | None:
        """What has to be asked before this is done, or why it is not."""
        if changes and match.is_follow_up:
            return only_says(text, REPEAT)
        names = {one.name for one in known.environments}
        if doubtful := [one for one in match.corrected if one.meant in names or (changes and one.decides)]:
            return _asking(text, _is_it_meant(doubtful, match.meant), (match.meant,), lacks=text)
        if changes and match.everything:
            return _asking(text, *_everything(known, match))
        if changes and not confirmed and len(meant := _environments(match.slots, known)) > self.most:
            shown = ", ".join(map(inert, meant[:MOST_SHOWN])) + (", …" if len(meant) > MOST_SHOWN else "")
            question = f"That is {len(meant)} environments: {shown}. Are they meant? Nothing was done."
            return _asking(text, question, (text,), lacks=text)
        return None

    def _completed(self, question: OpenQuestion, said: str, present: Present, known: Known) -> str:
        """The request that was lacking something, with the answer in it; or what was said, where it is none."""
        if (completed := complete(question, said, present)) is not None:
            return completed
        if next(self.intents.frames(said, present, known), None) is not None:
            return said
        for one in guesses(question, said):
            frame = next(self.intents.frames(one, present, known), None)
            if frame is not None and (not is_time(question, present) or frame.said.keys() & {"window", "until"}):
                return one
        return said

    def not_understood(self, trigger: Trigger, model_would_help: bool) -> Revision:
        """What was understood of it, what was not, and the nearest there is."""
        known = self.known()
        placed = self.intents.placed(trigger.text, known)
        said = ["This is not a request that I know. Nothing was done."]
        if placed.unknown:
            words = listed([f"“{inert(one)}”" for one in placed.unknown][:NAMED_AT_MOST])
            said.append(f"I could not place {words}.")
        nearest = self._nearest(placed.rest, placed.action, trigger, known)
        if len(nearest) == 1:
            said.append(f"The nearest that I can do: “{nearest[0]}”.")
        elif nearest:
            said.append("\n".join(["Requests that I know:", *(f"- {one}" for one in nearest)]))
        if model_would_help:
            said.append("It needs a model to plan it, and none is configured.")
        return only_says(trigger.text, "\n".join(said))

    def _nearest(self, rest: str, action: str, trigger: Trigger, known: Known) -> Sequence[str]:
        if rest:
            present = Present(trigger.received_at, self.zone_of(trigger.person.id))
            if next(self.intents.frames(rest, present, known), None) is not None:
                return [inert(rest)]
        return examples_for(self.rights_of(trigger.person), self.intents, known, action)


def _with(known: Known, names: Sequence[str], present: Present) -> Known:
    """What is known, and what was spoken of."""
    there = {one.name for one in known.environments}
    new = [name for name in dict.fromkeys(names) if name and name not in there]
    more = tuple(KnownEnvironment(name=name, kind="production", seen_at=present.now) for name in new)
    return known.model_copy(update={"environments": known.environments + more}) if more else known


def only_says(goal: str, text: str) -> Revision:
    return Revision(plan=Plan(goal=goal, say=text), unplanned="not_understood")


def _asking(
    goal: str, question: str, choices: Sequence[str] = (), lacks: str | None = None, marked: tuple[str, ...] = ()
) -> Revision:
    asked = Question(question=question, choices=tuple(choices)[:NAMED_AT_MOST])
    return Revision(plan=Plan(goal=goal, ask=asked), marked=marked, lacks=lacks)


def _is_it_meant(doubtful: Sequence[Correction], meant: str) -> str:
    taken = listed([f"“{inert(one.said)}” for “{inert(one.meant)}”" for one in doubtful])
    return f"I took {taken}. Is “{inert(meant)}” meant? Nothing was done."


def _everything(known: Known, match: Match) -> tuple[str, Sequence[str], str]:
    """What to ask before something is done to all there are, what may be chosen, and the words it would stand for."""
    count = f"all {len(known.environments)} environments" if known.environments else "every environment there is"
    state = f"{match.state} " if match.state else ""
    choices = [f"all {state}{kind} environments" for kind in get_args(Kind)]
    question = f"That is {count}. Which kinds are meant? Nothing was done; name all four if they are."
    return question, choices, match.everything


def _environments(slots: Mapping[str, JsonValue], known: Known) -> list[str]:
    """Those that a change of several would be of, as far as they are known; of the idle ones the plan itself looks."""
    kinds, names, but = (slots.get(name) or [] for name in ("kinds", "names", "but"))
    assert isinstance(kinds, list) and isinstance(names, list) and isinstance(but, list)
    of_kinds = [one.name for one in known.environments if one.kind in kinds]
    return [name for name in dict.fromkeys([*of_kinds, *map(str, names)]) if name not in but]


def _marked(focus: Focus, remembered: Sequence[str]) -> tuple[str, ...]:
    """Those that text which is not to be trusted had chosen."""
    return tuple(name for name in remembered if name in focus.marked)
