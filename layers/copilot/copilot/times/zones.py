"""Time zones as people name them: by IANA name, by city, or as UTC."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from copilot.errors import ToolInputError
from copilot.text.nearness import nearest
from copilot.times.places import AREAS, LARGE, LETTERS, NAMESAKES, NO_PLACES, REGIONS
from copilot.times.question import Question

OWN = frozenset({"my", "our", "local"})
WORDS_AT_MOST = 4
OFFERED_AT_MOST = 3
_UTC = frozenset({"utc", "gmt", "etc/utc", "etc/gmt", "utc+0", "gmt+0", "gmt-0", "utc-0", "etc/gmt0"})
_OFFSET = re.compile(r"(etc/gmt|utc|gmt)?([+-])(\d{1,2})(?::?([0-5]\d))?")
_FURTHEST = timedelta(hours=14)


@cache
def names() -> tuple[str, ...]:
    """Every IANA name that belongs to a place."""
    listed = files("tzdata").joinpath("zones").read_text().split()
    return tuple(name for name in listed if "/" in name and not name.startswith("Etc/"))


def known_zone(name: str) -> bool:
    """Whether this is exactly an IANA name, as it is written there."""
    return name == "UTC" or name in names()


def zone_of(name: str) -> ZoneInfo:
    """The zone of exactly this name. Raises ToolInputError."""
    if not known_zone(name):
        raise ToolInputError(f"there is no time zone {name!r}", ours=True)
    return ZoneInfo(name)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`Mon 2 Mar 12:30 UTC`."""
    at = at.astimezone(zone)
    return f"{at:%a} {at.day} {at:%b %H:%M %Z}"


def says_zone(words: Sequence[str]) -> bool:
    """Whether these words can mean nothing but a time zone: letters, a distance from UTC, a name with a slash."""
    said = "".join(words)
    return said in _UTC or said in LETTERS or "/" in said or _OFFSET.fullmatch(said) is not None


def named_zone(words: Sequence[str], own: str) -> str | Question | None:
    """The zone that these words name, a question where they may name several, None where they name none."""
    said = " ".join(words)
    if said in OWN:
        return own
    if "".join(words) in _UTC:
        return "UTC"
    if said in LETTERS:
        return _which(f"{said.upper()} is not the name of one time zone; which is meant?", LETTERS[said])
    if offset := _OFFSET.fullmatch("".join(words)):
        return _at_offset("".join(words), offset)
    places, cities = _index()
    if said in places:
        return places[said]
    city = _plain(said)
    if city in NAMESAKES:
        sure = own in NAMESAKES[city]  # whoever lives by the clock of one of them means that one
        return own if sure else _which(f"It is not sure which place “{said}” is; whose time?", NAMESAKES[city])
    found = (REGIONS[city],) if city in REGIONS else cities.get(city, ())
    if len(found) > 1 and not _alike(found):
        return _which(f"There are several places called {said.title()}; which is meant?", found)
    return found[0] if found else None


def unknown_zone(said: str) -> Question:
    """The question about a name that is none, with the names closest to it."""
    _, cities = _index()
    near = nearest(_plain(said), [*cities, *NAMESAKES], 3, close_enough=0.6)
    hint = [zone for city in near for zone in NAMESAKES.get(city) or cities[city][:1]]
    text = f"I do not know the time zone “{said}”; which is it? An IANA name or a city will do."
    return _which(text, list(dict.fromkeys(hint))[:OFFERED_AT_MOST])


def _which(text: str, zones: Sequence[str]) -> Question:
    return Question(text, tuple(f"{zone} time" for zone in zones))


def _at_offset(said: str, offset: re.Match[str]) -> str | Question:
    """What a distance from UTC may mean. It is no zone: where clocks are changed it is true for half of the year."""
    distance = timedelta(hours=int(offset[3]), minutes=int(offset[4] or 0))
    # In the names of the database it is the other way round: clocks of Etc/GMT+5 show five hours less.
    ahead = distance if (offset[2] == "+") != (offset[1] == "etc/gmt") else -distance
    if not ahead:
        return "UTC"
    if distance > _FURTHEST:
        return Question(f"No clock is as far from UTC as “{said.upper()}”; which time zone is meant?")
    keep = [zone for zone in LARGE if ahead in _offsets(zone)]
    keep.sort(key=lambda zone: len(_offsets(zone)))  # those that show it all year first
    text = f"“{said.upper()}” is a distance from UTC, and clocks that are changed keep it for half of a year only"
    return _which(f"{text}; which place's time is meant?", keep[:OFFERED_AT_MOST])


@cache
def _index() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Zones by their name in lower case, and by that of their city."""
    cities: dict[str, list[str]] = defaultdict(list)
    for name in names():
        if name.partition("/")[0] in AREAS and name not in NO_PLACES:
            cities[_plain(name.rpartition("/")[2].replace("_", " "))].append(name)
    return {name.lower(): name for name in names()}, {city: tuple(found) for city, found in cities.items()}


def _plain(name: str) -> str:
    """A name as it is looked up: `são paulo`, `st. john's` and `saint johns` are in the list without all that."""
    letters = unicodedata.normalize("NFKD", name.lower())
    kept = "".join(one for one in letters if not unicodedata.combining(one) and one not in ".'")
    return re.sub(r"^saint ", "st ", kept)


def _alike(zones: Sequence[str]) -> bool:
    """Whether clocks in all of them show the same, these years: two names of one zone."""
    return len({_shown(zone) for zone in zones}) == 1


def _offsets(zone: str) -> frozenset[timedelta | None]:
    return frozenset(_shown(zone))


@cache
def _shown(zone: str) -> tuple[timedelta | None, ...]:
    """How far clocks there are ahead of UTC, month by month."""
    months = [datetime(2025, 1, 15, tzinfo=UTC) + timedelta(days=30 * month) for month in range(24)]
    return tuple(month.astimezone(ZoneInfo(zone)).utcoffset() for month in months)
