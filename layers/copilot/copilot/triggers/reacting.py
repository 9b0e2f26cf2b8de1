"""React: events become runs of the reactions that answer to them, one for each cause and window.

What is to be begun is noted before it is begun, and that it was, after: an event that is delivered again begins what
was not begun and nothing else. A reaction's storm is one run; what came beyond, was held, or is our own doing is
counted and told.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from copilot.config.configuration import Configuration
from copilot.config.reacting import Reaction, why_held
from copilot.domain import MOST_TEXT, Person, ResourceRef, Revision, Trigger, told_key
from copilot.domain.events import Event, event_of
from copilot.domain.occurrences import Occurrence, fits, is_of_kind, kind_of, occurrence_of
from copilot.domain.reaction_words import in_words
from copilot.domain.reactions import Begin, Open, Reacted
from copilot.errors import CopilotError, RetryableError
from copilot.plans.runbook_check import runnable
from copilot.ports import Clock, History, Reactions, Runbooks
from copilot.runbooks.finding import find_runbook, revision_of
from copilot.text.durations import spoken
from copilot.text.listing import count
from copilot.text.masking import mask_text
from copilot.text.outside import inert, quoted, quoted_people
from copilot.times.zones import moment
from copilot.tools.registry import Registry
from copilot.triggers.ingesting import Ingest
from copilot.triggers.reaction_values import About, Missing, SeenIn, environment_of, parameters_of, request_of

OWN = timedelta(hours=2)
"""So long after an effect of ours, what rings about the same environment may come of it."""
LONG_AGO = timedelta(days=1)
"""No event is older, whatever one says that was made up."""
TRIES, LOOKED_AT, LONGEST_REASON = 5, 50, 350
HOUR = timedelta(hours=1)


class Reacting(NamedTuple):
    """How many runs were begun, and why each message that is to come again (by its id) failed."""

    runs: int
    ignored: int
    failed: dict[str, str]


class Planned(NamedTuple):
    """What is asked, with the values in it that others wrote; `revision` is a runbook's plan, None of a request."""

    text: str
    marked: tuple[str, ...]
    revision: Revision | None = None


class _Came(NamedTuple):
    message: str
    event: Event
    occurrence: Occurrence


@dataclass(frozen=True)
class React:
    """`seen_in` gives what is known to be in a place, `tell` has a reaction's channel told, under a key and in the
    thread of a cause; `here` are account and region of the copilot itself, `own_queue` is the ARN of the queue into
    which rules of the user's own put events.
    """

    reactions: Reactions
    ingest: Ingest
    runbooks: Callable[[], Runbooks]
    registry: Registry
    history: Callable[[], History]
    seen_in: SeenIn
    tell: Callable[[Reaction, str, str, str], None]
    config: Configuration
    clock: Clock
    here: tuple[str, str]
    own_queue: str = ""

    def __call__(self, messages: Sequence[dict[str, Any]]) -> Reacting:
        """`messages` are the records of an SQS batch. One that is malformed fails alone; where something cannot be
        begun now, those fail that it was to be begun for.
        """
        failed: dict[str, str] = {}
        came: dict[str, list[_Came]] = defaultdict(list)
        ignored = 0
        for message in messages:
            try:
                event = self._event(message)
                mine = {
                    one.name: occurrence_of(event, one.name, one.event or kind_of(event))
                    for one in self.answering(event)
                }
            except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
                failed[message["messageId"]] = f"not an event: {type(error).__name__}: {error}"[:400]
                continue
            ignored += not mine
            for name, occurrence in mine.items():
                came[name].append(_Came(message["messageId"], event, occurrence))
        runs = 0
        for reaction in self.config.reactions:
            try:
                runs += self._react(reaction, came.get(reaction.name, []), failed)
            except CopilotError as error:
                failed |= dict.fromkeys((one.message for one in came.get(reaction.name, [])), str(error))
        return Reacting(runs, ignored, failed)

    def due(self) -> None:
        """Tell what was held, was beyond the hour's most or in a crowd, once that is over. Raises RetryableError."""
        for reaction in self.config.reactions:
            self._tell_what_was_held(reaction)
            self._tell_of_a_crowd(reaction)

    def answering(self, event: Event) -> list[Reaction]:
        """Those of the configuration that answer to it. None where it is of an account that is not ours."""
        ours = {self.here[0], *(one.id for one in self.config.accounts)}
        if event.account not in ours:
            return []
        return [
            one
            for one in self.config.reactions
            if (one.event is None or is_of_kind(event, one.event, reaction=one.name, rule=one.rule or ""))
            and fits(one.pattern, event)
        ]

    def planned(self, reaction: Reaction, event: Event) -> Planned:
        """What it would ask, and of a runbook what it would do. Raises Missing, CopilotError."""

        @cache
        def about() -> About | None:
            return environment_of(event, self.seen_in)

        if reaction.runbook is None:
            text, marked = request_of(reaction, event, about)
            return Planned(mask_text(text), tuple(map(mask_text, marked)))
        filled = parameters_of(reaction, event, about)
        saved = find_runbook(self.runbooks(), reaction.runbook)
        plan = runnable(saved.runbook, filled.values, self.registry)
        revision = revision_of(saved, plan)
        marked = tuple(mask_text(one) for one in filled.marked)
        return Planned(plan.goal, marked, revision.model_copy(update={"marked": marked}))

    def _event(self, message: dict[str, Any]) -> Event:
        body = json.loads(message["body"])
        ours = not self.own_queue or message.get("eventSourceARN") != self.own_queue
        return event_of(body, ours=ours, account=self.here[0], region=self.here[1])

    def _react(self, reaction: Reaction, came: Sequence[_Came], failed: dict[str, str]) -> int:
        if not came:
            return 0
        runs, alone = 0, ""
        state, begins = self._counted(reaction, [one.occurrence for one in came])
        for begin in begins:
            same = [one for one in came if one.occurrence.cause == begin.open.cause]
            rest = [one.occurrence for one in came if one.occurrence.cause != begin.open.cause]
            try:
                begun = self._begun(reaction, begin, same[0].event, rest)
            except CopilotError as error:
                failed |= dict.fromkeys((one.message for one in same), str(error))
                continue
            runs += begun
            alone = begin.open.cause if begin.gathered is not None and not begun else alone
        if alone:  # it stands for no others: the next of them does, as far as the hour goes
            return runs + self._react(reaction, [one for one in came if one.occurrence.cause != alone], failed)
        if state.held is not None or state.over:
            self._tell_what_was_held(reaction)
        if state.passed is not None:
            self._tell_of_a_crowd(reaction)
        return runs

    def _begun(self, reaction: Reaction, begin: Begin, event: Event, rest: Sequence[Occurrence]) -> bool:
        """Whether it came to a Run, which is noted; else the rest of its crowd is as if it had not come. Raises
        RetryableError.
        """
        run_id, said = self._begin(reaction, begin, event)

        def noted(now: Reacted) -> Reacted:
            after = now.was_begun(begin.open.cause, run_id, said)
            return after if run_id or begin.gathered is None else after.without_crowd(rest)

        self._noted(reaction.name, noted)
        return bool(run_id)

    def _counted(self, reaction: Reaction, some: Sequence[Occurrence]) -> tuple[Reacted, list[Begin]]:
        """What is kept of the reaction with these counted. Raises RetryableError where others are always first."""
        now, zone = self.clock.now(), self.config.time_zone
        quiet, work = self.config.quiet_hours, self.config.maintenance
        why = [why_held(quiet, work, one.kind, (one.account, one.region), now, zone) for one in some]
        free = [one for one, held in zip(some, why, strict=True) if not held]
        held = [(one, reason) for one, reason in zip(some, why, strict=True) if reason]
        for _ in range(TRIES):
            before = self.reactions.reacted(reaction.name)
            state, begins = before, list[Begin]()
            if held:
                state = state.holding([one for one, _ in held], held[0][1], now)
            if free:
                state, begins = state.took(free, timedelta(minutes=reaction.minutes), reaction.most_an_hour, now)
            if self.reactions.change(before, state):
                return state, begins
        raise RetryableError(f"reaction {reaction.name} was at work elsewhere {TRIES} times")

    def _noted(self, name: str, change: Callable[[Reacted], Reacted]) -> None:
        for _ in range(TRIES):
            before = self.reactions.reacted(name)
            if self.reactions.change(before, change(before)):
                return
        raise RetryableError(f"reaction {name} was at work elsewhere {TRIES} times")

    def _begin(self, reaction: Reaction, begin: Begin, event: Event) -> tuple[str, str]:
        """The id of its Run; or "", and what was said in place of one."""
        one = begin.open
        key = one.key(reaction.name)
        if own := self._our_own_doing(event):
            return self._said(reaction, one, key, f"may be our own doing: {own}. So nothing was begun")
        person = self.config.current(Person(id=reaction.person, name=reaction.person))
        if not person.roles:
            return self._said(reaction, one, key, f"nothing was begun: {person.name} has no role any more")
        try:
            planned = self.planned(reaction, event)
        except Missing as missing:
            path = missing.path
            which = "which environment it is about is not known" if path == "environment" else f"it has no {{{path}}}"
            return self._said(reaction, one, key, f"nothing was begun: {which}")
        except RetryableError:
            raise
        except CopilotError as error:
            return self._said(reaction, one, key, f"nothing was begun: {quoted(str(error)[:LONGEST_REASON])}")
        tenant, now = self.config.tenant, self.clock.now()
        asked, marked = planned.text[:MOST_TEXT], planned.marked
        trigger = Trigger.of_reaction(reaction.name, asked, tenant, person, now, dedupe_key=key, marked=marked)
        run, _ = self.ingest(trigger, planned.revision)
        return run.run_id, ""

    def _said(self, reaction: Reaction, one: Open, key: str, what: str) -> tuple[str, str]:
        self.tell(reaction, f"{in_words(one, self.config.account_names)}: {what}.", told_key(key), one.cause)
        return "", what

    def _our_own_doing(self, event: Event) -> str:
        """What the copilot did shortly before to the environment that it is about, in words; "" for nothing known."""
        found = environment_of(event, self.seen_in)
        if found is None:
            return ""
        target = ResourceRef(type="environment", id=found.environment)
        now = self.clock.now()
        at = max(min(event.at, now), now - LONG_AGO)
        for number, made in enumerate(self.history().made(at - OWN, at, target)):
            if number == LOOKED_AT:
                break
            if made.entry.state != "failed_clean" and made.entry.prior.wanted:
                before = spoken((at - made.entry.started_at).total_seconds())
                tool = made.entry.tool.partition("@")[0]
                who = quoted_people(made.person)
                return f"run {made.run_id} ({tool} for {who}) changed {quoted(found.environment)} {before} before"
        return ""

    def _tell_what_was_held(self, reaction: Reaction) -> None:
        now, zone = self.clock.now(), self.config.time_zone
        state = self.reactions.reacted(reaction.name)
        held, over_since = state.held, state.over_since
        quiet, work = self.config.quiet_hours, self.config.maintenance
        if held is not None and not why_held(quiet, work, held.kind, None, now, zone):
            names = ", ".join(map(quoted, held.names))
            many = count(held.events, "event")
            text = f"Reaction {reaction.name} held {many} ({names}) in {inert(held.why)}: none of it was begun. Ask for"
            text += " what is wanted still."
            self.tell(
                reaction, text, told_key(f"reaction/{reaction.name}/held/{held.since.isoformat()}/{held.events}"), ""
            )
            self._noted(reaction.name, lambda was: was.told_of(held=True) if was.held == held else was.told_of())
        if over_since is not None and now - over_since >= HOUR:
            since = moment(over_since, ZoneInfo(zone))
            text = f"Reaction {reaction.name}: {count(state.over, 'event')} since {since} began nothing, since it had"
            text += f" {count(reaction.most_an_hour, 'run')} in the hour, which is its most."
            self.tell(reaction, text, told_key(f"reaction/{reaction.name}/over/{over_since.isoformat()}"), "")
            self._noted(reaction.name, lambda was: was.told_of(over=True))

    def _tell_of_a_crowd(self, reaction: Reaction) -> None:
        """All that came with what stood for it: also what came after that was answered."""
        state = self.reactions.reacted(reaction.name)
        crowd = state.passed or state.crowd_over(self.clock.now())
        if crowd is None:
            return
        first = next((one for one in state.last if one.cause == crowd.first and one.since == crowd.since), None)
        if first is not None and first.run_id:
            named = ", ".join(map(quoted, crowd.names))
            until = moment(crowd.until, ZoneInfo(self.config.time_zone))
            text = f"Reaction {reaction.name}: run {first.run_id} stood for {count(crowd.events, 'event')} more, of"
            text += f" {count(len(crowd.causes), 'cause')} ({named}), that came by {until}. None of these was looked at"
            text += " by itself. Ask about what is wrong still."
            self.tell(
                reaction, text, told_key(f"reaction/{reaction.name}/crowd/{crowd.since.isoformat()}"), first.cause
            )
        self._noted(reaction.name, lambda was: was.told_of(crowd=crowd))
