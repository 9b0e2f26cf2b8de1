"""What a remark such as "and yesterday?" says of the last request in another way, and what of that still holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from copilot.domain import Focus
from copilot.intents import spans
from copilot.intents.actions import Action, Intent, slots_in
from copilot.intents.figures import Values, of_another_type
from copilot.intents.frames import Frame, NamedThing, ResourceTypes

OF_TARGETS = frozenset({"environment", "environment_id", "kinds", "names", "but", "state"})
"""What a plan is filled with from the targets."""
OF_PERIOD = frozenset({"weeks", "since", "until", "end"})
FILLED_BY: Mapping[str, frozenset[str]] = {
    "period": frozenset({"days", "weeks", "since"}),
    "span": frozenset({"days", "since"}),
    "earlier": frozenset({"days", "since"}),
    "thing": frozenset({"name"}),
    "level": frozenset({"levels"}),
    "most_lines": frozenset({"most"}),
    "sought": frozenset({"words"}),
}
"""What a plan is filled with from these slots, one of which it has; from every other what is called as it is."""
IN_PLACE: Mapping[str, frozenset[str]] = {
    "targets": OF_TARGETS,
    **dict.fromkeys(("period", "ago", "span", "stretch", "earlier"), OF_PERIOD),
    "thing": frozenset({"name", "types", "service"}),
    "service": frozenset({"name", "types"}),
    "types": frozenset({"name", "types", "service"}),
    "metric": frozenset({"statistic"}),
}
"""What of the last request no longer holds where a remark says one of these."""


def goes_on(said: Mapping[str, object], focus: Focus, last: Intent) -> bool:
    """Whether the last request has all that is to be another one now."""

    def has(slot: str) -> bool:
        if slot == "targets":
            return bool(last.hears & {"one", "several"}) or not {"service", "name"}.isdisjoint(focus.slots)
        return not FILLED_BY.get(slot, frozenset({slot})).isdisjoint({*focus.slots, *slots_in(last.plan)})

    return all(map(has, said))


def in_its_terms(frame: Frame, action: Action, focus: Focus) -> Frame:
    """The remark with its time read as the plans of the last request take one."""
    return frame._replace(said={_slot_of(slot, held, action, focus): held for slot, held in frame.said.items()})


def kept_of(frame: Frame, focus: Focus) -> Values:
    """What the last request was filled with, as far as that still holds."""
    other = frozenset[str]().union(*(IN_PLACE.get(slot, frozenset()) for slot in frame.said))
    kept = {slot: value for slot, value in focus.slots.items() if slot not in other}
    types, thing = frame.said.get("types"), frame.said.get("thing")
    if isinstance(types, ResourceTypes):
        places = focus.spoken_of("environment")
        if "environment_id" in kept and not kept["environment_id"] and len(places) == 1:
            kept["environment_id"] = places[0].id  # where that one thing was found
        return of_another_type(kept, types.of)
    return of_another_type(kept, thing.types) if isinstance(thing, NamedThing) else kept


def _slot_of(slot: str, held: object, action: Action, focus: Focus) -> str:
    """The slot that a time is read as for the plans of an action: from one moment to another, or as days up to one."""
    if slot == "period" and "ago" in action.takes:
        return "ago"
    by_moments = "since" in focus.slots and "days" not in focus.slots
    if slot == "period" and by_moments:
        return "span" if re.fullmatch(spans.PATTERN, str(held)) else "ago"
    return "stretch" if slot == "span" and "days" in focus.slots else slot
