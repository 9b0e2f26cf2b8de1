"""What the builder says of the builds of a deployment that failed: in which phase, and what was logged last before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.domain import CodeJob
from copilot.domain.deployments import Deployment
from copilot.domain.releases import FailedPhase
from copilot.errors import CopilotError
from copilot.ports import Releases
from copilot.text.listing import count
from copilot.text.outside import quoted
from copilot.tools.deployments.last_lines import LastLines
from copilot.tools.observing.lines import handed_on, laid_out

BUILDS_AT_MOST = 5
LINES_AT_MOST = 15
LOG = "the log of its build"
NOT_IN_COMMENTS = "what is logged is not said in a comment"
NO_BUILD = f"{LOG}: no build of CodeBuild was reported with it"


class Built(NamedTuple):
    builds: Sequence[str]
    """Those that failed, by their ARNs."""
    phases: Sequence[FailedPhase]
    log: LastLines
    unread: Sequence[str]
    """What was not looked at beside the log."""


def built(releases: Releases, failed: Deployment, zone: ZoneInfo, *, lines: bool = True) -> Built:
    """A build that no pipeline began has told its phases by itself, and is not asked for them again. Without `lines`
    nothing of its log is read, and it is said where that is.
    """
    reported = dict.fromkeys(fact.build for fact in failed.failures if fact.build)
    told = {fact.build for fact in failed.failures if fact.source == "codebuild" or CodeJob.of(fact.build)}
    unread: list[str] = []
    builds = list(reported) or _of_pipeline(releases, failed, unread)
    phases: list[FailedPhase] = []
    for build in [one for one in builds if one not in told][:BUILDS_AT_MOST]:
        try:
            phases += releases.failed_phases(build)
        except CopilotError as error:
            unread.append(f"its build {_named(build)}, which could not be read: {error.told}")
    if not builds and any(fact.stage == "build" for fact in failed.failures):
        return Built(builds, phases, LastLines(unread=[NO_BUILD]), unread)
    log = _log(releases, builds[:BUILDS_AT_MOST], zone) if lines else _where(releases, builds[:BUILDS_AT_MOST])
    return Built(builds, phases, log, unread)


def _of_pipeline(releases: Releases, failed: Deployment, unread: list[str]) -> Sequence[str]:
    """Those that its pipeline knows of, where no report named one."""
    if "codepipeline" not in failed.sources:
        return []
    try:
        return releases.builds_of(failed.service, failed.id, failed.account)
    except CopilotError as error:
        unread.append(f"which builds its pipeline began, which could not be read: {error.told}")
        return []


def _log(releases: Releases, builds: Sequence[str], zone: ZoneInfo) -> LastLines:
    """Of the first that has one."""
    unread: list[str] = []
    found = LastLines()
    for build in builds:
        if found.of:
            unread.append(f"{LOG} {_named(build)}: that of another one is shown")
            continue
        what, log_of = ("job", "the log of job") if CodeJob.of(build) else ("build", LOG)
        try:
            log = releases.build_log(build, LINES_AT_MOST)
        except CopilotError as error:
            unread.append(f"{log_of} {_named(build)}, which could not be read: {error.told}")
            continue
        if log.none:
            unread.append(f"{log_of} {_named(build)}: {log.none}" + (f" ({log.link})" if log.link else ""))
            continue
        all_of = f" (all of it: {log.link} )" if log.link else ""
        number = f"The last {count(len(log.lines), 'line')}" if len(log.lines) > 1 else "The last line"
        found = LastLines(
            text="\n".join(laid_out(f"{one.at.astimezone(zone):%H:%M:%S}", handed_on(one.text)) for one in log.lines),
            of=f"{number} that {what} {_named(build)} logged before it failed{all_of}:"
            if log.lines
            else f"Nothing was logged by {what} {_named(build)} before it failed{all_of}.",
        )
    return found._replace(unread=unread)


def _where(releases: Releases, builds: Sequence[str]) -> LastLines:
    jobs = [one for one in builds if CodeJob.of(one)]
    places = [f"the log of job {_named(one)}: {releases.build_log(one, 0).link}" for one in jobs]
    return LastLines(unread=[f"{LOG}: {NOT_IN_COMMENTS}"] if builds and not jobs else places)


def _named(build: str) -> str:
    return quoted(build.rpartition("/")[2])
