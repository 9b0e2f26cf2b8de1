"""Who can be told something, by name."""

from __future__ import annotations

from collections.abc import Iterable

from copilot.domain import TO_PERSON
from copilot.errors import ToolInputError
from copilot.text.nearness import nearest, there_are


def check_channel(channel: str, there: Iterable[str]) -> None:
    """Raises ToolInputError, with the nearest of those there are, for any other."""
    _check(channel, sorted(there), f"there is no channel {channel} to be told")


def check_person(channel: str, people: Iterable[str]) -> str:
    """The id of a person who is written person:ID. Raises ToolInputError where nobody has it."""
    _check(channel, sorted(f"{TO_PERSON}{id}" for id in people), f"nobody is {channel}")
    return channel.removeprefix(TO_PERSON)


def _check(channel: str, there: list[str], problem: str) -> None:
    if channel not in there:
        raise ToolInputError(f"{problem}{there_are(channel, there)}", nearest(channel, there, 3), ours=True)
