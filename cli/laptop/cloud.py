"""A sample cloud, as a file describes it: what there is for the copilot to look after."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cli.laptop.histories import Habit
from cli.yaml_file import fitting, load
from copilot.config.configuration import AccountId
from copilot.config.names import about_region

AT_ONCE = 8
LONGEST_NAME = 32
"""Of a load balancer, and of a target group."""


def _known_region(name: str) -> str:
    if problem := about_region(name):
        raise ValueError(problem)
    return name


Region = Annotated[str, AfterValidator(_known_region)]


class Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Load(Described):
    """What a monitor saw over the last 12 hours: `peak` (percent of CPU; connections of a database), from `until` hours
    ago on next to nothing. 0: busy to this day."""

    peak: float
    until: float = 0

    def at(self, hours_ago: float, quiet: float) -> float:
        return self.peak if hours_ago >= self.until else quiet


class Logged(Described):
    """A line that a service logged, so many `times` from `since` hours ago to `until` hours ago, evenly. Of {n} each
    has another number, and of {id} another id.
    """

    text: str = Field(min_length=1)
    times: int = Field(default=1, ge=1, le=200)
    since: float = Field(gt=0, le=72)
    until: float = Field(default=0.02, gt=0)


class Traffic(Described):
    """What a load balancer saw of a service in each of the last 48 hours: so many requests, `errors` of them answered
    with 5xx, in `latency` seconds for most and three times that for the slowest tenth.
    """

    requests: int = Field(ge=1)
    errors: int = Field(default=0, ge=0)
    latency: float = Field(gt=0)


class Revision(Described):
    """What a service runs by. `cpu` is in units of 1/1024 vCPU, `memory` in MiB; `version` is the tag of its image.

    `secrets` are what variables are filled with when a task starts, by the names of parameters.
    """

    version: str = "latest"
    cpu: int = 256
    memory: int = 512
    variables: dict[str, str] = {}
    secrets: dict[str, str] = {}


class Service(Revision):
    """On Fargate. It logs to /ecs/CLUSTER/SERVICE. Without a load there are no figures. `before` are the revisions that
    it had before, oldest first.

    `scaled` are the fewest and the most tasks of its scalable target; one that is `balanced` has a target group behind
    a load balancer, where so many of its targets are `ill`, and which may have seen some `traffic`.
    """

    name: str
    tasks: int
    balanced: bool = False
    ill: int = 0
    scaled: tuple[int, int] | None = None
    load: Load | None = None
    before: tuple[Revision, ...] = ()
    logs: tuple[Logged, ...] = ()
    traffic: Traffic | None = None


class Cluster(Described):
    name: str
    services: tuple[Service, ...]


class Instance(Described):
    name: str
    type: str = "t4g.small"
    load: Load | None = None
    auto_scaling_group: str | None = None


class Group(Described):
    """An Auto Scaling group: `size` instances, never fewer than `least` and never more than `most`."""

    name: str
    size: int
    least: int = 0
    most: int
    load: Load | None = None


class Database(Described):
    name: str
    engine: str = "postgres"
    size: str = "db.t4g.micro"
    load: Load | None = None


class DatabaseCluster(Described):
    """An Aurora cluster, with a writer and so many readers."""

    name: str
    engine: str = "aurora-postgresql"
    readers: int = 0
    load: Load | None = None


class Queue(Described):
    """An SQS queue in which so many messages wait, the oldest for `oldest` seconds."""

    name: str
    waiting: int = 0
    oldest: int = 0


class Function(Described):
    """A function of Lambda, invoked so many times an hour as its load says. `memory` is in MB, `timeout` in seconds."""

    name: str
    runtime: str = "python3.13"
    memory: int = 256
    timeout: int = 30
    reserved: int | None = None
    load: Load | None = None


class Table(Described):
    """A table of DynamoDB, on demand, with so many items."""

    name: str
    items: int = 0
    load: Load | None = None


class Cache(Described):
    """A cluster of ElastiCache."""

    name: str
    engine: str = "redis"
    version: str = "7.1"
    size: str = "cache.t4g.micro"
    nodes: int = 1
    load: Load | None = None


class NodeGroup(Described):
    name: str
    size: int
    least: int = 0
    most: int
    type: str = "m7g.large"


class KubernetesCluster(Described):
    """A cluster of EKS."""

    name: str
    version: str = "1.33"
    node_groups: tuple[NodeGroup, ...] = ()


class Place(Described):
    """What an environment has in one region of one account. `parameters` are by name, with what they hold; those in
    `secure` are encrypted, and what they and secrets hold is made up.
    """

    account: AccountId
    region: Region
    clusters: tuple[Cluster, ...] = ()
    instances: tuple[Instance, ...] = ()
    groups: tuple[Group, ...] = ()
    databases: tuple[Database, ...] = ()
    database_clusters: tuple[DatabaseCluster, ...] = ()
    queues: tuple[Queue, ...] = ()
    functions: tuple[Function, ...] = ()
    tables: tuple[Table, ...] = ()
    caches: tuple[Cache, ...] = ()
    kubernetes: tuple[KubernetesCluster, ...] = ()
    topics: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    parameters: dict[str, str] = {}
    secure: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


class Environment(Described):
    """`tags` are put on every resource beside environment; a kind or an owner is just one of them.

    Without a habit there are no figures from before the last 12 hours.
    """

    name: str
    tags: dict[str, str] = {}
    habit: Habit | None = None
    places: tuple[Place, ...]


class Alarm(Described):
    """On the CPU of a service, or of a whole cluster."""

    name: str
    account: AccountId
    region: Region
    cluster: str
    service: str | None = None
    threshold: float = 80
    state: str = Field(pattern="^(OK|ALARM)$")
    reason: str


class Cloud(Described):
    environments: tuple[Environment, ...]
    alarms: tuple[Alarm, ...] = ()


def read_cloud(path: Path) -> Cloud:
    """Raises Refused, naming the line of everything that is wrong."""
    return fitting(load(path), Cloud, "a sample cloud", "Nothing was done.")


def everywhere(cloud: Cloud, do: Callable[[Environment, Place], None]) -> None:
    """Something done in each place of each environment, several at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        places = [(environment, place) for environment in cloud.environments for place in environment.places]
        for work in [pool.submit(do, *place) for place in places]:
            work.result()
