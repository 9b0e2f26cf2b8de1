"""How people say what costs are split by, against what they are compared, and when something would be off."""

from __future__ import annotations

import re

from pydantic import JsonValue

from copilot.domain import DAYS, Window
from copilot.intents.periods import NUMBERS, UNITS, Days

_ENVIRONMENTS = r"environments?|envs?|clusters?|systems?|stacks?"
_NOUNS = {
    _ENVIRONMENTS: "environment",
    rf"kinds?(?: of (?:{_ENVIRONMENTS}))?|(?:environment )?kinds?": "kind",
    r"aws services?|amazon services?|services? of aws": "aws_service",
    r"services?": "service",
    r"days?": "day",
}
_NOUN = "|".join(f"(?:{ways})" for ways in _NOUNS)
_LASTING = "|".join(f"(?:{ways})" for ways, by in _NOUNS.items() if by != "day")
BY = rf"daily|day by day|(?:per|by|each|every|a) (?:{_NOUN})"
_THINGS = r"things?|items?|stuff|parts?|components?|pieces?"
"""Whatever is billed."""
RANKED = rf"(?:{_NOUN}|{_THINGS})"
GROWN_BY = rf"(?:per|by|each|every|a) (?:{_LASTING})"
GROWN = rf"(?:{_LASTING})"
"""What grew is what was there before: no day was."""
TOP = rf"\d{{1,2}}|{'|'.join(NUMBERS)}"
AGAINST = (
    rf"(?:since|against|versus|vs|than|from|over|to|with|compared to|compared with|relative to|in|during) (?:the )?"
    rf"(?:(?:last|previous|past|prior) (?:{'|'.join(UNITS)})|(?:{'|'.join(UNITS)}) before|before|yesterday)"
    rf"|(?:over |during |in )?this (?:{'|'.join(UNITS)})|lately|recently|of late"
)
_WEEKEND = r"(?:(?:on|over|at|during|all) )?(?:the |every )?week-?ends?"
_NIGHT = r"(?:at|every|over|during|each|by) (?:the )?nights?|overnight|nights|nightly"
_NO_WORK = r"(?:outside|out) (?:of )?(?:office|business|working|work) hours|out of hours|after hours"
OFF = rf"(?:{_NIGHT}) and (?:{_WEEKEND})|(?:{_WEEKEND}) and (?:{_NIGHT})|{_NO_WORK}|{_NIGHT}|{_WEEKEND}"
EVENING, MORNING, MIDNIGHT = "20:00", "07:00", "00:00"


def by_of(said: str) -> dict[str, JsonValue]:
    noun = re.sub(r"^(?:per|by|each|every|a) ", "", said)
    if re.fullmatch(_THINGS, noun):
        return {"by": "aws_service"}
    return {"by": next((by for ways, by in _NOUNS.items() if re.fullmatch(ways, noun)), "day")}


def top_of(said: str) -> dict[str, JsonValue]:
    return {"most": max(1, min(50, int(said) if said.isdigit() else NUMBERS[said]))}


def against(said: str) -> Days:
    """ "Since last month" is of the last 30 days, which are compared with those before; "lately" is of a week."""
    if re.fullmatch("lately|recently|of late", said):
        return Days(UNITS["week"])
    unit = next((unit for unit in UNITS if re.search(rf"\b{unit}\b", said)), "")
    return Days(1 if "yesterday" in said else UNITS[unit] if unit else 30)


def off_of(said: str, time_zone: str) -> dict[str, JsonValue]:
    """Nights are every day from 20:00 to 07:00, weekends whole days, and outside office hours is both."""
    night = re.search(rf"{_NIGHT}|{_NO_WORK}", said)
    weekend = re.search(rf"{_WEEKEND}|{_NO_WORK}", said)
    if night and weekend:
        window = Window(stop=EVENING, start=MORNING, days=DAYS[:5], time_zone=time_zone)
    elif night:
        window = Window(stop=EVENING, start=MORNING, days=DAYS, time_zone=time_zone)
    else:
        window = Window(stop=MIDNIGHT, start=MIDNIGHT, days=("SAT",), start_days=("MON",), time_zone=time_zone)
    return {"off": window.model_dump(mode="json")}
