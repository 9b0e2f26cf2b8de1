"""What an event would start, and why not, without starting it."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from copilot.config.reacting import Reaction, why_held
from copilot.domain.events import Event, event_of
from copilot.domain.occurrences import kind_of, occurrence_of
from copilot.errors import CopilotError, ToolInputError
from copilot.text.outside import quoted
from copilot.triggers.reacting import React
from copilot.triggers.reaction_values import Missing


def would_react(react: React, body: dict[str, Any], *, own: bool) -> dict[str, JsonValue]:
    """{kind, reactions: [{name, begins, marked, why_not}]} of those that answer to it, in their order; `own` as if it
    came by a rule of the user's own. Raises ToolInputError for what is no event.
    """
    try:
        event = event_of(body, ours=not own, account=react.here[0], region=react.here[1])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ToolInputError(f"that is no event as EventBridge delivers it: {type(error).__name__}: {error}") from None
    found: list[JsonValue] = [_tested(react, one, event) for one in react.answering(event)]
    return {"kind": kind_of(event), "account": event.account, "reactions": found}


def _tested(react: React, reaction: Reaction, event: Event) -> dict[str, JsonValue]:
    kind = reaction.event or kind_of(event)
    held = why_held(
        react.config.quiet_hours,
        react.config.maintenance,
        kind,
        (event.account, event.region),
        react.clock.now(),
        react.config.time_zone,
    )
    title = occurrence_of(event, reaction.name, kind).title
    shown: dict[str, JsonValue] = {"name": reaction.name, "cause": quoted(title), "tells": reaction.tells}
    try:
        planned = react.planned(reaction, event)
    except Missing as missing:
        return shown | {"begins": None, "marked": [], "why_not": f"the event has no {{{missing.path}}}"}
    except CopilotError as error:
        return shown | {"begins": None, "marked": [], "why_not": quoted(str(error)[:350])}
    return shown | {"begins": planned.text, "marked": [*planned.marked], "why_not": held}
