"""Who somebody asked to be told whenever they have something changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from copilot.domain.frozen import SHAPE, Frozen
from copilot.domain.requests import Channel
from copilot.domain.selectors import Selector

MOST_TOLD = 3


class Companion(Frozen):
    """After changes of that, `tell` are told what was done of it."""

    of: Selector = Field(description="of this")
    tell: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=MOST_TOLD)] = Field(
        description="to tell", json_schema_extra={SHAPE: "[#ops]"}
    )

    @property
    def in_words(self) -> str:
        """`stops of books are told to #payments`."""
        return f"{self.of.in_words} are told to {' and '.join(self.tell)}"
