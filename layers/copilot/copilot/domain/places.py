"""Where environments live, as a fresh read shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from copilot.domain.classes import Kind
from copilot.domain.frozen import Frozen
from copilot.domain.observed import RawMetric
from copilot.domain.targets import Limits, ResourceRef

Tier = Literal["service", "machine", "database"]
"""What uses comes before what it uses: work, the machines it may run on, what holds its data."""

Unit = Literal["Percent", "Count"]
"""What use is measured in: CPU in percent, or how many are connected."""


class ResourceType(Frozen):
    """What has to be known of a type of resource, for whoever lists, stops and starts it. Its Platform declares it.

    `noun` is what a person calls one; `unit` what it comes in, in the plural, where it comes in numbers, "" of what is
    on or off.
    """

    name: str
    noun: str
    tier: Tier
    unit: str = ""

    @property
    def turn(self) -> int:
        """When it is stopped, as a number; starting goes the other way."""
        return get_args(Tier).index(self.tier)


class Resource(Frozen):
    """One stoppable thing of an Environment, as a fresh read shows it.

    `size` is what stopping saves and starting restores (an ECS service's desired count, a group's desired capacity; 1
    for what is on or off), `limits` between what it is scaled, `running` how much of it runs now, `saved` and
    `saved_limits` what was noted when the copilot stopped it, at `saved_at`, `made_at` when it was made (both where it
    is known), `held` why it must be left alone. A member of a group or a database cluster that belongs to the same
    environment is `covered_by` that, whose name it is: it is stopped, started and measured with it. `hosted` says that
    it runs on instances of its account. `caution` is what a person should know before it is stopped. `uses`: see
    Change. `detail`, `held` and `caution` are sentences of the Platform's own, names in them quoted, or its words for a
    state.
    """

    ref: ResourceRef
    name: str
    environment: str
    account: str
    region: str
    cluster: str | None = None
    state: Literal["running", "stopped", "starting", "stopping", "other"]
    detail: str = ""
    size: int
    running: int
    limits: Limits | None = None
    saved: int | None = None
    saved_limits: Limits | None = None
    saved_at: datetime | None = None
    made_at: datetime | None = None
    hosted: bool = False
    held: str = ""
    covered_by: str = ""
    caution: str = ""
    uses: tuple[str, ...] = ()
    tags: dict[str, str] = {}

    @property
    def is_down(self) -> bool:
        """Whether it is off, or on its way there."""
        return self.state in {"stopped", "stopping"}

    @property
    def counted(self) -> bool:
        """Whether it comes in numbers; else it is on or off."""
        return self.cluster is not None or self.limits is not None


class Deletion(Frozen):
    """What deleting one Resource would come to, as a fresh read shows it.

    `refused` is why it may not be deleted, what protects it or what its account lacks; "" where it may be. `lost` is
    what is gone for good with it, `left` what of it stays. `keeps`: a final snapshot is made of it, and has the data.
    `down_since` is since when the platform knows it to be down, None where it does not say. `uses`: see Change. All
    texts are the Platform's own, names in them quoted.
    """

    refused: str = ""
    lost: str = ""
    left: str = ""
    keeps: bool = False
    down_since: datetime | None = None
    uses: tuple[str, ...] = ()


class Remains(Frozen):
    """What there is of a Resource that was to be deleted; `detail` says more of it, in the Platform's own words."""

    state: Literal["there", "going", "gone"]
    detail: str = ""


class Figure(Frozen):
    """One number about a thing; `name` are the Platform's own words for it, its unit among them."""

    name: str
    value: float


class Fixture(Frozen):
    """Something of an Environment that is looked at, and never stopped or started.

    `detail` says how it is, and `trouble` what is not well about it, in sentences of the Platform's own. `state` is the
    Platform's word for that, in lower case; `up` whether it is there to be used, None of what is neither up nor down.
    `size` and `engine` are the Platform's words too, `part_of` is what it belongs to. Each is "" where there is none.
    `members` are what it is measured by, where not by its own name.
    """

    ref: ResourceRef
    name: str
    environment: str
    account: str
    region: str
    detail: str
    state: str = ""
    up: bool | None = None
    trouble: str = ""
    size: str = ""
    engine: str = ""
    part_of: str = ""
    members: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tags: dict[str, str] = {}


class Environment(Frozen):
    """What a Platform has under one name, over all accounts and regions. `kind_reason` says where `kind` comes from.

    `opted_out` says why no schedule may touch it; "" where schedules may. Both are sentences of the Platform's own,
    names in them quoted.
    """

    name: str
    kind: Kind
    kind_reason: str
    owner: str | None = None
    opted_out: str = ""


class Unreachable(Frozen):
    """An account and region that could not be read; never to be taken for empty.

    `types` are those of the resources that were not read there, none where it is not known which. `passing`: asked
    again later it may be read.
    """

    account: str
    region: str
    reason: str
    types: tuple[str, ...] = ()
    passing: bool = False


class Survey(Frozen):
    """What a Platform has, as far as it could be read. `environments` are those the resources belong to, by name."""

    resources: tuple[Resource, ...]
    environments: tuple[Environment, ...] = ()
    unreachable: tuple[Unreachable, ...] = ()


class Others(Frozen):
    """So many things that belong to an Environment and are not looked at; `noun` is the Platform's word for one."""

    noun: str
    number: int


class Fixtures(Frozen):
    """Those of one Environment, as far as they could be read.

    `others` are what else belongs to it as far as that is known, the most first: at least so many where `others_cut`.
    """

    fixtures: tuple[Fixture, ...]
    unreachable: tuple[Unreachable, ...] = ()
    others: tuple[Others, ...] = ()
    others_cut: bool = False


class Use(Frozen):
    """What one did in a period, counted in `name`, such as connections, in the Platform's own words.

    `total` is the sum where it `adds_up` (invocations), else the most in any hour (connections, percent); `lately` the
    same of this hour and the last. `last` is the last hour in which it was used, `since` the first of which there are
    figures. `shows_use`: it is by this that one is said to be used. None where there are no figures.
    """

    name: str
    total: float | None
    lately: float | None
    last: datetime | None = None
    since: datetime | None = None
    adds_up: bool = False
    shows_use: bool = True


class Activity(Frozen):
    """The most one resource did in a period, and since when in it there are figures; None where there are none. `of` is
    the metric that says so, by the monitor's own names, hour by hour.
    """

    metric: str
    unit: Unit
    maximum: float | None
    since: datetime | None = None
    of: RawMetric | None = None


class Alarm(Frozen):
    """A monitor's alarm that is ringing, or rang within the period asked for.

    `reason` is what the monitor said when it changed its state. `value` is the latest one measured of what it watches,
    at `measured_at`, and `limit` what it is held against, such as `> 80`; each only where it is known.
    """

    name: str
    state: str
    reason: str
    since: datetime
    account: str
    region: str
    value: float | None = None
    measured_at: datetime | None = None
    limit: str = ""


class PlatformEvent(Frozen):
    """What a Platform says that happened to a resource, in its own words."""

    at: datetime
    text: str


class Hourly(Frozen):
    """The most one resource did in each hour of a period, oldest first; None for an hour without figures."""

    metric: str
    unit: Unit
    maxima: tuple[float | None, ...]


class Size(Frozen):
    """What one resource is billed by while it runs.

    `product` and `name` are as price lists have them: an instance type; an engine and a class; a processor
    architecture, for each of whose `vcpu` and `gb` of memory there is a price. `count` is how many of it run at the
    same time. `other` is what has no price of its own.
    """

    product: str
    name: str
    region: str
    count: int = 1
    vcpu: float = 0
    gb: float = 0


class Container(Frozen):
    """One container of each of a service's tasks, by the image it is made of as its task definition names that."""

    name: str
    image: str


class Rollout(Frozen):
    """One deployment of a service, as its platform has it now.

    `id` tells it from every other. `status` and `state` are the platform's words: the PRIMARY one is what is wanted, an
    ACTIVE one is being replaced; IN_PROGRESS, COMPLETED, FAILED or "" where it does not say. `reason` is its sentence.
    It began at `since`.
    """

    id: str
    status: str
    state: str
    reason: str
    definition: str
    since: datetime
    wanted: int
    running: int
    pending: int
    failed: int


class TargetHealth(Frozen):
    """One target of a load balancer; `state` and `reason` are the platform's words, such as unhealthy."""

    id: str
    state: str
    reason: str = ""


class TargetGroup(Frozen):
    name: str
    targets: tuple[TargetHealth, ...]


class ServiceState(Frozen):
    """What a service runs. `definition` is a task definition and its revision, `web:12`; of the containers the first
    is the one that the service is for. `rollouts` are the newest first. `unread` says why the health of its targets
    could not be read, "" where it could. `controller` is what alone may deploy it, in its platform's words, "" where
    the platform does that itself.
    """

    definition: str
    containers: tuple[Container, ...]
    rollouts: tuple[Rollout, ...]
    target_groups: tuple[TargetGroup, ...] = ()
    unread: str = ""
    controller: str = ""

    @property
    def wanted(self) -> Rollout | None:
        """The one that is to be what runs, or is on its way to it."""
        return next((one for one in self.rollouts if one.status == "PRIMARY"), None)
