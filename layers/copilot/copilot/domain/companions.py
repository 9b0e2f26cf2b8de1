"""Who somebody asked to be told whenever they have something changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from copilot.domain.frozen import Frozen
from copilot.domain.requests import Channel
from copilot.domain.selectors import Selector

MOST_TOLD = 3


class Companion(Frozen):
    """After changes of that, `tell` are told what was done of it."""

    of: Selector
    tell: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=MOST_TOLD)]

    @property
    def in_words(self) -> str:
        """`stops of books are told to #payments`."""
        return f"{self.of.in_words} are told to {' and '.join(self.tell)}"
