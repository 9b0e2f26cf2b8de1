"""The dialog that stands between what was pressed and what it does: docs.discord.com, developers/components/reference.

What can be chosen from a list is sent by the list and by nothing else, and a list that was chosen from looks so
whatever became of it. So both that and what asks before it counts open a dialog, which sends at once what whoever sends
it sees in it: what it says and what can be chosen is taken from the message itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from copilot.edges.chat.discord.custom_ids import CustomId, custom_id
from copilot.edges.chat.opening import Payload, Unreadable, part, parts, text

BUTTON, SELECT, SECTION, TEXT, LABEL = 2, 3, 9, 10, 18
CHOSEN = "copilot.chosen"
LONGEST_TITLE = LONGEST_LABEL = 45


def dialog(payload: Payload, pressed: CustomId) -> dict[str, Any]:
    """The answer to a press that asks. Raises Unreadable where the message has nothing that could have been pressed."""
    wanted = text(part(payload, "data"), "custom_id")
    for held in _held(part(payload, "message")):
        one = part(held, "accessory") or held
        if text(one, "custom_id") == wanted:
            is_list = one.get("type") == SELECT
            shown = _choosing(one, _values(part(payload, "data"))) if is_list else _saying(held)
            title = text(one, "placeholder" if is_list else "label")[:LONGEST_TITLE]
            id = custom_id(pressed.action, pressed.about)
            return {"type": 9, "data": {"custom_id": id, "title": title or "…", "components": shown}}
    raise Unreadable("what was pressed is not in the message")


def chosen_in(data: Payload) -> tuple[str, ...]:
    """What was chosen in a dialog that was sent, each once."""
    lists = (part(one, "component") for one in parts(data, "components"))
    return tuple(dict.fromkeys(value for one in lists for value in _values(one)))


def _held(message: Payload) -> Iterator[Payload]:
    """Everything in a message, what holds others before them."""
    waiting = [*parts(message, "components")]
    while waiting:
        one = waiting.pop(0)
        yield one
        waiting += parts(one, "components")


def _saying(section: Payload) -> list[dict[str, Any]]:
    said = "\n".join(text(one, "content") for one in parts(section, "components"))
    return [{"type": TEXT, "content": said or "…"}]


def _choosing(select: Payload, chosen: tuple[str, ...]) -> list[dict[str, Any]]:
    """The same list with what was chosen chosen, of which at least one stays so."""
    options = [
        {"label": text(one, "label"), "value": text(one, "value"), "default": text(one, "value") in chosen}
        for one in parts(select, "options")
    ]
    again = {
        "type": SELECT,
        "custom_id": CHOSEN,
        "options": options,
        "min_values": 1,
        "max_values": len(options),
        "required": True,
    }
    return [{"type": LABEL, "label": "What is chosen here is left out", "component": again}]


def _values(data: Payload) -> tuple[str, ...]:
    values = data.get("values")
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(one, str) and one for one in values):
        raise Unreadable("`values` is no list of what was chosen")
    return tuple(values)
