"""What a request comes to without a model: a plan, a question, an answer about the copilot itself; or why none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple, get_args

from pydantic import JsonValue

from copilot.config.configuration import Limits
from copilot.domain import (
    ABOUT_HOME,
    AGAIN,
    HOME,
    NOTHING_KNOWN,
    RETRY,
    RUNBOOK,
    SPEAKS_OF_FREEZING,
    UNDO,
    Focus,
    Kind,
    Known,
    KnownEnvironment,
    OpenQuestion,
    Person,
    Plan,
    Recurrence,
    Revision,
    Step,
    Trigger,
    is_remark,
    is_told,
    way_of,
)
from copilot.errors import ToolInputError
from copilot.intents import Correction, Intents, Match, Present
from copilot.intents.completing import complete, guesses, is_bare, is_dropped, is_time, refuses
from copilot.intents.destinations import spoken
from copilot.intents.frames import references_in
from copilot.intents.hinting import Hints
from copilot.intents.names import written_as
from copilot.intents.on_schedule import Apart, apart
from copilot.intents.referring import Unclear
from copilot.intents.schedule_nouns import ID as SCHEDULE
from copilot.intents.watching import waits_for_something
from copilot.planning.about_itself import about
from copilot.planning.asking_runbooks import AskForRunbook
from copilot.planning.foreseeing import foreseen
from copilot.planning.gating_in_words import GateInWords
from copilot.planning.over_results import OverResults, beside, narrowed
from copilot.planning.putting_off import RUNS_LATER, PutOff
from copilot.planning.unplanned import Unplanned, asking, only_says
from copilot.planning.using_again import fresh, served
from copilot.planning.watching_in_words import STARTS, WatchInWords
from copilot.plans.afresh import changes
from copilot.plans.telling import MayTell, only_status
from copilot.policy.rights import Rights
from copilot.text.listing import listed
from copilot.text.nearness import nearest
from copilot.text.outside import inert, looks_like_a_name
from copilot.tools.registry import Registry

REPEAT = (
    "The last request was for a change, and a change is not repeated on a hint. "
    "Nothing was done; please say it in full."
)
NOBODYS = (
    "Which environments are yours I cannot tell, for somebody else is called as you are. "
    "Nothing was done; please name them."
)
STILL_OPEN = "Nothing was done yet: what I asked waits for its answer. Which is meant?"
DROPPED_IT = "All right. Nothing was done. What is under way or waits for an approval stays as it is."
NOTHING_ASKED = (
    "No question to you is open here, so nothing was done. Answer one where it was asked, or say in full what is to be "
    "done; “help” says what can be."
)
TOO_LATE = "That question was asked too long ago to go by its answer. Nothing was done; say again: “{request}”."
CANNOT_UNDO = "Here nothing is known of what was done. Nothing was done; ask the copilot that did it."
NOTHING_KNOWN_TO_RUN = "Here nothing is known of what runs and waits; ask the copilot that was asked."
NOTHING_KNOWN_TO_WAIT = "Here nothing is known of what waits; ask the copilot that was asked."
CANNOT_RETRY = "Here nothing is known of what was not done. Nothing was done; ask the copilot that was to do it."
FREEZING = (
    "done at once, by no tool and in no plan, where a person says so in these words: freeze or thaw, then everything, "
    "or environment, account or person with a name. If that is wanted, say which words do it"
)
"""What a model is told of a request that speaks of it and is none."""
NO_RUNBOOKS = "Here no runbooks are kept. Nothing was done; ask the copilot that keeps them."
RUN_RUNBOOK, SAVE_RUNBOOK, WITHDRAW_RUNBOOK = "run_runbook", "save_runbook", "withdraw_runbook"
"""Actions that need the runbooks there are."""
SCHEDULES = "list_schedules"
WAITING = "waiting"
"""The action that asks what waits for an approval."""
MOST_SHOWN = 100
_STOPS_IT = re.compile(
    r"(?:please |ok |no,? |oh )*(?:stop|cancel|end|drop|kill|turn|switch|shut|pause|remove|delete) (?:it|that|this)"
    r"(?: off| down)?(?: please| again| now)?[.!]*",
    re.IGNORECASE,
)
FEW = 3
"""Of so many, all are as easily named."""
CHANNELS_OFFERED = 4
LEADING = frozenset("over for in during within from of".split())
"""Before a time they say no more than that alone."""


class _Said(NamedTuple):
    """A request, what the conversation speaks of and what there is by name; `confirmed` where it was asked whether it
    is meant.
    """

    text: str
    focus: Focus
    there: Known
    confirmed: bool = False


@dataclass(frozen=True)
class Hear:
    """`rights_of` says what a person may do, `known` what there is by name, `zone_of` in which time zone a person, by
    id, names times, `most` how many environments may be changed without asking whether they are meant, `owned_as` how
    an owner is written who is this person and nobody else, `channels` which there are, () where any may be one, and
    `undo` plans how what a Run did is taken back, `retry` how what it did not do is done and `again` how what was done
    from one time to another is done once more, `runbook` what is asked
    for by a runbook's name, and `save` how what was done last is kept as one, asked in these words; None where none
    are kept. `reports_to` is where owners of schedules are told, `waiting` says what waits for an approval where it is
    asked, `home` what a person's page says, and `may_tell` whether a person may have what tells of something sent there
    without it being looked at.
    """

    intents: Intents
    registry: Registry
    rights_of: Callable[[Person], Rights]
    known: Callable[[], Known] = lambda: NOTHING_KNOWN
    zone_of: Callable[[str], str] = lambda person: "UTC"
    most: int = 20
    owned_as: Callable[[Person], Sequence[str]] = lambda person: (person.id,)
    channels: Sequence[str] = ()
    undo: Callable[[Trigger], Revision] = lambda trigger: _only_says(UNDO, trigger.text, CANNOT_UNDO)
    runbook: AskForRunbook | None = None
    save: Callable[[Trigger, str], Revision] | None = None
    reports_to: str | None = None
    retry: Callable[[Trigger], Revision] = lambda trigger: _only_says(RETRY, trigger.text, CANNOT_RETRY)
    waiting: Callable[[Trigger], str] = lambda trigger: NOTHING_KNOWN_TO_WAIT
    again: Callable[[Trigger, JsonValue, JsonValue], Revision] = lambda trigger, since, until: _only_says(
        AGAIN, trigger.text, CANNOT_RETRY
    )
    may_tell: MayTell = only_status
    limits: Limits = field(default_factory=Limits)
    home: Callable[[Trigger], str] = lambda trigger: NOTHING_KNOWN_TO_RUN

    def __call__(self, trigger: Trigger, focus: Focus) -> Revision | None:
        """None for a request that is not a known one."""
        trigger = trigger.model_copy(update={"text": spoken(trigger.text, self.channels)})
        present = self.present(trigger)
        known = self.known()
        said = self._asked_for(trigger, focus, known, present)
        if isinstance(said, Revision):
            return said
        if focus.intent in STARTS and (which := _which_is_stopped(said)) is not None:
            return which
        gates = self._gate(trigger, said, known, present)
        if (gate := gates(said.text)) is not None:
            return gate
        planned = self._planned(trigger, said, known, present)
        # A time may be what is waited for, "when it is stopped" also what a schedule says.
        timed = planned is not None and any(step.tool in {*RUNS_LATER, SCHEDULES} for step in planned.plan.steps)
        if planned is None or planned.plan.ask is not None or timed:
            watched = self._watched(trigger, said, known, present)
            if watched is not None and (planned is None or watched.plan.steps):
                return watched
            if planned is not None and not _only_looks(planned) and waits_for_something(said.text):
                return None  # at a time alone it would be done whether or not that is so
        # Of a runbook the words of a time are left over: it may be one that is to be run then.
        if planned is None or (self.runbook is not None and not planned.plan.steps):
            scheduled = self._scheduled(trigger, said, known, present)
            if planned is None or (scheduled is not None and self._is_of_runbook(trigger, said, known, present)):
                return scheduled or self._gate_later(gates, said, present)
        return planned

    def _asked_for(self, trigger: Trigger, focus: Focus, known: Known, present: Present) -> _Said | Revision:
        """What is asked for, by this alone or as the answer to a question; or that there is nothing to be done."""
        spoken_of = [one.id for one in focus.references if one.type == "environment"]
        said = _Said(trigger.text, focus, _with(known, spoken_of, present))
        if focus.open is None or focus.open.asker != trigger.person.id:
            return only_says(trigger.text, NOTHING_ASKED) if is_bare(trigger.text) else said
        if is_dropped(trigger.text):
            return Revision(plan=Plan(goal=trigger.text, say=DROPPED_IT))
        answered = self._answered(focus.open, said, present)
        says_no = is_remark(said.text) and refuses(said.text)
        if answered.text == said.text and says_no and not self._is_known(said, present):
            return Revision(plan=Plan(goal=trigger.text, say=DROPPED_IT))
        if answered.text != said.text and not focus.open.waits_at(trigger.received_at):
            return only_says(trigger.text, TOO_LATE.format(request=inert(focus.open.request)))
        return answered

    def _planned(self, trigger: Trigger, said: _Said, known: Known, present: Present) -> Revision | None:
        text, focus, there, _ = said
        try:
            match = self._matched(text, focus, present, there)
        except ToolInputError as unclear:
            lacks = unclear.lacks if isinstance(unclear, Unclear) else None
            return asking(text, str(unclear), unclear.nearest, lacks, _marked(focus, unclear.nearest))
        if match is None or match.intent in {RUN_RUNBOOK, SAVE_RUNBOOK, WITHDRAW_RUNBOOK}:
            return self._of_runbook(match.intent if match else "", text, trigger, known)
        if match.intent in {UNDO, RETRY, AGAIN}:
            return self._of_earlier_run(match, text, trigger)
        if match.says:
            return Revision(plan=Plan(goal=text, say=match.says))
        if match.plan is None:
            return self._said(text, match.intent, trigger, focus, known)
        if match.over or match.beside:
            return self._over(match, match.plan, said, trigger, known)
        return self._filled(match, said, trigger, known)

    def _filled(self, match: Match, said: _Said, trigger: Trigger, known: Known) -> Revision:
        """The plan of what is asked for, with whose it is of; or what has to be asked first."""
        text, focus, there, confirmed = said
        if match.wants_file and not trigger.attachments:
            return asking(text, match.wants_file)
        if match.mine or "owner" in match.slots:
            owner = tuple(self.owned_as(trigger.person)) if match.mine else written_as(str(match.slots["owner"]), there)
            if not owner:
                return only_says(text, NOBODYS)
            assert match.plan is not None
            match = _owned(match, match.plan, owner)
        assert match.plan is not None
        changed = changes(match.plan, self.registry)
        if (asked := self._asked_first(text, match, known, changed, confirmed)) is not None:
            return asked
        marked = _marked(focus, match.remembered)
        return Revision(plan=match.plan, intent=match.intent, slots=match.slots, marked=marked, lacks=match.lacks)

    def _over(self, match: Match, plan: Plan, said: _Said, trigger: Trigger, known: Known) -> Revision | None:
        """What goes by the last answer: what of it is fresh is not read again."""
        results = fresh(said.focus.results, trigger.received_at, self.registry)
        plan = served(plan, results)
        if match.beside is None:
            plan = narrowed(plan, said.focus)
        else:
            plan = beside(plan, served(match.beside, results), said.text)
        if any(step.tool != "notify" and self._changes(step) for step in plan.steps):
            return only_says(said.text, REPEAT)
        met = match.model_copy(update={"plan": plan, "is_follow_up": False})
        changed = changes(plan, self.registry)
        if (asked := self._asked_first(said.text, met, known, changed, said.confirmed)) is not None:
            return asked
        return Revision(plan=plan, marked=_marked(said.focus, match.remembered))

    def _changes(self, step: Step) -> bool:
        return self.registry.find(step.tool).effect != "read"

    def _of_earlier_run(self, match: Match, text: str, trigger: Trigger) -> Revision:
        if match.intent == UNDO:
            return self.undo(trigger)
        if match.corrected:  # it may have meant something else, and this begins changes
            return asking(text, _is_it_meant(match.corrected, match.meant), (match.meant,), lacks=text)
        asked = trigger.model_copy(update={"text": text})
        if match.intent == AGAIN:
            return self.again(asked, match.slots.get("since"), match.slots.get("until"))
        return self.retry(asked)

    def _of_runbook(self, what: str, text: str, trigger: Trigger, known: Known) -> Revision | None:
        """What is asked to be run by its name alone, where it is nothing else; None where it is none, or only asks."""
        orders = self.intents.orders(text)
        if not orders or (not what and self.runbook is None):
            return None
        if self.runbook is None or self.save is None:
            return only_says(text, NO_RUNBOOKS)
        if what == SAVE_RUNBOOK:
            return self.save(trigger, orders[-1])
        if what == WITHDRAW_RUNBOOK:
            return self.runbook.withdrawn(orders)
        return self.runbook.named(orders, known) if what else self.runbook(orders, known)

    def _scheduled(self, trigger: Trigger, said: _Said, known: Known, present: Present) -> Revision | None:
        """What is asked for with its times; None where nothing is, or what it would be is no known request."""
        of = None if waits_for_something(said.text) else apart(said.text, present)
        if of is None:
            return None
        rest = said._replace(text=of.request)

        def plan_at(at: datetime) -> Plan:
            found = self._planned(trigger, rest, known, Present(at, present.time_zone))
            assert found is not None
            return found.plan

        inner = self._planned(trigger, rest, known, present)
        if inner is None:
            return None
        rights = self.rights_of(trigger.person)
        return self.put_off(trigger.person)(said.text, of, inner, rights, present, plan_at)

    def _gate_later(self, gates: GateInWords, said: _Said, present: Present) -> Revision | None:
        of = apart(said.text, present)
        return None if of is None else gates.at_a_time(said.text, of.request)

    def _watched(self, trigger: Trigger, said: _Said, known: Known, present: Present) -> Revision | None:
        """What is to be watched, of what is read by a known request."""
        return self._watching(trigger, said, known, present)(said.text)

    def _gate(self, trigger: Trigger, said: _Said, known: Known, present: Present) -> GateInWords:
        """What is to be held against what it must be, of what is read by a known request."""

        def planned(request: str, at: datetime) -> Revision | None:
            return self._planned(trigger, said._replace(text=request), known, Present(at, present.time_zone))

        return GateInWords(planned, known, present)

    def _watching(self, trigger: Trigger, said: _Said, known: Known, present: Present) -> WatchInWords:
        def planned(request: str, at: datetime) -> Revision | None:
            return self._planned(trigger, said._replace(text=request), known, Present(at, present.time_zone))

        person = trigger.person
        rights = partial(self.rights_of, person)
        return WatchInWords(planned, known, present, self.put_off(person), rights, self.channels)

    def _is_of_runbook(self, trigger: Trigger, said: _Said, known: Known, present: Present) -> bool:
        of = apart(said.text, present)
        if of is None or not isinstance(of.when, Recurrence):
            return False
        inner = self._planned(trigger, said._replace(text=of.request), known, present)
        return inner is not None and inner.intent == RUNBOOK and bool(inner.plan.steps)

    def put_off(self, person: Person) -> PutOff:
        return PutOff(self.registry, self.reports_to, partial(self.may_tell, person))

    def watching(self, trigger: Trigger, focus: Focus) -> WatchInWords:
        """What is to be watched, where what is to be done then is no known request."""
        known = self.known()
        return self._watching(trigger, _Said(trigger.text, focus, known), known, self.present(trigger))

    def apart(self, trigger: Trigger) -> Apart | None:
        """A request that is no known one, without its times."""
        return None if waits_for_something(trigger.text) else apart(trigger.text, self.present(trigger))

    def present(self, trigger: Trigger) -> Present:
        return Present(trigger.received_at, self.zone_of(trigger.person.id))

    def _matched(self, text: str, focus: Focus, present: Present, known: Known) -> Match | None:
        """The known request that it is; of one that only asks what would happen, with a plan that does nothing."""
        match = self.intents.match(text, focus, present, known, OverResults(self.registry))
        if match is None or match.plan is None or not match.foreseen:
            return match
        return match.model_copy(update={"plan": foreseen(match.plan, self.registry, self.limits)})

    def _said(self, text: str, what: str, trigger: Trigger, focus: Focus, known: Known) -> Revision:
        """The answer to what needs nothing done."""
        if what == "thank" and focus.open is not None and focus.open.asker == trigger.person.id:
            # "Perfect" may be meant for a yes, which it is not: the question stays.
            return asking(focus.open.request, STILL_OPEN, focus.open.choices, focus.open.lacks)
        if what == WAITING:
            return Revision(plan=Plan(goal=text, say=self.waiting(trigger)))
        if what == HOME:
            return Revision(plan=Plan(goal=text, say=self.home(trigger)), intent=HOME, read_about=ABOUT_HOME)
        rights = self.rights_of(trigger.person)
        return Revision(plan=Plan(goal=text, say=about(what, trigger.person, rights, self.intents, known)))

    def _asked_first(self, text: str, match: Match, known: Known, changes: bool, confirmed: bool) -> Revision | None:
        """What has to be asked before this is done, or why it is not."""
        if changes and match.is_follow_up:
            return only_says(text, REPEAT)
        names = {one.name for one in known.environments}
        if doubtful := [one for one in match.corrected if one.meant in names or (changes and one.decides)]:
            return asking(text, _is_it_meant(doubtful, match.meant), (match.meant,), lacks=text)
        if changes and match.doubtful and not confirmed:
            return asking(text, f"Is that to be done: “{inert(text)}”? Nothing was done.", (text,), lacks=text)
        if unknown := [one for one in match.channels if not is_told(one, self.channels)]:
            return asking(text, *_which_channel(text, unknown[0], self.channels), lacks=text)
        if changes and match.everything:
            return asking(text, *_everything(known, match))
        if match.all_schedules and changes and not confirmed:
            question = f"That is every schedule there is, whoever owns it. Is “{inert(text)}” meant? Nothing was done."
            return asking(text, question, (text,), lacks=text)
        for said, kind in match.as_one if changes else ():
            if len(there := [one.name for one in known.environments if one.kind == kind]) > 1:
                return asking(text, *_one_or_all(said, kind, there))
        meant = _environments(match, known)
        too_many = len(meant) > self.most or _is_nearly_all(match, meant, known) or _is_no_pair(text, meant)
        if changes and not confirmed and too_many:
            shown = ", ".join(map(inert, meant[:MOST_SHOWN])) + (", …" if len(meant) > MOST_SHOWN else "")
            count = f"{len(meant)} environments: {shown}" if meant else "nearly everything there is"
            return asking(text, f"That is {count}. Are they meant? Nothing was done.", (text,), lacks=text)
        return None

    def _is_known(self, said: _Said, present: Present) -> bool:
        return next(self.intents.frames(said.text, present, said.there), None) is not None

    def _answered(self, question: OpenQuestion, said: _Said, present: Present) -> _Said:
        """What is asked for by what may be the answer to a question. The request then means what it meant when that
        was asked.
        """
        there = _with(said.there, [one for one in _names_in(question.choices) if not SCHEDULE.fullmatch(one)], present)
        text = self._completed(question, said.text, present, there)
        if text == said.text:
            return said._replace(there=there)
        settled = said.focus.model_copy(update={"unsettled": False})
        return _Said(text, settled, there, confirmed=question.lacks == question.request == text)

    def _completed(self, question: OpenQuestion, said: str, present: Present, known: Known) -> str:
        """The request that was lacking something, with the answer in it; or what was said, where it is none."""
        if (completed := complete(question, said, present)) is not None:
            return completed
        own = next(self.intents.frames(said, present, known), None)
        # "Dev envs" alone is a request, but before that it is an answer.
        if own is not None and any(
            span.role == own.action and said[span.begin : span.end].strip().lower() not in LEADING for span in own.spans
        ):
            return said
        for one in guesses(question, said):
            frame = next(self.intents.frames(one, present, known), None)
            if frame is None or (is_time(question, present) and not frame.said.keys() & {"window", "until"}):
                continue
            if all(one.said in question.request.lower() for one in references_in(frame)):
                return one  # "that" as an answer would mean something that was spoken of before the question
        return said

    def hints(self, trigger: Trigger, focus: Focus) -> Hints:
        """What its words stand for, of a request that is no known one."""
        found = self.intents.hints(trigger.text, focus, self.present(trigger), self.known())
        about = {"freeze, thaw": FREEZING} if SPEAKS_OF_FREEZING.search(trigger.text) else {}
        return found._replace(said={**found.said, **about})

    def not_understood(self, trigger: Trigger, model_would_help: bool, no_room: str = "") -> Revision:
        """What was understood of it, what was not, and the nearest there is; `no_room` is why no model may be asked."""
        present = self.present(trigger)
        rights = self.rights_of(trigger.person)
        return Unplanned(trigger.text, self.intents, self.known(), present, rights).told(model_would_help, no_room)


def _only_looks(revision: Revision) -> bool:
    return [step.tool for step in revision.plan.steps] == [SCHEDULES]


def _which_is_stopped(said: _Said) -> Revision | None:
    """Right after something was watched: what is to be stopped, that or what it is about?"""
    if _STOPS_IT.fullmatch(said.text.strip()) is None:
        return None
    about = said.focus.spoken_of("environment")
    named = [f"stop {about[0].id}"] if len(about) == 1 else []
    question = "Is the watch meant that was just started, or what it is about? Nothing was done."
    return asking(said.text, question, ("stop watching it", *named), lacks=said.text)


def answers(question: OpenQuestion, said: str, present: Present) -> bool:
    """Whether by its form it answers the question, or drops it."""
    if said.rstrip().endswith("?"):
        return False
    return is_bare(said) or is_dropped(said) or complete(question, said, present) is not None


def _only_says(intent: str, goal: str, text: str) -> Revision:
    return only_says(goal, text).model_copy(update={"intent": intent})


def _names_in(choices: Sequence[str]) -> Iterator[str]:
    """What may be chosen; of a choice of several names each of them, as together they name nothing."""
    for choice in choices:
        several = choice.split(" and ")
        yield from several if all(map(looks_like_a_name, several)) else [choice]


def _with(known: Known, names: Sequence[str], present: Present) -> Known:
    """What is known, and what was spoken of."""
    there = {one.name for one in known.environments}
    new = [name for name in dict.fromkeys(names) if name and name not in there]
    more = tuple(KnownEnvironment(name=name, kind="production", seen_at=present.now) for name in new)
    return known.model_copy(update={"environments": known.environments + more}) if more else known


def _is_it_meant(doubtful: Sequence[Correction], meant: str) -> str:
    taken = listed([f"“{inert(one.said)}” for “{inert(one.meant)}”" for one in doubtful])
    return f"I took {taken}. Is “{inert(meant)}” meant? Nothing was done."


def _which_channel(text: str, said: str, there: Sequence[str]) -> tuple[str, Sequence[str]]:
    kind = "destination" if way_of(said) else "channel"
    there = [one for one in there if (way_of(one) is None) == (kind == "channel")]
    near = nearest(said, there, CHANNELS_OFFERED) or there[:CHANNELS_OFFERED]
    choices = [re.sub(rf"{re.escape(said)}(?![\w-])", one, text, flags=re.IGNORECASE) for one in near]
    which = "Which is meant?" if choices else "The configuration names none."
    return f"There is no {kind} {said} to be told. {which} Nothing was done.", choices


def _everything(known: Known, match: Match) -> tuple[str, Sequence[str], str]:
    """What to ask before something is done to all there are, what may be chosen, and the words it would stand for."""
    but = match.slots.get("but")
    left_out = len(but) if isinstance(but, list) else 0
    number = len(known.environments) - left_out
    count = f"all {'other ' if left_out else ''}{number} environments" if number else "every environment there is"
    state = f"{match.state} " if match.state else ""
    choices = [f"all {state}{kind} environments" for kind in get_args(Kind)]
    question = f"That is {count}. Which kinds are meant? Nothing was done; name all four if they are."
    return question, choices, match.everything


def _one_or_all(said: str, kind: Kind, names: Sequence[str]) -> tuple[str, Sequence[str], str]:
    """What to ask where a kind stands as the name of one environment, of which there are several."""
    every = f"all {kind} environments"
    question = f"Is “{inert(said)}” one of {listed([*map(inert, names)][:MOST_SHOWN])}, or {every}? Nothing was done."
    return question, (*names, every), said


def _owned(match: Match, plan: Plan, owner: tuple[str, ...]) -> Match:
    """The match with its plan for what has this owner, written in one of these ways: letter by letter, for it is a tag
    that anybody may have written in any way.
    """
    marks = {
        "owner=='<me>'": " || ".join(f"owner=='{one}'" for one in owner),
        "owner!='<me>'": " && ".join(f"owner!='{one}'" for one in owner),
        "<me>": " or ".join(owner),
    }
    written = plan.model_dump_json(exclude={"goal"})
    for mark, meant in marks.items():
        written = written.replace(mark, meant)
    made = Plan.model_validate({**json.loads(written), "goal": plan.goal})
    return match.model_copy(update={"plan": made, "owner": owner})


def _environments(match: Match, known: Known) -> list[str]:
    """Those that a change of several would be of, as far as they are known; of the idle ones the plan itself looks."""
    kinds, names, but = (match.slots.get(name) or [] for name in ("kinds", "names", "but"))
    assert isinstance(kinds, list) and isinstance(names, list) and isinstance(but, list)
    owned = [one for one in known.environments if not match.owner or one.owner in match.owner]
    of_kinds = [one.name for one in owned if one.kind in kinds or (match.owner and not kinds)]
    return [name for name in dict.fromkeys([*of_kinds, *map(str, names)]) if name not in but]


def _is_no_pair(text: str, meant: Sequence[str]) -> bool:
    return len(meant) not in {0, 2} and re.search(r"\bboth\b", text.lower()) is not None


def _is_nearly_all(match: Match, meant: Sequence[str], known: Known) -> bool:
    """Whether it comes to everything, in whatever words: all that were listed, or all but some kind."""
    kinds = match.slots.get("kinds")
    whole = len(known.environments) > FEW and {one.name for one in known.environments} <= {*meant}
    return whole or (isinstance(kinds, list) and len(kinds) >= len(get_args(Kind)) - 1)


def _marked(focus: Focus, remembered: Sequence[str]) -> tuple[str, ...]:
    """Those that text which is not to be trusted had chosen."""
    return tuple(name for name in remembered if focus.is_marked(name))
