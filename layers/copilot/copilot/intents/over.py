"""What is said of a list that was answered: more than so much, of which kind, in which order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_SIGNS: Mapping[str, tuple[str, ...]] = {
    ">": (
        "more than", "over", "above", "beyond", "exceeding", "greater than", "higher than", "bigger than",
        "larger than", "longer than", "older than", "past", ">",
    ),
    ">=": ("at least", "no less than", "not less than", "not under", "not below", "from", ">="),
    "<": (
        "less than", "under", "below", "fewer than", "lower than", "smaller than", "cheaper than", "shorter than",
        "younger than", "<",
    ),
    "<=": ("at most", "up to", "no more than", "not more than", "not over", "not above", "<="),
}  # fmt: skip
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_SIGN_OF = {way: sign for sign, ways in _SIGNS.items() for way in ways}
_WAYS = "|".join(sorted(map(re.escape, _SIGN_OF), key=len, reverse=True))
BEYOND = re.compile(rf"(?P<way>{_WAYS}) ?(?P<unit>[$€£]?)(?P<number>\d{{1,9}}(?:\.\d{{1,4}})?)(?P<after>[%$€£k]?)")
LONGEST_BEYOND = 4
_UNITS = {"$": "cost", "€": "cost", "£": "cost", "%": "percent"}

MEASURES: Mapping[str, tuple[str, ...]] = {
    "cost": (
        "cost", "costs", "price", "prices", "spend", "spending", "spent", "money", "amount", "amounts", "dollars",
        "dollar", "usd", "euros", "euro", "eur", "bucks", "expense", "expenses",
    ),
    "idle": ("idle", "idle cost", "idle costs", "waste", "wasted"),
    "growth": ("growth", "increase", "rise"),
    "saves": ("savings", "saving", "what it would save", "what it saves"),
    "hours": ("hours", "hour", "running hours", "hours running", "uptime"),
    "idle hours": ("idle hours", "hours idle"),
    "services": ("services", "service count", "number of services"),
    "resources": ("resources", "resource count", "number of resources"),
    "environments": ("environments", "envs", "number of environments"),
    "errors": ("errors", "error count", "occurrences", "times", "count", "number"),
    "failures": ("failures", "failed", "failed deployments", "number of failures"),
    "deployments": ("deployments", "deploys", "releases", "number of deployments"),
    "percent": ("percent", "percentage", "%", "share", "rate"),
    "cpu": ("cpu", "processor", "load"),
    "memory": ("memory", "ram"),
    "seconds": ("seconds", "duration", "time taken", "length", "how long"),
    "minutes": ("minutes",),
    "days": ("days", "age", "days old"),
    "size": ("size", "tasks", "count of tasks", "number of tasks"),
    "running": ("running", "running tasks"),
    "wanted": ("wanted", "wanted tasks"),
    "requests": ("requests",),
    "name": ("name", "names", "alphabet"),
    "kind": ("kind", "type", "stage"),
    "state": ("state", "status"),
    "owner": ("owner", "team"),
    "date": ("date", "day", "when", "start", "start time"),
}  # fmt: skip
"""What people call a figure, or what a list is put in order by; by what is looked for in the names of fields."""
MEASURE_OF = {way: measure for measure, ways in MEASURES.items() for way in ways}

WHICH: Mapping[str, tuple[str, ...]] = {
    "running": ("running", "on", "up", "started", "alive"),
    "stopped": ("stopped", "off", "down"),
    "idle": ("idle", "unused"),
    "!idle": ("busy", "active", "in use", "used"),
    "healthy": ("healthy", "fine", "ok", "okay", "well"),
    "!healthy": ("unhealthy", "not healthy", "ill", "broken", "degraded", "failing"),
    "failed": ("failed", "unsuccessful"),
    "succeeded": ("succeeded", "successful"),
    "development": ("dev", "development"),
    "preview": ("preview",),
    "staging": ("staging", "stage", "stg"),
    "production": ("production", "prod", "prd"),
}
"""How things may be, or of which kind; `!` where the opposite is a field of its own."""
WHICH_OF = {way: which for which, ways in WHICH.items() for way in ways}

_FALLING = frozenset(
    "top highest biggest largest worst dearest priciest costliest most descending desc newest latest".split()
)
EXTREMES = (
    "top", "highest", "biggest", "largest", "worst", "dearest", "priciest", "costliest", "most expensive", "lowest",
    "smallest", "cheapest", "bottom", "least expensive",
)  # fmt: skip
DIRECTIONS = (
    "ascending", "descending", "asc", "desc", "highest", "biggest", "largest", "lowest", "smallest", "cheapest",
    "most expensive", "alphabetically", "highest first", "biggest first", "largest first", "lowest first",
    "smallest first", "cheapest first", "most expensive first", "newest first", "oldest first",
)  # fmt: skip


class Limit(NamedTuple):
    """What a number is held against: `sign` is of the plan language, `measure` one of MEASURES, "" for none."""

    sign: str
    number: str
    measure: str


def limit_of(said: str, measure: str, *, opposite: bool = False) -> Limit:
    """What was said of more or less than a number; of what is to be left out the opposite."""
    found = BEYOND.fullmatch(said)
    assert found is not None
    sign = _SIGN_OF[found["way"]]
    number = found["number"] + ("000" if found["after"] == "k" and "." not in found["number"] else "")
    unit = _UNITS.get(found["unit"] or found["after"], "")
    return Limit(_OPPOSITE[sign] if opposite else sign, number, MEASURE_OF.get(measure, "") or unit)


def falls(said: str) -> bool:
    """Whether what is highest comes first."""
    return said.split()[0] in _FALLING if said else True
