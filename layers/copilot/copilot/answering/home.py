"""What one person's page says: of all there is what is theirs to see, the first few of each, by their rights as they
are now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal, NamedTuple, TypeVar

from copilot.answering.chat.stops import Coming
from copilot.config.configuration import Configuration
from copilot.domain import (
    Home,
    HomeApproval,
    HomeQuestion,
    HomeRun,
    HomeSchedule,
    Known,
    KnownEnvironment,
    PendingApproval,
    PendingCall,
    Person,
    Run,
    Schedule,
    is_chosen,
    is_named,
    names_written,
)
from copilot.errors import NotFound
from copilot.ports import Clock, Schedules, Store
from copilot.text.listing import count, listed
from copilot.text.outside import inert, quoted
from copilot.text.spoken import tool_spoken
from copilot.times.titles import title_of
from copilot.times.windows import LAST_FIRINGS, kept_words, still_due

FEW = 5
"""Of each list so many are shown."""
LAST_RUNS = 100
"""Among so many of the last Runs those are looked for that are not answered."""
MOST_PENDING = 200
"""So many Approvals that wait are looked through."""
LAST_QUESTIONS = 10
"""In so many Conversations, the last that ended in a question, it is looked whether that is open."""
LONGEST = 150

T = TypeVar("T")


class Rights(NamedTuple):
    """What a person may, as the policies say it: `rights` in plain words, `requests` what they might say."""

    sees_all: bool
    decides: Callable[[PendingApproval], bool]
    pauses: Callable[[Schedule], Literal["allow", "ask", "deny"]]
    rights: Sequence[str]
    requests: Sequence[str]


@dataclass(frozen=True)
class MakeHome:
    """`rights_of` says what a person may, who has the roles they have now; `coming` what Schedules stop at a time.
    Raises RetryableError.
    """

    store: Store
    schedules: Schedules
    known: Callable[[], Known]
    coming: Callable[[datetime], Sequence[Coming]]
    rights_of: Callable[[Person], Rights]
    config: Configuration
    clock: Clock

    def __call__(self, person: Person, asked_by: str = "") -> Home:
        """`asked_by` is the dedupe key of what asked for it, which does not stand on it as something that runs."""
        return _Page(self, person, asked_by).made()


class _Page:
    """What is being put on one person's page."""

    def __init__(self, parts: MakeHome, person: Person, asked_by: str) -> None:
        self._asked_by = asked_by
        self._parts, self._config, self._person = parts, parts.config, parts.config.current(person)
        self._tenant, self._now = parts.config.tenant, parts.clock.now()
        self._zone = parts.config.zone_of(person.id)
        self._rights = parts.rights_of(self._person)
        self._more: dict[str, int] = {}

    def made(self) -> Home:
        recent = self._parts.store.recent_runs(self._tenant, LAST_RUNS)
        pending = [*islice(self._pending(), MOST_PENDING)]
        mine = self._mine()
        return Home(
            person=self._person.name,
            at=self._now,
            zone=self._zone,
            sees_all=self._rights.sees_all,
            runs=self._few("runs", self._runs(recent, {one.run_id: one for one in pending})),
            approvals=self._few("approvals", [*self._approvals(pending)]),
            questions=self._few("questions", [*self._questions(recent)]),
            schedules=tuple(self._schedules(mine)),
            kept=self._few("kept", self._kept(mine)),
            frozen=self._few("frozen", [one.told for one in self._parts.store.freezes(self._tenant)]),
            rights=tuple(self._rights.rights),
            requests=tuple(self._rights.requests),
            more=self._more,
        )

    def _few(self, name: str, found: Sequence[T]) -> tuple[T, ...]:
        if len(found) > FEW:
            self._more[name] = len(found) - FEW
        return tuple(found[:FEW])

    def _runs(self, recent: Sequence[Run], waits: Mapping[str, PendingApproval]) -> list[HomeRun]:
        """Their own first. Those of others they see who may list all."""
        others = [one for one in recent if not self._asked_by or one.trigger.dedupe_key != self._asked_by]
        going = [one for one in others if one.status != "answered" and (self._is_own(one) or self._rights.sees_all)]
        return [self._run(one, waits.get(one.run_id)) for one in sorted(going, key=lambda one: not self._is_own(one))]

    def _run(self, run: Run, waits: PendingApproval | None) -> HomeRun:
        status = run.status
        assert status != "answered"
        return HomeRun(
            id=run.run_id,
            request=_cut(run.trigger.text),
            by=run.trigger.person.name,
            own=self._is_own(run),
            since=run.trigger.received_at,
            state=status,
            waits_for=tuple(map(self._name, waits.approvers)) if waits else (),
            until=waits.expires_at if waits else None,
        )

    def _pending(self) -> Iterator[PendingApproval]:
        after: str | None = ""
        while after is not None:
            page = self._parts.store.pending_approvals(self._tenant, self._now, after)
            yield from page.approvals
            after = page.after

    def _approvals(self, pending: Sequence[PendingApproval]) -> Iterator[HomeApproval]:
        """Of those for which a Run waits still."""
        for one in pending:
            if self._rights.decides(one) and self._stands(one):
                would = _would(one.calls)
                by = one.requested_by.name
                yield HomeApproval(id=one.id, request=_cut(one.request), by=by, would=would, until=one.expires_at)

    def _stands(self, one: PendingApproval) -> bool:
        try:
            run = self._parts.store.run(one.tenant, one.run_id)
        except NotFound:
            return False
        return run.status == "parked" and run.approval_id == one.id

    def _questions(self, recent: Sequence[Run]) -> Iterator[HomeQuestion]:
        asked = [one for one in recent if one.outcome == "asked" and self._is_own(one)]
        last = {one.conversation: one for one in reversed(asked)}
        for run in islice(sorted(last.values(), key=lambda one: one.trigger.received_at, reverse=True), LAST_QUESTIONS):
            question = self._parts.store.focus(run.tenant, run.conversation).open
            if question is not None and question.asker == self._person.id and question.waits_at(self._now):
                yield HomeQuestion(run_id=run.run_id, request=_cut(question.request), choices=question.choices)

    def _mine(self) -> list[KnownEnvironment]:
        names = {*self._config.owned_as(self._person)}
        there = self._parts.known().environments
        return [one for one in there if names & {name.strip() for name in one.owner.split(",")}]

    def _schedules(self, mine: Sequence[KnownEnvironment]) -> Iterator[HomeSchedule]:
        """Those that are theirs first; of each part the oldest."""
        there = [one for one in self._parts.schedules.schedules() if not one.is_over(self._now)]
        theirs = [one for one in there if one.owner == self._person.id]
        others = [one for one in there if one.owner != self._person.id and _is_for_any(one, mine)]
        for one in self._few("schedules", [*theirs, *others]):
            yield self._schedule(one, {each.name for each in mine})

    def _schedule(self, schedule: Schedule, mine: set[str]) -> HomeSchedule:
        fired = self._parts.schedules.firings(schedule.id, LAST_FIRINGS)
        due = [] if schedule.paused else still_due(schedule.times, schedule.created_at, fired, self._now, 2)
        stop = next((one.at for one in due if one.action == "stop"), None)
        coming = self._parts.coming(stop) if stop and mine else ()
        stops = [one.stop for one in coming if one.environment.name in mine and schedule.id in {by.id for by in one.by}]
        return HomeSchedule(
            id=schedule.id,
            title=title_of(schedule),
            by=self._name(schedule.owner),
            own=schedule.owner == self._person.id,
            paused=schedule.paused,
            action=due[0].action if due else None,
            at=due[0].at if due else None,
            may=self._rights.pauses(schedule),
            stops=tuple(stops),
        )

    def _kept(self, mine: Sequence[KnownEnvironment]) -> list[str]:
        names = {one.name for one in mine}
        keeps = [one for one in self._parts.schedules.keeps() if one.until > self._now]
        return [
            f"{quoted(one.environment)}: {kept_words(one)}"
            for one in keeps
            if one.environment in names or one.by == self._person.id
        ]

    def _is_own(self, run: Run) -> bool:
        return run.trigger.person.id == self._person.id

    def _name(self, id: str) -> str:
        known = self._config.known(id)
        return known.name if known else id


def _is_for_any(schedule: Schedule, mine: Sequence[KnownEnvironment]) -> bool:
    written = names_written(*schedule.runbooks.values())
    return any(is_chosen(schedule, one.name, one.kind) or is_named(one.name, written) for one in mine)


def _would(calls: Sequence[PendingCall]) -> str:
    """`stop environment: production blue (7 changes)`."""
    by_tool: dict[str, list[PendingCall]] = {}
    for call in calls:
        by_tool.setdefault(tool_spoken(call.tool), []).append(call)
    return "; ".join(f"{tool}: {_of(some)}" for tool, some in by_tool.items())


def _of(calls: Sequence[PendingCall]) -> str:
    targets = [target for call in calls for target in call.targets]
    names = dict.fromkeys(f"{target.kind or ''} {quoted(target.name)}".strip() for target in targets)
    return f"{listed([*names])} ({count(sum(call.changes for call in calls), 'change')})"


def _cut(text: str) -> str:
    text = " ".join(inert(text).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
