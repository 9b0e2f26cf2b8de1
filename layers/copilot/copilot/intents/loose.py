"""What the words of a request for a change leave open: one or another, any, those of somebody, or whether it is one."""

from __future__ import annotations

import re

from copilot.intents.filling import MINE
from copilot.intents.frames import Frame, Span, Targets

_COURTESY = re.compile(
    r"\b(?:u|please|pls|plz|plse|kindly|someone|somebody|possible|mind|ask)\b"
    r"|(?<!\bthank )(?<!\bbother )(?<!\bfor )\byou\b"
    r"|\b(?:thanks|thx|thank)\b(?: (?:you|so|very|much|a|lot|in|advance|again|then))*\W*$",
    re.I,
)
"""What makes an order of a question: thanks do for what is to come, and not for what was."""


def is_loose(text: str, frame: Frame) -> bool:
    """Whether a change would be of what the words leave open: one or another, any, those of somebody; or only a
    question whether it is so.
    """
    targets = frame.said.get("targets")
    state = isinstance(targets, Targets) and targets.state is not None
    words = _words_of_targets(text, frame)
    if words & {"or", "your", "their"} or ("any" in words and not state):
        return True
    if "my" in words and ("owner" in frame.said or not (isinstance(targets, Targets) and _is_mine(targets))):
        return True
    return "?" in text and not _COURTESY.search(text)


def mine_in(text: str, frame: Frame) -> frozenset[str]:
    """Of a change: "my" is never "our", as it may be where something is only looked at."""
    return frozenset({MINE} if "my" in _words_of_targets(text, frame) else ())


def _is_mine(targets: Targets) -> bool:
    """Whether all of it is mine: kinds or all there are, and no name or other kind beside."""
    return all(one.by in {"kind", "all"} and "my" in one.said.split() for one in targets.of)


def _words_of_targets(text: str, frame: Frame) -> set[str]:
    return {word for one in frame.spans if one.role in {"targets", "without"} for word in _words_of(text, one)}


def _words_of(text: str, span: Span) -> list[str]:
    return re.findall(r"[a-z]+(?:[-_.]\w+)*", text[span.begin : span.end].lower())
