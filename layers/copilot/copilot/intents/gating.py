"""Conditions that are held against what is so now, as people put them: "error rate of checkout under 1% and p95 under
300 ms over 10 minutes". The conditions are those of watches. Pure, and quick to import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from copilot.domain import KIND_WORDS
from copilot.intents.watching import Condition, Kind, condition_in

LONGEST = 600
USUALLY = 10
"""Minutes that a figure is taken over where nothing says over how many."""
AT_MOST_MINUTES = 24 * 60
_NUMERIC = frozenset({"over", "under"})


class Bound(NamedTuple):
    """`opposite` where it must not be so, `equal` where the number itself is still within. `minutes` are those that it
    is taken over, `said` the words of the person who asks.
    """

    condition: Condition
    opposite: bool
    equal: bool
    minutes: int
    said: str = ""


class Gate(NamedTuple):
    """`unread` are the words, as they were said, of a condition that is none we know; then nothing is held against
    anything. Without either, nothing is said to be held.
    """

    bounds: tuple[Bound, ...] = ()
    unread: str = ""


class _There(NamedTuple):
    """The names of what there is, the words for environments, by kind too, and those that are of nothing else; the
    words in lower case.
    """

    names: Sequence[str]
    places: frozenset[str]
    only_places: frozenset[str]

    def is_name(self, word: str) -> bool:
        return word.lower() in {one.lower() for one in self.names}

    def says_place(self, subject: str) -> bool:
        return not self.only_places.isdisjoint(_words(subject))


def read(text: str, services: Sequence[str] = (), environments: Sequence[str] = ()) -> Gate | None:
    """What is to be held; None for what asks for something else. What there is, by its name."""
    plain = _LEAD.sub("", " ".join(text.replace("\u2019", "'").split())).rstrip(" .!?,;")
    plain = _THANKS.sub("", plain)
    if not plain or len(plain) > LONGEST:
        return None
    places = frozenset({*map(str.lower, environments), *KIND_WORDS})
    there = _There([*services, *environments], places, places - {*map(str.lower, services)})
    if _EMPTY.fullmatch(plain):
        return Gate()
    for form, opposite in _FORMS:
        if (found := form.fullmatch(plain)) is not None:
            gate = _gate(found["rest"], opposite, there)
            if not gate.bounds or any(one.condition.kind not in _SURELY for one in gate.bounds):
                return gate if found.groupdict().get("surely") else None
            return gate
    return None


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts), re.IGNORECASE)


_LEAD = _pattern(r"^(?:(?:hey|hi|hello|ok|okay|please|pls|now|copilot|just|(?:can|could|would|will) you)\b[\s,:!]*)+")
_THANKS = _pattern(r"(?:[ ,]+(?:please|pls|thanks|thank you|thx|cheers))+$")
_EMPTY = _pattern(r"gate(?: check)?\s*:\W*")
_BUILD = r"(?: the| this)?(?: build| job| pipeline| deploy(?:ment)?| release| stage| step| workflow| run)?"
_FORMS: Sequence[tuple[re.Pattern[str], bool]] = (
    (_pattern(r"(?P<surely>gate)(?: check)?\b[ :,–—-]*(?:(?:on|that|if|whether)\b )?(?P<rest>.+)"), False),
    (_pattern(rf"(?P<surely>fail){_BUILD} unless (?P<rest>.+)"), False),
    (_pattern(rf"(?P<surely>fail){_BUILD} (?:if|when|as soon as) (?P<rest>.+)"), True),
    (_pattern(rf"(?P<surely>pass){_BUILD} (?:only )?(?:if|when|while) (?P<rest>.+)"), False),
    (_pattern(r"(?P<surely>(?:assert|require)) (?:that )?(?P<rest>.+)"), False),
    (_pattern(r"(?:check|verify|confirm|make sure|ensure)(?: that| if| whether)? (?P<rest>.+)"), False),
)
"""What `surely` asks for a gate; the rest does where it names figures with their bounds, alarms, errors or health."""
_SURELY = _NUMERIC | {"some", "alarm", "well"}
_OVER_A_TIME = _NUMERIC | {"some"}
"""What is held over a time; the rest is as it is now, and whoever says a time of it is not held to another."""

_BEING = r"(?:is |are |be |stays? |remains? |keeps? )?"
_SIGNS: Sequence[tuple[re.Pattern[str], str]] = (
    (_pattern(r"\s*(?:≤|<=|=<)\s*"), " at most "),
    (_pattern(r"\s*(?:≥|>=|=>)\s*"), " at least "),
    (_pattern(r"\s*<\s*"), " under "),
    (_pattern(r"\s*>\s*"), " over "),
    (_pattern(r"\b(?:must|should|shall|has to|have to|needs? to|is to|are to|may)(?: all)? "), ""),
    (
        _pattern(
            rf"\b{_BEING}(?:not (?:be |go |get |rise )?(?:more than|over|above|exceed)",
            r"|(?:do(?:es)? )?not (?:exceed|go over|go above)|(?:no|not) (?:more|higher|greater|longer|larger) than",
            r"|never (?:over|above)|up to|within|max(?:imum)?\.?(?: of)?)(?= ?[\d$€])",
        ),
        "at most",
    ),
    (
        _pattern(
            rf"\b{_BEING}(?:not (?:be |go |fall )?(?:less than|under|below)",
            r"|(?:no|not) (?:less|fewer|lower|smaller) than|never (?:under|below)|min(?:imum)?\.?(?: of)?)(?= ?[\d$€])",
        ),
        "at least",
    ),
    (_pattern(r"\b(?:stays?|remains?|keeps?|be|being|been)\b"), "is"),
    (_pattern(r"\bis is\b"), "is"),
    (_pattern(r"\b(?:no|zero|0|without(?: any)?) (?=(?:[a-z]+ )?(?:alarms?|errors?|alerts?)\b)"), "no "),
    (_pattern(r"\balerts?\b"), "alarm"),
)
_WITH_BOUND = _pattern(r"\b(?:under|below|over|above|at (?:most|least)|(?:less|more|fewer) than) [\d$€]")
_EQUAL = _pattern(r"\bat (?:most|least)\b")
_APART = _pattern(r",? and (?:that )?|;\s*|,\s+(?!\d)| & | && | plus ")
_UNIT = r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)"
_NUMBER = r"(?P<n>\d+(?:\.\d+)?|half an|an?|one|two|three|five|six|ten|fifteen|thirty)?"
_SPAN = _pattern(
    r",?\s*\b(?:over|in|within|during|for|across)(?: the)?(?: (?:last|past|previous|recent))? ?", _NUMBER, " ?", _UNIT,
    r"\b",
)  # fmt: skip
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "five": 5, "six": 6, "ten": 10, "fifteen": 15, "thirty": 30,
    "half an": 0.5,
}  # fmt: skip
_MINUTES = {"s": 1 / 60, "m": 1, "h": 60, "d": 24 * 60}
_NO_ALARM: Sequence[re.Pattern[str]] = (
    _pattern(
        r"(?:there (?:is|are) )?no (?:\w+ )?alarms?",
        r"(?: (?:is |are )?(?:ringing|rings?|on|firing|fires?|open|active|going off))?",
        r"(?: (?:in|for|on|of|at) (?P<s>.+))?",
    ),
    _pattern(r"(?P<s>.+?) (?:has|have|with) no (?:\w+ )?alarms?(?: ringing| on| firing| open)?"),
)
_NO_ERRORS: Sequence[re.Pattern[str]] = (
    _pattern(r"(?:there (?:is|are) )?no (?:new )?errors?(?: (?:in|for|on|of|from|at)(?: the logs? of)? (?P<s>.+))?"),
    _pattern(r"(?P<s>.+?) (?:has|have|logs?|shows?|with) no (?:new )?errors?"),
)
_NONE_OF: Sequence[tuple[Kind, Sequence[re.Pattern[str]]]] = (("alarm", _NO_ALARM), ("some", _NO_ERRORS))
_COUNT = _pattern(r"(?:at (?:most|least)|fewer than|less than|more than|under|over) \d")
_OWNER = _pattern(r"^.+? (?:of|in|on|for) (?P<of>.+)$|^(?P<own>.+?)'s .+$")
_FIGURE = _pattern(r"(.+?) (?:of|in|on|for) (.+)$")
_PLACE = r"(?:the )?(?P<place>[\w.-]+)(?: env(?:ironment)?)?"
_BEHIND = _pattern(rf"(?: (?P<in>in|on))? {_PLACE}$")
_IN_FRONT = _pattern(rf"^(?:in|on|for) {_PLACE}\s*[,:]? ")
_PUT: Sequence[re.Pattern[str]] = (
    _pattern(rf"^(?:.* )?(?P<name>[\w.-]+)(?: service)? (?:in|on|of|at) {_PLACE}$"),
    _pattern(r"^(?:.* )?(?P<place>[\w.-]+)'s (?P<name>[\w.-]+)(?: service)?$"),
)


def _gate(given: str, opposite: bool, there: _There) -> Gate:
    plain = f" {given} "
    for form, sign in _SIGNS:
        plain = form.sub(sign, plain)
    plain, front = _in_front(" ".join(plain.split()), there)
    plain, minutes = _over(plain, there)
    if not front:
        plain, front = _in_front(plain, there)
    parts, place = _in_place(plain, there)
    place = place or front
    owner = next((one for part in parts if (one := _owner(part, there.names))), place)
    bounds, waiting = list[Bound](), list[str]()
    for whole in parts:
        part, own = _over(whole, there)
        found = _bound(part, "" if waiting else owner)
        if found is None:
            waiting.append(part)
            continue
        if waiting and found.condition.kind in _NUMERIC and not _FIGURE.match(waiting[0]):
            return Gate(unread=_as_said(waiting[0], given))
        said = given if waiting else _as_said(whole, given)
        *before, last = _several(waiting, found.condition, there)
        waiting = []
        owner = _owner(last.subject, there.names) or owner
        for condition in (*before, last):
            put = condition if not place or there.says_place(condition.subject) else _put(condition, place)
            bounds.append(Bound(put, found.opposite is not opposite, found.equal, own or minutes or USUALLY, said))
    if minutes is not None and not any(one.condition.kind in _OVER_A_TIME for one in bounds):
        return Gate(unread=given)
    if waiting or not bounds:
        return Gate(unread=_as_said(waiting[0], given) if len(waiting) == 1 else given)
    return Gate(tuple(_of_one_place(bounds, there)))


def _words(subject: str) -> set[str]:
    return {*re.findall(r"[\w.-]+", subject.lower().replace("'s", ""))}


def _as_said(part: str, given: str) -> str:
    """The words of it, where they are those that were said; else all that was said."""
    return part if part.lower() in given.lower() else given


def _put(condition: Condition, place: str) -> Condition:
    return condition._replace(subject=f"{condition.subject} in {place}")


def _of_one_place(bounds: Sequence[Bound], there: _There) -> Iterator[Bound]:
    """A place that is said once of something is that of it everywhere, where no other is."""
    places = dict[str, set[str]]()
    for bound in bounds:
        if (found := _place_of(bound.condition.subject, there)) is not None:
            places.setdefault(found[0], set()).add(found[1])
    for bound in bounds:
        words = _words(bound.condition.subject)
        put = [one for name, one in places.items() if name in words and len(one) == 1]
        if len(put) == 1 and not there.says_place(bound.condition.subject):
            yield bound._replace(condition=_put(bound.condition, *put[0]))
        else:
            yield bound


def _over(plain: str, there: _There) -> tuple[str, int | None]:
    """Without the time over which it is taken, where it names one that is no bound itself, and that, in minutes."""
    for found in reversed([*_SPAN.finditer(plain)]):
        number = (found["n"] or "1").lower()
        amount = _NUMBERS.get(number) or float(number)
        minutes = max(1, round(amount * _MINUTES[found["unit"][0].lower()]))
        rest = " ".join(f"{plain[: found.start()]} {plain[found.end() :]}".strip(" ,;").split())
        if all(_bound(part, "it") is not None for part in _in_place(rest, there)[0][-1:]):
            return rest, minutes
    return plain, None


def _in_front(plain: str, there: _There) -> tuple[str, str]:
    """The conditions without the environment that is named before all of them, and that."""
    found = _IN_FRONT.match(plain)
    if found is None or found["place"].lower() not in there.places:
        return plain, ""
    return plain[found.end() :], found["place"]


def _in_place(plain: str, there: _There) -> tuple[list[str], str]:
    """The conditions, and the environment that all of them are of, where it is named behind the last one's number; or
    alone at the end, as who is asked which one is meant answers.
    """
    found = _BEHIND.search(plain)
    if found is None or found["place"].lower() not in there.places or not plain[: found.start()].strip():
        return _parts(plain), ""
    rest = plain[: found.start()]
    last = _bound(_parts(rest)[-1], "it")
    taken = last is not None and (last.condition.kind in _NUMERIC or not found["in"])
    return (_parts(rest), found["place"]) if taken else (_parts(plain), "")


class _Found(NamedTuple):
    condition: Condition
    opposite: bool = False
    equal: bool = False


def _bound(part: str, of: str) -> _Found | None:
    """The condition that this is; `of` is whose figure it is where it does not say."""
    for kind, forms in _NONE_OF:
        for form in forms:
            if (found := form.fullmatch(part)) is not None:
                subject = found["s"] or of
                return _Found(Condition(kind, subject), True) if subject else None
    condition = condition_in(f"there are {part}" if _COUNT.match(part) else part, "")
    if condition is None or _WITH_BOUND.search(condition.subject):
        return None
    if condition.kind in _NUMERIC and of and not _OWNER.match(condition.subject):
        condition = condition._replace(subject=condition.subject if of in condition.subject else
                                       f"{condition.subject} of {of}")  # fmt: skip
    return _Found(condition, equal=_EQUAL.search(part) is not None)


def _several(waiting: Sequence[str], condition: Condition, there: _There) -> Iterator[Condition]:
    """The same condition over each that was named before it, where the last of them is."""
    figure = _FIGURE.match(waiting[0]) if waiting and condition.kind in _NUMERIC else None
    place = _place_of(condition.subject, there)
    for subject in (*waiting, condition.subject):
        own = _FIGURE.match(subject)
        named = subject if figure is None or (own and not there.is_name(own[1])) else f"{figure[1]} of {subject}"
        each = condition._replace(subject=named)
        yield _put(each, place[1]) if place and not there.says_place(named) else each


def _place_of(subject: str, there: _There) -> tuple[str, str] | None:
    """What it is of, and where, where both are said."""
    for form in _PUT:
        found = form.match(subject)
        if found and there.is_name(found["name"]) and found["place"].lower() in there.places:
            return found["name"].lower(), found["place"]
    return None


def _owner(subject: str, names: Sequence[str]) -> str:
    """Whose figure it is; "" where it does not say."""
    found = _OWNER.match(subject)
    said = (found["of"] or found["own"]) if found is not None else ""
    there = [one for one in names if re.search(rf"(?i)(?<![\w-]){re.escape(one)}(?![\w-])", said or subject)]
    return there[0] if there else said if len(said.split()) < 3 else ""


def _parts(plain: str) -> list[str]:
    return [one for one in _APART.split(plain) if one.strip()]
