"""The slots of a phrase: what each may hold, and what a plan is filled with from what was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from pydantic import JsonValue

from copilot.domain import TOLD, Focus, ReferenceType, Window
from copilot.errors import ToolInputError
from copilot.intents import configuring, costing, figures, forms, over, periods, spans
from copilot.intents.figures import Values
from copilot.intents.frames import NamedThing, ResourceTypes, Schedules, Target, Targets, WhereItIs
from copilot.intents.lexicon import Lexicon
from copilot.intents.referring import NoneSpokenOf, meant_by
from copilot.times.grammar import LOOKS_LIKE_WINDOW, parse_until, parse_window
from copilot.times.question import Question

T = TypeVar("T")


class Present(NamedTuple):
    """When a request was made, and the time zone of who made it."""

    now: datetime
    time_zone: str


SOME_TIME = Present(datetime(2026, 1, 1, tzinfo=UTC), "UTC")
"""For requests that name no time."""

_RECURS = re.compile(
    r"(?!.*(?:\d|noon|midnight))"
    r"(?:on|every|each|daily|nightly|weekdays|workdays|weekends|tomorrow|today|tonight|this"
    r"|(?:just |only )?once|one time)\b"
)
_DAY = frozenset({"today", "tonight", "tomorrow", "this evening", "this afternoon"})
_UNTIL = re.compile(r"(?:until|till|for)\s+\S.*")


class Pattern(NamedTuple):
    """A slot that is known by how it looks, of at most so many words."""

    form: re.Pattern[str]
    longest: int = 1


LEVELS = {
    "error": "error", "errors": "error", "exception": "error",
    "warning": "warning", "warn": "warning", "warnings": "warning",
    "info": "info", "debug": "debug",
}  # fmt: skip
_LEVEL = "|".join(LEVELS)
STACK_TRACES = r"(?:stack ?traces?|stack-traces?|tracebacks?|backtraces?)"
_LINES = periods.WEEKS | {"fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100, "few": 5}
MOST_LINES = 100
NUMBER = "|".join((r"[1-9]\d{0,3}", *periods.WEEKS))
REVISION = r"(?!(?:19|20)\d\d$)\d{1,6}|v?\d+(?:\.\d+)+(?:[-+][a-z0-9.-]+)?|v\d{1,6}|(?=[a-f]*\d)[0-9a-f]{7,40}"
"""A number, a version, a commit; no year."""
DEPLOYMENT = re.compile(r"(?=\S*\d)[a-z0-9][a-z0-9_.:/@+-]{0,199}")


def _one_of(ways: Iterable[str]) -> Pattern:
    ways = sorted(ways, key=len, reverse=True)
    return Pattern(re.compile("|".join(map(re.escape, ways))), max(len(way.split()) for way in ways))


def patterns() -> Mapping[str, Pattern]:
    """By the name of the slot."""
    return {
        "days": Pattern(re.compile(periods.PATTERN), 2),
        "period": Pattern(re.compile(f"{periods.LED}|{periods.SAME}"), 4),
        "rate": Pattern(re.compile(periods.RATE), 2),
        "age": Pattern(re.compile(periods.AGE), 6),
        "ago": Pattern(re.compile(f"{periods.LED}|{periods.SAME}"), 4),
        "earlier": Pattern(spans.EARLIER, 4),
        "span": Pattern(re.compile(spans.PATTERN), spans.LONGEST),
        "settings": Pattern(re.compile(configuring.SETTINGS), 8),
        "stretch": Pattern(re.compile(spans.PATTERN), spans.LONGEST),
        "by": Pattern(re.compile(costing.BY), 5),
        "ranked": Pattern(re.compile(costing.RANKED), 3),
        "grown_by": Pattern(re.compile(costing.GROWN_BY), 5),
        "grown": Pattern(re.compile(costing.GROWN), 3),
        "top": Pattern(re.compile(costing.TOP)),
        "against": Pattern(re.compile(costing.AGAINST), 5),
        "off": Pattern(re.compile(costing.OFF), 7),
        "weeks": Pattern(re.compile(rf"\d{{1,6}}|{'|'.join(periods.WEEKS)}")),
        "metric": _one_of(figures.METRIC_OF),
        "statistic": _one_of(figures.STATISTIC_OF),
        "speed": _one_of(figures.SPEED),
        "fullness": _one_of(figures.FULLNESS),
        "waiting": _one_of(figures.WAITING),
        "warnings": Pattern(re.compile("warnings")),
        "level": Pattern(re.compile(_LEVEL)),
        "single_level": Pattern(re.compile("error|exception|warning")),
        "levels": Pattern(re.compile(rf"(?:{_LEVEL}) (?:and|or) (?:{_LEVEL})"), 3),
        "stack_traces": Pattern(re.compile(STACK_TRACES), 2),
        "form": Pattern(re.compile(forms.PATTERN), 2),
        "most_lines": Pattern(re.compile(rf"\d{{1,4}}|{'|'.join(_LINES)}")),
        **dict.fromkeys(("size", "more", "fewer", "maximum", "minimum"), Pattern(re.compile(NUMBER))),
        "most": Pattern(re.compile(rf"\d{{1,3}}|{'|'.join(periods.WEEKS)}")),
        "revision": Pattern(re.compile(REVISION)),
        "other_revision": Pattern(re.compile(REVISION)),
        "deployment": Pattern(DEPLOYMENT),
        "run": Pattern(re.compile(r"r[0-9a-f]{15}")),
        **dict.fromkeys(("beyond", "short_of"), Pattern(over.BEYOND, over.LONGEST_BEYOND)),
        "measure": _one_of(over.MEASURE_OF),
        "which": _one_of(over.WHICH_OF),
        "extreme": _one_of(over.EXTREMES),
        "direction": _one_of(over.DIRECTIONS),
        "channel": Pattern(re.compile(rf"{TOLD}|@[a-z0-9][a-z0-9._-]{{0,79}}")),
        "mine": Pattern(re.compile(r"mine|i own|belongs? to me|owned by me"), 3),
    }


SINGLE = frozenset({"first", "second"})
"""Slots that hold one environment each."""
SERVICE = re.compile(r"[a-z0-9][a-z0-9_.:/@+-]*")


def is_time(slot: str, said: str, present: Present, whole: bool) -> bool:
    """Whether what was said is a time for this slot: one that is understood, or has something to be asked.

    `whole` takes, where nothing else is left of the request, also what begins like one.
    """
    if slot == "day":
        return said in _DAY
    if slot == "before":
        return said.startswith("before ") and is_time("until", said.replace("before", "until", 1), present, whole)
    if slot == "recurs":
        return bool(_RECURS.match(said)) and isinstance(
            parse_window(f"{said} at 18:00", present.now, present.time_zone), Window
        )
    if not {"window": LOOKS_LIKE_WINDOW, "until": _UNTIL}[slot].fullmatch(said):
        return False
    found = _time(slot, said, present)
    return not isinstance(found, Question) or found.understood or whole


class NoTime(ToolInputError):
    """What stands where a time would is none: nothing can be put in its place, and it has to be asked again."""


def values_of(slot: str, held: object, focus: Focus, present: Present, lexicon: Lexicon, *, exact: bool) -> Values:
    """What a plan is filled with, by name; `exact` where it will change something. Raises ToolInputError, with the
    question to ask.
    """
    if isinstance(held, Targets):
        found = _of_targets(held, focus, lexicon, exact)
        return {slot: found["environment"]} if slot in SINGLE else found
    if isinstance(held, Schedules):
        return _of_schedules(held, focus, lexicon, exact)
    if isinstance(held, Target):
        if held.by == "name":
            return {slot: held.value}
        return {slot: meant_by(held, focus, lexicon, "deployment" if slot == "deployment" else "service")[0]}
    if isinstance(held, ResourceTypes):
        return {"types": list(held.of)}
    if isinstance(held, NamedThing):
        return {"name": held.name, "types": list(held.types)}
    if isinstance(held, bool):
        return {slot: held}
    if isinstance(held, WhereItIs):
        return _of_service(held.reference, focus, lexicon)
    said = str(held)
    if (of_last := _from_last(slot, said, focus, present)) is not None:
        return of_last
    read = _READ.get(slot)
    return read(said, present) if read else {slot: said}


def _from_last(slot: str, said: str, focus: Focus, present: Present) -> Values | None:
    """A time that is said by that of the last request; None of every other."""
    if slot == "earlier":
        return _earlier(said, focus, present)
    if slot not in {"period", "ago"} or not re.fullmatch(periods.SAME, said):
        return None
    before = periods.period_before(focus.slots)
    if before is None:
        raise ToolInputError(f"Which period is meant by “{said}”? None was spoken of last; please say which.")
    return (_as_days if slot == "period" else _as_times)(before, present)


def _time(slot: str, said: str, present: Present) -> object:
    said = _as_length(said)
    return (parse_window if slot == "window" else parse_until)(said, present.now, present.time_zone)


def _period(said: str, present: Present) -> Values:
    return _as_days(periods.period_of(said, present.now), present)


def _ago(said: str, present: Present) -> Values:
    return _as_times(periods.period_of(said, present.now), present)


def _as_days(period: periods.Days, present: Present) -> Values:
    return {"days": period.number, "end": period.end.isoformat() if period.end else None}


def _as_times(period: periods.Days, present: Present) -> Values:
    until = period.end or present.now
    return {"since": (until - timedelta(days=period.number)).isoformat(), "until": until.isoformat()}


def _window(said: str, present: Present) -> Values:
    return {"window": _understood(parse_window(said, present.now, present.time_zone)).model_dump(mode="json")}


def _until(said: str, present: Present) -> Values:
    at = _understood(parse_until(_as_length(said), present.now, present.time_zone))
    return {"until": at.isoformat(), "time_zone": str(at.tzinfo)}


def _span(said: str, present: Present) -> Values:
    span = spans.span_of(said, present.now, present.time_zone)
    return {"since": span.since.isoformat(), "until": span.until.isoformat(), "time_zone": present.time_zone}


def _levels(said: str) -> list[JsonValue]:
    """A stack trace stands in what is an error."""
    if re.fullmatch(STACK_TRACES, said):
        return ["error"]
    return list(dict.fromkeys(LEVELS[one] for one in said.split() if one in LEVELS))


def _earlier(said: str, focus: Focus, present: Present) -> Values:
    """In the same terms as the time of the last request; of one that said none, it was the last hour."""
    last = focus.slots
    if isinstance(days := last.get("days"), int):
        until = datetime.fromisoformat(str(end)) if (end := last.get("end")) else present.now
        span = spans.before(said, spans.Span(until - timedelta(days=days), until))
        return {"days": max(1, (span.until - span.since).days), "end": span.until.isoformat()}
    until = datetime.fromisoformat(str(end)) if (end := last.get("until")) else present.now
    since = datetime.fromisoformat(str(begin)) if (begin := last.get("since")) else until - timedelta(hours=1)
    span = spans.before(said, spans.Span(since, until))
    return {"since": span.since.isoformat(), "until": span.until.isoformat()}


def _stretch(said: str, present: Present) -> Values:
    """As whole days from its beginning on, which may end in a time to come."""
    span = spans.span_of(said, present.now, present.time_zone)
    days = max(1, -((span.since - span.until) // timedelta(days=1)))
    return {"days": days, "end": (span.since.astimezone(UTC) + timedelta(days=days)).isoformat()}


_READ: Mapping[str, Callable[[str, Present], Values]] = {
    "days": lambda said, present: {"days": periods.days_of(said)},
    "period": _period,
    "ago": _ago,
    "age": lambda said, present: {"older_than_days": periods.age_of(said)},
    "most_lines": lambda said, present: {"most": max(1, min(_LINES.get(said) or int(said), MOST_LINES))},
    "level": lambda said, present: {"levels": _levels(said)},
    "metric": lambda said, present: {"metric": figures.METRIC_OF[said]},
    "statistic": lambda said, present: {"statistic": figures.STATISTIC_OF[said]},
    "speed": lambda said, present: {"metric": "latency"},
    "fullness": lambda said, present: {"metric": figures.FULLNESS[said]},
    "waiting": lambda said, present: {"metric": figures.WAITING[said]},
    "sought": lambda said, present: {"words": [said]},
    "weeks": lambda said, present: {"weeks": periods.weeks_of(said)},
    "most": lambda said, present: {"most": periods.most_of(said)},
    "size": lambda said, present: {"size": _number(said)},
    "more": lambda said, present: {"step": _number(said)},
    "fewer": lambda said, present: {"step": -_number(said)},
    "maximum": lambda said, present: {"maximum": _number(said)},
    "minimum": lambda said, present: {"minimum": _number(said)},
    "window": _window,
    "until": _until,
    "span": _span,
    "stretch": _stretch,
    "settings": lambda said, present: {"settings": list(configuring.kinds_of(said))},
    "by": lambda said, present: costing.by_of(said),
    "ranked": lambda said, present: costing.by_of(said),
    "grown_by": lambda said, present: costing.by_of(said),
    "grown": lambda said, present: costing.by_of(said),
    "top": lambda said, present: costing.top_of(said),
    "against": lambda said, present: _as_days(costing.against(said), present),
    "off": lambda said, present: costing.off_of(said, present.time_zone),
}


def _number(said: str) -> int:
    return int(said) if said.isdigit() else periods.WEEKS[said]


def _as_length(said: str) -> str:
    """ "for another 2 hours", "for the next 30 minutes", "for 2 more hours", "for the next hour"."""
    said = re.sub(r"^for (?:another|the next|some more) ", "for ", said)
    return re.sub(
        r"^for (?=(?:hour|minute|day|week)\b)", "for a ", re.sub(r"^(for \S+) (?:more|further) ", r"\1 ", said)
    )


def _understood(found: T | Question) -> T:
    if isinstance(found, Question):
        raise (ToolInputError if found.understood else NoTime)(str(found), found.choices)
    return found


def _of_targets(targets: Targets, focus: Focus, lexicon: Lexicon, exact: bool) -> Values:
    def said(target: Target) -> list[str]:
        if target.by == "reference":
            if not target.said and not _is_plain(focus, "environment"):
                raise NoneSpokenOf("Which environment is meant? Please name it.", "")
            return meant_by(target, focus, lexicon, "environment", exact=exact)
        # The kind, where what people call it is no word that the tools know.
        return [target.said]

    if one := targets.one:
        return {"environment": said(one)[0]}
    kinds = [target.value for target in targets.of if target.by == "kind" and not target.one]
    names = [name for target in targets.of if target.one or target.by == "reference" for name in said(target)]
    but = [name for target in targets.but for name in said(target)]
    return {"kinds": list(dict.fromkeys(kinds)), "names": list(names), "but": list(but), "state": targets.state}


def _is_plain(focus: Focus, type: ReferenceType) -> bool:
    """Whether one was spoken of last, and nothing since."""
    return len(focus.spoken_of(type)) == 1 and not focus.unsettled


def _of_service(reference: Target, focus: Focus, lexicon: Lexicon) -> Values:
    """The one service that was spoken of, in the one environment that was. Raises NoneSpokenOf for none and several:
    then "it" is something else.
    """
    if not _is_plain(focus, "service") and (not reference.said or len(focus.spoken_of("service")) != 1):
        raise NoneSpokenOf(f"Which service is meant by “{reference.said}”? Please name it.", reference.said)
    (service,) = meant_by(reference, focus, lexicon, "service")
    places = focus.spoken_of("environment")
    return {"service": service, "environment_id": places[0].id if len(places) == 1 else None}


def _of_schedules(schedules: Schedules, focus: Focus, lexicon: Lexicon, exact: bool) -> Values:
    if schedules.of is not None or schedules.all:
        of = schedules.of.of if schedules.of else ()
        kinds, names = ([one for one in of if one.by == by] for by in ("kind", "name"))
        return {"kinds": [one.value for one in kinds], "names": [one.value for one in names]}
    ids = list(schedules.ids)
    if schedules.reference is not None:
        ids = meant_by(schedules.reference, focus, lexicon, "schedule", exact=exact)
    return {"schedule": ids[0]} if schedules.one else {"schedules": list(ids)}
