"""Time zones as people name them: by IANA name, by city, or as UTC."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from copilot.times.question import Question

OWN = frozenset({"my", "our", "local"})
WORDS_AT_MOST = 4
_UTC = frozenset({"utc", "gmt", "etc/utc"})
_ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "cet": ("Europe/Paris", "Europe/Berlin", "Africa/Algiers"),
    "cest": ("Europe/Paris", "Europe/Berlin"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "est": ("America/New_York", "America/Panama"),
    "edt": ("America/New_York", "America/Toronto"),
    "et": ("America/New_York", "America/Toronto"),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "cdt": ("America/Chicago", "America/Havana"),
    "mst": ("America/Denver", "America/Phoenix"),
    "pst": ("America/Los_Angeles", "Asia/Manila"),
    "pdt": ("America/Los_Angeles", "America/Vancouver"),
    "pt": ("America/Los_Angeles", "America/Vancouver"),
    "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "eet": ("Europe/Athens", "Africa/Cairo"),
    "jst": ("Asia/Tokyo",),
}
"""Letters that several zones use, or that stand for half a year: never taken for one of them."""


@cache
def names() -> tuple[str, ...]:
    """Every IANA name that belongs to a place."""
    listed = files("tzdata").joinpath("zones").read_text().split()
    return tuple(name for name in listed if "/" in name and not name.startswith("Etc/"))


def known_zone(name: str) -> bool:
    """Whether this is exactly an IANA name, as it is written there."""
    return name == "UTC" or name in names()


def named_zone(words: Sequence[str], own: str) -> str | Question | None:
    """The zone that these words name, a question where they may name several, None where they name none."""
    said = " ".join(words)
    if said in OWN:
        return own
    if said in _UTC:
        return "UTC"
    if said in _ABBREVIATIONS:
        letters = said.upper()
        return Question(
            f"{letters} is not the name of one time zone; which is meant?",
            tuple(f"{name} time" for name in _ABBREVIATIONS[said]),
        )
    places, cities = _index()
    if said in places:
        return places[said]
    found = cities.get(said, ())
    if len(found) > 1 and not _alike(found):
        return Question(f"There are several places called {said.title()}; which is meant?", tuple(found))
    return found[0] if found else None


def unknown_zone(said: str) -> Question:
    """The question about a name that is none, with the names closest to it."""
    _, cities = _index()
    near = get_close_matches(said, list(cities), n=3, cutoff=0.6)
    hint = tuple(f"{cities[city][0]} time" for city in near)
    return Question(f"I do not know the time zone “{said}”; which is it? An IANA name or a city will do.", hint)


@cache
def _index() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Zones by their name in lower case, and by that of their city."""
    cities: dict[str, list[str]] = defaultdict(list)
    for name in names():
        cities[name.rpartition("/")[2].replace("_", " ").lower()].append(name)
    return {name.lower(): name for name in names()}, {city: tuple(found) for city, found in cities.items()}


def _alike(zones: Sequence[str]) -> bool:
    """Whether clocks in all of them show the same, these years: two names of one zone."""
    months = [datetime(2025, 1, 15, tzinfo=UTC) + timedelta(days=30 * month) for month in range(24)]
    return len({tuple(month.astimezone(ZoneInfo(zone)).utcoffset() for month in months) for zone in zones}) == 1
