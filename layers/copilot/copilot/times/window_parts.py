"""The parts of a window, and what they come to: the window, or what has to be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.domain import DAYS, Day, TimeOfDay, Window, in_order
from copilot.times.dates import OneDay, at, date_of, moment_on, on_day
from copilot.times.question import Question
from copilot.times.windows import day_in_words, days_in_words, never
from copilot.times.words import TIME_CHOICES, MustAsk


@dataclass
class WindowParts:
    """What has been read of a window so far. `here` is now, in the zone of the person."""

    here: datetime
    own: str
    stop: TimeOfDay | None = None
    start: TimeOfDay | None = None
    days: tuple[Day, ...] | None = None
    day: OneDay | None = None
    start_days: tuple[Day, ...] | None = None
    start_day: OneDay | None = None
    next_day: bool = False
    """Whether it is started on the day after its stop, whatever the times."""
    zone: str | None = None
    once: bool = False
    enforce: bool = False
    restarts: bool = False
    same_days: bool = False
    """Whether days behind both times are those of both: "off at 18:00 and on at 07:00 on weekdays"."""
    midnight: bool = False
    """Whether the stop is the word: of which day it is the midnight may be asked."""
    from_there: bool = False
    """Whether it is from the day on, which wants an end: "from Friday 6pm to Monday 7am"."""
    day_came_last: bool = False
    """Whether the day was named after "from .. to ..", of both of which it may be the day."""

    def window(self) -> Window:
        """Raises MustAsk for what is not said, or has two meanings."""
        if self.stop is None:
            raise MustAsk(Question("At what time?", TIME_CHOICES))
        if self.restarts and self.start is None:
            raise MustAsk(Question("At what time should they be started again?", (self._said("", "07:00"),)))
        if self.start == self.stop and self.start is not None and not self.next_day:
            raise MustAsk(Question(f"They would be stopped and started at the same time, {self.stop}; when is which?"))
        if self.from_there and self.start is None and self.day is not None:
            once = self._said(self.day.said)
            said = self.day.said.removeprefix("on ")
            raise MustAsk(Question(f"From {said} until when? Or is it once, {once}?", (once,), words=("once",)))
        shared = self.same_days or self.start_days == DAYS
        if shared and self.days is None and self.day is None and not self.once:
            self.days = self.start_days
        again, single = self.days is not None or self.enforce, self.day is not None or self.once
        if again and single:
            raise MustAsk(self._both())
        return self._again(self.days or DAYS) if again else self._on(self.stop) if single else self._either(self.stop)

    def _again(self, days: tuple[Day, ...]) -> Window:
        assert self.stop is not None
        return Window(
            stop=self.stop,
            days=days,
            start=self.start,
            start_days=self._starting(days) if self.start else (),
            time_zone=self.zone or self.own,
            enforce=self.enforce,
        )

    def _starting(self, days: tuple[Day, ...]) -> tuple[Day, ...]:
        """The days it ends on. "from .. to": where each one ends. "start them again": the days that were named."""
        assert self.start is not None and self.stop is not None
        over_night = self.start <= self.stop
        which = f"On which days should they be started again at {self.start}?"
        if self.start_day is not None:
            if self.start_day.weekday is None or self.start_day.is_one_date:
                text = f"“{self.start_day.said}” is one time, and {days_in_words(days)} comes again; when is the start?"
                raise MustAsk(Question(text, self._starts(days)))
            return (self.start_day.weekday,)
        if self.start_days is not None:
            return self.start_days
        if self.next_day and not over_night:
            raise MustAsk(Question(which, self._starts(days)))
        if self.restarts and not self.next_day:
            if days not in {DAYS, DAYS[:5]}:  # the same day a week later, or the morning after: it may be either
                raise MustAsk(Question(which, self._starts(days)))
            return days
        return in_order([DAYS[(DAYS.index(day) + over_night) % 7] for day in days])

    def _starts(self, days: tuple[Day, ...]) -> tuple[str, ...]:
        """The window with days for its start, as it can be said."""
        plain = replace(self, restarts=True, next_day=False, start_day=None)
        following = in_order([DAYS[(DAYS.index(day) + 1) % 7] for day in days])
        others = DAYS[:5] if days == DAYS else DAYS[:1]
        return tuple(replace(plain, start_days=some)._said(days_in_words(days)) for some in (following, others))

    def _on(self, stop: TimeOfDay) -> Window:
        """What happens once, on the day that was named, or next."""
        here = self.here.astimezone(ZoneInfo(self.zone or self.own))

        def offer(said: str, time: TimeOfDay) -> str:
            return replace(self, stop=time)._said(said)

        if self.day is None:
            day = here.date()
        elif self.midnight and self.day.part != "night":
            day = self._whose_midnight(self.day, here)
        else:
            day = date_of(self.day, stop, here, offer)
        moment_on(day, stop, here, offer)
        if self.day_came_last and day > here.date() and self.start is not None and self.start <= stop:
            before = day - timedelta(days=1)
            text = f"Is {day_in_words(day)} when they are stopped, or when they are started again?"
            choices = tuple(self._said(on_day(one)) for one in (day, before))
            raise MustAsk(Question(text, choices, words=("stopped", "started again")))
        window = Window(
            stop=stop, on=day, start=self.start, start_days=self._started_on(day, here), time_zone=self.zone or self.own
        )
        if window.start and (lost := never(window.times)):
            raise MustAsk(Question(f"There would be no {lost[0]}; when instead?"))
        return window

    def _started_on(self, stopped: date, here: datetime) -> tuple[Day, ...]:
        assert self.stop is not None
        if self.start is None:
            return ()
        if self.start_days is not None:
            text = (
                f"{days_in_words(self.start_days).capitalize()} comes again, and the stop is once; when is the start?"
            )
            raise MustAsk(Question(text))
        if self.next_day:
            return (DAYS[(stopped.weekday() + 1) % 7],)
        if self.start_day is None:
            return ()
        if self.start_day.weekday is not None and not self.start_day.is_one_date:
            return (self.start_day.weekday,)

        def offer(said: str, time: TimeOfDay) -> str:
            return replace(self, start=time, start_day=OneDay(said))._said(on_day(stopped))

        day = date_of(self.start_day, self.start, here, offer)
        days = (DAYS[day.weekday()],)
        window = Window(stop=self.stop, on=stopped, start=self.start, start_days=days, time_zone=self.zone or self.own)
        if window.times["start"].on != day:
            text = f"{day_in_words(day)} at {self.start} is before the stop, or more than a week after it; when is it?"
            raise MustAsk(Question(text))
        return days

    def _whose_midnight(self, day: OneDay, here: datetime) -> date:
        """Midnight of today is the one to come; that of another day may be the one it begins with or ends with."""
        found = date_of(day, "23:59", here, lambda said, _: self._said(said))
        after = found + timedelta(days=1)
        if day.ahead == 0:
            return after
        text = f"Is that midnight in the night to {day_in_words(found)}, or to {day_in_words(after)}?"
        choices = tuple(self._said(on_day(one)) for one in (found, after))
        raise MustAsk(Question(text, choices, words=tuple(f"{one:%A} {one.day} {one:%B}" for one in (found, after))))

    def _either(self, stop: TimeOfDay) -> Window:
        """Nothing says whether it is meant once or again and again: that is asked, and each choice says it whole."""
        if self.start_days is not None:
            often = (self._said("every day"), self._said("every weekday"))
            raise MustAsk(Question(f"Are they stopped at {stop} every day, or on which days?", often))
        here = self.here.astimezone(ZoneInfo(self.zone or self.own))
        today = here.date()
        passed = at(today, stop, here) <= here.astimezone(UTC)
        said, day = ("tomorrow", today + timedelta(days=1)) if passed else ("today", today)
        choices = (self._said(said), self._said("every day"), self._said("every weekday"))
        once = self._said(f"{said} ({day_in_words(day)})").replace("start them again", "started again")
        raise MustAsk(Question(f"Is that once, {once}, or every day?", choices))

    def _both(self) -> Question:
        once = self.day.said if self.day else "once"
        if self.days is None:
            again, choices = "what is enforced", [self._said("every day")]
        else:
            again = days_in_words(self.days)
            choices = [self._said(once if self.day else "today"), self._said(again)]
        text = f"“{once}” is one time, and {again} comes again; which is meant?"
        return Question(text, tuple(choices), contradictory=True, words=("once", "every") if len(choices) == 2 else ())

    def _said(self, when: str, start: TimeOfDay | None = None) -> str:
        """The window with this for its day, as it can be said in its place."""
        start = start or self.start
        zone = f" {self.zone}" if self.zone else ""
        ends = start is not None and not self.restarts
        times = f"from {self.stop} to {start}{zone}" if ends else f"at {self.stop}{zone}"
        if self.restarts:
            times += f" and start them again at {start}"
            if self.next_day:
                times += " the next day"
            elif self.start_days is not None:
                times += f" {days_in_words(self.start_days)}"
            elif self.start_day is not None:
                times += f" {self.start_day.said}"
        return f"{when} {times}{' and enforce it' if self.enforce else ''}".strip()
