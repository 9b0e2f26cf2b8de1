"""Doing once more what a Run did: its plan, shown first, and then checked, decided and approved as any plan is, since
the world, the tools and the rights may be others than they were.

What a plan says of times is of those days: where it names one, the request is read anew in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from copilot.domain import AGAIN, FREEZE, MOST_CHOICES, RETRY, RUNBOOK, UNDO, About, Plan, Revision, Trigger
from copilot.errors import NotFound, PlanError
from copilot.planning.earlier_runs import named_in, run_called
from copilot.plans.arguments import ATTACHMENTS, referred_to, results_of
from copilot.plans.check import check_plan
from copilot.plans.taint import tainted_steps
from copilot.plans.telling import Telling
from copilot.ports import History, RunRecord, Store
from copilot.text.outside import inert
from copilot.times.steps import steps_in_words
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

LOOKED_AT = 500
"""Changes of a time that are looked through for the requests they came of."""
MOST_WORDS = 120
_NOT_AGAIN = frozenset({UNDO, RETRY, FREEZE})
_A_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d\S*)?")


@dataclass(frozen=True)
class DoAgain:
    """`history` says what was changed when, over all Runs; `hear` reads a request anew, as if nothing had been spoken
    of, and `zone_of` gives the time zone of a person, by id.
    """

    store: Store
    registry: Registry
    history: History
    hear: Callable[[Trigger], Revision | None]
    zone_of: Callable[[str], str]

    def __call__(self, trigger: Trigger, since: JsonValue = None, until: JsonValue = None) -> Revision:
        """The plan of the Run that is named; else a question, which of those that the person asked for in that time is
        meant.
        """
        if named := named_in(trigger.text):
            record = run_called(self.store, trigger, named)
            if record is None:
                return _said(trigger, f"There is no run {named}. Nothing was done.")
            return self._plan(trigger, record)
        begin, end = (
            datetime.fromisoformat(one) if isinstance(one, str) else trigger.received_at for one in (since, until)
        )
        return self._asked(trigger, begin, end)

    def _asked(self, trigger: Trigger, since: datetime, until: datetime) -> Revision:
        found, gone = self._of(trigger, since, until)
        there = sorted(found, key=lambda one: one.run.trigger.received_at)
        when = self._between(since, until, trigger)
        if not there:
            nothing = f"You asked for no change that was made {when}."
            kept = "its run is" if gone == 1 else f"the {gone} runs of it are"
            lost = f"What was changed for you {when} cannot be done again: {kept} kept no more."
            return _said(trigger, f"{lost if gone else nothing} Nothing was done; say in full what is to be done.")
        shown = there[-MOST_CHOICES:]
        choices = tuple(f"do run {one.run.run_id} again" for one in shown)
        lines = [self._line(number, one, trigger) for number, one in enumerate(shown, 1)]
        more = f"These are the last {len(shown)} of {len(there)}. " if len(there) > len(shown) else ""
        if gone:
            more += f"{gone} more {'run' if gone == 1 else 'runs'} of then changed something for you, and "
            more += f"{'is' if gone == 1 else 'are'} kept no more. "
        which = "Is it to be done again?" if len(shown) == 1 else "Which is to be done again?"
        text = f"What you asked for and was done {when}:\n" + "\n".join(lines) + f"\n{more}{which} Nothing was done."
        plan = Plan.model_validate({"goal": trigger.text, "ask": {"question": text, "choices": choices}})
        return Revision(plan=plan, intent=AGAIN, lacks=trigger.text)

    def _of(self, trigger: Trigger, since: datetime, until: datetime) -> tuple[list[RunRecord], int]:
        """What they asked for in that time that had a plan of its own and changed something; and of how many Runs that
        changed something for them there is no more than what they changed.
        """
        ids = dict.fromkeys(self._runs(trigger, since, until))
        records = [run_called(self.store, trigger, run_id) for run_id in ids]
        found = [
            one
            for one in records
            if one is not None
            and _is_theirs(one, trigger)
            and one.revisions
            and one.revisions[0].intent not in _NOT_AGAIN
            and self._changes(one)
        ]
        return found, records.count(None)

    def _runs(self, trigger: Trigger, since: datetime, until: datetime) -> Iterator[str]:
        for number, made in enumerate(self.history.made(since, until)):
            if number == LOOKED_AT:
                return
            if made.person == trigger.person.id and made.schedule is None and not made.entry.prior.is_idle:
                yield made.run_id

    def _changes(self, record: RunRecord) -> bool:
        steps = record.plan.steps if record.plan else ()
        return any(issubclass(self.registry.find(step.tool), WriteTool) for step in steps)

    def _line(self, number: int, record: RunRecord, trigger: Trigger) -> str:
        assert record.plan is not None
        asked, steps = self._asked_for(record, trigger), "; ".join(steps_in_words(record.plan))
        return f"{number}. {asked}: {steps}; run {record.run.run_id}"

    def _asked_for(self, record: RunRecord, trigger: Trigger) -> str:
        """When, and in which words; none of a Run whose plan is in somebody else's."""
        first, at = record.revisions[0], self._at(record.run.trigger.received_at, trigger)
        words = "" if first.intent == RUNBOOK or record.plan is None else record.plan.goal
        by = ", begun by a watch of yours" if record.run.trigger.kind == "event" else ""
        return f"{at}, “{inert(words[:MOST_WORDS])}”{by}" if words else f"{at}{by}"

    def _between(self, since: datetime, until: datetime, trigger: Trigger) -> str:
        return f"between {self._at(since, trigger)} and {self._at(until, trigger)}"

    def _at(self, at: datetime, trigger: Trigger) -> str:
        return f"{at.astimezone(ZoneInfo(self.zone_of(trigger.person.id))):%a %d %b, %H:%M}"

    # the one that is meant

    def _plan(self, trigger: Trigger, record: RunRecord) -> Revision:
        if (why := self._why_not(trigger, record)) is not None:
            return _said(trigger, f"Run {record.run.run_id} {why}. Nothing was done; say in full what is to be done.")
        plan = record.plan
        assert plan is not None
        steps = [step.model_dump(mode="json") for step in plan.steps]
        if record.revisions[0].intent == RUNBOOK or any(_times_in(steps)):
            return self._anew(trigger, record, plan)
        steered = self._steered(record)
        slots: dict[str, JsonValue] = {"run": record.run.run_id}
        first = record.revisions[0]
        # Its messages and its answer are in words of then.
        read = [Telling.of(record, self.store, self.registry).of_plan(), record.run.about if steered else None]
        told = [about for about in read if about is not None]
        return Revision(
            plan=_led(plan, self._asked_for(record, trigger)),
            intent=AGAIN,
            slots=slots,
            marked=first.marked,
            read_untrusted=bool(steered),
            read=steered,
            read_about=About.all_of(told) if told else None,
        )

    def _why_not(self, trigger: Trigger, record: RunRecord) -> str | None:
        run, plan = record.run, record.plan
        if not _is_theirs(record, trigger):
            return "was not asked for by you"
        if run.status != "answered":
            return "is not at its end yet"
        if plan is None or not plan.steps or record.revisions[0].intent in _NOT_AGAIN:
            return "has no plan of its own that could be done again"
        if plan.then is not None or any(one.kind != "first" for one in record.revisions):
            return "went on by what it found, which a model looked at"
        if results_of(plan) or any(path[0] == ATTACHMENTS for step in plan.steps for path in referred_to(step)):
            return "was about what was in that conversation then"
        try:
            check_plan(plan, self.registry)
        except (NotFound, PlanError):
            return "was planned for tools that are not there any more as they were"
        return None

    def _anew(self, trigger: Trigger, record: RunRecord, plan: Plan) -> Revision:
        """In its own words, of which what they say of times is of today."""
        heard = self.hear(trigger.model_copy(update={"text": plan.goal}))
        known = record.revisions[0].intent
        if heard is None or known in {None, AGAIN} or heard.intent != known:
            return _said(
                trigger,
                f"Run {record.run.run_id} was for times that are past. Nothing was done; say in full what is to be "
                "done, and when.",
            )
        if not heard.plan.steps:
            return heard
        return heard.model_copy(update={"plan": _led(heard.plan, self._asked_for(record, trigger))})

    def _steered(self, record: RunRecord) -> str:
        """Why what is done again may have been chosen by text that nobody here wrote; "" where it was not."""
        tainted = tainted_steps(record.revisions, record.steps, self.registry)
        read = any(one.read_untrusted or one.marked for one in record.revisions)
        return "the run that is done again" if tainted or read else ""


def _is_theirs(record: RunRecord, trigger: Trigger) -> bool:
    """Whether who asks now asked for it: also once something was so, which their watch saw."""
    asked = record.run.trigger
    return asked.person.id == trigger.person.id and asked.kind != "schedule"


def _led(plan: Plan, of: str) -> Plan:
    """With what it is done after at the head of its answer, where that is in code's words."""
    if plan.answer is None or plan.answer.text is None:
        return plan
    head = f"Done again, as on {of}.".replace("{", "(").replace("}", ")")
    return plan.model_copy(update={"answer": plan.answer.model_copy(update={"text": f"{head}\n\n{plan.answer.text}"})})


def _times_in(value: JsonValue | Iterable[JsonValue]) -> Iterator[str]:
    if isinstance(value, str):
        yield from _A_TIME.findall(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _times_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _times_in(inner)


def _said(trigger: Trigger, text: str) -> Revision:
    return Revision(plan=Plan(goal=trigger.text, say=text), intent=AGAIN, unplanned="failed")
