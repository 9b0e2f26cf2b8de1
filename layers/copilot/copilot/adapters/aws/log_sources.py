"""Where services and functions log, as far as that is theirs alone.

A service logs where its task definition says (the awslogs driver: ECS Developer Guide, "Send Amazon ECS logs to
CloudWatch"; a stream is PREFIX/CONTAINER/TASK), a function to /aws/lambda/NAME unless it was configured otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.packs import require
from copilot.adapters.aws.resources.stoppable import several
from copilot.adapters.aws.sessions import Reader, label
from copilot.config.configuration import Account, Configuration
from copilot.domain import LogSource, LogSources, NotLookedAt, Pack, Resource, ResourceRef
from copilot.errors import CopilotError, FatalError, PermissionDenied, RetryableError
from copilot.text.listing import listed
from copilot.text.outside import quoted

PACK: Pack = "logs"
READS = frozenset({"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "tag:GetResources"})
MOST_OTHERS = 500
"""Services of other environments in one region of which it is looked up where they log."""
MOST_GROUPS = 50
"""Looked through for one question: each is a call, or a query, of its own."""
READ_AT_ONCE = 4
DESCRIBED_AT_ONCE = 10  # the limit of DescribeServices
SERVICE, DRIVER, TAGGING = "ecs", "awslogs", "resourcegroupstaggingapi"
FUNCTIONS = "/aws/lambda/"


class LogFinder:
    def __init__(self, config: Configuration, reader: Reader) -> None:
        self._config = config
        self._reader = reader

    def found(self, resources: Sequence[Resource], environment: str | None = None) -> LogSources:
        accounts = {account.id: account for account in self._config.accounts}
        found: list[LogSource] = []
        hidden: list[NotLookedAt] = []
        refused: list[PermissionDenied] = []
        for (id, region), some in sorted(self._places(resources, environment).items()):
            account = accounts[id]
            try:
                require(account, PACK)
                with translated("reading where services log"):
                    for source in self._of_place(account, region, some, environment):
                        if isinstance(source, LogSource):
                            found.append(source)
                        else:
                            hidden.append(source)
            except CopilotError as error:
                refused += [error] if isinstance(error, PermissionDenied) else []
                names = listed([quoted(name) for name in dict.fromkeys(one.name for one in some)])
                what = f"the logs of {names}" if some else "the logs of functions"
                hidden.append(unread(what, label(account), region, error))
        if refused and not found:
            raise refused[0]
        found, shared = self._apart(resources, found)
        hidden += shared
        groups = list(dict.fromkeys(one.ref.id for one in found))
        for left in dict.fromkeys(source for source in found if source.ref.id in groups[MOST_GROUPS:]):
            why = f"no more than {MOST_GROUPS} log groups are looked through at once; ask for this service alone"
            what = f"the logs of {quoted(left.service)}"
            hidden.append(NotLookedAt(what=what, account=left.account, region=left.region, reason=why))
        looked_at = dict.fromkeys(source for source in found if source.ref.id in groups[:MOST_GROUPS])
        return LogSources(sources=tuple(looked_at), not_looked_at=tuple(hidden))

    def _places(
        self, resources: Sequence[Resource], environment: str | None
    ) -> Mapping[tuple[str, str], list[Resource]]:
        """By account and region what is there. The functions of an environment may be where nothing else of it is."""
        places: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for one in resources:
            where = parse_arn(one.ref.id)
            places[where.account, where.region].append(one)
        if environment is not None:
            within = {id for id, _ in places}
            for account in self._config.accounts:
                if account.id in within and PACK in account.packs:
                    places |= {(account.id, one): places[account.id, one] for one in account.regions}
        return places

    def _of_place(
        self, account: Account, region: str, resources: Sequence[Resource], environment: str | None
    ) -> Iterator[LogSource | NotLookedAt]:
        services = [one.ref.id for one in resources if parse_arn(one.ref.id).service == SERVICE]
        for name, container in self._containers(account, region, services):
            source = _source_of(account, region, name, container)
            if source is not None:
                yield source
            else:
                driver = (container.get("logConfiguration") or {}).get("logDriver", "")
                how = (
                    f"it sends its logs by {quoted(driver)}" if driver else "its task definition sends no logs anywhere"
                )
                what = f"the logs of container {quoted(container['name'])} of service {quoted(name)}"
                yield NotLookedAt(what=what, account=label(account), region=region, reason=how)
        if environment is not None:
            for name in self._functions(account.id, region, environment):
                yield _source(account, region, f"{FUNCTIONS}{name}", name, "")

    def _apart(
        self, resources: Sequence[Resource], found: Sequence[LogSource]
    ) -> tuple[list[LogSource], list[NotLookedAt]]:
        """Without what a service of another environment logs to as well, down to the stream's prefix: of such a line
        nobody can tell whose it is, and it may be production's. Nor what is not known not to be such.
        """
        own = {one.environment for one in resources}
        within = {where.account for one in resources if (where := parse_arn(one.ref.id)).service == SERVICE}
        others: list[tuple[str, LogSource]] = []
        hidden: list[NotLookedAt] = []
        unknown: set[tuple[str, str]] = set()
        for account in self._config.accounts:
            logs_there = any(one.ref.account == account.id for one in found)
            for region in account.regions if logs_there and account.id in within else ():
                try:
                    with translated("reading where the services of other environments log"):
                        others += self._others(account, region, own)
                except CopilotError as error:
                    unknown.add((account.id, region))
                    what = "whether services of other environments log to the same groups"
                    hidden.append(unread(what, label(account), region, error))
        kept = []
        for one in found:
            by = dict.fromkeys(name for name, other in others if _is_shared(one, other))
            why = f"{listed([quoted(name) for name in by])} logs to the same group with the same prefix" if by else ""
            if (one.ref.account, one.region) in unknown and not one.group.startswith(FUNCTIONS):
                why = why or "it is not known whether another environment logs to the same group"
            if not why:
                kept.append(one)
                continue
            what = f"the logs of {quoted(one.service)} in group {quoted(one.group)}"
            hidden.append(NotLookedAt(what=what, account=one.account, region=one.region, reason=why))
        return kept, hidden

    def _others(self, account: Account, region: str, own: Set[str]) -> Iterator[tuple[str, LogSource]]:
        """Where the services of all environments but these log, each with its environment."""
        key = self._config.tags.environment
        found: dict[str, list[str]] = defaultdict(list)
        for one in self._tagged(account.id, region, "ecs:service", {"Key": key}):
            environment = next((tag["Value"] for tag in one["Tags"] if tag["Key"] == key), "")
            if environment and environment not in own:
                found[environment].append(one["ResourceARN"])
        if sum(map(len, found.values())) > MOST_OTHERS:
            raise FatalError(f"other environments have more than {MOST_OTHERS} services there", ours=True)
        for environment, ids in found.items():
            for name, container in self._containers(account, region, ids):
                source = _source_of(account, region, name, container)
                if source is not None:
                    yield environment, source

    def _containers(self, account: Account, region: str, ids: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """Each container of each service, with the service's name. A service that is gone has none."""
        ecs = self._reader.client(account.id, region, SERVICE)
        clusters: dict[str, list[str]] = defaultdict(list)
        for id in ids:
            clusters[parse_arn(id).resource.split("/")[1]].append(id)
        runs: list[tuple[str, str]] = []
        for cluster, some in clusters.items():
            for few in several(some, DESCRIBED_AT_ONCE):
                for service in ecs.describe_services(cluster=cluster, services=list(few))["services"]:
                    sets = [one for one in service.get("taskSets", ()) if one["status"] == "PRIMARY"]
                    arn = (sets or [service])[0].get("taskDefinition")
                    runs += [(service["serviceName"], arn)] if arn else []

        def containers(arn: str) -> Any:
            return ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"]

        arns = list(dict.fromkeys(arn for _, arn in runs))
        with ThreadPoolExecutor(READ_AT_ONCE) as pool:
            of = dict(zip(arns, pool.map(containers, arns), strict=True))
        for name, arn in runs:
            for container in of[arn]:
                yield name, container

    def _functions(self, account: str, region: str, environment: str) -> Iterator[str]:
        wanted = {"Key": self._config.tags.environment, "Values": [environment]}
        for one in self._tagged(account, region, "lambda:function", wanted):
            yield parse_arn(one["ResourceARN"]).name

    def _tagged(self, account: str, region: str, type: str, tag: Any) -> Iterator[Any]:
        """What the region has of a type with a tag. Not every tagging API keeps to its region; what is told of another
        one is asked about there.
        """
        wanted: Any = {"ResourceTypeFilters": [type], "TagFilters": [tag]}
        for page in self._reader.client(account, region, TAGGING).get_paginator("get_resources").paginate(**wanted):
            for one in page["ResourceTagMappingList"]:
                if parse_arn(one["ResourceARN"]).region == region:
                    yield one


def _source(account: Account, region: str, group: str, service: str, streams: str) -> LogSource:
    arn = f"arn:aws:logs:{region}:{account.id}:log-group:{group}"
    ref = ResourceRef(type="log-group", id=arn)
    return LogSource(ref=ref, group=group, streams=streams, service=service, account=label(account), region=region)


def _source_of(account: Account, region: str, service: str, container: Mapping[str, Any]) -> LogSource | None:
    """None where the container logs elsewhere, or nowhere."""
    logging = container.get("logConfiguration") or {}
    options = logging.get("options") or {}
    if logging.get("logDriver") != DRIVER or not options.get("awslogs-group"):
        return None
    prefix = options.get("awslogs-stream-prefix")
    streams = f"{prefix}/{container['name']}/" if prefix else ""
    return _source(account, options.get("awslogs-region") or region, options["awslogs-group"], service, streams)


def _is_shared(one: LogSource, other: LogSource) -> bool:
    """Whether lines of the other may be taken for those of the one."""
    return one.ref == other.ref and other.streams.startswith(one.streams)


def unread(what: str, account: str, region: str, error: CopilotError) -> NotLookedAt:
    passing = isinstance(error, RetryableError)
    return NotLookedAt(what=what, account=account, region=region, reason=str(error), passing=passing)
