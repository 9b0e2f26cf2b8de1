"""What can be used in a message or a view, and what Slack says of it once it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.laptop.slack.world import Json

Chosen = Mapping[str, Any]
"""By action id: the values of what is chosen, or the text that was typed."""


def elements_of(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element that can be used, with its block."""
    for block in blocks:
        inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        yield from ((block, one) for one in inside if isinstance(one, dict) and one.get("action_id"))


def element_of(blocks: Sequence[Json], wanted: str) -> tuple[Json, Json]:
    """By action id, alone or after its block's and a /; where that fits none, by its value or what stands on it. Raises
    KeyError.
    """
    known = list(elements_of(blocks))
    for block, element in known:
        if wanted in (element["action_id"], f"{block.get('block_id')}/{element['action_id']}"):
            return block, element
    for block, element in known:
        text = element.get("text")
        if wanted in (element.get("value"), text.get("text") if isinstance(text, dict) else None):
            return block, element
    raise KeyError(f"no element {wanted!r}; there are {[one['action_id'] for _, one in known]}")


def action_of(block: Json, element: Json, at: str, chosen: Any = None) -> Json:
    """The entry of `actions`. `at` is when, as a message's id."""
    action = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": at,
    }
    if element["type"] == "button":
        return action | {key: element[key] for key in ("text", "value", "style", "confirm") if key in element}
    return action | _value(element, chosen)


def state_of(blocks: Sequence[Json], chosen: Chosen) -> Json:
    """`state.values`: of everything that has a state, chosen or as it was shown first."""
    values: Json = {}
    for block, element in elements_of(blocks):
        if element["type"] not in {"button", "overflow"}:
            now = chosen.get(element["action_id"])
            state = {"type": element["type"], **_value(element, now)}
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def _value(element: Json, chosen: Any) -> Json:
    kind = element["type"]
    options = [*element.get("options", [])]
    for group in element.get("option_groups", []):
        options += group["options"]
    if kind in {"checkboxes", "multi_static_select"}:
        if chosen is None:
            return {"selected_options": element.get("initial_options", [])}
        return {"selected_options": [one for one in options if one["value"] in chosen]}
    if kind in {"radio_buttons", "static_select", "overflow"}:
        if chosen is None:
            return {"selected_option": element.get("initial_option")}
        return {"selected_option": next((one for one in options if one["value"] in chosen), None)}
    if kind == "plain_text_input":
        return {"value": element.get("initial_value") if chosen is None else chosen or None}
    if kind == "datepicker":
        return {"selected_date": element.get("initial_date") if chosen is None else chosen}
    if kind == "users_select":
        return {"selected_user": element.get("initial_user") if chosen is None else chosen}
    return {"selected_users": element.get("initial_users", []) if chosen is None else list(chosen)}
