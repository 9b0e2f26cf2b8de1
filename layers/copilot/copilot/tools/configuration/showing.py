"""What an environment or a service is configured with, by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import Field

from copilot.domain import EnvironmentId, Frozen, Kind, Made, ServiceName, Setting, SettingKind
from copilot.text.listing import count
from copilot.text.outside import quoted
from copilot.tools.by_hand import FOR_COMMANDS, ByHand
from copilot.tools.configuration.names_by_hand import SHOWN_BY, Configured, configured, names_by_hand
from copilot.tools.configuration.scope import scope_of, settings_of
from copilot.tools.environments.inventory import UnreachableSummary, unreachable
from copilot.tools.tool import ReadTool

SHOWN_AT_MOST = 200
ORDER: tuple[SettingKind, ...] = ("parameter", "secret", "variable")
LONG_VERSION = 12


class ConfigurationInput(Frozen):
    environment_id: EnvironmentId | None = Field(
        default=None, min_length=1, max_length=256, description="else any that has the service"
    )
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description="only this service")
    kinds: tuple[SettingKind, ...] = Field(default=(), description="else all")


class SettingSummary(Frozen):
    name: str = Field(description="its name; of a parameter and a secret with its path")
    kind: SettingKind = Field(description="parameter, secret, or variable of a container")
    type: str = Field(description="String, SecureString, secret; of a variable plain, or secret where one fills it")
    version: str = Field(description="its version; of a variable the task definition and its revision")
    changed: datetime | None = Field(description="when that version was made")
    service: ServiceName | None = Field(description="of a variable, the service that has it")
    summary: Made = Field(description="one line about it")


class ConfigurationOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment's id")
    service: ServiceName | None = Field(description="the service, where it is of one")
    kind: Kind = Field(description="development, preview, staging or production")
    settings: tuple[SettingSummary, ...] = Field(description="what there is, by name; values are never given")
    more: int = Field(description="how many are not among these")
    notes: tuple[Made, ...] = Field(description="what was not looked at")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    summary: Made = Field(description="how many of each there are, in a line")
    by_hand: tuple[Configured, ...] = Field(default=(), description=FOR_COMMANDS)


class ShowConfiguration(ReadTool[ConfigurationInput, ConfigurationOutput]):
    """Parameters and secrets are seen where the account has the pack parameters on; variables are always."""

    name = "configuration"
    summary = "List the names of parameters, secrets and variables an environment or service has; never values."
    Input = ConfigurationInput
    Output = ConfigurationOutput
    shows = "configuration"
    shown_by = SHOWN_BY

    @classmethod
    def by_hand(cls, input: ConfigurationInput, output: ConfigurationOutput) -> Sequence[ByHand]:
        return names_by_hand(output.by_hand)

    def run(self, input: ConfigurationInput) -> ConfigurationOutput:
        scope = scope_of(self.clients, input.environment_id, input.service)
        found = settings_of(self.clients, scope)
        wanted = [one for one in found.settings if not input.kinds or is_of(one, input.kinds)]
        wanted.sort(key=lambda one: (ORDER.index(one.kind), one.service, one.container, one.path))
        numbers = [count(sum(one.kind == kind for one in wanted), kind) for kind in ORDER]
        shown = [number for number in numbers if not number.startswith("0 ")] or ["nothing"]
        return ConfigurationOutput(
            environment_id=scope.environment,
            service=scope.service or None,
            kind=scope.kind,
            settings=tuple(map(_summary, wanted[:SHOWN_AT_MOST])),
            more=max(0, len(wanted) - SHOWN_AT_MOST),
            notes=tuple(f"{note}." for note in found.notes),
            unreachable=unreachable(found.unreachable),
            summary=f"{scope.words} ({scope.kind}): {', '.join(shown)}",
            by_hand=configured(wanted),
        )


def is_of(one: Setting, kinds: tuple[SettingKind, ...]) -> bool:
    """A variable that is filled from a secret is one of both."""
    return one.kind in kinds or (bool(one.points_to) and "secret" in kinds)


def _summary(one: Setting) -> SettingSummary:
    return SettingSummary(
        name=one.path,
        kind=one.kind,
        type=one.type,
        version=one.version,
        changed=one.changed,
        service=one.service or None,
        summary=f"{one.kind} {quoted(one.path)}{of_service(one)}{details(one)}",
    )


def of_service(one: Setting) -> str:
    container = f", container {quoted(one.container)}" if one.container else ""
    return f" of {quoted(one.service)}{container}" if one.service else ""


def details(one: Setting) -> str:
    """Its type, version and time."""
    parts = [type_words(one)] if one.kind == "parameter" or one.points_to else []
    parts += [version_words(one)] if one.version else []
    parts += [f"of {one.changed.astimezone(UTC):%Y-%m-%d %H:%M} UTC"] if one.changed else []
    return f" ({', '.join(parts)})" if parts else ""


def type_words(one: Setting) -> str:
    if one.kind == "variable":
        return "from a secret" if one.points_to else "plain"
    return quoted(one.type)


def version_words(one: Setting) -> str:
    short = one.version if one.kind != "secret" else one.version[:LONG_VERSION]
    return quoted(short) if one.kind == "variable" else f"version {quoted(short)}"
