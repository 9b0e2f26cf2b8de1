"""Which tools there are. A tool's module is imported when the tool is asked for, not before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import NamedTuple

from copilot.domain import Effect, TargetType
from copilot.errors import NotFound
from copilot.text.nearness import nearest
from copilot.tools.tool import AnyTool, WriteTool


class Entry(NamedTuple):
    """Where a tool is, `module:class`, and what deciding about it takes; a test holds that against the class.

    `resource` is the type of what it is done to; None for a read, which is done to nothing. `also` is the type of what
    it may be done to besides.
    """

    place: str
    effect: Effect = "read"
    resource: TargetType | None = None
    also: TargetType | None = None

    @property
    def domain(self) -> str:
        """What it is about: the room that it is in."""
        return self.place.partition(":")[0].removeprefix("copilot.tools.").partition(".")[0]


BUILT_IN = {
    "list_environments@1": Entry("copilot.tools.environments.looking:ListEnvironments"),
    "find_environment@1": Entry("copilot.tools.environments.looking:FindEnvironment"),
    "environment_resources@1": Entry("copilot.tools.environments.resources:EnvironmentResources"),
    "environment_activity@1": Entry("copilot.tools.environments.looking:EnvironmentActivity"),
    "stop_environment@1": Entry("copilot.tools.environments.stopping:StopEnvironment", "write", "Environment"),
    "start_environment@1": Entry("copilot.tools.environments.starting:StartEnvironment", "write", "Environment"),
    "cluster_health@1": Entry("copilot.tools.environments.health:ClusterHealth"),
    "service_details@1": Entry("copilot.tools.environments.services:ServiceDetails"),
    "configuration@1": Entry("copilot.tools.configuration.showing:ShowConfiguration"),
    "compare_configuration@1": Entry("copilot.tools.configuration.comparing:CompareConfiguration"),
    "deployment_statistics@1": Entry("copilot.tools.deployments.statistics:DeploymentStatistics"),
    "deployment_slowdown@1": Entry("copilot.tools.deployments.slowdown:DeploymentSlowdown"),
    "list_deployments@1": Entry("copilot.tools.deployments.listing:ListDeployments"),
    "deployment_failure@1": Entry("copilot.tools.deployments.failure:DeploymentFailure"),
    "good_version@1": Entry("copilot.tools.deployments.good:GoodVersion"),
    "compare_revisions@1": Entry("copilot.tools.deployments.comparing:CompareRevisions"),
    "improve_dockerfile@1": Entry("copilot.tools.dockerfiles.improve:ImproveDockerfile"),
    "notify@1": Entry("copilot.tools.messages.notify:Notify", "write", "Channel"),
    "create_schedule@1": Entry("copilot.tools.schedules.creating:CreateSchedule", "write", "Schedule"),
    "delete_schedule@1": Entry("copilot.tools.schedules.changing:DeleteSchedule", "write", "Schedule"),
    "pause_schedule@1": Entry("copilot.tools.schedules.changing:PauseSchedule", "write", "Schedule"),
    "resume_schedule@1": Entry("copilot.tools.schedules.changing:ResumeSchedule", "write", "Schedule"),
    "list_schedules@1": Entry("copilot.tools.schedules.listing:ListSchedules"),
    "window_environments@1": Entry("copilot.tools.schedules.looking:WindowEnvironments"),
    "window_stopped@1": Entry("copilot.tools.schedules.looking:WindowStopped"),
    "keep_environment@1": Entry("copilot.tools.schedules.keeping:KeepEnvironment", "write", "Environment"),
    "release_environment@1": Entry("copilot.tools.schedules.keeping:ReleaseEnvironment", "write", "Environment"),
    "restart_service@1": Entry("copilot.tools.environments.restarting:RestartService", "write", "Environment"),
    "scale_resource@1": Entry("copilot.tools.environments.scaling:ScaleResource", "write", "Environment"),
    "reboot_resource@1": Entry("copilot.tools.environments.restarting:RebootResource", "write", "Environment"),
    "delete_environment@1": Entry("copilot.tools.environments.deleting:DeleteEnvironment", "destroy", "Environment"),
    "roll_back_service@1": Entry("copilot.tools.deployments.rolling_back:RollBackService", "write", "Environment"),
    "promote_release@1": Entry("copilot.tools.deployments.promoting:PromoteRelease", "write", "Environment"),
    "list_runbooks@1": Entry("copilot.tools.runbooks.listing:ListRunbooks"),
    "save_runbook@1": Entry("copilot.tools.runbooks.keeping:SaveRunbook", "write", "Runbook"),
    "withdraw_runbook@1": Entry("copilot.tools.runbooks.keeping:WithdrawRunbook", "write", "Runbook"),
    "remember_fact@1": Entry("copilot.tools.facts.keeping:RememberFact", "write", "Fact"),
    "forget_fact@1": Entry("copilot.tools.facts.keeping:ForgetFact", "write", "Fact"),
    "start_watch@1": Entry("copilot.tools.watches.keeping:StartWatch", "write", "Watch", "Channel"),
    "watch_and_do@1": Entry("copilot.tools.watches.acting:WatchAndDo", "write", "Watch", "Channel"),
    "stop_watch@1": Entry("copilot.tools.watches.keeping:StopWatch", "write", "Watch"),
    "list_reactions@1": Entry("copilot.tools.reactions.listing:ListReactions"),
    "list_watches@1": Entry("copilot.tools.watches.listing:ListWatches"),
    "schedule_request@1": Entry("copilot.tools.schedules.requesting:ScheduleRequest", "write", "Schedule"),
    "what_would_happen@1": Entry("copilot.tools.changes.foreseeing:WhatWouldHappen"),
    "search_logs@1": Entry("copilot.tools.observing.searching:SearchLogs"),
    "error_summary@1": Entry("copilot.tools.observing.errors:ErrorSummary"),
    "metric_values@1": Entry("copilot.tools.observing.metrics:MetricValues"),
    "gate@1": Entry("copilot.tools.observing.gate:Gate"),
    "changes@1": Entry("copilot.tools.changes.history:Changes"),
    "alarm_background@1": Entry("copilot.tools.changes.alarms:ExplainAlarms"),
    "costs@1": Entry("copilot.tools.usage.spending:CollectCosts"),
    "copilot_spend@1": Entry("copilot.tools.usage.own:CopilotSpend"),
    "usage_statistics@1": Entry("copilot.tools.usage.statistics:CollectUsageStatistics"),
    "render_report@1": Entry("copilot.tools.reports.render:RenderReport"),
    "render_usage_report@1": Entry("copilot.tools.usage.report:RenderUsageReport"),
}


class Registry:
    """Tools by name@version: those of `entries`, imported when asked for, and `extra`. A bare name means its newest
    version.
    """

    def __init__(self, extra: Iterable[AnyTool] = (), entries: Mapping[str, Entry] = BUILT_IN) -> None:
        self._loaded: dict[str, AnyTool] = {f"{tool.name}@{tool.version}": tool for tool in extra}
        self._entries = {**entries, **{reference: _entry_of(tool) for reference, tool in self._loaded.items()}}
        by_version = sorted(self.versions(), key=lambda one: int(one.partition("@")[2]))
        self._newest = {version.partition("@")[0]: version for version in by_version}

    def versions(self) -> list[str]:
        """Every name@version, sorted."""
        return sorted(self._entries)

    def names(self) -> list[str]:
        return sorted(self._newest)

    def entry(self, reference: str) -> Entry:
        """What is known of a tool without importing it. Raises as `find` does."""
        wanted = self._newest.get(reference, reference)
        if wanted not in self._entries:
            raise NotFound(self._missing(reference))
        return self._entries[wanted]

    def find(self, reference: str) -> AnyTool:
        """The tool for a name or name@version. Raises NotFound, naming the nearest."""
        wanted = self._newest.get(reference, reference)
        if wanted not in self._loaded:
            module, _, attribute = self.entry(wanted).place.partition(":")
            self._loaded[wanted] = getattr(import_module(module), attribute)
        return self._loaded[wanted]

    def _missing(self, reference: str) -> str:
        name, _, version = reference.partition("@")
        if name in self._newest:
            return f"tool {name} has no version {version}; nearest: {self._newest[name]}"
        near = nearest(name, self.names(), 3)
        return f"no tool {name}" + (f"; nearest: {', '.join(near)}" if near else "")


def _entry_of(tool: AnyTool) -> Entry:
    resource, also = (tool.resource, tool.also) if issubclass(tool, WriteTool) else (None, None)
    return Entry(f"{tool.__module__}:{tool.__qualname__}", tool.effect, resource, also)
