"""What a request is read into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

By = Literal["name", "kind", "reference", "all"]
State = Literal["idle", "running", "stopped"]


class Target(NamedTuple):
    """`value` is a name as it was said, a kind, or the word of a reference; "" of all. `said` are its own words."""

    by: By
    value: str
    said: str
    one: bool


class Targets(NamedTuple):
    """The environments meant: what is in `of`, as far as it is in this state and has this owner, without what is in
    `but`.
    """

    of: tuple[Target, ...]
    state: State | None = None
    but: tuple[Target, ...] = ()
    owner: str | None = None

    @property
    def one(self) -> Target | None:
        """The single one that is meant, where one is."""
        return self.of[0] if len(self.of) == 1 and self.of[0].one and not self.but else None


class Schedules(NamedTuple):
    """The schedules meant: by their ids, by a reference, or those that are `of` these environments; all there are where
    nothing says which. `one` is meant, or several; `is_named` where they are called schedules or an id says that they
    are.
    """

    ids: tuple[str, ...] = ()
    reference: Target | None = None
    of: Targets | None = None
    one: bool = True
    is_named: bool = True

    @property
    def all(self) -> bool:
        return not self.ids and self.reference is None and self.of is None


class WhereItIs(NamedTuple):
    """A service that was spoken of, in the environment that was."""

    reference: Target


class ResourceTypes(NamedTuple):
    """The types of resources meant, each by its noun."""

    of: tuple[str, ...]


class NamedThing(NamedTuple):
    """A thing by its name, or by words of it, and the types it may be of, by their nouns; any where there are none."""

    name: str
    types: tuple[str, ...]


class Span(NamedTuple):
    """What text[begin:end] of the request was read as: the action's words, or a slot by its name."""

    role: str
    begin: int
    end: int


def references_in(frame: Frame) -> list[Target]:
    """What stands in it for something that was spoken of."""
    targets, schedules, service = (frame.said.get(slot) for slot in ("targets", "schedule", "service"))
    found = [*targets.of, *targets.but] if isinstance(targets, Targets) else []
    found += [schedules.reference] if isinstance(schedules, Schedules) and schedules.reference else []
    found += [service] if isinstance(service, Target) else []
    found += [service.reference] if isinstance(service, WhereItIs) else []
    return [one for one in found if one.by == "reference"]


COMMON = frozenset({"environment", "environments", "cluster", "clusters"})
COURTEOUS = frozenset({"please", "thanks", "kindly", "could", "would", "hello", "possible"})


class Correction(NamedTuple):
    """That a word was taken for another, and what that one was read as."""

    said: str
    meant: str
    role: str

    @property
    def decides(self) -> bool:
        """Whether it may decide what a change would be, or of what: all but courtesies and common nouns may."""
        return self.meant not in COMMON and not (self.role == "polite" and self.meant in COURTEOUS)


class Frame(NamedTuple):
    """A known request. The spans, in order, cover each of its words once. It is `doubtful` where it may say that
    something is so as well as that it is to be done.
    """

    action: str
    said: Mapping[str, object]
    """What each slot holds: `targets` are Targets, every other is the words said."""
    spans: tuple[Span, ...]
    corrected: tuple[Correction, ...] = ()
    doubtful: bool = False
