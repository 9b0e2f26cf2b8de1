"""What buttons and forms say: docs.slack.dev/reference/interaction-payloads."""

from __future__ import annotations

import hashlib
import json
from typing import get_args

from copilot.domain import Action, AnswerTo, ChatUser, Pressed
from copilot.edges.chat.slack.installed import interacts_from_outside, workspace_of_interaction
from copilot.edges.chat.slack.opening import Payload, Unreadable, part, parts, text

ACTION = "copilot."
"""What the action_id of each of our buttons begins with, and the callback_id of our forms; the Action follows."""
_ACTIONS = {f"{ACTION}{action}": action for action in get_args(Action)}


def read_interaction(payload: Payload) -> Pressed | None:
    kind = text(payload, "type")
    if kind == "block_actions":
        pressed = next((one for one in parts(payload, "actions") if text(one, "action_id") in _ACTIONS), None)
        return _pressed(payload, pressed) if pressed else None
    if kind == "view_submission" and text(part(payload, "view"), "callback_id") in _ACTIONS:
        return _submitted(payload, part(payload, "view"))
    return None


def _pressed(payload: Payload, pressed: Payload) -> Pressed:
    held, message, view = part(payload, "container"), part(payload, "message"), part(payload, "view")
    id = text(held, "message_ts") or text(message, "ts") or text(view, "id")
    channel = text(part(payload, "channel"), "id") or text(held, "channel_id")
    thread = text(held, "thread_ts") or text(message, "thread_ts") or (id if channel else "")
    return _of(
        payload,
        action_id=text(pressed, "action_id"),
        about=text(pressed, "value"),
        message=id,
        place=channel,
        thread=thread,
        moment=text(pressed, "action_ts"),
        state=part(payload, "state") or part(view, "state"),
    )


def _submitted(payload: Payload, view: Payload) -> Pressed:
    """Of a form, which is in no channel."""
    return _of(
        payload,
        action_id=text(view, "callback_id"),
        about=text(view, "private_metadata"),
        message=text(view, "id"),
        place="",
        thread="",
        moment=text(view, "hash"),
        state=part(view, "state"),
    )


def _of(
    payload: Payload, *, action_id: str, about: str, message: str, place: str, thread: str, moment: str, state: Payload
) -> Pressed:
    """Where there is no channel, the place is the user: what is posted to them, only they see."""
    workspace, user = workspace_of_interaction(payload), text(part(payload, "user"), "id")
    known = json.dumps([workspace, user, message, moment, action_id, about])
    return Pressed(
        key=hashlib.sha256(known.encode()).hexdigest(),
        user=ChatUser(platform="slack", workspace=workspace, user=user),
        external=interacts_from_outside(payload, workspace),
        where=AnswerTo(platform="slack", workspace=workspace, place=place or user, thread=thread or None),
        message=message,
        action=_ACTIONS[action_id],
        about=about,
        chosen=_ticked(state),
    )


def _ticked(state: Payload) -> tuple[str, ...]:
    """The values that are ticked or selected in whatever takes several, in the order of the form, each once."""
    found: list[str] = []
    for block in part(state, "values"):
        for element in part(state, "values", block):
            for option in parts(part(state, "values", block, element), "selected_options"):
                if not (value := text(option, "value")):
                    raise Unreadable("an option that was chosen has no value")
                found.append(value)
    return tuple(dict.fromkeys(found))
