"""Where what is configured was found, as commands show it by hand: names, types and versions. None of them shows a
value, as GetParametersByPath would, and a task definition whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from copilot.domain import Setting, SettingKind
from copilot.tools.by_hand import ByHand, Named, aws, by_place

PARAMETERS, SECRETS = "ssm describe-parameters", "secretsmanager list-secrets"
DEFINITION = "ecs describe-task-definition"
SHOWN_BY = tuple(f"aws {one}" for one in (PARAMETERS, SECRETS, DEFINITION))
AT_MOST = 10
"""Of one filter of ListSecrets."""
NAMES = "taskDefinition.containerDefinitions[].{container: name, variables: environment[].name, filled: secrets[].name}"
_FIELDS = "SecretList[].{name: Name, changed: LastChangedDate, versions: SecretVersionsToStages}"


class Configured(Named):
    """Of parameters the paths they are at, of secrets their names, of variables the task definitions."""

    kind: SettingKind = Field(description="of which kind")


def configured(settings: Iterable[Setting]) -> tuple[Configured, ...]:
    found = []
    by_kind: dict[SettingKind, list[Setting]] = {"parameter": [], "secret": [], "variable": []}
    for one in settings:
        by_kind[one.kind].append(one)
    for kind, some in by_kind.items():
        places = by_place((one.account, one.region, _called(one)) for one in some if one.region and _called(one))
        found += [
            Configured(account=at.account, region=at.region, kind=kind, names=tuple(names))
            for at, names in places.items()
        ]
    return tuple(found)


def names_by_hand(found: Iterable[Configured]) -> list[ByHand]:
    return [command for one in found for command in _commands(one)]


def _called(one: Setting) -> str:
    if one.kind == "variable":
        return one.version
    return one.path.removesuffix(one.name).rstrip("/") if one.kind == "parameter" else one.path


def _commands(one: Configured) -> Iterable[ByHand]:
    if one.kind == "parameter":
        for path in one.names:
            below = [{"Key": "Path", "Option": "Recursive", "Values": [path]}]
            yield aws(one, PARAMETERS, parameter_filters=below)
    elif one.kind == "secret":
        for first in range(0, len(one.names), AT_MOST):
            named = [{"Key": "name", "Values": one.names[first : first + AT_MOST]}]
            yield aws(one, SECRETS, filters=named, query=_FIELDS)
    else:
        for name in one.names:
            yield aws(one, DEFINITION, task_definition=name, query=NAMES)
