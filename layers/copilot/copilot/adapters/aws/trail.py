"""CloudTrail: who changed what, besides the copilot.

LookupEvents gives management events of the last 90 days, in the region they happened in, some minutes after they did
("usually" 15 at most), 50 at a time and twice a second (CloudTrail API Reference, LookupEvents; User Guide, "CloudTrail
event history"). It looks for one attribute at a time: so what only read is left out there, and whose it is found out
here, from the resources that an event names and from what its call was given.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.packs import require
from copilot.adapters.aws.sessions import Reader, label
from copilot.config.configuration import Account, Configuration
from copilot.domain import (
    CONSOLE,
    LookedIn,
    Pack,
    Resource,
    ResourceRef,
    TrailEvent,
    TrailReading,
    Unreachable,
    tool_by_agent,
)
from copilot.errors import CopilotError, PermissionDenied, RetryableError

PACK: Pack = "trail"
READS = frozenset({"cloudtrail:LookupEvents"})
MOST_PAGES = 10
PAGES_FOR_AGENTS = 2
"""Of one place: a preview waits for it."""
KEPT = timedelta(days=90)
AT_ONCE = 4
_LONGEST = 200


class _Named(NamedTuple):
    """A resource by what calls name it by."""

    ref: ResourceRef
    name: str
    cluster: str | None


class CloudTrail:
    """Of the accounts that have the pack on."""

    def __init__(self, config: Configuration, reader: Reader) -> None:
        self._accounts = {account.id: account for account in config.accounts}
        self._reader = reader

    def changes(self, resources: Sequence[Resource], since: datetime, until: datetime) -> TrailReading:
        places: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in resources:
            places[parse_arn(resource.ref.id).account, resource.region].append(resource)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            readings = list(pool.map(lambda place: self._read(place, places[place], since, until), sorted(places)))
        events = [event for reading in readings for event in reading.events]
        return TrailReading(
            events=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
            read=tuple(place for reading in readings for place in reading.read),
            unread=tuple(place for reading in readings for place in reading.unread),
            cut=tuple(place for reading in readings for place in reading.cut),
            off=tuple(dict.fromkeys(why for reading in readings for why in reading.off)),
        )

    def changed_with(self, names: Mapping[ResourceRef, str], until: datetime) -> Mapping[str, str]:
        places: dict[tuple[str, str], list[_Named]] = defaultdict(list)
        for ref, name in names.items():
            account = self._accounts.get(ref.account)
            if account is not None and PACK in account.packs:
                places[ref.account, ref.region].append(_Named(ref, name, _cluster(ref)))
        found: dict[str, str] = {}
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            for some in pool.map(lambda place: self._agents(place, places[place], until), sorted(places)):
                found |= some
        return found

    def _agents(self, place: tuple[str, str], ones: Sequence[_Named], until: datetime) -> dict[str, str]:
        """A tool that applies code comes before the console, which somebody may have used for a moment."""
        account = self._accounts[place[0]]
        try:
            with translated("reading CloudTrail"):
                events, _ = self._looked_up(account, place[1], until - KEPT, until, PAGES_FOR_AGENTS)
        except CopilotError:
            return {}
        found: dict[str, str] = {}
        for event in events:
            record, about = _record(event), _about(event, ones)
            agent = "" if about is None or _is_ours(record, account) or record.get("errorCode") else _made_with(record)
            if about is not None and agent and found.get(about.ref.id, CONSOLE) == CONSOLE:
                found[about.ref.id] = agent
        return found

    def _read(
        self, place: tuple[str, str], resources: Sequence[Resource], since: datetime, until: datetime
    ) -> TrailReading:
        account, region = self._accounts[place[0]], place[1]
        try:
            require(account, PACK)
        except PermissionDenied as refused:
            return TrailReading(off=(str(refused),))
        try:
            with translated("reading CloudTrail"):
                found, is_cut = self._looked_up(account, region, since, until, MOST_PAGES)
        except CopilotError as error:
            unread = Unreachable(
                account=label(account), region=region, reason=str(error), passing=isinstance(error, RetryableError)
            )
            return TrailReading(unread=(unread,))
        told = [event for one in found if (event := _told(one, account, region, resources)) is not None]
        before = min((one["EventTime"] for one in found), default=until)
        cut = f"{label(account)} in {region} before {before.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        read = (LookedIn(account=label(account), region=region),)
        return TrailReading(events=tuple(told), read=read, cut=(cut,) if is_cut else ())

    def _looked_up(
        self, account: Account, region: str, since: datetime, until: datetime, most: int
    ) -> tuple[list[Mapping[str, Any]], bool]:
        client = self._reader.client(account.id, region, "cloudtrail")
        asked: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}],
            "StartTime": since,
            "EndTime": until,
            "MaxResults": 50,
        }
        found: list[Mapping[str, Any]] = []
        for _ in range(most):
            page = client.lookup_events(**asked)
            found += page.get("Events", [])
            if not page.get("NextToken"):
                return found, False
            asked["NextToken"] = page["NextToken"]
        return found, True


def _told(event: Mapping[str, Any], account: Account, region: str, resources: Sequence[Resource]) -> TrailEvent | None:
    """None for what was done to something else, or by the copilot itself."""
    record, about = _record(event), _about(event, [_Named(one.ref, one.name, one.cluster) for one in resources])
    if about is None or _is_ours(record, account):
        return None
    return TrailEvent(
        id=str(event.get("EventId", "")),
        at=event["EventTime"],
        who=_who(event, record)[:_LONGEST],
        action=f"{str(event.get('EventSource', '')).partition('.')[0]}:{event.get('EventName', '')}"[:_LONGEST],
        name=about.name,
        account=label(account),
        region=region,
        error=str(record.get("errorCode") or "")[:_LONGEST],
    )


def _record(event: Mapping[str, Any]) -> Mapping[str, Any]:
    record: Any = {}
    with suppress(ValueError):
        record = json.loads(event.get("CloudTrailEvent") or "{}")
    return record if isinstance(record, dict) else {}


def _about(event: Mapping[str, Any], ones: Sequence[_Named]) -> _Named | None:
    """Which of these it was done to."""
    mentioned = {str(one.get("ResourceName", "")) for one in event.get("Resources", [])}
    given = set(_texts(_record(event).get("requestParameters")))
    service = str(event.get("EventSource", "")).partition(".")[0]
    return next((one for one in ones if _is_of(one, service, mentioned, given)), None)


def _made_with(record: Mapping[str, Any]) -> str:
    """What a call was made with. What a service of AWS does for a stack is that stack's, whoever asked for it."""
    identity = record.get("userIdentity")
    invoked = identity.get("invokedBy") if isinstance(identity, dict) else None
    agent = tool_by_agent(str(invoked or "")) or tool_by_agent(str(record.get("userAgent") or ""))
    return agent or (CONSOLE if str(record.get("sessionCredentialFromConsole")).lower() == "true" else "")


def _cluster(ref: ResourceRef) -> str | None:
    """That of an ECS service, which its ARN names: service/CLUSTER/NAME."""
    parts = ref.id.split(":", 5)[-1].split("/")
    return parts[1] if len(parts) == 3 and parts[0] == "service" else None


def _is_ours(record: Mapping[str, Any], account: Account) -> bool:
    """Whether it was made in a session of the role that the copilot changes things with."""
    return account.write_role is not None and _issuer(record).get("arn") == account.write_role


def _who(event: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """A person where the session says so, the role or the user's name else, or the service of AWS that did it."""
    identity = record.get("userIdentity")
    identity = identity if isinstance(identity, dict) else {}
    context = identity.get("sessionContext")
    source = context.get("sourceIdentity") if isinstance(context, dict) else None
    role, user = _issuer(record).get("userName"), event.get("Username") or identity.get("userName")
    if source:
        return str(source)
    if role and user and role != user:
        return f"{user} ({role})"
    return str(user or role or identity.get("invokedBy") or identity.get("type") or "unknown")


def _issuer(record: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = record
    for name in ("userIdentity", "sessionContext", "sessionIssuer"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _is_of(resource: _Named, service: str, mentioned: set[str], given: set[tuple[str, str]]) -> bool:
    """Whether a call to this service of AWS, that `mentioned` these and was `given` these texts by name, was about it.

    By its ARN, or by what its own service calls it by: a name alone may be that of something else.
    """
    arn = parse_arn(resource.ref.id)
    texts = mentioned | {text for _, text in given}
    if resource.ref.id in texts:
        return True
    if service == "application-autoscaling":
        return ("resourceid", f"service/{resource.cluster}/{resource.name}") in given
    if service != arn.service:
        return False
    if service == "ecs":
        ends = f"/{resource.cluster}"
        in_cluster = any(
            name == "cluster" and (text == resource.cluster or text.endswith(ends)) for name, text in given
        )
        return ("service", resource.name) in given and in_cluster
    if service == "ec2":
        return arn.name in texts
    return bool({(name, arn.name) for name in _NAMED_BY.get(service, ())} & given)


_NAMED_BY = {
    "rds": ("dbinstanceidentifier", "dbclusteridentifier"),
    "autoscaling": ("autoscalinggroupname",),
}
"""The parameters by which calls of a service name what they are about; in lower case, as CloudTrail's own vary."""


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The texts that a call was given, those of lists among them, by the name of the parameter."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, str(key).lower())
