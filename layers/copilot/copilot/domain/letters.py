"""What is sent to people and machines outside the chat: by mail, to a topic of SNS, to a web hook."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Annotated, Literal, get_args

from pydantic import Field, JsonValue, StringConstraints

from copilot.domain.frozen import Frozen
from copilot.text.listing import first_line

Way = Literal["mail", "sns", "webhook"]
"""By which way something leaves."""
WAYS = "|".join(get_args(Way))
OUTSIDE = rf"(?:{WAYS}):[a-z0-9][a-z0-9._@-]{{0,79}}"
"""The form of a destination outside the chat, by the name it has in the configuration. An address has it too, so that
one that is not named is refused as that.
"""
MOST_PICTURES = 4
LONGEST_SUBJECT = 100


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
    asker: str = Field(default="", description="the name of who had it sent")
    recurring: str = Field(
        default="", description="why it is sent again and again, in a few words: then a mail says how to have no more"
    )


def letter_of(
    text: str,
    links_base: str,
    picture: Callable[[str], tuple[str, bytes] | None],
    asker: str = "",
    recurring: str = "",
) -> Letter:
    """What a message of ours says outside: it is called what its first line says, and a picture goes along to which a
    link of ours in it leads, as `picture` gives it. `links_base` is the address of the HTTP API.
    """
    links = list(dict.fromkeys(links_in(text, links_base)))
    found = ((link, picture(link)) for link in links)
    pictures = [Enclosed(name=one[0], content=one[1], link=link) for link, one in found if one is not None]
    return Letter(
        subject=_short(first_line(text.strip())),
        text=text,
        kind="report" if links else "message",
        pictures=tuple(pictures[:MOST_PICTURES]),
        asker=asker,
        recurring=recurring,
    )


def links_in(text: str, links_base: str) -> Iterator[str]:
    """The links in it that lead to files of ours."""
    if links_base:
        yield from re.findall(rf"{re.escape(links_base)}/r/[A-Za-z0-9_-]{{22}}(?![\w-])", text)


def _short(line: str) -> str:
    if len(line) <= LONGEST_SUBJECT:
        return line
    return line[:LONGEST_SUBJECT].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def way_of(destination: str) -> Way | None:
    """By which way what is written like this is sent; None for a channel or a person."""
    way, colon, _ = destination.partition(":")
    return next((one for one in get_args(Way) if colon and one == way), None)


def is_told(name: str, there: Collection[str]) -> bool:
    """Whether one that is written so is among those there are; any channel may be, where no channel is among them, and
    people are not.
    """
    if name in there or not (name.startswith("#") or way_of(name)):
        return True
    return name.startswith("#") and not any(one.startswith("#") for one in there)
