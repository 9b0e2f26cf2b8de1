"""What is said of a request that is not understood: what of it was, what cannot be done, and the nearest there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, get_args

from copilot.domain import Focus, Kind, Known, Plan, Question, Revision
from copilot.errors import ToolInputError
from copilot.intents import Intents, Present
from copilot.intents.frames import Frame, Targets
from copilot.intents.placing import Placed
from copilot.intents.unable import CannotBeDone
from copilot.planning.about_itself import examples_for
from copilot.policy.rights import Rights
from copilot.text.listing import listed
from copilot.text.nearness import nearest, squashed
from copilot.text.outside import inert

NAMED_AT_MOST = 10
NAMES_OFFERED, NEAR = 4, 0.7
CONDITIONS = frozenset("if unless whether when while once until not never after before".split())
"""What is nearest without one of these says something else."""
NEEDS_A_MODEL = "It needs a model to plan it, and none is configured."
NEEDS_ROOM = "It needs a model to plan it, and none may be asked now: {}."


class Unplanned(NamedTuple):
    """A request that nothing was planned for, of somebody with these rights."""

    text: str
    intents: Intents
    known: Known
    present: Present
    rights: Rights

    def told(self, model_would_help: bool, no_room: str = "") -> Revision:
        """An answer, or a question that one word answers. Nothing is done in either.

        `no_room` is why a model that there is may not be asked.
        """
        if (cannot := self.intents.cannot_be_done(self.text, self.present, self.known)) is not None:
            return self._cannot(cannot)
        beside = self.intents.without_reason(self.text, self.present, self.known)
        if beside is not None and self._may_be_asked(beside.request):
            reason = f"I could not place “{inert(beside.reason)}”; it seems to be the reason."
            question = f"{reason} Without it: “{inert(beside.request)}”. Is that meant? Nothing was done."
            return asking(self.text, question, (beside.request,), lacks=self.text)
        placed = self.intents.placed(self.text, self.known)
        if meant := self._with_names(placed):
            which = f"Is “{inert(meant[0])}” meant?" if len(meant) == 1 else "Which of these is meant?"
            question = f"I could not place “{inert(placed.unknown[0])}”. {which} Nothing was done."
            return asking(self.text, question, meant, lacks=self.text)
        said = ["This is not a request that I know. Nothing was done."]
        if placed.unknown:
            words = listed([f"“{inert(one)}”" for one in placed.unknown][:NAMED_AT_MOST])
            said.append(f"I could not place {words}.")
        if nearest := self._nearest(placed):
            said.append(f"The nearest that I can do: “{inert(nearest)}”.")
        elif placed.turns:
            said.append("“Help” says what I can do.")
        elif examples := examples_for(self.rights, self.intents, self.known, placed.action):
            said.append("\n".join(["Requests that I know:", *(f"- {one}" for one in examples)]))
        if model_would_help:
            said.append(NEEDS_ROOM.format(no_room) if no_room else NEEDS_A_MODEL)
        return only_says(self.text, "\n".join(said))

    def _cannot(self, cannot: CannotBeDone) -> Revision:
        conditional = not CONDITIONS.isdisjoint(self.text.lower().split())
        nearest = [one for one in cannot.nearest if not conditional and self._may_be_asked(one)]
        if cannot.asks and nearest:
            question = f"{cannot.says} Is “{inert(nearest[0])}” meant? Nothing was done."
            return asking(self.text, question, nearest, lacks=self.text)
        said = [cannot.says, "Nothing was done."]
        if nearest and len(nearest) == len(cannot.nearest):
            said.append(f"The nearest that I can do: {', then '.join(f'“{inert(one)}”' for one in nearest)}.")
        return only_says(self.text, " ".join(said))

    def _with_names(self, placed: Placed) -> list[str]:
        """The request with the names of environments in place of the one word that is none, but begins one or is near
        one.
        """
        if len(placed.unknown) != 1:
            return []
        (said,), names = placed.unknown, [one.name for one in self.known.environments]
        begun = [name for name in names if squashed(name).startswith(squashed(said))] if len(said) > 1 else []
        near = (begun or nearest(said, names, NAMES_OFFERED, NEAR))[:NAMES_OFFERED]
        word = re.compile(rf"(?<!\w){re.escape(said)}(?!\w)")
        requests = [word.sub(name.replace("\\", ""), self.text) for name in near]
        return [one for one in requests if one != self.text and self._may_be_asked(one)]

    def _nearest(self, placed: Placed) -> str:
        """A request for the same action, or about the same environment; "" where there is none that may be made."""
        if placed.rest and self._may_be_asked(placed.rest):
            return placed.rest
        if placed.turns or len(placed.names) != 1:
            return ""
        same = f"{placed.action or 'how is'} {placed.names[0]}"
        return same if self._may_be_asked(same) else ""

    def _may_be_asked(self, request: str) -> bool:
        """Whether it is understood, and the person may ask for it."""
        try:
            if self.intents.match(request, Focus(), self.present, self.known) is None:
                return False
        except ToolInputError:
            pass  # it has a question of its own
        frame = next(self.intents.frames(request, self.present, self.known), None)
        return frame is not None and self._may(frame)

    def _may(self, frame: Frame) -> bool:
        if not self.rights.looks:
            return False
        action = next(one for one in self.intents.actions if one.action == frame.action)
        if not action.changes:
            return True
        changes = self.rights.schedules if "window" in frame.said or "schedule" in frame.said else self.rights.changes
        kinds = self._kinds(frame) or changes.keys()
        return any(changes.get(kind) != "deny" for kind in kinds)

    def _kinds(self, frame: Frame) -> set[Kind]:
        targets = frame.said.get("targets")
        if not isinstance(targets, Targets):
            return set()
        kind_of = {squashed(one.name): one.kind for one in self.known.environments}
        named = {kind_of[squashed(one.value)] for one in targets.of if squashed(one.value) in kind_of}
        said = {one.value for one in targets.of if one.by == "kind"}
        return named | {kind for kind in get_args(Kind) if kind in said}


def only_says(goal: str, text: str) -> Revision:
    return Revision(plan=Plan(goal=goal, say=text), unplanned="not_understood")


def asking(
    goal: str, question: str, choices: Sequence[str] = (), lacks: str | None = None, marked: tuple[str, ...] = ()
) -> Revision:
    asked = Question(question=question, choices=tuple(choices)[:NAMED_AT_MOST])
    return Revision(plan=Plan(goal=goal, ask=asked), marked=marked, lacks=lacks)
