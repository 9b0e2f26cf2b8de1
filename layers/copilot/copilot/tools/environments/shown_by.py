"""The commands that show resources by hand, each by that of its own service where its id says of which it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from pydantic import Field

from copilot.domain import Resource
from copilot.tools.by_hand import ByHand, Place, Value, aws
from copilot.tools.environments.inventory import EnvironmentSummary

AT_MOST = 10
"""Of one command; DescribeServices takes no more."""
NAMED_AT_MOST = 20
"""The limit of GetResources for the values of one tag; of more all there are are shown."""
TAGGING = "resourcegroupstaggingapi get-resources"
SHOWN_BY = (
    "aws ecs describe-services",
    "aws ec2 describe-instances",
    "aws autoscaling describe-auto-scaling-groups",
    "aws rds describe-db-instances",
    "aws rds describe-db-clusters",
)
"""Of what is stopped and started."""
FIXTURES_SHOWN_BY = ("aws elbv2 describe-load-balancers", f"aws {TAGGING}")


class Shown(Place):
    """A resource as a command names it: a service by its cluster and name, all else by its id."""

    id: str = Field(description="the resource's id")
    name: str = Field(description="its name")
    cluster: str = Field(description="the cluster it runs in; empty for none")


def shown(one: Resource) -> Shown:
    return Shown(account=one.account, region=one.region, id=one.ref.id, name=one.name, cluster=one.cluster or "")


def resources(found: Iterable[Shown]) -> Iterator[ByHand]:
    """Those of a kind in one place together; of what has no command of its own that it is there, and its tags."""
    kinds: dict[tuple[Place, str, str], list[Shown]] = defaultdict(list)
    for one in found:
        kinds[Place(account=one.account, region=one.region), one.cluster, _kind_of(one)].append(one)
    for (place, cluster, kind), some in kinds.items():
        for few in (some[first : first + AT_MOST] for first in range(0, len(some), AT_MOST)):
            if cluster:
                yield aws(place, "ecs describe-services", cluster=cluster, services=[one.name for one in few])
                continue
            command, option, called = _COMMANDS.get(kind, _TAGGED)
            yield aws(place, command, **{option: called([one.id for one in few])})


def environments(tag: str, found: Sequence[EnvironmentSummary]) -> list[ByHand]:
    """Whatever says by this tag to which of these it belongs, in each place where any of them may be."""
    if not tag:
        return []
    places = dict.fromkeys(
        Place(account=account, region=region) for one in found for account in one.accounts for region in one.regions
    )
    names = list(dict.fromkeys(one.name for one in found))
    named = {"Values": names} if len(names) <= NAMED_AT_MOST else {}
    return [aws(place, TAGGING, tag_filters=[{"Key": tag, **named}]) for place in places]


class _Command(NamedTuple):
    command: str
    option: str
    called: Callable[[Sequence[str]], Value]


def _names(ids: Sequence[str]) -> Value:
    return [_name(id) for id in ids]


def _filtered(name: str) -> Callable[[Sequence[str]], Value]:
    return lambda ids: [{"Name": name, "Values": [_name(id) for id in ids]}]


_TAGGED = _Command(TAGGING, "resource_arn_list", list)
_COMMANDS = {
    "ec2:instance": _Command("ec2 describe-instances", "instance_ids", _names),
    "autoscaling:autoScalingGroup": _Command(
        "autoscaling describe-auto-scaling-groups", "auto_scaling_group_names", _names
    ),
    "rds:db": _Command("rds describe-db-instances", "filters", _filtered("db-instance-id")),
    "rds:cluster": _Command("rds describe-db-clusters", "filters", _filtered("db-cluster-id")),
    "elasticloadbalancing:loadbalancer": _Command("elbv2 describe-load-balancers", "load_balancer_arns", list),
}


def _kind_of(one: Shown) -> str:
    """Service and type as its ARN has them."""
    parts = one.id.split(":", 5)
    return f"{parts[2]}:{parts[5].replace(':', '/').partition('/')[0]}" if len(parts) == 6 else ""


def _name(id: str) -> str:
    return id.replace(":", "/").rpartition("/")[2]
