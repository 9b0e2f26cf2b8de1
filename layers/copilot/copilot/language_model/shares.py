"""How much of what a model is asked each part of it may take, in tokens: declared here and nowhere else.

Rules, tools and a request take what they take, each up to its bound. What a Conversation brings has the rest of LIMIT,
within these bounds: each part has its least whatever the others want, and more as far as there is room, in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Share(NamedTuple):
    least: int
    most: int


LIMIT = 2_900
"""Of all that is sent for a plan, but for a request of more than some sentences and for tools a model asked for. The
design has 3,000 for it, of which some are left to the form in which a provider is given the schema.
"""
RULES = 1_950
"""Of what a provider caches: rules, schema, names of tools."""
TOOLS, TOOLS_LEAST = 950, 750
"""Of the signatures of the tools chosen; the least is what they have where a Conversation has much to bring: the last
of them fit least. A tool that the plan at hand uses is chosen whatever its size.
"""
CONVERSATION: Mapping[str, Share] = {
    "summary": Share(45, 220),
    "turns": Share(90, 200),
    "results": Share(85, 180),
    "facts": Share(40, 100),
    "focus": Share(70, 110),
}
MOST = 450
"""Of all five together."""
TURN = 100
"""Of one Turn."""
LINE = 70
"""Of one earlier request in the summary."""
NOW, WORDS, FILES, NEEDED = 80, 120, 120, 120
"""Of who asks and when, of what words of a request stand for, of its files, of what a model asked for before."""


def room(taken: int) -> int:
    """What the Conversation may take, where all else has taken so much."""
    return min(MOST, LIMIT - 1 - taken)


def shared_out(room: int, wanted: Mapping[str, int]) -> dict[str, int]:
    """What each part of a Conversation gets of the room, of what it wants; never less than its least of that."""
    got = {name: min(wanted[name], share.least) for name, share in CONVERSATION.items()}
    left = room - sum(got.values())
    for name, share in CONVERSATION.items():
        more = max(0, min(left, min(wanted[name], share.most) - got[name]))
        got[name] += more
        left -= more
    return got
