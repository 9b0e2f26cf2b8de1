"""A request that is to be done later, at its times or once something is so: its plan is made as if it were to be done
now, and kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from copilot.domain import HOME, RETRY, UNDO, About, Answer, Arguments, Plan, Recurrence, Revision, Step
from copilot.intents.on_schedule import Apart, DoesNotMove, kept
from copilot.intents.slots import Present
from copilot.planning.unplanned import asking, only_says
from copilot.plans.arguments import ATTACHMENTS, literal_texts, referred_to, results_of
from copilot.plans.telling import Telling
from copilot.policy.rights import Rights
from copilot.text.listing import listed
from copilot.text.outside import inert, quoted
from copilot.tools.registry import Registry

MAKE = "schedule_request"
WATCH_AND_DO = "watch_and_do"
RUNS_LATER = frozenset({MAKE, "create_schedule", WATCH_AND_DO})
WOULD = "would "
LONGEST_REQUEST = 500
NOT_LATER = "What runs and waits for you is told as it is when you ask. Nothing was put on a schedule; ask me then."
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T|$)")
MARKED = (
    "What that stands for was chosen by text which nobody here wrote, and what is kept is run without anybody looking. "
    "Nothing was done; say it with its names."
)
UNTOLD = (
    "What {whom} would be told of it was put into words by a model that had read what tells of {what} here before, and "
    "{whom} is not told that without an approval; what is kept is sent without anybody looking. Nothing was done; ask "
    "for it in a conversation of its own."
)
ANSWER = "{make.summary}\n\nNext:\n- {make.next}\n\nNote:\n- {make.notes}\n"


@dataclass(frozen=True)
class PutOff:
    """`reports_to` is the channel that owners are told in, None where there is none; `may_tell` says whether what tells
    of something may be sent to somebody without being looked at.
    """

    registry: Registry
    reports_to: str | None
    may_tell: Callable[[str, About], bool]

    def unclear(self, text: str, of: Apart) -> Revision | None:
        """What has to be asked about its time; None where nothing has."""
        if isinstance(of.when, Recurrence):
            return None
        return asking(text, f"{of.when.text} Nothing was done.", of.when.choices, lacks=of.said)

    def __call__(
        self,
        text: str,
        of: Apart,
        inner: Revision,
        rights: Rights,
        present: Present,
        again: Callable[[datetime], Plan] | None = None,
    ) -> Revision | None:
        """The plan that puts the plan of the request, `inner`, on a schedule; or what is asked or said in its place.

        `again` plans the same at another time, for what was planned without a model. None where it is nothing to be
        put on a schedule: no more than words, or what makes schedules itself.
        """
        plan = inner.plan
        if plan.ask is not None:
            return _asked(text, of, inner)
        if (inner.intent or "").startswith(WOULD) or inner.intent in {RETRY, UNDO}:
            return None
        if inner.intent == HOME:
            return only_says(text, NOT_LATER)
        if not plan.steps:
            return None if plan.say is None else inner
        if any(step.tool.partition("@")[0] in RUNS_LATER for step in plan.steps):
            return None
        if of.may_have_been and not self._changes(plan):
            return None
        if refused := self.refused(text, inner, by_model=again is None):
            return refused
        if not isinstance(of.when, Recurrence):
            return self.unclear(text, of)
        try:
            whole = kept(again, present) if again is not None else plan
        except DoesNotMove as error:
            said = f"A time in that follows no rule that I know ({inert(str(error))}), so it cannot be kept for later."
            return only_says(text, f"{said} Nothing was done; say it without that time, or with another.")
        made, read = self._making(text, of.request, of.when, whole, rights), inner.read_about
        return Revision(plan=made, intent=MAKE, model=inner.model, read_about=read)

    def refused(self, text: str, inner: Revision, *, by_model: bool) -> Revision | None:
        """Why this plan is not kept for later, said; None where it may be."""
        if led := self._led_by(text, inner):
            return only_says(text, led)
        if (why := self._why_not(inner.plan, by_model)) is not None:
            return only_says(text, f"{why} Nothing was done.")
        return None

    def whole(self, request: str, plan: Plan, rights: Rights) -> Arguments:
        """What is kept of it, as what keeps it takes that, and whether it will ask, by the rights there are now."""
        return self._kept(request, plan) | {"notes": [*filter(None, [self._decided(plan, rights, once=True)])]}

    def _kept(self, request: str, plan: Plan) -> Arguments:
        steps = tuple(step.model_copy(update={"tool": self._version(step.tool)}) for step in plan.steps)
        whole = plan.model_copy(update={"goal": request, "steps": steps})
        return {"request": request[:LONGEST_REQUEST], "plan": whole.model_dump_json(exclude_defaults=True)}

    def _led_by(self, text: str, inner: Revision) -> str:
        """What had been read before the plan was made, in the way of keeping it; "" where nothing is."""
        if inner.marked or inner.read_untrusted:
            return MARKED
        untold = Telling([inner], {}, lambda name: None, self.registry, text).untold(self.may_tell)
        return UNTOLD.format(whom=quoted(untold[0]), what=untold[1].in_words) if untold else ""

    def _why_not(self, plan: Plan, by_model: bool) -> str | None:
        if plan.then is not None:
            return (
                "What is put on a schedule is settled when it is made, and this goes on by what is found. "
                "Say what is to be done in each case, or ask for it each time."
            )
        if any(path[0] == ATTACHMENTS for step in plan.steps for path in referred_to(step)):
            return "It is about a file that came with it, and no file comes with what a schedule does."
        if results_of(plan):
            return (
                "It is about what was answered here, which another time is not there: say what is to be read each time."
            )
        dates = [text for step in plan.steps for text in literal_texts(step.arguments) if _DATE.match(text)]
        if by_model and dates:
            return f"It would be about the same time each time, {inert(dates[0])}; say how long ago it is each time."
        return None

    def _making(self, text: str, request: str, when: Recurrence, plan: Plan, rights: Rights) -> Plan:
        once = when.on is not None
        arguments = self._kept(request, plan) | {
            "when": when.model_dump(mode="json"),
            "notes": [note for note in (self._decided(plan, rights, once), self._told(plan, once)) if note],
        }
        return Plan(goal=text, steps=(Step(id="make", tool=MAKE, arguments=arguments),), answer=Answer(text=ANSWER))

    def _version(self, tool: str) -> str:
        found = self.registry.find(tool)
        return f"{found.name}@{found.version}"

    def _changes(self, plan: Plan) -> bool:
        entries = [self.registry.entry(step.tool) for step in plan.steps]
        return any(entry.effect != "read" and entry.resource != "Channel" for entry in entries)

    def _decided(self, plan: Plan, rights: Rights, once: bool) -> str:
        """Whether a firing will ask, by the rights there are now."""
        if not self._changes(plan):
            return ""
        told = []
        if any(self.registry.entry(step.tool).effect == "destroy" for step in plan.steps):
            told.append("every deletion asks for an approval")
        for outcome, words in (("ask", "asks for an approval"), ("deny", "is refused")):
            kinds = [kind for kind, found in rights.changes.items() if found == outcome]
            if kinds:
                told.append(f"a change of what is {' or '.join(kinds)} {words}")
        if not told:
            return f"As your rights are now, {'it asks for no approval' if once else 'no firing asks for an approval'}."
        return f"{'When it is done' if once else 'At each firing'}, as your rights are now, {listed(told)}."

    def _told(self, plan: Plan, once: bool) -> str:
        """Where the answer goes."""
        if any(step.tool.partition("@")[0] == "notify" for step in plan.steps):
            return ""
        where = f"it goes to {self.reports_to} as well" if self.reports_to else "name a channel to have it told there"
        answers = "its answer" if once else "the answer of each firing"
        return f"`devops-copilot schedules show` has {answers}; {where}."


def _asked(text: str, of: Apart, inner: Revision) -> Revision:
    """The same question of the whole: no answer to it does at once what was asked for later."""
    ask, lacks = inner.plan.ask, inner.lacks
    assert ask is not None
    if lacks is not None and lacks.strip() in {of.request, ""}:
        choices = tuple(of.with_time(of.said, choice) for choice in ask.choices)
        ask, lacks = ask.model_copy(update={"choices": choices}), text
    return inner.model_copy(update={"plan": Plan(goal=text, ask=ask), "lacks": lacks})
