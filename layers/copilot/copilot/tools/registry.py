"""Which tools there are. A tool's module is imported when the tool is asked for, not before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module

from copilot.errors import NotFound
from copilot.tools.tool import AnyTool

BUILT_IN = {
    "list_environments@1": "copilot.tools.environments.looking:ListEnvironments",
    "find_environment@1": "copilot.tools.environments.looking:FindEnvironment",
    "environment_activity@1": "copilot.tools.environments.looking:EnvironmentActivity",
    "stop_environment@1": "copilot.tools.environments.power:StopEnvironment",
    "start_environment@1": "copilot.tools.environments.power:StartEnvironment",
    "cluster_health@1": "copilot.tools.environments.health:ClusterHealth",
    "deployment_statistics@1": "copilot.tools.deployments.statistics:DeploymentStatistics",
    "deployment_slowdown@1": "copilot.tools.deployments.slowdown:DeploymentSlowdown",
    "improve_dockerfile@1": "copilot.tools.dockerfiles.improve:ImproveDockerfile",
    "notify@1": "copilot.tools.messages.notify:Notify",
    "create_schedule@1": "copilot.tools.schedules.changing:CreateSchedule",
    "delete_schedule@1": "copilot.tools.schedules.changing:DeleteSchedule",
    "pause_schedule@1": "copilot.tools.schedules.changing:PauseSchedule",
    "resume_schedule@1": "copilot.tools.schedules.changing:ResumeSchedule",
    "list_schedules@1": "copilot.tools.schedules.looking:ListSchedules",
    "window_environments@1": "copilot.tools.schedules.looking:WindowEnvironments",
    "window_stopped@1": "copilot.tools.schedules.looking:WindowStopped",
    "keep_environment@1": "copilot.tools.schedules.keeping:KeepEnvironment",
    "release_environment@1": "copilot.tools.schedules.keeping:ReleaseEnvironment",
    "usage_statistics@1": "copilot.tools.usage.statistics:CollectUsageStatistics",
    "render_usage_report@1": "copilot.tools.usage.report:RenderUsageReport",
}


class Registry:
    """Tools by name@version: those of `places`, imported when asked for, and `extra`. A bare name means its newest
    version.
    """

    def __init__(self, extra: Iterable[AnyTool] = (), places: Mapping[str, str] = BUILT_IN) -> None:
        self._loaded: dict[str, AnyTool] = {f"{tool.name}@{tool.version}": tool for tool in extra}
        self._places = dict(places)
        by_version = sorted(self.versions(), key=lambda one: int(one.partition("@")[2]))
        self._newest = {version.partition("@")[0]: version for version in by_version}

    def versions(self) -> list[str]:
        """Every name@version, sorted."""
        return sorted({*self._places, *self._loaded})

    def names(self) -> list[str]:
        return sorted(self._newest)

    def find(self, reference: str) -> AnyTool:
        """The tool for a name or name@version. Raises NotFound, naming the nearest."""
        wanted = self._newest.get(reference, reference)
        if wanted not in self._loaded:
            if wanted not in self._places:
                raise NotFound(self._missing(reference))
            module, _, attribute = self._places[wanted].partition(":")
            self._loaded[wanted] = getattr(import_module(module), attribute)
        return self._loaded[wanted]

    def _missing(self, reference: str) -> str:
        name, _, version = reference.partition("@")
        if name in self._newest:
            return f"tool {name} has no version {version}; nearest: {self._newest[name]}"
        near = get_close_matches(name, self.names(), n=3, cutoff=0.5)
        return f"no tool {name}" + (f"; nearest: {', '.join(near)}" if near else "")
