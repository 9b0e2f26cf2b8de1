"""Whose configuration is looked at, and what there is of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

from copilot.domain import Kind, Resource, Setting, SettingKind, Survey, Unreachable
from copilot.errors import ToolInputError
from copilot.ports import Clients
from copilot.text.outside import quoted
from copilot.tools.environments.inventory import look_up, members, partly_hidden, type_of
from copilot.tools.environments.services import find_service


class Scope(NamedTuple):
    """An environment, or one `service` of it; "" of the whole."""

    environment: str
    kind: Kind
    service: str
    resources: Sequence[Resource]
    survey: Survey

    @property
    def words(self) -> str:
        return f"{quoted(self.service)} in {quoted(self.environment)}" if self.service else quoted(self.environment)


class Found(NamedTuple):
    """`hidden` are the kinds of which there may be more than these: not all could be read."""

    settings: Sequence[Setting]
    unreachable: Sequence[Unreachable]
    notes: Sequence[str]
    hidden: frozenset[SettingKind]


def scope_of(clients: Clients, environment_id: str | None, service: str | None) -> Scope:
    """From a fresh read. Raises ToolInputError where neither is given or there is no such thing, Ambiguous where
    several may be meant.
    """
    platform = clients.platform
    if service is not None:
        found, survey = find_service(platform, service, environment_id)
        name, called = found[0].environment, found[0].name
    elif environment_id is not None:
        environment, survey = look_up(platform, environment_id)
        name, called = environment.name, ""
        found = members(survey, name)
    else:
        raise ToolInputError("whose configuration? An environment or a service has to be named", ours=True)
    (kind,) = {one.kind for one in survey.environments if one.name == name}
    return Scope(name, kind, called, found, survey)


def settings_of(clients: Clients, scope: Scope, *, values: bool = False) -> Found:
    """Of a service its variables, and the parameters and secrets of its environment whose first part is its name."""
    types = clients.platform.types
    services = [one for one in scope.resources if type_of(one.ref.type, types).tier == "service"]
    named = clients.configured.named(scope.environment, scope.resources, values=values)
    variables = clients.configured.variables(services, values=values)
    own = [one for one in named.settings if not scope.service or _first(one) == scope.service]
    partly = partly_hidden(scope.resources, scope.survey.unreachable)
    unread = {type for one in named.unreachable for type in one.types}
    return Found(
        [*own, *variables.settings],
        [*scope.survey.unreachable, *named.unreachable, *variables.unreachable],
        [*named.notes, *variables.notes],
        frozenset(kind for kind in get_args(SettingKind) if kind in unread or partly),
    )


def _first(one: Setting) -> str:
    return one.name.partition("/")[0]
