"""What is shown, as activities of Teams: Adaptive Cards of version 1.5 within its limits, in which no text is markup.

Text stands in text runs, which are not read for markdown (adaptivecards.io, explorer, TextRun), a line in each block,
since not every client breaks lines within one; labels, which some read, can make no link. What is asked before a button
counts is behind it. Limits: learn.microsoft.com, microsoftteams/platform, "Format your bot messages", November 2026: a
message has 100 KB of UTF-16; of a card 28 KB is what older clients and web hooks take (cards/cards-reference).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from copilot.adapters.fitting import Element, Group, broken, clean, cut_line, in_one, packed, size
from copilot.domain import (
    Button,
    Buttons,
    Choices,
    Columns,
    Heading,
    Links,
    Part,
    Shown,
    ShownStep,
    StepMark,
    Steps,
    Words,
)

Activity = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
ELEMENTS = 300
LONGEST_TOGETHER = 24_000
"""Of the elements, in characters of ASCII; with what is around them no card has 28,000 bytes."""
LONGEST_TEXT = 4_000
LONGEST_BRIEF = 300
LONGEST_LABEL = 75
LONGEST_URL = 2_000
LONGEST_VALUE = 200
LONGEST_CHOICES = LONGEST_TOGETHER - 3_000  # what stands around them
IN_A_ROW = 5
"""Buttons: the sixth would be behind a sign."""
MOST_CHOICES = 100
VERB = "copilot."
CHOSEN = "chosen"
"""What is in the payloads that come of buttons: this before an action, and before a number, under which stands what was
ticked, with commas between."""
MORE = "There is more than fits here: `devops-copilot runs show` prints all of it."

MARKS: dict[StepMark, tuple[str, str]] = {
    "waiting": ("○ waiting", "Default"),
    "running": ("… running", "Accent"),
    "asking": ("? asks", "Warning"),
    "done": ("✓ done", "Good"),
    "failed": ("✗ failed", "Attention"),
    "skipped": ("– skipped", "Default"),
}
_SMALL: Mapping[str, Any] = {"size": "Small", "isSubtle": True}
_STYLES = {"primary": "positive", "danger": "destructive"}


def messages(shown: Shown) -> list[Activity]:
    """All of it in as few activities as hold it, at least one."""
    found = list(packed(_groups(shown), ELEMENTS, LONGEST_TOGETHER))
    brief = _brief(shown)
    counted = [f"{brief} ({n}/{len(found)})" for n in range(1, len(found) + 1)] if len(found) > 1 else [brief]
    return [_activity(text, body) for text, body in zip(counted, found, strict=True)]


def one_message(shown: Shown) -> Activity:
    """As much of it as one activity holds, with all that can be pressed before the last words; it says what is cut."""
    note = Group([_block([_run(MORE)])])
    return _activity(_brief(shown), in_one(_groups(shown), note, ELEMENTS, LONGEST_TOGETHER))


def picture(address: str, title: str) -> Activity:
    """A picture that the activity itself has in it, as a data URL."""
    kind = address.removeprefix("data:").partition(";")[0]
    attachment = {"contentType": kind, "contentUrl": address, "name": cut_line(title, LONGEST_LABEL)}
    return {"type": "message", "summary": cut_line(title, LONGEST_BRIEF), "attachments": [attachment]}


def _activity(brief: str, body: list[Element]) -> Activity:
    """The summary is what a notification shows; clients that have no cards read the other text as markdown."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": _unmarked(brief),
        "msteams": {"width": "Full"},
        "body": body,
    }
    return {"type": "message", "summary": brief, "attachments": [{"contentType": CARD, "content": card}]}


def _brief(shown: Shown) -> str:
    return cut_line(shown.brief, LONGEST_BRIEF) or "…"


def _groups(shown: Shown) -> list[Group]:
    groups = [group for number, part in enumerate(shown.parts) for group in _of(part, number)]
    return groups or [Group([block]) for block in _lines(shown.brief) or _lines("…")]


def _of(part: Part, number: int) -> list[Group]:
    match part:
        case Buttons():
            return [Group([row], used=True) for row in _rows(part.buttons)]
        case Choices():
            return list(_choices(part, number))
        case Words():
            elements = _lines(part.text, **_SMALL) if part.small else _lines(part.text, "Medium")
        case Heading():
            elements = _lines(part.text, "Medium", size="Medium", weight="Bolder")
        case Columns():
            elements = list(_columns(part.text))
        case Steps():
            elements = [*_lines(part.title, "Medium", weight="Bolder"), *map(_step, part.steps)]
        case Links():
            elements = list(_links(part))
    return [Group([element]) for element in elements]


def _lines(text: str, spacing: str = "Small", **style: Any) -> list[Element]:
    """A block for each line; an empty one is space above the next, and `spacing` that above the first."""
    blocks: list[Element] = []
    for line in clean(text).split("\n"):
        if not line.strip():
            spacing = "Medium" if blocks else spacing
            continue
        for piece in broken(line.rstrip(), LONGEST_TEXT):
            blocks.append(_block([_run(piece, **style)], spacing))
            spacing = "None"
    return blocks


def _columns(text: str) -> Iterator[Element]:
    """Under each other, as far as one container holds them; what would be one space on a screen stays several."""
    held: list[Element] = []
    length = 0
    for line in clean(text).rstrip().split("\n"):
        for piece in broken(line.rstrip(), LONGEST_TEXT):
            kept = re.sub(r"^ +| {2,}", lambda found: "\u00a0" * len(found[0]), piece) or "\u00a0"
            block = _block([_run(kept, fontType="Monospace")], "None")
            more = size(kept) + 150
            if held and length + more > LONGEST_TEXT * 2:
                yield _container(held)
                held, length = [], 0
            held.append(block)
            length += more
    if any(one["inlines"][0]["text"].strip("\u00a0") for one in held):
        yield _container(held)


def _container(items: list[Element]) -> Element:
    return {"type": "Container", "style": "emphasis", "spacing": "Small", "items": items}


def _step(step: ShownStep) -> Element:
    """With its mark in words too: not everybody sees a sign, or a colour."""
    words, color = MARKS[step.mark]
    said = cut_line(step.title + (f" — {step.details}" if step.details else ""), LONGEST_TEXT)
    return _block([_run(words, color=color), _run(f"  {said}")], "None")


def _links(links: Links) -> Iterator[Element]:
    row: list[Element] = []
    for link in links.links:
        label = _label(link.label) or cut_line(link.url, LONGEST_LABEL)
        if link.url.startswith(("https://", "http://")) and size(link.url) <= LONGEST_URL:
            row.append({"type": "Action.OpenUrl", "title": label, "url": link.url})
        else:
            yield from _lines(f"{label}: {link.url}")
    for start in range(0, len(row), IN_A_ROW):
        yield _actions(row[start : start + IN_A_ROW])


def _rows(buttons: Sequence[Button]) -> Iterator[Element]:
    for start in range(0, len(buttons), IN_A_ROW):
        yield _actions([_button(one) for one in buttons[start : start + IN_A_ROW]])


def _actions(actions: list[Element]) -> Element:
    return {"type": "ActionSet", "actions": actions}


def _button(button: Button) -> Element:
    """A card asks nothing before a button counts: where that is to be asked it opens, and has the button below it."""
    label = _label(button.label) or button.action
    execute: Element = {"type": "Action.Execute", "title": label, "verb": f"{VERB}{button.action}"}
    execute["data"] = {"about": button.about, "verb": execute["verb"]}
    execute["fallback"] = {"type": "Action.Submit", "title": label, "data": execute["data"]}
    style = {"style": _STYLES[button.weight]} if button.weight in _STYLES else {}
    execute |= style
    asks = _lines(cut_line(button.asks, LONGEST_BRIEF))
    if not asks:
        return execute
    opens: Element = {"type": "Action.ShowCard", "title": f"{label}…", **style}
    opens["card"] = {"type": "AdaptiveCard", "body": asks, "actions": [execute]}
    return opens


def _choices(choices: Choices, number: int) -> Iterator[Group]:
    """Those beyond what a card takes are counted, and left to the command line. `number` is their own in the card."""
    options: list[Element] = []
    room, given = LONGEST_CHOICES, {quote(one.value, safe=""): one for one in choices.choices}
    for value, choice in list(given.items())[:MOST_CHOICES]:
        if not value or len(value) > LONGEST_VALUE:
            continue
        label = _label(choice.label) or value[:LONGEST_LABEL]
        room -= size(label) + len(value) + 30
        if room < 0:
            break
        options.append({"title": label, "value": value})
    elements = _lines(choices.label or "…", "Medium", weight="Bolder")
    if options:
        chosen = {
            "type": "Input.ChoiceSet",
            "id": f"{CHOSEN}{number}",
            "isMultiSelect": True,
            "style": "expanded",
            "wrap": True,
        }
        elements.append({**chosen, "choices": options, "spacing": "Small"})
    if more := len(given) - len(options):
        said = f"{more} more cannot be listed here: the command line has them, `devops-copilot pending` says how"
        elements += _lines(said, **_SMALL)
    yield Group([*elements, _actions([_button(choices.button)])], used=True)


def _block(runs: list[Element], spacing: str = "Small") -> Element:
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": runs}


def _run(text: str, **style: Any) -> Element:
    return {"type": "TextRun", "text": text, **style}


def _label(text: str) -> str:
    """Of buttons and of what is ticked: no link, and no format, in whatever reads markdown there."""
    return _unmarked(cut_line(text, LONGEST_LABEL))


def _unmarked(text: str) -> str:
    return re.sub(r"[\[\]`*]", "", text).strip()
