"""What there is to say of a watch."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from copilot.domain import Frozen, Made, Untrusted, Watch, WatchId
from copilot.text.durations import spoken
from copilot.text.outside import quoted, quoted_people
from copilot.times.windows import moment


class WatchSummary(Frozen):
    watch_id: WatchId = Field(description="the watch's id")
    what: Untrusted = Field(description="what is watched, as who asked for it put it")
    owner: str = Field(description="who asked for it")
    so: bool | None = Field(description="whether it is so, as of the last look; null before the first")
    until: datetime = Field(description="when it ends")
    summary: Made = Field(description="one line about it")


def summary_of(watch: Watch) -> WatchSummary:
    so = {True: "it is so", False: "it is not so", None: "not looked at yet"}[watch.is_so]
    seen = f"{so}, last looked at {_time(watch, watch.looked_at)}" if watch.looked_at else so
    blind = f"; the last {watch.unseen} looks found nothing out" if watch.unseen else ""
    whose = f"{quoted(watch.what)}, for {quoted_people(watch.owner)}"
    return WatchSummary(
        watch_id=watch.id,
        what=watch.what,
        owner=watch.owner,
        so=watch.is_so,
        until=watch.until,
        summary=f"{watch.id}: {whose}: {how_in_words(watch)}; {seen}{blind}",
    )


def how_in_words(watch: Watch) -> str:
    """How often it is looked, until when, and who is told what."""
    often = spoken(watch.every * 60)
    when = "once, when it is so" if watch.once else "each time it has come to be so"
    directly = ", or directly who asked where policy does not let it stand there" if _is_of_many(watch) else ""
    then = f", and {quoted(watch.then.request)} is done then" if watch.then else ""
    return f"looked at every {often} until {_time(watch, watch.until)}; {told_in_words(watch)} {when}{directly}{then}"


def told_in_words(watch: Watch) -> str:
    if watch.tell:
        return f"{watch.tell} is told"
    return f"{quoted_people(watch.owner)} is told {'where it was asked' if _is_of_many(watch) else 'directly'}"


def _is_of_many(watch: Watch) -> bool:
    """Whether others may read where it is told."""
    return bool(watch.tell) or (watch.where is not None and not watch.where.person)


def _time(watch: Watch, at: datetime) -> str:
    return moment(at.astimezone(ZoneInfo(watch.time_zone)))
