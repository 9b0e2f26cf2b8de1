"""The last lines of a build's log (CodeBuild API Reference: LogsLocation; CloudWatch Logs API Reference: GetLogEvents).

Each build logs to a stream of its own, which `groupName` and `streamName` of its `logs` say. What comes after the phase
that failed is CodeBuild's own winding up, so that the last lines are those before that phase ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.adapters.aws.builds import FAILED
from copilot.adapters.aws.faults import translated
from copilot.domain import Pack, PlatformEvent
from copilot.domain.releases import BuildLog
from copilot.errors import PermissionDenied, ToolInputError
from copilot.text.outside import quoted

PACK: Pack = "logs"
READS = frozenset({"codebuild:BatchGetBuilds", "logs:GetLogEvents"})
PAGES_AT_MOST = 5
"""A page may be empty while others are not."""
PHASE_TOLD = timedelta(seconds=2)
"""So long after a phase has ended it may still be said that it has."""
NOT_KNOWN = "CodeBuild does not know it any more"
NEVER_BEGAN = "it began none"
OFF = "its project keeps none"


def build_log(codebuild: Any, logs: Any, id: str, most: int) -> BuildLog:
    """`id` is `project:uuid`. Raises as translated does."""
    with translated("reading a build"):
        builds = codebuild.batch_get_builds(ids=[id])["builds"]
    if not builds:
        return BuildLog(none=NOT_KNOWN)
    where = builds[0].get("logs") or {}
    group, stream = _said(where.get("groupName")), _said(where.get("streamName"))
    if not group or not stream:
        return BuildLog(none=_why_none(where))
    try:
        with translated(f"reading log group {group}"):
            lines = list(_last(logs, group, stream, _until(builds[0]), most))
    except ToolInputError:
        return BuildLog(none=f"log group {quoted(group)} has no such stream any more")
    except PermissionDenied:
        raise PermissionDenied(
            f"log group {quoted(group)} is not among those that may be read. To allow it, name it in LogGroups of "
            "managed-account.yaml",
            ours=True,
        ) from None
    return BuildLog(lines=tuple(lines))


def _said(name: object) -> str:
    """Of a build that logs nowhere, and of one that has not begun, CodeBuild says `null`, in words."""
    return name if isinstance(name, str) and name != "null" else ""


def _why_none(where: Any) -> str:
    cloudwatch, s3 = where.get("cloudWatchLogs") or {}, where.get("s3Logs") or {}
    if cloudwatch.get("status") != "DISABLED":
        return NEVER_BEGAN
    if s3.get("status") == "ENABLED":
        place = f" ({quoted(s3['location'])})" if s3.get("location") else ""
        return f"it is kept in S3 alone{place}, where the copilot reads no logs"
    return OFF


def _until(build: Any) -> datetime | None:
    """Where the first phase that failed ended."""
    ends = [one["endTime"] for one in build.get("phases", ()) if one.get("phaseStatus") in FAILED and "endTime" in one]
    return min(ends) + PHASE_TOLD if ends else None


def _last(logs: Any, group: str, stream: str, until: datetime | None, most: int) -> Iterator[PlatformEvent]:
    """The oldest first."""
    asked: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": False, "limit": most}
    if until is not None:
        asked["endTime"] = int(until.timestamp() * 1000)
    found: list[Any] = []
    for _ in range(PAGES_AT_MOST):
        page = logs.get_log_events(**asked)
        found = [*page["events"], *found]
        before = page.get("nextBackwardToken")
        if len(found) >= most or not before or before == asked.get("nextToken"):
            break
        asked["nextToken"] = before
    for event in found[-most:]:
        at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        yield PlatformEvent(at=at, text=event["message"])
