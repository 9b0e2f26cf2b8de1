"""A small grammar of time: windows that come once or again and again, and ends of exceptions. What it does not know, it
asks.

"every day after 6pm" · "every weekday at 18:00 Paris time" · "weekdays from 7pm to 7am" · "tonight at 9:30pm"
"on 14 March at 18:00" · "in 2 hours" · "every night: off at 11:30pm, on at 6am"
"until 23:00" · "until tomorrow 9am" · "for 2 hours"

Once and every are never confused: what names a day or a date without "every" happens once, what recurs says so, and
"after 6pm" and no more has both readings and is asked about. docs/times.md has the whole of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from copilot.domain import Window
from copilot.times.dates import OneDay, at, date_of, moment_on, one_day
from copilot.times.lengths import length
from copilot.times.question import Question
from copilot.times.window_parts import WindowParts
from copilot.times.window_reading import WindowReading
from copilot.times.windows import days_in_words
from copilot.times.words import NUMBERS, MustAsk, Words
from copilot.times.zones import unknown_zone

_SOON = timedelta(hours=12)
_UNTIL = re.compile(r"\s*(?:until|till|for)\b", re.IGNORECASE)
_DAYS = r"(?:mon|tue|wed|thu|fri|sat|sun)\w*"
_STARTED_AT = re.compile(r"^(?:up|on|start|started|starting|running|only|,|:|\s)+(?=at\b|from\b|\d)")
_STOPPED_AT = re.compile(
    r"(?:\s|,|\band\b|\bthen\b)+(?:stop|shut|turn|switch|bring|take|power|off|down|stopped)(?:\s+(?:it|them|off|down|again))*"
    r"\s+(?:at\s+)?(?=\d|noon|midnight|half|(?:a )?quarter|\w+ (?:am|pm))"
)
"""What leads to the hour from which something is on, and to the one at which it is stopped."""
_CLOCK = rf"(?=.*(?:\d|\b(?:noon|midday|midnight|an hour|{'|'.join(NUMBERS)})\b))"
LOOKS_LIKE_WINDOW = re.compile(
    r"(?:(?:half past|(?:a )?quarter (?:past|to)|after|at|from|past|between|on|in"
    r"|every|each|daily|nightly|weekly|weekdays|weekends|workdays"
    r"|working|business|today|tonight|tomorrow|once|(?:just|only) (?:once|today|tonight|tomorrow)"
    rf"|(?:an?|half an?|\d+|{'|'.join(NUMBERS)}) (?:h|hours?|min|mins|minutes?|days?) from now"
    rf"|(?:mo|tu|we|th|fr|sa|su)\s*[-–]\s*\w\w"
    rf"|this (?:coming|morning|afternoon|evening|night|{_DAYS})|next {_DAYS}|{_DAYS})\b){_CLOCK}.*"
    r"|\d{1,2}(?:[:.h]\d\d(?:\s?[ap]m)?|h|\s?[ap]m)\b.*"
    rf"|(?:{'|'.join(NUMBERS)}) (?:[ap]m|o'clock)\b.*"
)
"""Text that begins as a window does and has a time in it; whether it is one, `parse_window` says."""


def parse_window(text: str, now: datetime, time_zone: str) -> Window | Question:
    """The window that a text names; `time_zone` is that of the person, for a text which names none."""
    try:
        here = now.astimezone(ZoneInfo(time_zone))
        return WindowReading(Words(text), WindowParts(here, time_zone)).window()
    except MustAsk as asked:
        return asked.question


def completed(text: str, answer: str, now: datetime, time_zone: str) -> str | None:
    """The window of a text that was asked about, or the end of an exception, with the answer in it: "every day" or
    "tonight" for "after 6pm", a choice, or a word by which one choice is known. None where the answer answers nothing.
    """

    def read(said: str) -> Window | datetime | Question:
        return (parse_until if _UNTIL.match(text) else parse_window)(said, now, time_zone)

    asked, answer = read(text), answer.strip(" .,;!?")
    if not isinstance(asked, Question) or not answer:
        return None
    alone = re.compile(rf"(?<!\S){re.escape(' '.join(answer.lower().split()))}(?!\S)")
    meant: list[str] = [choice for choice in asked.choices if alone.search(choice.lower())]
    # A window of its own is meant in the time zone that was named before.
    zone = _zone_of(text, time_zone)
    whole = f"{answer} {zone}" if zone and not _zone_of(answer, time_zone) else answer
    called = asked.called(answer)
    chosen = [called] if called else meant if len(meant) == 1 else []
    with_it = [*chosen, f"{answer} {text}", f"{text} {answer}"]
    for candidate in (whole, *with_it):
        if not isinstance(read(candidate), Question):
            return candidate
    for candidate in with_it:
        further = read(candidate)
        if isinstance(further, Question) and further.understood and not further.contradictory and further != asked:
            # Words that are left over show where one choice is taken.
            taken = [read(choice) for choice in further.choices[:1]]
            if any(not isinstance(one, Question) or (one.understood and not one.contradictory) for one in taken):
                return candidate
    return None


def _zone_of(text: str, own: str) -> str | None:
    """The time zone that is named; of one that may be several, the words."""
    try:
        return Words(text).any_zone(own)
    except MustAsk as asked:
        return asked.question.text


def outside(text: str, now: datetime, time_zone: str) -> str | None:
    """The window in which something is off that is on in these hours: "every weekday at 18:00 and start them again at
    07:00 every weekday" for "from 7am to 6pm on weekdays", or for "weekdays at 7am and stop them at 6pm".

    None for what names no hours of a day, or hours over night.
    """
    text = _STOPPED_AT.sub(" to ", _STARTED_AT.sub("", text))
    if re.search(r"\b(?:1[3-9]|2[0-3])\b(?!:)", text):  # of the clock with 24 hours, and so is the other
        text = re.sub(r"(?<![\d:.])([1-9])(?= (?:to|until|till|and)\b)", r"0\1:00", text)
    found = parse_window(text, now, time_zone)
    often = found if isinstance(found, Window) else parse_window(f"every day {text}", now, time_zone)
    if not isinstance(often, Window) or often.on or often.enforce or not often.stop < (often.start or ""):
        return None
    zone = f" {named}" if (named := _zone_of(text, time_zone)) else ""
    days = f"{days_in_words(often.days)} " if often is found else ""
    return f"{days}at {often.start}{zone} and start them again at {often.stop} {days}".strip()


def parse_until(text: str, now: datetime, time_zone: str) -> datetime | Question:
    """The time an exception ends, in its zone. A bare time is its next coming within twelve hours, or today's."""
    words = Words(text)
    try:
        if words.take("for"):
            return _after(words, now, time_zone)
        words.take("until", "till")
        return _until(words, now, time_zone)
    except MustAsk as asked:
        return asked.question


def _after(words: Words, now: datetime, own: str) -> datetime:
    found = length(words)
    if found is None or words.left:
        choices = ("for 2 hours", "for 30 minutes", "until 23:00")
        raise MustAsk(Question("For how long?", choices, understood=found is None))
    return (now + found).astimezone(ZoneInfo(own))


def _until(words: Words, now: datetime, own: str) -> datetime:
    day: OneDay | None = None
    time, zone = None, None
    while words.left:
        if day is None and (one := one_day(words)) is not None:
            day = one
        elif time is None and (found := words.time(day.part or None if day else None)) is not None:
            time = found
        elif zone is None and (named := words.zone(own)) is not None:
            zone = named
        elif not words.take("at", "on", "the", ","):
            said = " ".join(words.left)[:60]
            if (no_zone := words.no_zone()) and not re.match(r"in (?:\d|an? |half )", said):
                raise MustAsk(unknown_zone(no_zone)._replace(understood=False))
            question = f"I do not understand “{said}” as a time. Until when?"
            raise MustAsk(Question(question, ("until 23:00",), understood=False))
    if time is None:
        raise MustAsk(Question("Until what time?", ("until tomorrow 9am", "until 23:00")))
    return _end(day, time, now.astimezone(ZoneInfo(zone or own)))


def _end(day: OneDay | None, time: str, here: datetime) -> datetime:
    """`here` is now, in the zone that is meant."""

    def offer(said: str, at: str) -> str:
        return f"until {said.removeprefix('on ')} {at}"

    if day is not None:
        return moment_on(date_of(day, time, here, offer), time, here, offer)
    today, tomorrow = here.date(), here.date() + timedelta(days=1)
    if at(today, time, here) > here.astimezone(UTC):
        return moment_on(today, time, here, offer)
    meant = moment_on(tomorrow, time, here, offer)
    if meant.astimezone(UTC) - here.astimezone(UTC) > _SOON:
        raise MustAsk(Question(f"It is {here:%H:%M} already; until {time} tomorrow?", (offer("tomorrow", time),)))
    return meant
