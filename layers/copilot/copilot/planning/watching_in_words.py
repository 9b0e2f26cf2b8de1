"""What is to be watched, as people ask for it: the read that a known request is, repeated, with a condition over it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from copilot.domain import (
    AGAIN,
    AT_MOST_FOR,
    RETRY,
    UNDO,
    Answer,
    Arguments,
    Known,
    Plan,
    Revision,
    Step,
    is_told,
    way_of,
)
from copilot.intents import Present
from copilot.intents.on_schedule import DoesNotMove
from copilot.intents.on_schedule import kept as moving
from copilot.intents.watching import Condition, Said, read
from copilot.planning.conditions import Planned, Read, ReadsOf
from copilot.planning.putting_off import RUNS_LATER, WATCH_AND_DO, PutOff
from copilot.planning.unplanned import asking, only_says
from copilot.policy.rights import Rights
from copilot.text.outside import inert

START, STOP, LIST = "start_watch", "stop_watch", "list_watches"
STARTS = frozenset({START, WATCH_AND_DO})
EVERYTHING = frozenset({"all", "everything", "all of it", "all of them", "them all"})
NOT_KEPT = "“{action}” is nothing that I can keep to be done then."
LASTING = (
    "A time in what is to be done then follows no rule that I know ({time}), so it cannot be kept for later. "
    "Nothing was done; say it without that time, or with another."
)
SO_LONG = (
    "For how long something has been so I cannot wait: I tell, and do what is asked, at the first look that finds "
    "it so. Nothing was done; say it without how long, or until when to watch, as in “until 17:00”."
)
ONCE = "It is done the first time that it is so, which ends the watch."


@dataclass(frozen=True)
class WatchInWords:
    """`planned` gives what a known request comes to at a time; `put_off` and `rights` say what of that may be kept to
    be done later; `channels` are those there are, () where any may be one.
    """

    planned: Planned
    known: Known
    present: Present
    put_off: PutOff
    rights: Callable[[], Rights]
    channels: Sequence[str] = ()

    @property
    def _reads(self) -> ReadsOf:
        return ReadsOf(self.planned, self.known, self.present)

    def __call__(self, text: str) -> Revision | None:
        """The plan that watches, stops or lists, or what is asked or said in its place; None for anything else."""
        said = read(text, self.present)
        if said is None:
            return None
        if said.do == "list":
            return Revision(plan=_listing(text), intent=LIST)
        if said.do == "stop":
            return Revision(plan=_stopping(text, said.of), intent=STOP)
        if said.lasting is not None and (said.condition is None or said.condition.kind != "idle"):
            return only_says(text, SO_LONG)
        found = self._read(said)
        if found is None or isinstance(found, Revision):
            return found
        asked = self._asked_first(text, said)
        if asked is not None or not said.action:
            return asked or Revision(plan=self._starting(text, said, found), intent=START)
        inner = self.planned(said.to_do, self.present.now)
        return None if inner is None else self._acting(text, said, found, inner)

    def left(self, text: str) -> str:
        """What is to be done once something is so that is read by a known request; "" where that is all known, or
        nothing is.
        """
        said = read(text, self.present)
        known = said is not None and said.action and isinstance(self._read(said), Read)
        return said.to_do if said is not None and known else ""

    def with_plan(self, text: str, inner: Revision) -> Revision | None:
        """The watch of which `left` is done as a model planned it."""
        said = read(text, self.present)
        found = self._read(said) if said is not None else None
        if said is None or not isinstance(found, Read):
            return None
        return self._acting(text, said, found, inner)

    def _acting(self, text: str, said: Said, found: Read, inner: Revision) -> Revision:
        """The watch that has this done; or what is asked or said in its place."""
        plan = inner.plan
        if plan.ask is not None:
            return asking(text, f"{plan.ask.question}", plan.ask.choices, lacks=inner.lacks)
        if not plan.steps or inner.intent in {RETRY, UNDO, AGAIN} or RUNS_LATER & {_named(step) for step in plan.steps}:
            return self._offered(text, said)
        if refused := self.put_off.refused(text, inner, by_model=inner.model is not None):
            return refused
        try:
            plan = plan if inner.model else moving(lambda at: self._planned_at(said.to_do, at), self.present)
        except DoesNotMove as error:
            return only_says(text, LASTING.format(time=inert(str(error))))
        watching = self._starting(text, said, found)
        start = watching.steps[-1]
        kept = self.put_off.whole(said.to_do, plan, self.rights())
        notes = [ONCE, *kept["notes"]] if isinstance(kept["notes"], list) else [ONCE]
        arguments = start.arguments | kept | {"notes": notes, "once": True}
        acting = start.model_copy(update={"tool": WATCH_AND_DO, "arguments": arguments})
        made = watching.model_copy(update={"steps": (*watching.steps[:-1], acting), "answer": watching.answer})
        return Revision(plan=made, intent=WATCH_AND_DO, model=inner.model, read_about=inner.read_about)

    def _planned_at(self, request: str, at: datetime) -> Plan:
        found = self.planned(request, at)
        assert found is not None
        return found.plan

    def _offered(self, text: str, said: Said) -> Revision:
        """What is no more than words, or makes schedules itself: to be told is offered in its place."""
        assert said.condition is not None
        when = said.condition.in_words
        not_kept = NOT_KEPT.format(action=inert(said.action))
        asked = f"{not_kept} Shall I tell you when {inert(when)}, so that you can say it then?"
        offered = " ".join(filter(None, ["tell me when", when, said.until.words if said.until else ""]))
        return asking(text, f"{asked} Nothing was done.", (offered,), lacks=text)

    def _asked_first(self, text: str, said: Said) -> Revision | None:
        if said.tell and not is_told(said.tell, self.channels):
            outside = way_of(said.tell) is not None
            there = [one for one in self.channels if (way_of(one) is not None) == outside][:4]
            kind = "destination" if outside else "channel"
            which = "Which is meant?" if there else "The configuration names none."
            question = f"There is no {kind} {inert(said.tell)} to be told. {which} Nothing was done."
            return asking(text, question, [text.replace(said.tell, one) for one in there], lacks=text)
        if said.until is not None and said.until.at > self.present.now + AT_MOST_FOR:
            question = f"I watch something for {AT_MOST_FOR.days} days at most. Until when? Nothing was done."
            return asking(text, question, ("for 7 days", "for 1 day"), lacks=said.until.words)
        return None

    def _starting(self, text: str, said: Said, found: Read) -> Plan:
        *before, last = found.steps
        arguments: Arguments = {
            "tool": last.tool,
            "arguments": last.arguments,
            "condition": found.condition,
            "what": found.what[:200],
            "seen": found.seen,
            "once": said.only,
            "time_zone": self.present.time_zone,
        }
        arguments |= {"until": said.until.at.isoformat()} if said.until else {}
        arguments |= {"to": said.tell} if said.tell else {}
        start = Step(id="start", tool=START, arguments=arguments, after=(last.id,))
        return Plan(
            goal=text, steps=(*before, last, start), answer=Answer(text=f"{{start.summary}}\n\nNow:\n{found.shown}")
        )

    def _read(self, said: Said) -> Read | Revision | None:
        condition = said.condition
        if condition is None:
            found = self._reads(Condition("ill", said.of))
            return self._without_condition(said) if found is None else found
        return self._reads(condition, said.lasting)

    def _without_condition(self, said: Said) -> Revision | None:
        """A figure, of which nothing says from which value on it is news."""
        if self._reads.measured(Condition("over", said.of)) is None:
            return None
        whole = f"watch {said.of}" + (f" {said.until.words}" if said.until else "")
        question = (
            f"From which value on am I to tell you of {inert(said.of)}? Say it whole, such as “{inert(whole)} and"
        )
        return only_says(whole, f"{question} tell me if it goes over 80”. Nothing was done.")


def _named(step: Step) -> str:
    return step.tool.partition("@")[0]


def _listing(text: str) -> Plan:
    step = Step(id="list", tool=LIST, arguments={})
    return Plan(goal=text, steps=(step,), answer=Answer(text="{list.none}\n- {list.watches[].summary}"))


def _stopping(text: str, of: str) -> Plan:
    plain = re.sub(r"(?i)^(?:it|that|this|them|for me|me)$", "", of)
    if plain.lower() in EVERYTHING:
        listed = Step(id="list", tool=LIST, arguments={"mine": True})
        each = Step(
            id="stop",
            tool=STOP,
            for_each={"$ref": "list.watches[].watch_id"},
            arguments={"watch": {"$item": "@"}},
        )
        return Plan(goal=text, steps=(listed, each), answer=Answer(text="{list.none}\n- {stop[].summary}"))
    step = Step(id="stop", tool=STOP, arguments={"watch": plain})
    return Plan(goal=text, steps=(step,), answer=Answer(text="{stop.summary}"))
