"""What Discord refuses in a message: docs.discord.com, developers/components/reference and resources/message. It judges
by its own reading of those, and not by what the copilot makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from cli.laptop.discord.world import Json

V2 = 1 << 15
MAY_SET = V2 | 1 << 2 | 1 << 6 | 1 << 12
TOP = {1, 9, 10, 12, 13, 14, 17}
IN_CONTAINER = TOP - {17}


def problems(body: Json, flags: int) -> Iterator[str]:
    """In words; none where it is taken. `flags` are those that the message has already."""
    if body.get("flags", 0) & ~MAY_SET:
        yield "flags"
    is_v2 = bool((flags | body.get("flags", 0)) & V2)
    components = body.get("components") or []
    if is_v2 and (body.get("content") or body.get("embeds")):
        yield "content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    if len(_text(body.get("content"))) > 2000:
        yield "content: BASE_TYPE_MAX_LENGTH"
    if not (components or body.get("content") or body.get("attachments")):
        yield "message: empty"
    if not is_v2:
        if any(one.get("type") != 1 for one in components) or len(components) > 5:
            yield "components: only action rows"
    elif not components:
        yield "components: empty"
    for one in components:
        yield from _component(one, TOP)
    yield from _together([*_all(components)])


def _together(found: Sequence[Json]) -> Iterator[str]:
    """Of all that are in one message."""
    if len(found) > 40:
        yield "components: more than 40"
    if sum(len(_text(one.get("content"))) for one in found if one.get("type") == 10) > 4000:
        yield "components: more than 4000 characters"
    ids = [one["custom_id"] for one in found if "custom_id" in one]
    if len(ids) != len({*ids}):
        yield "components: COMPONENT_CUSTOM_ID_DUPLICATED"


def pinged(body: Json) -> list[str]:
    """Who is told of a message because of what stands in it."""
    allowed = body.get("allowed_mentions")
    if allowed is not None and not allowed.get("parse"):
        return []
    texts = [body.get("content") or "", *(one.get("content", "") for one in _all(body.get("components") or []))]
    return [found for text in texts for found in re.findall(r"@everyone|@here|<@[!&]?\d+>", _text(text))]


def _component(one: Any, allowed: set[int]) -> Iterator[str]:
    if not isinstance(one, dict) or one.get("type") not in allowed:
        yield f"component of type {one.get('type') if isinstance(one, dict) else one}"
        return
    inner = one.get("components")
    match one["type"]:
        case 1:
            yield from _row(inner)
        case 9:
            yield from _section(inner, one.get("accessory"))
        case 10:
            if not _within(one.get("content"), 1, 4000) or not one["content"].strip():
                yield "text: content"
        case 17:
            if not isinstance(inner, list) or not inner:
                yield "container: empty"
            for each in inner or []:
                yield from _component(each, IN_CONTAINER)


def _section(inner: Any, accessory: Any) -> Iterator[str]:
    if not isinstance(inner, list) or not 1 <= len(inner) <= 3:
        yield "section: one to three texts"
    for each in inner or []:
        yield from _component(each, {10})
    if not isinstance(accessory, dict) or accessory.get("type") not in {2, 11}:
        yield "section: accessory"
    elif accessory["type"] == 2:
        yield from _button(accessory)


def _row(inner: Any) -> Iterator[str]:
    if not isinstance(inner, list) or not inner:
        yield "row: empty"
    elif all(isinstance(one, dict) and one.get("type") == 2 for one in inner):
        if len(inner) > 5:
            yield "row: more than 5 buttons"
        for one in inner:
            yield from _button(one)
    elif len(inner) == 1 and inner[0].get("type") == 3:
        yield from _select(inner[0])
    else:
        yield "row: neither buttons nor one list"


def _button(one: Json) -> Iterator[str]:
    if not _within(one.get("label"), 1, 80):
        yield "button: label"
    if one.get("style") == 5:
        if (
            "custom_id" in one
            or not _within(one.get("url"), 1, 512)
            or not one["url"].startswith(("http://", "https://"))
        ):
            yield "button: url"
    elif one.get("style") not in {1, 2, 3, 4} or "url" in one or not _within(one.get("custom_id"), 1, 100):
        yield "button: style or custom_id"


def _select(one: Json) -> Iterator[str]:
    options: Sequence[Json] = one.get("options") or []
    if not _within(one.get("custom_id"), 1, 100) or not 1 <= len(options) <= 25:
        yield "list: custom_id or options"
    if one.get("placeholder") is not None and not _within(one["placeholder"], 1, 150):
        yield "list: placeholder"
    if not 0 <= one.get("min_values", 1) <= one.get("max_values", 1) <= len(options):
        yield "list: min_values or max_values"
    if len({option.get("value") for option in options}) != len(options):
        yield "list: values that are the same"
    for option in options:
        if not _within(option.get("label"), 1, 100) or not _within(option.get("value"), 1, 100):
            yield "list: label or value"


def dialog_problems(data: Json) -> Iterator[str]:
    """Of a modal."""
    components = data.get("components") or []
    if not _within(data.get("custom_id"), 1, 100) or not _within(data.get("title"), 1, 45):
        yield "modal: custom_id or title"
    if not 1 <= len(components) <= 5:
        yield "modal: components"
    for one in components:
        if one.get("type") == 18:
            if not _within(one.get("label"), 1, 45) or one.get("component", {}).get("type") != 3:
                yield "label: label or component"
            else:
                yield from _select(one["component"])
        elif one.get("type") == 10:
            yield from _component(one, {10})
        else:
            yield f"modal: component of type {one.get('type')}"


def _all(components: Sequence[Any]) -> Iterator[Json]:
    for one in components:
        yield one
        yield from _all(one.get("components") or [])
        if "accessory" in one:
            yield one["accessory"]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _within(value: Any, least: int, most: int) -> bool:
    return isinstance(value, str) and least <= len(value.encode("utf-16-le")) // 2 <= most
