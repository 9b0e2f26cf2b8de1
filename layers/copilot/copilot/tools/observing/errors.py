"""The errors that an environment, or a service of it, logged, by their shapes, and against the day before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from copilot.domain import (
    EnvironmentId,
    Frozen,
    Kind,
    LogCost,
    LogLine,
    LogLines,
    LogQuery,
    LogSource,
    Made,
    NotLookedAt,
    ServiceName,
    Untrusted,
)
from copilot.errors import CopilotError
from copilot.text.listing import count, listed
from copilot.tools.by_hand import FOR_COMMANDS, ByHand
from copilot.tools.observing.levels import level_of, signs_of
from copilot.tools.observing.lines import LOOKED_AT, cost_words, handed_on, laid_out
from copilot.tools.observing.looked_through import COMMAND, LookedThrough, logs_by_hand, looked_through
from copilot.tools.observing.scope import HOUR, ScopeInput, Times, not_looked_at, scope_of, times_of
from copilot.tools.observing.searching import affordable, none_of, unread_after
from copilot.tools.observing.shapes import shape_of
from copilot.tools.tool import ReadTool

MOST_SHAPES = 20
MOST_GONE = 5
EXAMPLES = 5
"""So many of the most frequent are laid out with an example."""
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
WITHIN = 45
"""Seconds for all of it, both searches: the function that it runs in has a minute."""

Change = Literal["new", "more", "fewer", "same", "not known"]


class ErrorSummaryInput(ScopeInput):
    """Nothing but of what, and when."""


class ErrorShape(Frozen):
    """Errors that differ in numbers, ids, times and what is quoted alone."""

    shape: Untrusted = Field(description="what they have in common")
    example: Untrusted = Field(description="the newest of them")
    services: tuple[ServiceName, ...] = Field(description="the services that logged them")
    number: int = Field(description="how many there were")
    peak: int = Field(description="the most in one minute")
    peak_at: AwareDatetime = Field(description="that minute")
    first: AwareDatetime = Field(description="when the first was logged")
    last: AwareDatetime = Field(description="when the last was logged")
    before: int | None = Field(description="how many at the same time the day before, none where not all was read")
    change: Change = Field(description="new, more, fewer or same, against the day before; or not known")


class GoneError(Frozen):
    shape: Untrusted = Field(description="what they had in common")
    before: int = Field(description="how many there were at the same time the day before")


class ErrorSummaryOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    kind: Kind = Field(description="development, preview, staging or production")
    service: ServiceName | None = Field(description="the service that was asked about")
    errors: tuple[ErrorShape, ...] = Field(description="by shape, the most frequent first")
    gone: tuple[GoneError, ...] = Field(description="shapes of the day before that there are none of now")
    number: int = Field(description="how many errors there were")
    before: int | None = Field(description="how many at the same time the day before, none where not all was read")
    text: Untrusted = Field(description="the shapes with their numbers and times, laid out")
    new_text: Untrusted = Field(description="of these the new ones")
    gone_text: Untrusted = Field(description="the gone ones, laid out")
    title: Made = Field(description="of what they are")
    summary: Made = Field(description="how many errors of how many shapes, and how many before")
    new_summary: Made = Field(description="how many shapes are new")
    cost: Made = Field(description="what looking through it cost")
    not_looked_at: tuple[Made, ...] = Field(description="what could not be looked at, and why")
    by_hand: LookedThrough | None = Field(default=None, description=FOR_COMMANDS)


class ErrorSummary(ReadTool[ErrorSummaryInput, ErrorSummaryOutput]):
    name = "error_summary"
    summary = "Group the errors in the logs of an environment or service, against the day before."
    Input = ErrorSummaryInput
    Output = ErrorSummaryOutput
    shows = "logs"
    pack = "logs"
    lines = frozenset({"text", "new_text", "gone_text"})
    shown_by = (f"aws {COMMAND}",)

    @classmethod
    def by_hand(cls, input: ErrorSummaryInput, output: ErrorSummaryOutput) -> Sequence[ByHand]:
        """All lines of the time that was asked about, in which the errors are."""
        return logs_by_hand(output.by_hand)

    def run(self, input: ErrorSummaryInput) -> ErrorSummaryOutput:
        end = self.clients.clock.now() + timedelta(seconds=WITHIN)
        scope = scope_of(self.clients.platform, input.environment_id, input.service)
        times = times_of(input.since, input.until, input.time_zone, self.clients.clock.now(), HOUR)
        back = days_back(times)
        earlier = times._replace(since=times.since - back, until=times.until - back)
        logs = self.clients.logs
        there = logs.sources(scope.resources, None if scope.service else scope.environment)
        cost = affordable(logs, there.sources, (times, earlier))
        now = before = LogLines(lines=(), matched=0)
        if there.sources:
            now = logs.search(there.sources, _query(times), cost, self._left(end))
            before = self._before(there.sources, _query(earlier), cost, end)
        errors, errors_before = _errors(now.lines), _errors(before.lines)
        counted = None if _is_part(before) else Counter(shape for shape, _ in errors_before)
        shapes = _shapes(errors, counted, is_part=_is_part(now))
        told = shapes[:MOST_SHAPES]
        seen = {one.shape for one in shapes}
        gone = Counter(shape for shape, _ in errors_before if shape not in seen and not _is_part(now))
        compared = "the day before" if back == DAY else f"in the same time {back.days} days before"
        new = [one for one in told if one.change == "new"]
        was = f"{'not known how many' if counted is None else len(errors_before) or 'none'} {compared}"
        hidden = (*not_looked_at((*there.not_looked_at, *now.not_looked_at), scope.unread), *unread_after(now, times))
        of_before = (*not_looked_at(before.not_looked_at, ()), *unread_after(before, earlier))
        hidden += tuple(f"{one} (of {compared})" for one in of_before)
        none = "no error in what could be looked at" if _is_part(now) else "no error"
        summary = none_of(scope, there.sources, none, times)
        if errors:
            number = (
                f"{'At least ' if _is_part(now) else ''}{count(len(errors), 'error')} of {count(len(shapes), 'shape')}"
            )
            summary = f"{number} in the logs of {scope.words}, {times.words}; {was}"
            rest = sum(one.number for one in shapes[MOST_SHAPES:])
            more = f"; {count(rest, 'error')} of {len(shapes) - MOST_SHAPES} more shapes are not listed" if rest else ""
            summary += f"{more}."
        elif there.sources:
            summary = f"{summary.removesuffix('.')}; {was}."
        return ErrorSummaryOutput(
            environment_id=scope.environment,
            kind=scope.kind,
            service=scope.service,
            errors=tuple(told),
            gone=tuple(GoneError(shape=shape, before=number) for shape, number in gone.most_common(MOST_GONE)),
            number=len(errors),
            before=None if counted is None else len(errors_before),
            text=_text(told, times, compared, scope.service is None),
            new_text=_text(new, times, compared, scope.service is None),
            gone_text="\n".join(f"{number:>5} x  {shape}" for shape, number in gone.most_common(MOST_GONE)),
            title=f"Errors in the logs of {scope.words}",
            summary=summary,
            new_summary=_new(told, counted is None, compared) if there.sources else "",
            cost=cost_words(cost, now.instead or before.instead) if there.sources else "",
            not_looked_at=hidden,
            by_hand=looked_through(there.sources, times.since, times.until) if there.sources else None,
        )

    def _left(self, end: datetime) -> float:
        return (end - self.clients.clock.now()).total_seconds()

    def _before(self, sources: Sequence[LogSource], query: LogQuery, cost: LogCost, end: datetime) -> LogLines:
        """What cannot be read of it at all, nor in the time that is left, takes nothing from what was found of now."""
        try:
            return self.clients.logs.search(sources, query, cost, self._left(end))
        except CopilotError as error:
            one = sources[0]
            gap = NotLookedAt(what="all logs", account=one.account, region=one.region, reason=str(error))
            return LogLines(lines=(), matched=0, not_looked_at=(gap,))


def days_back(times: Times) -> timedelta:
    """So many whole days before is the same time of the day, and none of the time itself."""
    return -(-times.length // DAY) * DAY


def _query(times: Times) -> LogQuery:
    return LogQuery(since=times.since, until=times.until, any_of=signs_of(["error"]), most=LOOKED_AT)


def _is_part(found: LogLines) -> bool:
    """Whether there may be more than was read: of what is not among it nothing can be said."""
    return bool(found.not_looked_at or found.read_until) or found.matched > len(found.lines)


def _errors(lines: Iterable[LogLine]) -> list[tuple[str, LogLine]]:
    """The errors among them, each with its shape."""
    handed = [
        line.model_copy(update={"text": handed_on(line.text)}) for line in lines if level_of(line.text) == "error"
    ]
    return [(shape_of(line.text), line) for line in handed]


def _shapes(errors: Sequence[tuple[str, LogLine]], before: Counter[str] | None, *, is_part: bool) -> list[ErrorShape]:
    by_shape: dict[str, list[LogLine]] = defaultdict(list)
    for shape, line in errors:  # the newest first
        by_shape[shape].append(line)
    found = [
        _shape(shape, lines, None if before is None else before[shape], is_part) for shape, lines in by_shape.items()
    ]
    return sorted(found, key=lambda one: (-one.number, one.shape))


def _shape(shape: str, lines: Sequence[LogLine], before: int | None, is_part: bool) -> ErrorShape:
    minutes = Counter(line.at.replace(second=0, microsecond=0) for line in lines)
    peak_at = max(minutes, key=lambda at: (minutes[at], at))
    return ErrorShape(
        shape=shape,
        example=lines[0].text,
        services=tuple(sorted({line.service for line in lines})),
        number=len(lines),
        peak=minutes[peak_at],
        peak_at=peak_at,
        first=lines[-1].at,
        last=lines[0].at,
        before=before,
        change=_change(len(lines), before, is_part),
    )


def _change(number: int, before: int | None, is_part: bool) -> Change:
    if before is None:
        return "not known"
    if not before:
        return "new"
    if number > before:
        return "more"
    return "not known" if is_part else "same" if number == before else "fewer"


def _text(shapes: Sequence[ErrorShape], times: Times, compared: str, with_services: bool) -> str:
    return "\n".join(_laid_out(one, at < EXAMPLES, times, compared, with_services) for at, one in enumerate(shapes))


def _laid_out(one: ErrorShape, with_example: bool, times: Times, compared: str, with_services: bool) -> str:
    was = "new" if one.change == "new" else f"{one.change}, {one.before} {compared}"
    if one.before is None:
        was = f"not known how many {compared}"
    parts = [was, _when(one.first, one.last, times)]
    if one.number > 1:
        parts.append(f"at most {one.peak} a minute ({times.at(one.peak_at).removesuffix(':00')})")
    parts += [listed(one.services)] if with_services else []
    lines = [f"{one.number:>5} x  {one.shape}", f"{'':9}{'; '.join(parts)}"]
    if with_example and one.example != one.shape:
        lines.append(laid_out(f"{'':9}e.g.", one.example).replace("\n", f"\n{'':9}"))
    return "\n".join(lines)


def _when(first: datetime, last: datetime, times: Times) -> str:
    return times.at(last) if first == last else f"{times.at(first)} to {times.at(last)}"


def _new(told: Sequence[ErrorShape], is_unknown: bool, compared: str) -> str:
    if not told:
        return ""
    if is_unknown:
        return f"Which of them are new is not known: not all that was logged {compared} could be looked at."
    new = [one for one in told if one.change == "new"]
    if not new:
        return f"None of them is new: each was there {compared} as well."
    lines = sum(one.number for one in new)
    return (
        f"{count(len(new), 'shape')} of {len(told)} {'is' if len(new) == 1 else 'are'} new ({count(lines, 'error')})."
    )
