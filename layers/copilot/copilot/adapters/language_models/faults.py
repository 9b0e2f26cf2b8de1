"""What a model's server says instead of an answer, out of the many forms in which servers say it: by HTTP's status, or
inside of a success; as an object, a list, a text or a page; with codes, types, words, and when to ask again.

Only what an error has as its codes and its words is read. What else is in it may quote the prompt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic_core import from_json

from copilot.adapters.language_models import causes
from copilot.adapters.language_models.answers import mapping, objects
from copilot.adapters.language_models.causes import STATUSES, Cause

_STATUS = re.compile(r"\b(429|50[0234]|52\d)\b")
_AWAY = re.compile(
    rf"{_STATUS.pattern}|bad gateway|service (is )?(temporarily |currently )?unavailable|gateway time-?out"
    r"|internal server error|too many requests|upstream|overloaded|maintenance"
)

_MOST_SAID = 4000
_MOST_ERRORS = 20
_DEEPEST = 6
_NAMED = frozenset("code type status reason error_type error_code errorcode status_code __type blockreason".split())
_NUMBERED = frozenset("code status error_code status_code statuscode http_status".split())
_SAID = frozenset("message msg error detail details error_msg error_message errormessage status_msg title raw".split())
_WITHIN = frozenset("error errors innererror metadata base_resp fault promptfeedback prompt_feedback".split()) | _SAID
_LATER = frozenset("retry_after retry_after_seconds retryafter retrydelay estimated_time".split())
_MOST_OF_A_PAGE = 500
_AGAIN = re.compile(r"(?:try again|retry|wait)\b[^\d.]{0,30}((?:\d[\d.]*\s{0,2}[a-z]{1,12}\s{0,2}){1,4})")
_LONGEST_PAUSE = 30 * 86_400.0


@dataclass(frozen=True)
class Fault:
    """`status` is HTTP's, or what an error inside of a success calls itself, 0 where it does not say. `named` are its
    codes and types, `said` its words, both in lower case. `after` is when the server wants to be asked again, in
    seconds.
    """

    status: int
    named: frozenset[str] = frozenset()
    said: str = ""
    after: float | None = None

    @property
    def cause(self) -> Cause | None:
        return causes.cause_of(self.status, self.named, self.said, self.after)

    @property
    def may_be_the_form(self) -> bool:
        return causes.may_be_the_form(self.status, self.named, self.said, self.cause)


def fault_of(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault:
    """The fault that a reply other than success is."""
    try:
        value = from_json(body)
    except ValueError:
        value = {"message": _page(body)}
    found = _read(value, status)
    for name, parts in (("retry-after-ms", 1000), ("x-ms-retry-after-ms", 1000), ("retry-after", 1)):
        if (after := _seconds(headers.get(name), now, parts)) is not None:
            return replace(found, after=after)
    return found


def fault_within(value: Mapping[str, Any], answer: str) -> Fault | None:
    """The fault that a success says it is, by its JSON; None where it says none. `answer` is the key of an answer."""
    choice = next(iter(objects(value.get("choices"))), {})
    if choice.get("error"):
        return _read({"error": choice["error"]}, 0)
    if not _is_an_error(value, holds_nothing=not value.get(answer)):
        return None
    return _read({key: inner for key, inner in value.items() if key != answer}, 0)


def fault_of_a_page(body: bytes) -> Fault | None:
    """The fault that a page tells of which came as a success, as a proxy's for a server that is away."""
    found = _page(body)
    if len(found) > _MOST_OF_A_PAGE or not _AWAY.search(found):
        return None
    number = _STATUS.search(found)
    return Fault(int(number[0]) if number else 0, said=found)


def _is_an_error(value: Mapping[str, Any], holds_nothing: bool) -> bool:
    if any(value.get(key) for key in ("error", "errors", "fault", "error_code", "error_msg")):
        return True
    if "error" in (value.get("type"), value.get("object")) or value.get("status") in ("error", "failed"):
        return True
    # MiniMax's and Gemini's own fields
    if mapping(value.get("base_resp")).get("status_code") or mapping(value.get("promptFeedback")).get("blockReason"):
        return True
    texts = any(isinstance(value.get(key), str) for key in ("message", "msg", "Message"))
    return holds_nothing and (texts or bool(value.get("detail")) or value.get("success") is False)


def _page(body: bytes) -> str:
    """The words of a text, or of the title of a page."""
    text = body[:20_000].decode(errors="replace").lower().strip()
    if text.startswith("<"):
        text = " ".join(re.findall(r"<(?:title|h1)[^>]*>([^<]{0,200})<", text))
    return text[:_MOST_SAID]


def _read(value: Any, status: int) -> Fault:
    """The fault that an error's JSON tells of; `status` is 0 where that is only in the JSON."""
    named, said = set[str](), list[str]()
    numbers, after = list[int](), list[float]()
    for key, found in _parts(value):
        text = str(found).lower()
        if key in _NAMED:
            named.add(text[:80])
        if key in _NUMBERED and re.fullmatch(r"[45]\d\d", text):
            numbers.append(int(text))
        if key in _SAID and isinstance(found, str):
            said.append(text[:_MOST_SAID])
        if key in _LATER and (seconds := _written_seconds(text)) is not None:
            after.append(seconds)
    words = " ".join(said)[:_MOST_SAID]
    if (spoken := _AGAIN.search(words)) and (seconds := _written_seconds(spoken[1])) is not None:
        after.append(seconds)
    numbers += [STATUSES[name] for name in sorted(named) if name in STATUSES]
    return Fault(status or next(iter(numbers), 0), frozenset(named), words, next(iter(after), None))


def _parts(value: Any, depth: int = _DEEPEST, key: str = "message") -> Iterator[tuple[str, str | int | float]]:
    """What stands in an error, by its key in lower case, and in the errors in it, be they JSON as a text."""
    if isinstance(value, str) and key in _SAID and value.lstrip()[:1] in ("{", "["):
        with suppress(ValueError):
            value = from_json(value)
    if isinstance(value, (str, int, float)):
        yield key, value
    elif isinstance(value, list) and depth:
        for inner in value[:_MOST_ERRORS]:
            yield from _parts(inner, depth - 1, key)
    elif isinstance(value, dict) and depth and key in _WITHIN:
        for name, inner in value.items():
            yield from _parts(inner, depth - 1, str(name).lower())


def _written_seconds(text: str) -> float | None:
    """Seconds of a time as servers write it: 47, 47s, 1m30.5s, 250ms, 2 minutes."""
    if re.fullmatch(r"\d[\d.]*", text):
        return _bounded(text, 1)
    units = {"ms": 0.001, "mi": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
    found = re.findall(r"(\d[\d.]*)\s{0,2}(ms|milli|s|m|h)", text)
    parts = [_bounded(number, units[unit[:2] if unit == "milli" else unit]) for number, unit in found]
    return sum(part for part in parts if part is not None) if parts else None


def _seconds(given: str | None, now: datetime, parts: int = 1) -> float | None:
    """Retry-after in seconds: it is a number of them, or a date (RFC 9110, 10.2.3)."""
    if not given:
        return None
    if re.fullmatch(r"\s*-?\d[\d.]*\s*", given):
        return _bounded(given, 1 / parts)
    try:
        when = parsedate_to_datetime(given)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), _LONGEST_PAUSE)


def _bounded(number: str, unit: float) -> float | None:
    try:
        seconds = float(number) * unit
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_PAUSE) if math.isfinite(seconds) else None
