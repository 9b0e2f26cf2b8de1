"""Reactions of a configuration: which events start what, as whom, and where that is told; when none of it is done."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, JsonValue, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from copilot.config.names import about_zone
from copilot.domain import CHANNEL, MOST_TEXT, OUTSIDE, Day, Frozen, RunbookName, Stretches, TimeOfDay
from copilot.domain.event_patterns import why_no_pattern
from copilot.domain.events import PATH, PLACEHOLDER
from copilot.domain.occurrences import EventKind
from copilot.domain.reactions import ReactionName
from copilot.text.nearness import nearest, there_are

ENVIRONMENT = "environment"
"""The placeholder for the environment that an event is about, as the inventory knows it."""
PATHS = ("account", "region", "resources[0]", "time", "detail", "source", "detail-type", ENVIRONMENT)
_ROOTS = frozenset({"account", "region", "resources", "time", "detail", "source", "detail-type", "id"})
Texts = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Request = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TEXT // 4)]


def _placeholders(text: str) -> Iterator[str]:
    return (found[1].strip() for found in PLACEHOLDER.finditer(text))


def _why_no_text(text: str) -> str:
    """What is wrong with the placeholders of a text; "" where nothing is."""
    for path in _placeholders(text):
        root = re.split(r"[.\[]", path)[0]
        if path != ENVIRONMENT and (root not in _ROOTS or not PATH.fullmatch(path)):
            return f"{{{path}}} is no place in an event{there_are(path, PATHS)}; such as {{detail.alarmName}}"
    return ""


class Reaction(Frozen):
    """An event that starts a request or a runbook, as a service person. It looks and proposes; what it may change by
    itself a standing approval says.
    """

    name: ReactionName = Field(description="what it is called, such as look-at-alarms")
    event: EventKind | None = Field(default=None, description="of which kind the event is")
    pattern: dict[str, JsonValue] | None = Field(
        default=None, description="an EventBridge event pattern, which narrows `event` or stands in its place"
    )
    rule: Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")] | None = Field(
        default=None, description="of a scheduled_rule: the name of your rule in EventBridge"
    )
    request: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TEXT // 4)] | None
    ) = Field(default=None, description="what is asked then, in words; {detail.alarmName} and the like are filled in")
    runbook: RunbookName | None = Field(default=None, description="in its place: the runbook that is run")
    parameters: Annotated[dict[str, Texts | bool | int | float], Field(max_length=12)] = Field(
        default={}, description="its parameters: values, or places in the event such as {account}, {detail.alarmName}"
    )
    person: str = Field(description="id of the service person whose rights it has")
    tells: Annotated[str, StringConstraints(pattern=f"^(?:{CHANNEL}|{OUTSIDE})$")] = Field(
        description="the channel, or destination, that is told"
    )
    minutes: Annotated[int, Field(ge=1, le=24 * 60)] = Field(
        default=15, description="for so long the same cause is one run; the rest is counted"
    )
    most_an_hour: Annotated[int, Field(ge=1, le=60)] = Field(default=4, description="runs of it in an hour")

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
        if pattern is not None and (problem := why_no_pattern(pattern)):
            raise PydanticCustomError("pattern", "{problem}", {"problem": problem})
        return pattern

    @field_validator("request")
    @classmethod
    def _has_places(cls, request: str | None) -> str | None:
        if request is not None and (problem := _why_no_text(request)):
            raise PydanticCustomError("place", "{problem}", {"problem": problem})
        return request

    @field_validator("parameters")
    @classmethod
    def _have_places(cls, parameters: dict[str, JsonValue]) -> dict[str, JsonValue]:
        for name, value in parameters.items():
            if isinstance(value, str) and (problem := _why_no_text(value)):
                raise PydanticCustomError("place", "{name}: {problem}", {"name": name, "problem": problem})
        return parameters

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.event is None and self.pattern is None:
            raise PydanticCustomError("reaction", "it says neither `event` which kind of event nor of which `pattern`")
        if (self.request is None) == (self.runbook is None):
            raise PydanticCustomError("reaction", "it has a `request` or a `runbook`, one of both")
        if self.parameters and self.runbook is None:
            raise PydanticCustomError("reaction", "`parameters` are those of a `runbook`; a request has {places} in it")
        if (self.event == "scheduled_rule") != (self.rule is not None):
            raise PydanticCustomError(
                "reaction", "`rule` goes with `event: scheduled_rule`, and neither without the other"
            )
        return self

    @property
    def kind(self) -> EventKind:
        """`custom` where only a pattern says what it answers to."""
        return self.event or "custom"

    @property
    def binds(self) -> dict[str, JsonValue]:
        """What a standing approval of it is bound to: all that decides what is done, and to what."""
        bound: dict[str, JsonValue] = self.model_dump(
            mode="json", include={"name", "event", "pattern", "rule", "runbook", "parameters", "person"}
        )
        return bound


class Hours(Frozen):
    """Times by a clock on the wall: all of them, where nothing is said."""

    days: tuple[Day, ...] = Field(default=(), description="MON to SUN; else every day")
    start: TimeOfDay | None = Field(default=None, description="from this time, such as 22:00; else all day")
    end: TimeOfDay | None = Field(default=None, description="until this one, or the next day's where it is not later")
    first: date | None = Field(default=None, description="from this date on, such as 2026-12-24")
    last: date | None = Field(default=None, description="to this one, with it")
    time_zone: str | None = Field(default=None, description="IANA name; else the `time_zone` of the whole")

    @model_validator(mode="after")
    def _are_some(self) -> Self:
        if self.time_zone is not None and (problem := about_zone(self.time_zone)):
            raise PydanticCustomError("zone", "{problem}", {"problem": problem})
        self.stretches("UTC")
        return self

    def stretches(self, zone: str) -> Stretches:
        """`zone` is that of the whole. Raises PydanticCustomError where they are none."""
        given = self.model_dump(include={"days", "start", "end", "first", "last"})
        return Stretches(**given, time_zone=self.time_zone or zone)


class Quiet(Hours):
    """Hours in which reactions are held: told once they end, and not begun."""

    but: tuple[EventKind, ...] = Field(default=(), description="the kinds that are not held")


class Maintenance(Hours):
    """When something is worked on: what comes of it then begins nothing, and is told when that ends."""

    accounts: tuple[Annotated[str, StringConstraints(pattern=r"^\d{12}$")], ...] = Field(
        default=(), description="ids of the accounts that are worked on; else all"
    )
    regions: tuple[str, ...] = Field(default=(), description="the regions that are worked on; else all")

    def is_of(self, account: str, region: str) -> bool:
        return (not self.accounts or account in self.accounts) and (not self.regions or region in self.regions)


def why_held(
    quiet: Sequence[Quiet],
    maintenance: Sequence[Maintenance],
    kind: EventKind,
    place: tuple[str, str] | None,
    now: datetime,
    zone: str,
) -> str:
    """Why what comes of this kind from that account and region is held now; "" where it is not. Without a place, from
    anywhere.
    """
    for work in maintenance:
        if (place is None or work.is_of(*place)) and (times := work.stretches(zone)).covers(now):
            return f"maintenance {times.in_words}".rstrip()
    for hours in quiet:
        if kind not in hours.but and (times := hours.stretches(zone)).covers(now):
            return f"quiet hours {times.in_words}".rstrip()
    return ""


def cross_faults(
    reactions: Sequence[Reaction], people: Mapping[str, bool], accounts: Collection[str]
) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """What is wrong between them and the rest of a configuration: the place of each, and what. `people` says of each
    id whether it is a service person.
    """
    names: set[str] = set()
    services = [id for id, service in people.items() if service]
    for index, one in enumerate(reactions):
        if one.name in names:
            yield ("reactions", index, "name"), f"{one.name} is the name of another reaction"
        names.add(one.name)
        if one.person not in people:
            hint = there_are(one.person, services or people) or "; add a person with `service: true`"
            yield ("reactions", index, "person"), f"{one.person!r} is nobody's id{hint}"
        elif not people[one.person]:
            hint = f"; nearest: {near[0]}" if (near := nearest(one.person, services)) else ""
            said = f"{one.person} is no service person{hint or '; one has `service: true` and no principals'}"
            yield ("reactions", index, "person"), said
        wanted = one.pattern.get("account") if one.pattern else None
        for account in wanted if isinstance(wanted, list) else []:
            if isinstance(account, str) and account not in accounts:
                yield ("reactions", index, "pattern"), f"account {account} is none of this configuration"
