"""What an output tells of, for whoever decides who may have it: of which class, of which kind of environment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from copilot.domain.frozen import Frozen

Kind = Literal["development", "preview", "staging", "production"]
KIND_WORDS: dict[str, Kind] = {
    "dev": "development",
    "development": "development",
    "preview": "preview",
    "prd": "production",
    "prod": "production",
    "production": "production",
    "stage": "staging",
    "staging": "staging",
    "stg": "staging",
}
"""What people and tags call each kind, in lower case."""
STRICTER: tuple[Kind, ...] = ("development", "preview", "staging", "production")
"""The kinds, the strictest last."""

OutputClass = Literal["status", "cost", "configuration", "logs", "security"]
"""What an output tells of, for whoever decides who may have it."""
PRIVATE: tuple[OutputClass, ...] = ("status", "cost", "configuration", "security", "logs")
"""The same, what may be known by most first."""
Destination = Literal["direct", "channel", "named", "shared", "link", "others", "provider"]
"""Where an output goes: to who asked, alone; into a channel; into one that a person, or the configuration, named for
it; into one shared with another organisation or with guests; behind a link; to others who look at the Run; to the
provider of the model.
"""


class About(Frozen):
    """What something tells of: its class, and the strictest kind of environment; None where it speaks of none."""

    shows: OutputClass
    kind: Kind | None

    @property
    def in_words(self) -> str:
        return f"{self.shows} of {self.kind}" if self.kind else self.shows

    @classmethod
    def all_of(cls, abouts: Iterable[About]) -> About:
        """What these tell of together; nothing is what may be known by most."""
        given = list(abouts)
        kinds = (one.kind for one in given if one.kind is not None)
        return cls(
            shows=max((one.shows for one in given), key=PRIVATE.index, default=PRIVATE[0]),
            kind=max(kinds, key=STRICTER.index, default=None),
        )


NOT_KNOWN = About(shows=PRIVATE[-1], kind=STRICTER[-1])
"""Of what nobody has said what it tells of."""
