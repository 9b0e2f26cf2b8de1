"""What is sent to people and machines outside the chat: by mail, to a topic of SNS, to a web hook."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal, get_args

from pydantic import Field, JsonValue, StringConstraints

from copilot.domain.frozen import Frozen

Way = Literal["mail", "sns", "webhook"]
"""By which way something leaves."""
OUTSIDE = rf"(?:{'|'.join(get_args(Way))}):[a-z0-9][a-z0-9._@+-]{{0,79}}"
"""The form of a destination outside the chat, by the name it has in the configuration. An address has it too, so that
one that is not named is refused as that.
"""
MOST_PICTURES = 4


class Enclosed(Frozen):
    """A picture that goes along."""

    name: str = Field(description="of the file, such as usage.png")
    content: bytes = Field(description="a PNG")
    link: str = Field(description="ours, that leads to it")


class Letter(Frozen):
    """What one sending says. Text is data: each way makes of it what is safe there."""

    subject: Annotated[str, StringConstraints(max_length=200)] = Field(description="in one line")
    text: Annotated[str, StringConstraints(min_length=1, max_length=100_000)] = Field(description="plain text")
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+)*$", max_length=40)] = Field(
        default="message", description="what a web hook calls it, and what SNS filters by: message, report and so on"
    )
    data: dict[str, JsonValue] = Field(default={}, description="what machines are told besides, by web hook and SNS")
    pictures: Annotated[tuple[Enclosed, ...], Field(max_length=MOST_PICTURES)] = Field(
        default=(), description="which a mail shows below the text"
    )
    recurring: str = Field(
        default="", description="what sends it again and again, in a few words: then a mail says how to have no more"
    )


def way_of(destination: str) -> Way | None:
    """By which way what is written like this is sent; None for a channel or a person."""
    way, colon, _ = destination.partition(":")
    return next((one for one in get_args(Way) if colon and one == way), None)


def is_told(name: str, there: Collection[str]) -> bool:
    """Whether it is among those that there are; any channel is, where no channel is among them."""
    return name in there or (way_of(name) is None and not any(one.startswith("#") for one in there))
