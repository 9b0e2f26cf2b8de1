"""What is shown, as messages of Discord: components within its limits, in which no text is markup.

Components of the second kind, since a message of them holds twice as much text as one without, in one order with what
can be pressed. Their text is markdown, so every sign of it is escaped, what could mention anybody is taken apart, and
nothing is mentioned whatever it says. Limits: docs.discord.com, developers/components/reference, August 2026; that the
text of one message may have 4,000 characters together is only in its libraries (composure, JDA).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from copilot.adapters import fitting
from copilot.adapters.fitting import Group, clean, in_one, packed, pieces
from copilot.domain import Button, Buttons, Choices, Columns, Heading, Links, Part, Shown, StepMark, Steps, Words

Component = dict[str, Any]
Message = dict[str, Any]

ACTION_ROW, BUTTON, SELECT, SECTION, TEXT, SEPARATOR, CONTAINER = 1, 2, 3, 9, 10, 14, 17
FLAGS = 1 << 15 | 1 << 2
"""Components of the second kind; no preview of what a link leads to."""
NOBODY = {"parse": list[str]()}
COMPONENTS = 40
MOST = COMPONENTS - 1
"""One is kept for what may hold the others."""
LONGEST_TOGETHER = 4_000
LONGEST_TEXT = 1_900  # two such pieces are one message
LONGEST_HEADING = 150
LONGEST_LABEL = 80
LONGEST_OPTION = 100
LONGEST_PLACEHOLDER = 150
LONGEST_URL = 512
LONGEST_CUSTOM_ID = 100
IN_A_ROW = 5
SELECTED = 25
PRIMARY, PLAIN, LINK, DANGER = 3, 2, 5, 4
"""Styles of buttons; the first is the green one."""
ALL_OF_IT = "Everything shown here is approved, and nothing is left out."
MORE = "There is more than fits here: `devops-copilot runs show` prints all of it."

MARKS: dict[StepMark, str] = {
    "waiting": "○ waiting",
    "running": "… running",
    "asking": "? asks",
    "done": "✓ done",
    "failed": "✗ failed",
    "skipped": "– skipped",
}
_WEIGHTS = {"plain": PLAIN, "primary": PRIMARY, "danger": DANGER}
_SIGNS = re.compile(r"[\\*_~`|\[\]<>]|:(?=//|[\w+-]+:)")
_BEGINS = re.compile(r"(?m)^([ \t]*)(#|-|\+|\d+(?=[.)]))")
_CALLS = re.compile(r"@(?=everyone|here)|<(?=[@#/:!&a-z])")
_APART = "\u200b"
_DOUBLED = frozenset("\\*_~`|[]>:@#-+.)")
"""The signs that may take one more when they are escaped."""


def messages(shown: Shown) -> list[Message]:
    """All of it in as few messages as hold it, at least one."""
    found = packed(_groups(shown), MOST, LONGEST_TOGETHER + fitting.AROUND, _measure)
    return [_message(shown, one) for one in found]


def one_message(shown: Shown) -> Message:
    """As much of it as one message holds, with all that can be pressed before the last words; it says what is cut."""
    note = Group([_text(f"-# {escaped(MORE)}")])
    return _message(shown, in_one(_groups(shown), note, MOST, LONGEST_TOGETHER + fitting.AROUND, _measure))


def escaped(text: str) -> str:
    """Text as it stands: support.discord.com, markdown text 101; docs.discord.com, developers/reference, message
    formatting. An address is not made a link, and nothing is taken for a mention, not even behind a sign that escapes.
    """
    apart = _CALLS.sub(lambda found: found[0] + _APART, clean(text))
    signs = _SIGNS.sub(lambda found: f"\\{found[0]}", apart)
    return _BEGINS.sub(
        lambda found: f"{found[1]}{found[2]}\\" if found[2].isdigit() else f"{found[1]}\\{found[2]}", signs
    )


def fenced(text: str) -> str:
    """Lines whose characters stand under each other; nothing in them ends that."""
    return f"```\n{clean(text).replace('`', f'`{_APART}')}\n```"


def size(text: str) -> int:
    """In the units that Discord's clients count in, of which signs beyond the first plane take two."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _message(shown: Shown, components: list[Component]) -> Message:
    """What has a heading is a card of its own."""
    if any(isinstance(part, Heading) for part in shown.parts):
        components = [{"type": CONTAINER, "components": components}]
    return {"flags": FLAGS, "components": components, "allowed_mentions": NOBODY}


def _groups(shown: Shown) -> list[Group]:
    is_chosen = any(isinstance(part, Choices) for part in shown.parts)
    groups = [group for part in _apart(_each_once(shown.parts)) for group in _of(part, is_chosen)]
    return groups or [Group([_text(escaped(shown.brief).strip() or "…")])]


def _each_once(parts: Sequence[Part]) -> Iterator[Part]:
    """Without a button that does what one before it does: Discord takes no two of one name."""
    seen = {_name(part.button) for part in parts if isinstance(part, Choices)}
    for part in parts:
        if not isinstance(part, Buttons):
            yield part
            continue
        new = {_name(one): one for one in reversed(part.buttons) if _name(one) not in seen}
        seen |= new.keys()
        if new:
            yield Buttons(buttons=tuple(reversed(new.values())))


def _name(button: Button) -> str:
    return f"{button.action}:{button.about}"


def _apart(parts: Iterable[Part]) -> Iterator[Part | None]:
    """None where a line is drawn: after what stands small beside something, before the next thing."""
    beside = False
    for part in parts:
        if beside and isinstance(part, Words) and not part.small:
            yield None
        beside = isinstance(part, Words) and part.small
        yield part


def _measure(group: Group) -> tuple[int, int]:
    return counted(group.elements), written(group.elements)


def counted(components: Sequence[Component]) -> int:
    """With those that stand in them."""
    return sum(1 + counted(_within(one)) for one in components)


def written(components: Sequence[Component]) -> int:
    """How much text is in them, as it is sent."""
    return sum(size(one.get("content", "")) + written(_within(one)) for one in components)


def _within(one: Component) -> list[Component]:
    return [*one.get("components", ()), *([one["accessory"]] if "accessory" in one else ())]


def _of(part: Part | None, is_chosen: bool) -> list[Group]:
    match part:
        case None:
            return [Group([{"type": SEPARATOR}])]
        case Buttons():
            return [Group([one], used=True) for one in _rows(part.buttons, is_chosen)]
        case Choices():
            return list(_choices(part))
        case Words():
            found = [_text(one) for one in (_small(part.text) if part.small else _words(part.text))]
        case Heading():
            found = _heading(part.text)
        case Columns():
            found = [_text(fenced(one)) for one in pieces(part.text, LONGEST_TEXT - 10, _as_code)]
        case Steps():
            found = [_text(f"**{one}**") for one in _words(cut_line(part.title, LONGEST_TEXT // 3))]
            found += [_text(one) for one in _words(_steps(part))]
        case Links():
            return [Group([one], used=True) for one in _links(part)]
    return [Group([one]) for one in found]


def _heading(text: str) -> list[Component]:
    line = " ".join(clean(text).split())
    if line and size(line) <= LONGEST_HEADING:
        return [_text(f"### {escaped(line)}")]
    return [_text(f"**{one}**") for one in _words(line)]


def _small(text: str) -> Iterator[str]:
    """Each line by itself is small."""
    for piece in _words(text, LONGEST_TEXT // 2):
        yield "\n".join(f"-# {line}" for line in piece.split("\n") if line.strip())


def _steps(steps: Steps) -> str:
    """With its mark in words too: not everybody sees a sign."""
    return "\n".join(
        f"{MARKS[step.mark]}  {step.title}" + (f" — {step.details}" if step.details else "") for step in steps.steps
    )


def _links(links: Links) -> Iterator[Component]:
    """Our own addresses, as buttons that lead there: nothing is asked of us by them."""
    row: list[Component] = []
    for link in links.links:
        label = cut_line(link.label, LONGEST_LABEL) or "Open"
        if not (link.url.startswith(("https://", "http://")) and size(link.url) <= LONGEST_URL):
            yield from (_text(one) for one in _words(f"{link.label}: {link.url}"))
            continue
        if len(row) == IN_A_ROW:
            yield {"type": ACTION_ROW, "components": row}
            row = []
        row = [*row, {"type": BUTTON, "style": LINK, "label": label, "url": link.url}]
    if row:
        yield {"type": ACTION_ROW, "components": row}


def _rows(buttons: Sequence[Button], is_chosen: bool) -> Iterator[Component]:
    """What asks before it counts stands beside what it asks, which its dialog says again. Where some can be left out
    approving asks too: what was chosen from a list looks chosen, and counts for nothing unless it is sent from there.
    """
    row: list[Component] = []
    for button in buttons:
        asks = ALL_OF_IT if is_chosen and button.action == "approve" else button.asks
        if said := escaped(cut_line(asks, LONGEST_TEXT // 4)):
            if row:
                yield {"type": ACTION_ROW, "components": row}
                row = []
            yield {"type": SECTION, "components": [_text(said)], "accessory": _button(button, asks=True)}
            continue
        if len(row) == IN_A_ROW:
            yield {"type": ACTION_ROW, "components": row}
            row = []
        row = [*row, _button(button)]
    if row:
        yield {"type": ACTION_ROW, "components": row}


def _button(button: Button, *, asks: bool = False) -> Component:
    return {
        "type": BUTTON,
        "style": _WEIGHTS[button.weight],
        "label": cut_line(button.label, LONGEST_LABEL) or button.action,
        "custom_id": _id(button, asks),
    }


def _id(button: Button, asks: bool) -> str:
    """An action and an opaque id, nothing else."""
    return f"copilot.{button.action}{'?' if asks else ''}:{button.about}"


def _choices(choices: Choices) -> Iterator[Group]:
    """A list whose dialog is the button: those beyond what Discord takes are counted, and left to the command line."""
    fit = [choice for choice in choices.choices if choice.value and size(choice.value) <= LONGEST_OPTION][:SELECTED]
    *before, told = _words(choices.label) or ["…"]
    yield from (Group([_text(piece)]) for piece in before)
    held = [_text(f"**{told}**")]
    if fit:
        options = [
            {"label": cut_line(one.label, LONGEST_OPTION) or cut_line(one.value, LONGEST_OPTION), "value": one.value}
            for one in fit
        ]
        select: Component = {
            "type": SELECT,
            "custom_id": _id(choices.button, asks=True),
            "placeholder": cut_line(choices.button.label, LONGEST_PLACEHOLDER),
            "options": options,
            "min_values": 1,
            "max_values": len(options),
        }
        held.append({"type": ACTION_ROW, "components": [select]})
    if more := len(choices.choices) - len(fit):
        said = f"{more} more cannot be listed here: the command line has them, `devops-copilot pending` says how"
        held.append(_text(f"-# {escaped(said)}"))
    yield Group(held, used=True)


def _text(content: str) -> Component:
    return {"type": TEXT, "content": content}


def cut_line(text: str, most: int) -> str:
    """On one line, of at most so many characters."""
    return fitting.cut_line(text, most, size)


def _as_words(text: str) -> int:
    """At most so much is a text once it is escaped."""
    return sum(3 if sign == "<" else 2 if sign in _DOUBLED else size(sign) for sign in text)


def _as_code(text: str) -> int:
    return size(text) + text.count("`")


def _words(text: str, most: int = LONGEST_TEXT) -> list[str]:
    return [escaped(piece) for piece in pieces(text, most, _as_words)]
