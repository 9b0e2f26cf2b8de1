"""A request and the times at which it is to be done: "every morning at 8 send me the costs of yesterday"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from copilot.domain import Plan, Recurrence, Window
from copilot.intents.slots import Present
from copilot.times.grammar import LOOKS_LIKE_WINDOW, parse_window
from copilot.times.moving import DoesNotMove, moving
from copilot.times.question import Question

__all__ = ["Apart", "DoesNotMove", "apart", "kept"]

MOST_TIME, MOST_ALL = 14, 60
"""Words of the time, and of the whole."""
_LEAD = re.compile(
    r"(?i)^(?:(?:please|from now on|starting now|as of now|schedule this|schedule it|put this on a schedule|"
    r"schedule the following|hey copilot|copilot)\b[\s,:;–-]*)+"
)
_TIME_WORD = re.compile(
    r"(?i).*\d.*|noon|midday|midnight|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?|days?|daily|nightly|"
    r"weekdays?|weekends?|mornings?|evenings?|nights?|afternoons?|weekly|tomorrow|tonight|today|utc|gmt|time|hours?|"
    r"minutes?|am|pm|[a-z]+/[a-z_]+|now|once|week"
)
"""What the words of a time end with."""
_ASKS = re.compile(
    r"(?i)(?:what|which|who|whose|whom|why|when|where|how|is|are|was|were|do|does|did|has|have|had|should|shall|must|may|"
    r"might|they|he|she|it|you|someone|somebody|everybody|never|not|no|nobody|don't|dont|since|because|there|"
    r"(?:can|could|would|will)(?!\s+you\b)|(?:i|we)(?!\s+(?:want|need|would like|'d like)\b)|i'm|we're)\b.*"
)
"""What begins so asks or tells something, and is nothing to be done."""
_CONDITION = re.compile(r"(?i)\b(?:if|unless|whether|except|instead|said|says|told me)\b")
_AT_ONCE = re.compile(r"(?i)\b(?:now|immediately|at once|right away|straight away|asap)\b")
"""What is asked for so is not for later."""
_AHEAD = re.compile(r"(?i)(?:tomorrow|tonight|in)\b")
_RECURS = re.compile(r"(?i)\b(?:every|each|daily|nightly|weekly|weekdays|weekends|\w+days)\b")


class Apart(NamedTuple):
    """The request without its time, and that: when it is done; or what has to be asked of it. `said` are the words of
    the time, `leads` whether they stood before the request. `may_have_been`: it may as well be the time of what is
    asked about, "the errors on Monday at 9".
    """

    request: str
    said: str
    leads: bool
    when: Recurrence | Question
    may_have_been: bool

    def with_time(self, said: str, request: str | None = None) -> str:
        """The whole with another time, or another request."""
        rest = self.request if request is None else request
        return f"{said}, {rest}" if self.leads else f"{rest} {said}"


def apart(text: str, present: Present) -> Apart | None:
    """None for a text that names no time to come at its beginning or end, or that is no request."""
    whole = _LEAD.sub("", text.strip().rstrip(" .!"))
    asks = whole.endswith("?")
    words = whole.rstrip(" ?").split()
    if not 3 <= len(words) <= MOST_ALL or _CONDITION.search(whole):
        return None
    unclear: Apart | None = None
    for said, request, leads in _ways(words):
        if not request or _ASKS.fullmatch(request) or _AT_ONCE.search(request) or (asks and not _is_courteous(request)):
            continue
        when = _when(said, present)
        if isinstance(when, Recurrence):
            maybe_past = when.on is not None and not _AHEAD.match(said)
            return Apart(request, said, leads, when, maybe_past)
        if when is not None and unclear is None:
            unclear = Apart(request, said, leads, when, not _RECURS.search(said))
    return unclear


def kept(made_at: Callable[[datetime], Plan], present: Present) -> Plan:
    """The plan that is made now, as it can be kept. Raises DoesNotMove."""
    return moving(made_at, present.now, present.time_zone)


def _ways(words: list[str]) -> Iterator[tuple[str, str, bool]]:
    """The longest times first: those before the request, then those after it."""
    for end in range(min(len(words) - 1, MOST_TIME), 0, -1):
        yield _bare(words[:end]), _bare(words[end:]), True
    for begin in range(max(1, len(words) - MOST_TIME), len(words)):
        yield _bare(words[begin:]), _bare(words[:begin]), False


def _bare(words: list[str]) -> str:
    return " ".join(words).strip(" ,:;–-")


def _is_courteous(request: str) -> bool:
    return re.match(r"(?i)(?:can|could|would|will)\s+you\b", request) is not None


def _when(said: str, present: Present) -> Recurrence | Question | None:
    last = said.split()[-1].strip(",") if said else ""
    if not _TIME_WORD.fullmatch(last) or not (LOOKS_LIKE_WINDOW.fullmatch(said.lower()) or _is_recurring(said)):
        return None
    found = parse_window(said, present.now, present.time_zone)
    if isinstance(found, Window):
        return found.times["stop"] if found.start is None and not found.enforce else None
    return found if found.understood else None


def _is_recurring(said: str) -> bool:
    return re.match(r"(?i)(?:every|each|daily|nightly|on\s+\w+days?)\b", said) is not None
