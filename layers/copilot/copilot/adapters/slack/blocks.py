"""What is shown, as messages of Slack: blocks within its limits, in which no text is markup.

Text stands in plain_text objects and in text elements of rich_text, which Slack does not read for mentions, links or
formats; the fallback, which it does read, is escaped. Limits: docs.slack.dev, reference/block-kit, November 2026; that
the blocks of one message may have 13,200 characters together, as JSON, is only seen (slackapi/bolt-js, issue 2509).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from copilot.adapters.fitting import Group, clean, cut, cut_line, in_one, packed, pieces, size
from copilot.domain import Button, Buttons, Choices, Columns, Heading, Links, Part, Shown, StepMark, Steps, Words

Block = dict[str, Any]
Message = dict[str, Any]

BLOCKS = 50
BLOCKS_OF_VIEW = 100
LONGEST_VIEW = 200_000
"""Slack takes 250 kB; docs.slack.dev, reference/methods/views.publish, `view_too_large`."""
LONGEST_TOGETHER = 12_000
LONGEST_TEXT = 2_880  # four such blocks are one message
LONGEST_HEADER = 150
LONGEST_BRIEF = 300
LONGEST_LABEL = 75
LONGEST_URL = 3_000
LONGEST_VALUE = 150
LONGEST_CHOICES = LONGEST_TOGETHER - 1_500  # what stands around them
ELEMENTS = 25
TICKED, SELECTED = 10, 100
"""Choices that can be ticked; that can be selected from a list."""
ACTION = "copilot."
CHOSEN = "copilot.chosen"
"""What the elements are called in the payloads that come of them: this before an action, and that of Choices."""
MORE = "There is more than fits here: `devops-copilot runs show` prints all of it."
MORE_AT_HOME = "There is more than fits here: `devops-copilot home` prints all of it."

MARKS: dict[StepMark, str] = {
    "waiting": "○ waiting",
    "running": "… running",
    "asking": "? asks",
    "done": "✓ done",
    "failed": "✗ failed",
    "skipped": "– skipped",
}


def messages(shown: Shown) -> list[Message]:
    """All of it in as few messages as hold it, at least one: each {"text", "blocks"}, text being the fallback."""
    found = list(packed(_groups(shown), BLOCKS, LONGEST_TOGETHER))
    brief = _brief(shown)
    counted = [f"{brief} ({n}/{len(found)})" for n in range(1, len(found) + 1)] if len(found) > 1 else [brief]
    return [{"text": text, "blocks": blocks} for text, blocks in zip(counted, found, strict=True)]


def one_message(shown: Shown) -> Message:
    """As much of it as one message holds, with all that can be pressed before the last words; it says what is cut."""
    note = Group([_section([_text(MORE)])])
    return {"text": _brief(shown), "blocks": in_one(_groups(shown), note, BLOCKS, LONGEST_TOGETHER)}


def view(shown: Shown) -> Block:
    """As much of it as one Home tab holds; it says what is cut."""
    whole, note = _groups(shown), Group([_section([_text(MORE_AT_HOME)])])
    first = next(packed(whole, BLOCKS_OF_VIEW, LONGEST_VIEW))
    if len(first) < sum(len(group.elements) for group in whole):
        # What can be pressed is of no use without what stands before it: it is cut from the end.
        first = next(packed(whole, BLOCKS_OF_VIEW - 1, LONGEST_VIEW)) + note.elements
    return {"type": "home", "blocks": first}


def escaped(text: str) -> str:
    """For where Slack reads markup: docs.slack.dev, messaging/formatting-message-text, escaping text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _brief(shown: Shown) -> str:
    return escaped(cut_line(shown.brief, LONGEST_BRIEF)) or "…"


def _groups(shown: Shown) -> list[Group]:
    groups = [group for part in shown.parts for group in _of(part)]
    return groups or [Group([block]) for block in _lines(shown.brief) or _lines("…")]


def _of(part: Part) -> list[Group]:
    match part:
        case Buttons():
            return [Group([block], used=True) for block in _actions(part.buttons)]
        case Choices():
            return list(_choices(part))
        case Words():
            blocks = _small(part.text) if part.small else _lines(part.text)
        case Heading():
            blocks = _heading(part.text)
        case Columns():
            blocks = [_rich("rich_text_preformatted", [_text(piece)]) for piece in pieces(part.text, LONGEST_TEXT)]
        case Steps():
            blocks = [*_lines(part.title, bold=True), *_lines(_steps(part))]
        case Links():
            blocks = list(_links(part))
    return [Group([block]) for block in blocks]


def _lines(text: str, bold: bool = False) -> list[Block]:
    return [_section([_text(piece, bold)]) for piece in pieces(text, LONGEST_TEXT)]


def _small(text: str) -> list[Block]:
    return [{"type": "context", "elements": [_plain(piece)]} for piece in pieces(text, LONGEST_TEXT)]


def _heading(text: str) -> list[Block]:
    line = " ".join(clean(text).split())
    if line and size(line) <= LONGEST_HEADER:
        return [{"type": "header", "text": _plain(line)}]
    return _lines(text, bold=True)


def _steps(steps: Steps) -> str:
    """With its mark in words too: not everybody sees a sign."""
    return "\n".join(
        f"{MARKS[step.mark]}  {step.title}" + (f" — {step.details}" if step.details else "") for step in steps.steps
    )


def _links(links: Links) -> Iterator[Block]:
    for link in links.links:
        label = cut_line(link.label, LONGEST_BRIEF) or link.url
        if link.url.startswith(("https://", "http://")) and size(link.url) <= LONGEST_URL:
            yield _section([{"type": "link", "url": link.url, "text": label}])
        else:
            yield from _lines(f"{label}: {link.url}")


def _actions(buttons: Sequence[Button]) -> Iterator[Block]:
    """An action stands once in a block, as Slack wants it."""
    row: list[Block] = []
    for button in buttons:
        element = _button(button)
        if len(row) == ELEMENTS or element["action_id"] in {one["action_id"] for one in row}:
            yield {"type": "actions", "elements": row}
            row = []
        row = [*row, element]
    if row:
        yield {"type": "actions", "elements": row}


def _button(button: Button) -> Block:
    label = cut_line(button.label, LONGEST_LABEL) or button.action
    element: Block = {
        "type": "button",
        "action_id": f"{ACTION}{button.action}",
        "text": _plain(label),
        "value": button.about,
    }
    if button.weight != "plain":
        element["style"] = button.weight
    if asks := clean(button.asks).strip():
        element["confirm"] = {
            "title": _plain(label),
            "text": _plain(cut(asks, LONGEST_BRIEF)),
            "confirm": _plain(cut(label, 30)),
            "deny": _plain("Back"),
        }
    return element


def _choices(choices: Choices) -> Iterator[Group]:
    """Those beyond what Slack takes are counted, and left to the command line."""
    fit = [choice for choice in choices.choices if size(choice.value) <= LONGEST_VALUE and choice.value][:SELECTED]
    ticked = len(fit) <= TICKED
    options: list[Block] = []
    room = LONGEST_CHOICES
    for choice in fit:
        label = cut_line(choice.label, LONGEST_LABEL) or choice.value[:LONGEST_LABEL]
        room -= len(json.dumps(option := {"text": _plain(label), "value": choice.value})) + 2
        if room < 0:
            break
        options.append(option)
    blocks: list[Block] = []
    *before, told = pieces(choices.label, LONGEST_TEXT) or ["…"]
    yield from (Group([_section([_text(piece)])]) for piece in before)
    if options:
        element: Block = {
            "type": "checkboxes" if ticked else "multi_static_select",
            "action_id": CHOSEN,
            "options": options,
        }
        if not ticked:
            element["placeholder"] = _plain("Select")
        blocks.append({"type": "section", "text": _plain(told), "accessory": element})
    else:
        blocks.append(_section([_text(told)]))
    if more := len(choices.choices) - len(options):
        said = f"{more} more cannot be listed here: the command line has them, `devops-copilot pending` says how"
        blocks.append({"type": "context", "elements": [_plain(said)]})
    yield Group([*blocks, {"type": "actions", "elements": [_button(choices.button)]}], used=True)


def _section(elements: list[Block]) -> Block:
    return _rich("rich_text_section", elements)


def _rich(kind: str, elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def _text(text: str, bold: bool = False) -> Block:
    return {"type": "text", "text": text} | ({"style": {"bold": True}} if bold else {})


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
