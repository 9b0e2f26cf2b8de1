"""ports.Releases that knows jobs of code hosts as builds; all else is the platform's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from copilot.adapters.code_hosts.hosts import Host
from copilot.adapters.code_hosts.logs import last_lines
from copilot.config.configuration import CodeHost, Configuration
from copilot.domain import CODE_HOSTS, CodeJob
from copilot.domain.releases import BuildLog, FailedPhase
from copilot.errors import NotFound
from copilot.ports import Releases

NO_TOKEN = "no `token` of {host} is configured"
NOT_OURS = "its repository is not configured"
GONE = "{host} keeps it no more, or not for this token"


class WithCodeHosts:
    """`host` gives one by its settings, with the token that reads; None where there is none."""

    def __init__(self, releases: Releases, config: Configuration, host: Callable[[CodeHost], Host | None]) -> None:
        self._releases, self._config, self._host = releases, config, host
        self.signs, self.rang, self.running = releases.signs, releases.rang, releases.running
        self.builds_of, self.definitions, self.digests = releases.builds_of, releases.definitions, releases.digests
        self.permissions, self.bring, self.make = releases.permissions, releases.bring, releases.make

    def failed_phases(self, build: str) -> Sequence[FailedPhase]:
        """Of a job its own event told which steps failed."""
        return () if CodeJob.of(build) else self._releases.failed_phases(build)

    def build_log(self, build: str, most: int) -> BuildLog:
        job = CodeJob.of(build)
        if job is None:
            return self._releases.build_log(build, most)
        settings = self._config.code_host(job.platform)
        repository = settings.repository(job.repository) if settings else None
        if settings is None or repository is None:
            return BuildLog(none=NOT_OURS)
        host, called = self._host(settings), CODE_HOSTS[job.platform]
        if host is None:
            return BuildLog(none=NO_TOKEN.format(host=called))
        link = host.link(repository, job)
        if not most:
            return BuildLog(link=link)
        try:
            return BuildLog(lines=last_lines(host.log(repository, job), most), link=link)
        except NotFound:
            return BuildLog(none=GONE.format(host=called), link=link)
