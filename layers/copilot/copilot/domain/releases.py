"""What a Platform and a builder say of a release: how it went, and what is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from copilot.domain.frozen import Frozen
from copilot.domain.places import PlatformEvent, Rollout


class EndedContainer(Frozen):
    """`reason` is the platform's sentence, "" where it says none; without an `exit_code` it never ran."""

    name: str
    exit_code: int | None = None
    reason: str = ""


class StoppedTask(Frozen):
    """One task of a service that ended. `code` is the platform's word for why, `reason` its sentence."""

    id: str
    definition: str
    at: datetime | None
    code: str
    reason: str
    containers: tuple[EndedContainer, ...]


class ServiceDeployment(Frozen):
    """One deployment as its platform keeps it; `status` is its word. `failures` are counted by its circuit breaker.

    `rollback` says why it brought back what was there before, "" where it did not; `alarms` are those that rang for it.
    """

    at: datetime
    status: str
    reason: str = ""
    rollback: str = ""
    failures: int | None = None
    alarms: tuple[str, ...] = ()


class ReleaseSigns(Frozen):
    """What a platform says of a service in a time, the newest first. `unread` is why something could not be read."""

    events: tuple[PlatformEvent, ...] = ()
    deployments: tuple[ServiceDeployment, ...] = ()
    tasks: tuple[StoppedTask, ...] = ()
    unread: tuple[str, ...] = ()


class FailedPhase(Frozen):
    """A phase of a build that failed, by its builder's name for it, with what that says of it."""

    phase: str
    status: str
    messages: tuple[str, ...] = ()


class BuildLog(Frozen):
    """The last lines of a build's log, the oldest first. `none`, a sentence of ours without its subject, says why there
    is none to read, "" where there is. `link` is where people see all of it, "" where that is not known.
    """

    lines: tuple[PlatformEvent, ...] = ()
    none: str = ""
    link: str = ""


class Ringing(Frozen):
    """Which of a service's alarms rang in a time. `watching` are all that watch it now, by name.

    `unknown`, a sentence of ours, says why it is not known whether others rang; "" where it is known.
    """

    watching: tuple[str, ...] = ()
    rang: tuple[str, ...] = ()
    unknown: str = ""


class Variable(Frozen):
    """One that a container is given. Its value is to be compared, and never to be shown."""

    name: str
    kind: Literal["variable", "secret"]
    value: SecretStr


class ContainerDefinition(Frozen):
    """`settings` are all that are not named here, by name, each as one value to be compared with another."""

    name: str
    image: str
    cpu: str = ""
    memory: str = ""
    ports: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    command: SecretStr = SecretStr("")
    settings: dict[str, SecretStr] = {}


class Definition(Frozen):
    """One revision of what a service runs by. `cpu` and `memory` as its platform writes them, "" where it does not.

    `id` is what its platform takes it by. `effect` is which effect of the copilot's made it, "" where none did.
    `usable`: a service can still be brought to it.
    """

    name: str
    id: str = ""
    effect: str = ""
    usable: bool = True
    made_at: datetime | None = None
    cpu: str = ""
    memory: str = ""
    task_role: str = ""
    execution_role: str = ""
    containers: tuple[ContainerDefinition, ...] = ()
    settings: dict[str, SecretStr] = {}

    @property
    def roles(self) -> tuple[str, ...]:
        """Those that are passed to its tasks."""
        return tuple(dict.fromkeys(one for one in (self.task_role, self.execution_role) if one))


class Running(Frozen):
    """What a service runs by now, and how the deployments of it went that are not over, the newest first.

    `controller` is who deploys it in its platform's place, in words; "" where its platform does itself.
    """

    definition: str
    rollouts: tuple[Rollout, ...] = ()
    controller: str = ""
