"""The logs that were looked through, as commands show them by hand: FilterLogEvents, which has no price.

Its pattern minds the case of letters, so that a word stands in it as a regular expression with both of each; those that
it does not take are in no command (CloudWatch Logs User Guide, "Supported regular expressions (regex) syntax").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, Field

from copilot.domain import Frozen, LogSource
from copilot.tools.by_hand import ByHand, Place, aws

COMMAND = "logs filter-log-events"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_TAKEN = re.compile(r"[A-Za-z0-9:_#=/;,. -]+")
_MEANT = {".": r"\.", " ": r"\s"}


class LogGroup(Place):
    group: str = Field(description="the log group")
    streams: str = Field(description="what the names of its streams begin with; empty for all")


class LookedThrough(Frozen):
    since: AwareDatetime = Field(description="from when on")
    until: AwareDatetime = Field(description="until before when")
    groups: tuple[LogGroup, ...] = Field(description="the log groups")


def looked_through(sources: Iterable[LogSource], since: datetime, until: datetime) -> LookedThrough:
    groups = dict.fromkeys(
        LogGroup(account=one.account, region=one.region, group=one.group, streams=one.streams) for one in sources
    )
    return LookedThrough(since=since, until=until, groups=tuple(groups))


def logs_by_hand(looked: LookedThrough | None, words: Sequence[str] = ()) -> Sequence[ByHand]:
    """All that was looked through; where it was for one word, the lines with that. None where that cannot be said."""
    if looked is None or len(words) > 1 or not all(map(_TAKEN.fullmatch, words)):
        return ()
    pattern = f"%{''.join(map(_either_case, words[0]))}%" if words else ""
    return [
        aws(
            one,
            COMMAND,
            log_group_name=one.group,
            log_stream_name_prefix=one.streams,
            start_time=(looked.since - _BEGINNING) // _MILLISECOND,
            end_time=(looked.until - _BEGINNING - _MILLISECOND) // _MILLISECOND,
            filter_pattern=pattern,
        )
        for one in looked.groups
    ]


def _either_case(letter: str) -> str:
    return f"[{letter.lower()}{letter.upper()}]" if letter.isalpha() else _MEANT.get(letter, letter)
