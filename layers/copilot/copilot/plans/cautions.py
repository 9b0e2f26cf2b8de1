"""Letters and signs on the card of an Approval that deceive the eye of whoever decides it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.domain import Approval
from copilot.plans.speaking import texts_in
from copilot.text.outside import hidden, look_alikes, plain

MOST = 10
_LONGEST = 60


def cautions(approval: Approval) -> list[str]:
    """A line for each text on the card in which letters are drawn as others are, or signs are not seen at all."""
    found: dict[str, None] = {}
    for text in _texts(approval):
        short = plain(" ".join(text.split()))
        short = short if len(short) <= _LONGEST else short[:_LONGEST] + "\u2026"
        for what in look_alikes(text):
            found[f"look at the letters of {short}: {what}"] = None
        if signs := hidden(text):
            found[f"in {short} stood what is not seen and is shown by its number: {', '.join(signs)}"] = None
    return list(found)[:MOST]


def _texts(approval: Approval) -> Iterator[str]:
    yield approval.request
    for call in approval.calls:
        yield from texts_in(call.arguments)
        for target in call.preview.targets:
            yield target.name
        for change in call.preview.changes:
            yield from (change.name, change.before, change.after)
