"""What Teams takes of what a bot sends: how large it is, and cards by the schema of Adaptive Cards 1.5.

The elements, their properties and values are those of adaptivecards.io/explorer that anything here uses, and `msteams`,
which is Teams' own (microsoftteams/platform/task-modules-and-cards/cards/cards-format). Limits: bots/how-to/
format-your-bot-messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MOST_BYTES, MOST_CARD_BYTES = 100 * 1024, 28 * 1024
MOST_ACTIONS = 6
_SIZES = {"Default", "Small", "Medium", "Large", "ExtraLarge"}
_ALWAYS = {"type", "id", "spacing", "separator", "isVisible", "fallback", "requires", "height"}
_SPACINGS = {"None", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"}
_TYPES: Mapping[str, tuple[set[str], set[str]]] = {
    "AdaptiveCard": ({"type"}, {"$schema", "version", "body", "actions", "fallbackText", "msteams", "lang", "refresh"}),
    "RichTextBlock": ({"inlines"}, {"horizontalAlignment"}),
    "TextRun": ({"text"}, {"color", "fontType", "isSubtle", "italic", "size", "weight", "selectAction", "highlight"}),
    "Container": ({"items"}, {"style", "bleed", "verticalContentAlignment", "minHeight", "selectAction"}),
    "ActionSet": ({"actions"}, set()),
    "Input.ChoiceSet": (
        {"id", "choices"},
        {"isMultiSelect", "style", "value", "placeholder", "wrap", "label", "isRequired", "errorMessage"},
    ),
    "Action.Execute": ({"title"}, {"verb", "data", "style", "associatedInputs", "tooltip", "isEnabled", "mode"}),
    "Action.Submit": ({"title"}, {"data", "style", "associatedInputs", "tooltip", "isEnabled", "mode"}),
    "Action.OpenUrl": ({"title", "url"}, {"style", "tooltip", "isEnabled", "mode"}),
    "Action.ShowCard": ({"title", "card"}, {"style", "tooltip", "isEnabled", "mode"}),
}
"""Of each type what it must have, and what it may have besides."""
_VALUES: Mapping[tuple[str, str], set[str]] = {
    ("TextRun", "color"): {"Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"},
    ("TextRun", "size"): _SIZES,
    ("TextRun", "weight"): {"Default", "Lighter", "Bolder"},
    ("TextRun", "fontType"): {"Default", "Monospace"},
    ("Container", "style"): {"default", "emphasis", "good", "attention", "warning", "accent"},
    ("Input.ChoiceSet", "style"): {"compact", "expanded", "filtered"},
    ("Action.Execute", "style"): {"default", "positive", "destructive"},
}


def too_large(activity: Mapping[str, Any]) -> bool:
    """As UTF-16, in which pictures that are in it do not count; of a card as the JSON that it is."""
    text = re.sub(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]*", "", json.dumps(activity, ensure_ascii=False))
    if len(text.encode("utf-16-le")) > MOST_BYTES:
        return True
    return any(len(json.dumps(card, ensure_ascii=False).encode()) > MOST_CARD_BYTES for card in _cards(activity))


def problems(activity: Mapping[str, Any]) -> list[str]:
    """What is not as Teams wants it; nothing where it takes it."""
    found = [problem for card in _cards(activity) for problem in _of_card(card)]
    if activity.get("type") != "message":
        found.append("an activity that is no message")
    if activity.get("text") and activity.get("attachments"):
        found.append("text beside attachments: they are split, and the message has no id")
    if not activity.get("text") and not activity.get("attachments"):
        found.append("nothing to show")
    pictures = [one for one in activity.get("attachments") or () if str(one.get("contentType")).startswith("image/")]
    if not all(str(one.get("contentUrl")).startswith(("https://", "data:image/")) for one in pictures):
        found.append("a picture without an address")
    return found


def _cards(activity: Mapping[str, Any]) -> list[Any]:
    found = activity.get("attachments") or ()
    return [one.get("content") for one in found if one.get("contentType") == "application/vnd.microsoft.card.adaptive"]


def _of_card(card: Any) -> Iterator[str]:
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard" or card.get("version") != "1.5":
        yield "no Adaptive Card of version 1.5"
        return
    yield from _of(card, "card")
    ids = [one["id"] for one in _inputs(card)]
    if len(set(ids)) < len(ids):
        yield "two inputs with one id"


def _of(element: Any, where: str) -> Iterator[str]:
    type = str(element.get("type")) if isinstance(element, dict) else ""
    if type not in _TYPES:
        yield f"{where}: no element {type!r}"
        return
    yield from _of_properties(element, type, where)
    if type == "TextRun" and not (isinstance(element.get("text"), str) and element["text"]):
        yield f"{where}: a run without text"
    if type == "Input.ChoiceSet":
        yield from _of_choices(element, where)
    if type == "Action.OpenUrl" and not re.match(r"https?://", str(element.get("url"))):
        yield f"{where}: an address that is none"
    for name in ("body", "items", "inlines", "actions"):
        yield from _of_list(element.get(name, []), name, f"{where}.{name}", needed=name in _TYPES[type][0])
    for name in ("card", "fallback"):
        if isinstance(element.get(name), dict):
            yield from _of(element[name], f"{where}.{name}")


def _of_properties(element: Mapping[str, Any], type: str, where: str) -> Iterator[str]:
    must, may = _TYPES[type]
    yield from (f"{where}: {type} without {name}" for name in sorted(must - element.keys()))
    yield from (f"{where}: {type} with {name}" for name in sorted(element.keys() - must - may - _ALWAYS))
    for name, value in element.items():
        allowed = _SPACINGS if name == "spacing" else _VALUES.get((type, name))
        if allowed and value not in allowed:
            yield f"{where}: {name} {value!r}"


def _of_list(inner: Any, name: str, where: str, *, needed: bool) -> Iterator[str]:
    if not isinstance(inner, list) or (needed and not inner):
        yield f"{where} is no list, or empty"
        return
    if name == "actions" and len(inner) > MOST_ACTIONS:
        yield f"{where}: more than {MOST_ACTIONS} actions"
    for index, one in enumerate(inner):
        yield from _of(one, f"{where}[{index}]")


def _of_choices(element: Mapping[str, Any], where: str) -> Iterator[str]:
    choices = element.get("choices") or []
    if not all(isinstance(one, dict) and one.keys() == {"title", "value"} for one in choices):
        yield f"{where}: a choice that is none"
        return
    values = [str(one["value"]) for one in choices]
    if len(set(values)) < len(values) or any("," in value or not value for value in values):
        yield f"{where}: values that cannot be told apart"


def _inputs(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _inputs(one)
    elif isinstance(value, dict):
        if str(value.get("type")).startswith("Input."):
            yield value
        for one in value.values():
            yield from _inputs(one)
