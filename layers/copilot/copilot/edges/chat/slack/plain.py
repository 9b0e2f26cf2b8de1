"""The text of a message as whoever wrote it typed it, out of Slack's markup.

By docs.slack.dev/messaging/formatting-message-text. What is in angle brackets was put there by Slack, who escapes those
that were typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection

LONGEST = 40_000
"""In characters; Slack cuts its own there."""
_MARKUP = re.compile(r"<([^<>]{1,4000})>")
_OWN_MENTION = re.compile(r"[ \t]?<@([A-Z0-9]{2,40})(?:\|[^<>]*)?>[:,]?[ \t]?")


def plain(text: str, without: Collection[str] = ()) -> str:
    """Without the mentions of these users, who are ourselves."""
    text = _OWN_MENTION.sub(lambda found: " " if found[1] in without else found[0], text)
    text = _unescaped(_MARKUP.sub(_typed, text)).strip()
    return text[:LONGEST].encode("utf-8", "replace").decode()


def mentions(text: str, users: Collection[str]) -> bool:
    return any(found[1] in users for found in _OWN_MENTION.finditer(text))


def _typed(found: re.Match[str]) -> str:
    link, _, label = found[1].partition("|")
    kind = link[:1]
    if kind in {"@", "#"}:
        return kind + (label.removeprefix(kind) or link[1:])
    if kind != "!":
        return label or link
    # <!here>, <!subteam^S1|@ops>, <!date^1392734382^{date}|18 February>
    command, *rest = link[1:].split("^")
    if command == "date":
        return label
    return label if label.startswith("@") else f"@{label or (rest or [command])[0]}"


def _unescaped(text: str) -> str:
    """The ampersand last: &amp;lt; is what somebody typed as &lt;."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
