"""Random sample clouds, and what is true of them, computed without the product."""

from __future__ import annotations

import string
from random import Random
from typing import Any, get_args

from cli.laptop.cloud import (
    Alarm,
    Cache,
    Cloud,
    Cluster,
    Database,
    DatabaseCluster,
    Environment,
    Function,
    Group,
    Instance,
    KubernetesCluster,
    Load,
    NodeGroup,
    Place,
    Queue,
    Service,
    Table,
)
from copilot.config.configuration import Account, Configuration, KnownPerson, Limits
from copilot.config.reacting import Reaction
from copilot.domain import Job, Pack, WritePack

HOME, LIVE, CLOSED = "444444444444", "111111111111", "222222222222"
PACKS = (*get_args(Pack), *get_args(WritePack))
REGIONS = ("eu-west-1", "us-east-1")


def name(random: Random, used: set[str]) -> str:
    while True:
        word = "".join(random.choices(string.ascii_lowercase, k=7))
        if word not in used:
            used.add(word)
            return word


def random_cloud(random: Random) -> Cloud:
    """Production in an account of its own, one of staging, four to six of development; no name known."""
    used: set[str] = set()
    production = _environment(random, used, "production", LIVE, busy=True)
    environments = [production, _environment(random, used, "staging", HOME, busy=True)]
    idle = [True, True, False, False] + [random.random() < 0.5 for _ in range(random.randint(0, 2))]
    environments += [_environment(random, used, "development", HOME, busy=not quiet) for quiet in idle]
    random.shuffle(environments)
    place = production.places[0]
    cluster = place.clusters[0]
    alarm = Alarm(
        name=name(random, used),
        account=LIVE,
        region=place.region,
        cluster=cluster.name,
        service=cluster.services[0].name,
        state="ALARM",
        reason="too busy",
    )
    return Cloud(environments=tuple(environments), alarms=(alarm,))


def _environment(random: Random, used: set[str], kind: str, account: str, busy: bool) -> Environment:
    called = name(random, used)
    loads = [Load(peak=random.uniform(20, 90), until=9.5) for _ in range(8)]
    if busy:
        loads[0] = Load(peak=random.uniform(20, 90))
    services = tuple(
        Service(
            name=name(random, used), tasks=random.randint(1, 5), load=loads[i], version=f"{i}.{random.randint(0, 9)}"
        )
        for i in range(random.randint(1, 3))
    )
    if kind == "production":
        services = (services[0].model_copy(update={"balanced": True, "ill": 1}), *services[1:])
    instances = tuple(Instance(name=name(random, used), load=loads[4]) for _ in range(random.randint(0, 1)))
    databases = tuple(Database(name=name(random, used), load=loads[5]) for _ in range(random.randint(0, 1)))
    # Every kind of thing in production; by chance elsewhere.
    services = tuple(
        each.model_copy(update={"scaled": (random.randint(0, each.tasks), each.tasks + random.randint(0, 4))})
        if kind == "production" or random.random() < 0.3
        else each
        for each in services
    )
    size = random.randint(1, 3)
    group = Group(name=name(random, used), size=size, least=random.randint(0, size), most=size + 2, load=loads[6])
    nodes = NodeGroup(name=name(random, used), size=random.randint(1, 4), least=1, most=5)
    cluster = DatabaseCluster(name=name(random, used), readers=random.randint(0, 2), load=loads[7])
    place = Place(
        account=account,
        region=random.choice(REGIONS),
        clusters=(Cluster(name=called, services=services),),
        instances=instances,
        groups=(group,) if kind == "production" or random.random() < 0.4 else (),
        databases=databases,
        functions=(Function(name=name(random, used), memory=random.choice((128, 512)), load=loads[0]),),
        tables=(Table(name=name(random, used), items=random.randint(1, 9)),),
        caches=(Cache(name=name(random, used), nodes=random.randint(1, 3), engine="memcached", version="1.6.22"),),
        kubernetes=(KubernetesCluster(name=name(random, used), node_groups=(nodes,)),) if kind == "production" else (),
        topics=(name(random, used), name(random, used)),
        queues=(Queue(name=name(random, used), waiting=random.randint(1, 9), oldest=200),),
        database_clusters=(cluster,) if kind == "production" or random.random() < 0.4 else (),
    )
    return Environment(name=called, tags={"kind": kind, "owner": name(random, used)}, places=(place,))


def of_kind(cloud: Cloud, kind: str) -> list[Environment]:
    return [environment for environment in cloud.environments if environment.tags["kind"] == kind]


def is_idle(environment: Environment) -> bool:
    """Whether nothing in it did anything in the last six hours, from what was put into the monitor."""
    place = environment.places[0]
    services = [s for cluster in place.clusters for s in cluster.services]
    loads = [one.load for one in services]
    loads += [*(one.load for one in place.instances), *(one.load for one in place.groups)]
    loads += [*(one.load for one in place.databases), *(one.load for one in place.database_clusters)]
    return all(load is not None and load.until > 6 for load in loads)


def tasks(environment: Environment) -> int:
    return sum(service.tasks for cluster in environment.places[0].clusters for service in cluster.services)


REACTIONS: list[dict[str, Any]] = [
    {
        "name": "on-alarm",
        "event": "alarm",
        "pattern": {"detail": {"alarmName": [{"prefix": "reacting-"}]}},
        "request": "is anything wrong with {environment}?",
        "person": "bot",
        "tells": "#oncall",
    },
    {
        "name": "on-storm",
        "event": "alarm",
        "pattern": {"detail": {"alarmName": [{"prefix": "storm-"}]}},
        "request": "list environments",
        "person": "bot",
        "tells": "#oncall",
    },
    {
        "name": "nightly",
        "event": "scheduled_rule",
        "rule": "nightly-look",
        "runbook": "nightly-look",
        "person": "bot",
        "tells": "#oncall",
    },
    {
        "name": "on-pipeline",
        "event": "failed_pipeline",
        "request": "why did the last deployment of {detail.service} fail?",
        "person": "bot",
        "tells": "#oncall",
    },
]
"""To alarms of names that no other test has, and to a rule of the user's own."""


def configuration(closed: bool = True) -> Configuration:
    """Home and production; one account more that nobody can reach, if `closed`."""

    def account(number: str, called: str, role: str, **more: Any) -> Account:
        arn = f"arn:aws:iam::{number}:role/{role}"
        write = f"arn:aws:iam::{number}:role/devops-copilot-write"
        return Account.model_validate(
            {"id": number, "name": called, "regions": REGIONS, "read_role": arn, "write_role": write, **more}
        )

    accounts = [
        account(HOME, "home", "devops-copilot-read", packs=PACKS),
        account(LIVE, "live", "devops-copilot-read", kind="production", packs=PACKS),
    ]
    if closed:
        accounts.append(account(CLOSED, "closed", "nobody-made-this"))
    return Configuration(
        accounts=tuple(accounts),
        people=(
            person("you", "developer", "operator", "approver"),
            person("olga", "operator", "approver"),
            person("dana", "developer"),
            person("stranger"),
            KnownPerson(id="bot", name="Bot", roles=("operator",), service=True),
            *(ci(job) for job in get_args(Job)),
        ),
        reactions=tuple(map(Reaction.model_validate, REACTIONS)),
        reports_to="#platform",
        # The tests of a module change its cloud again and again within an hour; how much that may be has its own tests.
        limits=Limits(asks_above=100, most=100),
    )


def ci(job: Job) -> KnownPerson:
    """What jobs of pipelines come as, by the role for what they run for."""
    role = f"ci-{job.replace('_', '-')}"
    principals = (f"arn:aws:sts::{HOME}:assumed-role/{role}/*",)
    return KnownPerson(id=role, name=role, principals=principals, roles=("operator",), job=job)


def person(id: str, *roles: str) -> KnownPerson:
    return KnownPerson(id=id, name=id.title(), principals=(f"arn:aws:iam::{HOME}:user/{id}",), roles=roles)
