"""Which schedules there are; and which one is meant, by what it is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StringConstraints

from copilot.domain import Frozen, Kind, Made, Schedule, ScheduleId, is_chosen, is_named, names_written
from copilot.errors import Ambiguous, ToolInputError
from copilot.ports import Clients
from copilot.text.listing import listed
from copilot.text.outside import inert, quoted, quoted_people
from copilot.times.titles import title_of
from copilot.times.windows import LAST_FIRINGS, kept_words, moment, still_due
from copilot.tools.by_hand import ByHand, own
from copilot.tools.environments.inventory import surveyed
from copilot.tools.environments.looking import the_one
from copilot.tools.schedules.scope import going_on
from copilot.tools.tool import MOMENTS, ReadTool

Names = tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...]


class ScheduleSummary(Frozen):
    id: ScheduleId = Field(description="the schedule's id")
    title: Made = Field(description="what it does")
    owner: str = Field(description="whose rights its firings have")
    paused: bool = Field(description="whether it is paused")
    next: Made | None = Field(description="what it does next, and when, in its time zone")
    last: Made | None = Field(description="what its last firing was")
    summary: Made = Field(description="one line about it")


class ListSchedulesInput(Frozen):
    kinds: tuple[Kind, ...] = Field(default=(), description="for these kinds")
    names: Names = Field(default=(), max_length=50, description="and for the one of each name; without both all")
    just: Literal["any", "one", "all"] = Field(
        default="any", description="one, all: for just these; any: for others, too"
    )


class ListSchedulesOutput(Frozen):
    schedules: tuple[ScheduleSummary, ...] = Field(description="the schedules that are not over, the oldest first")
    kept: tuple[Made, ...] = Field(description="environments no schedule stops for now, a line each")
    none: Made = Field(default="", description='that there are none for these, in a sentence; "" else')


class ListSchedules(ReadTool[ListSchedulesInput, ListSchedulesOutput]):
    """Those for a kind are also those for an environment of that kind, and the other way round."""

    name = "list_schedules"
    summary = "List the schedules there are, or those for some environments, what each does next, and the exceptions."
    Input = ListSchedulesInput
    Output = ListSchedulesOutput
    lasts = MOMENTS
    shown_by = ("devops-copilot schedules", "devops-copilot schedules show")

    @classmethod
    def by_hand(cls, input: ListSchedulesInput, output: ListSchedulesOutput) -> Sequence[ByHand]:
        """All there are; of some each as a person sees it."""
        one_by_one = [own("schedules", "show", one.id) for one in output.schedules]
        return [own("schedules")] if input == ListSchedulesInput() else one_by_one

    def run(self, input: ListSchedulesInput) -> ListSchedulesOutput:
        now = self.clients.clock.now()
        asked = _asked(self.clients, input)
        kept = [keep for keep in self.clients.schedules.keeps() if keep.until > now]
        found = [one for one in going_on(self.clients) if asked is None or asked.has_any_of(one)]
        if asked is not None:
            kept = [keep for keep in kept if keep.environment in asked.there]
        if input.just == "one":
            found = [_the_one(asked, found)]
        elif input.just == "all" and asked is not None:
            found = _for_just(asked, found)
        return ListSchedulesOutput(
            schedules=tuple(_summary(self.clients, one) for one in found),
            kept=tuple(f"{quoted(keep.environment)}: {kept_words(keep)}" for keep in kept),
            none="" if found else f"No schedule stops {asked.words}." if asked is not None else "There is no schedule.",
        )


def _the_one(asked: _Asked | None, found: Sequence[Schedule]) -> Schedule:
    """Raises Ambiguous for one that is for others as well, for they would lose it too; ToolInputError for none."""
    exact = found if asked is None else [one for one in found if asked.is_all_of(one)]
    if len(exact) == 1:
        return exact[0]
    words = asked.words if asked else "anything"
    wider = exact or found
    if not wider:
        raise ToolInputError(f"there is no schedule for {words}", ours=True)
    shown = listed([f"{one.id} ({title_of(one)})" for one in wider])
    told = f"no schedule is for {words} alone: {shown} is for it too; is it meant?"
    if len(wider) > 1:
        told = f"{len(wider)} schedules are for {words}: {shown}; which one is meant?"
    raise Ambiguous(told, [one.id for one in wider], ours=True)


def _for_just(asked: _Asked, found: Sequence[Schedule]) -> list[Schedule]:
    """Raises Ambiguous where some are for others as well, for these would lose them too."""
    wider = [one for one in found if not asked.is_for_no_other(one)]
    if not wider:
        return list(found)
    shown = listed([f"{one.id} ({title_of(one)})" for one in wider])
    several = len(wider) > 1
    told = f"{shown} {'are' if several else 'is'} not for {asked.words} alone; which of them are meant?"
    raise Ambiguous(told, [one.id for one in found], ours=True)


class _Asked(NamedTuple):
    """What schedules are asked for: `there` are the environments among it, with their kinds."""

    kinds: Sequence[Kind]
    environments: Sequence[str]
    there: dict[str, Kind]

    @property
    def words(self) -> str:
        kinds = [f"{kind} environments" for kind in self.kinds]
        return listed([*kinds, *map(quoted, self.environments)])

    def is_all_of(self, schedule: Schedule) -> bool:
        written = names_written(*schedule.runbooks.values())
        named = all(is_named(name, written) for name in self.environments) and _are_of(written, self.environments)
        return named and {*schedule.kinds} == {*self.kinds} and not schedule.but

    def is_for_no_other(self, schedule: Schedule) -> bool:
        named = _are_of(names_written(*schedule.runbooks.values()), [*self.environments, *self.there])
        return named and {*schedule.kinds} <= {*self.kinds}

    def has_any_of(self, schedule: Schedule) -> bool:
        written = names_written(*schedule.runbooks.values())
        named = any(is_named(name, written) or is_chosen(schedule, name, kind) for name, kind in self.there.items())
        return named or not {*schedule.kinds}.isdisjoint(self.kinds)


def _are_of(written: Iterable[str], names: Sequence[str]) -> bool:
    """Whether each text has one of the names in it: "the red environment" has red."""
    return all(any(is_named(name, [text]) for name in names) for text in written)


def _asked(clients: Clients, input: ListSchedulesInput) -> _Asked | None:
    """None where all are asked for. Raises ToolInputError and Ambiguous for a name that is none, or several."""
    if not input.kinds and not input.names:
        return None
    survey = surveyed(clients.platform)
    named = [the_one(name, survey) for name in input.names]
    some = {one.name: one.kind for one in [*named, *(one for one in survey.environments if one.kind in input.kinds)]}
    return _Asked(input.kinds, [one.name for one in named], some)


def _summary(clients: Clients, schedule: Schedule) -> ScheduleSummary:
    firings, now = clients.schedules.firings(schedule.id, LAST_FIRINGS), clients.clock.now()
    due = [] if schedule.paused else still_due(schedule.times, schedule.created_at, firings, now, 1)
    following = f"{due[0].action} {moment(due[0].at)}" if due else None
    fired = next(iter(firings), None)
    last = f"{fired.action} {moment(fired.scheduled_at)}: {inert(fired.reason) or fired.run_id}" if fired else None
    because = f": {inert(schedule.paused_because)}" if schedule.paused_because else ""
    state = f"paused{because}" if schedule.paused else f"next {following}" if following else "done"
    return ScheduleSummary(
        id=schedule.id,
        title=title_of(schedule),
        owner=schedule.owner,
        paused=schedule.paused,
        next=following,
        last=last,
        summary=f"{schedule.id}: {title_of(schedule)}, owner {quoted_people(schedule.owner)}, {state}",
    )
