"""What buttons say: docs.slack.dev/reference/interaction-payloads."""

from __future__ import annotations

import hashlib
import json
from typing import Any, get_args

from copilot.domain import Action, AnswerTo, ChatUser, Pressed
from copilot.edges.chat.opening import Payload, Unreadable, part, parts, text
from copilot.edges.chat.slack.installed import interacts_from_outside, workspace_of_interaction

ACTION = "copilot."
"""What the action_id of each of our buttons begins with; the Action follows."""
_ACTIONS = {f"{ACTION}{action}": action for action in get_args(Action)}


def read_interaction(payload: Payload) -> Pressed | None:
    if text(payload, "type") != "block_actions":
        return None
    pressed = next((one for one in parts(payload, "actions") if text(one, "action_id") in _ACTIONS), None)
    return _pressed(payload, pressed) if pressed else None


def _pressed(payload: Payload, pressed: Payload) -> Pressed:
    held, message = part(payload, "container"), part(payload, "message")
    id = text(held, "message_ts") or text(message, "ts")
    channel = text(part(payload, "channel"), "id") or text(held, "channel_id")
    thread = text(held, "thread_ts") or text(message, "thread_ts") or id
    workspace, user = workspace_of_interaction(payload), text(part(payload, "user"), "id")
    action_id, about = text(pressed, "action_id"), text(pressed, "value")
    known = json.dumps([workspace, user, id, text(pressed, "action_ts"), action_id, about])
    place: dict[str, Any] = {"place": channel, "thread": thread or None}
    home = text(held, "type") == "view"
    if home:  # nobody else is there: they are answered directly
        place, id = {"place": user, "person": True}, ""
    return Pressed(
        key=hashlib.sha256(known.encode()).hexdigest(),
        user=ChatUser(platform="slack", workspace=workspace, user=user),
        external=interacts_from_outside(payload, workspace),
        where=AnswerTo(platform="slack", workspace=workspace, **place),
        message=id,
        action=_ACTIONS[action_id],
        about=about,
        chosen=_ticked(part(payload, "state")),
        home=home,
    )


def _ticked(state: Payload) -> tuple[str, ...]:
    """The values that are ticked or selected in whatever takes several, in their order, each once."""
    found: list[str] = []
    for block in part(state, "values"):
        for element in part(state, "values", block):
            for option in parts(part(state, "values", block, element), "selected_options"):
                if not (value := text(option, "value")):
                    raise Unreadable("an option that was chosen has no value")
                found.append(value)
    return tuple(dict.fromkeys(found))
