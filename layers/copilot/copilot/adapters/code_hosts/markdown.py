"""What is shown, as a comment that draws it as it stands. Pure.

All of it is in a fence longer than any in it: what is in code can format, link and mention nobody, refers to no issue
and closes none, and is no quick action of GitLab's. Signs written otherwise are no help against these: both hosts look
for mentions and references in what Markdown has made of a text. Below it stand its links into the repository itself.
"""

from __future__ import annotations

import re
from textwrap import wrap

from copilot.domain import Part, Shown
from copilot.text.outside import inert, plain

LONGEST = 60_000
"""Characters: GitHub takes 65,536, GitLab a million."""
WIDE = 100
"""Signs to a line, which neither host breaks by itself."""
MOST_LINKS = 10
CUT = "… What comes after is left out: ask in the chat, or with the command line, for all of it."


def commented(shown: Shown, web: str) -> str:
    """`web` is the address of the repository for people. What is too long is cut, and says so."""
    parts = [text for part in shown.parts if (text := _text(part))]
    text = "\n\n".join(parts) or shown.brief
    links = _links(text, f"{web}/")
    made = [f"- [{one.label}]({one.url})" for part in shown.parts if part.kind == "links" for one in part.links]
    below = [*(f"- <{link}>" for link in links), *made]
    return "\n".join([_fenced(text), *([""] if below else []), *below])


def _links(text: str, base: str) -> list[str]:
    """Those that lead below this address: as they are, or as they were made harmless on their way into the text."""
    found = re.findall(rf"(?:{re.escape(base)}|{re.escape(inert(base))})([\w./-]*\w)", text)
    return [f"{base}{rest}" for rest in dict.fromkeys(found)][:MOST_LINKS]


def _text(part: Part) -> str:
    match part.kind:
        case "heading" | "words":
            return "\n".join(broken for line in part.text.split("\n") for broken in _broken(line))
        case "columns":
            return part.text
        case "steps":
            return "\n".join(f"{one.mark}: {one.title}" for one in part.steps)
        case "links" | "buttons" | "choices":  # what is pressed, is pressed in a chat
            return ""


def _broken(line: str) -> list[str]:
    return wrap(line, WIDE, break_long_words=False, break_on_hyphens=False) or [""]


def _fenced(text: str) -> str:
    text = plain(text).strip("\n")
    if len(text) > LONGEST:
        text = f"{text[:LONGEST].rpartition(chr(10))[0] or text[:LONGEST]}\n{CUT}"
    fence = "`" * max([2, *(len(one) for one in re.findall("`+", text))])
    return f"{fence}`text\n{text}\n{fence}`"
