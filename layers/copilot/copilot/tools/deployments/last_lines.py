"""What was logged last before a deployment failed: by a task of it that stopped, else by its service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.domain import LogLine, LogQuery, Resource
from copilot.domain.releases import StoppedTask
from copilot.errors import CopilotError
from copilot.ports import Logs
from copilot.text.listing import count, listed
from copilot.text.outside import quoted
from copilot.tools.observing.lines import LOOKED_AT, handed_on, laid_out, size_words
from copilot.tools.observing.looked_through import LookedThrough, looked_through
from copilot.tools.observing.scope import Times, not_looked_at

AT_MOST = 10
BEFORE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
"""What is logged in the last one is logged before the end as well."""
TOLD_TO_STOP = {0, 143}
LINES = "the last lines of its logs"


class LastLines(NamedTuple):
    """`text` are the lines, laid out; `of` says in words of ours which they are, or why there are none; `unread` what
    was not looked at, `looked` what was.
    """

    text: str = ""
    of: str = ""
    unread: Sequence[str] = ()
    looked: LookedThrough | None = None


def last_lines(
    logs: Logs,
    services: Sequence[Resource],
    tasks: Sequence[StoppedTask],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> LastLines:
    """Of a deployment that ran from `since` to `until`, to these services. Nothing that has a price is read."""
    ran = [one for one in tasks if any(each.exit_code is not None for each in one.containers)]
    if tasks and not ran:
        return LastLines(of="No task of it that stopped ever ran, so that none of them logged anything.")
    task = max((one for one in ran if one.at), key=_end, default=None)
    until = ((task.at if task else None) or until) + SECOND
    times = Times(max(since, until - SECOND - BEFORE), until, zone)
    try:
        return _read(logs, services, task, times)
    except CopilotError as error:
        return LastLines(unread=[f"{LINES}, which could not be read: {error.told}"])


def _end(task: StoppedTask) -> tuple[bool, datetime | None]:
    """By which the last that failed comes last, behind those that were told to stop."""
    return not {one.exit_code for one in task.containers if one.exit_code is not None} <= TOLD_TO_STOP, task.at


def _read(logs: Logs, services: Sequence[Resource], task: StoppedTask | None, times: Times) -> LastLines:
    there = logs.sources(services)
    unread = list(not_looked_at(there.not_looked_at, ()))
    if not there.sources:
        return LastLines(unread=unread or [f"{LINES}: it is not known where it logs"])
    names = listed([quoted(name) for name in dict.fromkeys(one.service for one in there.sources)])
    cost = logs.cost(there.sources, times.since, times.until)
    too_much = (
        f"{LINES}: {size_words(cost.size)} were logged from {times.words}, too much to be read at no charge; a "
        f"search of the logs of {names} says what it costs"
    )
    if cost.is_charged:
        return LastLines(unread=[*unread, too_much])
    found = logs.search(there.sources, LogQuery(since=times.since, until=times.until, most=LOOKED_AT), cost)
    unread += not_looked_at(found.not_looked_at, ())
    if found.read_until:  # what is missing is the end, and with it the last lines
        return LastLines(unread=[*unread, too_much])
    task = task if all(one.streams for one in there.sources) else None
    lines = [one for one in found.lines if task is None or _is_by(task, one)][:AT_MOST][::-1]
    who, when = names, f"from {times.words}"
    if task:
        who, when = f"a task of {names} that stopped at {times.at(times.until - SECOND)}", "before that"
    number = f"The last {count(len(lines), 'line')}" if len(lines) > 1 else "The last line"
    return LastLines(
        text="\n".join(laid_out(times.at(one.at), handed_on(one.text)) for one in lines),
        of=f"{number} that {who} logged {when}:" if lines else f"Nothing was logged by {who}, {when}.",
        unread=unread,
        looked=looked_through(there.sources, times.since, times.until),
    )


def _is_by(task: StoppedTask, line: LogLine) -> bool:
    """A stream is PREFIX/CONTAINER/TASK where the driver was given a prefix, and else says nothing of the task."""
    return line.stream.rpartition("/")[2] == task.id
