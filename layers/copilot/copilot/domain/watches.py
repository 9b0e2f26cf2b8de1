"""What is watched for somebody: a read, a condition over what it gives, until when, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from copilot.domain.classes import STRICTER, About
from copilot.domain.conversations import AnswerTo
from copilot.domain.frozen import Frozen
from copilot.domain.plans import Arguments, Plan

WATCH_ID = r"w[0-9a-f]{9}"
WatchId = Annotated[str, StringConstraints(pattern=f"^{WATCH_ID}$")]
LOOK_EVERY = timedelta(minutes=2)
"""How often it is looked at whose turn it is, and most are looked at."""
USUALLY_FOR, AT_MOST_FOR = timedelta(days=1), timedelta(days=7)
MOST_OF_ONE, MOST_OF_ALL = 10, 50
"""Watches of one person, and of all together."""
BLIND_AFTER = 5
"""So many looks in a row that found nothing out."""


ACTS = "acts"
"""The tag of a target that is a watch which has something done."""


class ToTell(Frozen):
    """What somebody is to be told, once: the same `number` of a watch is the same message. It tells of `about`."""

    number: int
    text: str
    about: About


class ThenDone(Frozen):
    """What is done once it has come to be so: a request in its person's words, and the plan that was made of it."""

    request: str
    plan: Plan


class Watch(Frozen):
    """`tool` (its name@version) is called with `arguments` every so many minutes, with the `owner`'s rights as they are
    then; what it takes as `since` is so many `minutes` ago, where that is given. `condition` is true or not of what it
    gives, `seen` takes from that what is told. `what` says in words what is watched.

    It is told each time that the condition has come to be true, and not again before it was not; where it is `once`,
    the first time, which ends it. `then` is what is done as well, once; None where it was begun, and where nothing was
    asked for. `tell` is the channel that is told, "" where it is the owner, who asked at `where`.
    `end_was_asked`: `until` was said by who asked.

    `is_so` is what was seen last, None before anything was; `to_tell` what was seen and not told yet; `told` how many
    messages there were. It is over where `ended` says why. Each change of it has a `revision` of its own.
    """

    id: WatchId
    owner: str
    what: str
    tool: str
    arguments: Arguments
    minutes: int | None = None
    condition: str
    seen: str = "summary"
    once: bool = False
    then: ThenDone | None = None
    every: int = 2
    until: datetime
    end_was_asked: bool = False
    time_zone: str = "UTC"
    tell: str = ""
    where: AnswerTo | None = None
    made_at: datetime
    is_so: bool | None = None
    was_so: bool = False
    looked_at: datetime | None = None
    unseen: int = 0
    told: int = 0
    to_tell: ToTell | None = None
    revision: int = 0
    ended: Literal["", "told", "begun", "late", "refused"] = ""

    @property
    def begins(self) -> bool:
        """Whether what it was to do is to be begun, or is about to be. It came to be so as it was `looked_at` last."""
        return self.ended in {"told", "begun"} and self.then is not None

    def is_due(self, now: datetime) -> bool:
        """Whether by the next time that is asked it would be later than half of that time."""
        if self.to_tell is not None or self.ended or self.looked_at is None or now >= self.until:
            return True
        return now - self.looked_at > timedelta(minutes=self.every) - LOOK_EVERY / 2

    def looks_at(self, at: datetime) -> Arguments:
        """What its tool is called with at that time."""
        if self.minutes is None:
            return self.arguments
        return {**self.arguments, "since": (at - timedelta(minutes=self.minutes)).isoformat()}

    def saw(self, is_so: bool, text: str, about: About, at: datetime) -> Watch:
        """As it is after a look that found out whether it is so; `text` is what is told where it has come to be."""
        looked = self._now(is_so=is_so, looked_at=at, unseen=0)
        if not is_so or self.is_so:
            return looked
        crossed = looked.model_copy(update={"was_so": True, "ended": "told" if self.once else ""})
        return crossed._telling(text, about)

    def saw_nothing(self, text: str, about: About, at: datetime) -> Watch:
        """As it is after a look that did not find out; `text` is what is told after so many."""
        looked = self._now(looked_at=at, unseen=self.unseen + 1)
        return looked._telling(text, about) if looked.unseen == BLIND_AFTER else looked

    def over(self, why: Literal["late", "refused"], text: str, about: About) -> Watch:
        """As it is when it ends; with no `text` nobody is told."""
        ended = self._now(ended=why)
        return ended._telling(text, about) if text else ended

    def being_begun(self) -> Watch:
        """As it is from when nobody can stop what it does but by its Run."""
        return self._now(ended="begun")

    def was_begun(self) -> Watch:
        """As it is once what it was to do is a Run."""
        return self._now(then=None)

    def not_begun(self, text: str) -> Watch:
        """As it is where that may not be done any more; `text` is what is told of it."""
        return self._now(then=None)._telling(text, About(shows="status", kind=STRICTER[-1]))

    def was_told(self) -> Watch:
        """As it is once what was to be told was."""
        return self._now(to_tell=None)

    def _now(self, **what: Any) -> Watch:
        return self.model_copy(update={**what, "revision": self.revision + 1})

    def _telling(self, text: str, about: About) -> Watch:
        told = self.told + 1
        return self.model_copy(update={"told": told, "to_tell": ToTell(number=told, text=text, about=about)})


def is_same(one: Watch, other: Watch) -> bool:
    """Whether both look for the same and tell the same of it."""
    return _does(one) == _does(other)


def live(watches: Sequence[Watch], now: datetime) -> list[Watch]:
    """Those that are not over, and those that still have something to begin."""
    return [one for one in watches if one.begins or (not one.ended and one.until > now)]


def _does(one: Watch) -> tuple[object, ...]:
    where = None if one.tell and one.then is None else one.where  # where nothing goes there
    return one.owner, one.tool, one.arguments, one.minutes, one.condition, one.once, one.then, one.tell, where
