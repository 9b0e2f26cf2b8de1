"""The text of a message as whoever wrote it typed it, out of what Teams makes of it.

Mentions stand in it as <at>Name</at>, each with an entity that says whose it is, in their order:
learn.microsoft.com, microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations, "Work with
mentions". A quoted message stands there as a sign with its id (microsoft/teams.py, pull request 321). The copy as HTML
among the attachments is not read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from copilot.edges.chat.opening import Payload, part, parts, text

LONGEST = 40_000
"""In characters; Teams takes fewer."""
_AT = re.compile(r"<at(?: [^<>]*)?>([^<>]{0,200})</at>")
_QUOTED = re.compile(r'<quoted messageId="[^"<>]{0,100}" ?/>')


def plain(activity: Payload) -> str:
    """Without the mentions of ourselves. Raises Unreadable."""
    said, left = [], text(activity, "text")
    for mention in _mentions(activity):
        before, found, left = left.partition(text(mention, "text"))
        said.append(before)
        if found and not _is_ours(activity, mention):
            said.append("@" + _name(mention, found))
    whole = html.unescape(_QUOTED.sub(" ", "".join([*said, left])))
    lines = whole.replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n").strip()
    return lines[:LONGEST].encode("utf-8", "replace").decode()


def mentions_us(activity: Payload) -> bool:
    """Raises Unreadable."""
    return any(_is_ours(activity, mention) for mention in _mentions(activity))


def _mentions(activity: Payload) -> Sequence[Payload]:
    """Those that stand in the text."""
    found = (one for one in parts(activity, "entities") if text(one, "type") == "mention")
    return [one for one in found if text(one, "text")]


def _is_ours(activity: Payload, mention: Payload) -> bool:
    own = text(part(activity, "recipient"), "id")
    return bool(own) and text(part(mention, "mentioned"), "id") == own


def _name(mention: Payload, found: str) -> str:
    shown = _AT.fullmatch(found)
    return (shown[1] if shown else "") or text(part(mention, "mentioned"), "name") or "somebody"
