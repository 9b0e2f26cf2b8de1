"""The most that the copilot may spend, by day and month: what the configuration may say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from copilot.domain import Frozen

Dollars = Annotated[float, Field(ge=0, le=1_000_000)]
Calls = Annotated[int, Field(ge=0, le=100_000_000)]


class Most(Frozen):
    """Of one kind; what is null has no cap."""

    day_dollars: Dollars | None = Field(default=None, description="US dollars a day, as they are reckoned")
    month_dollars: Dollars | None = Field(default=None, description="the same a month")
    day_calls: Calls | None = Field(
        default=None,
        description="calls a day: of a model, queries of Logs Insights, questions to Cost Explorer, sweeps of a place",
    )
    month_calls: Calls | None = Field(default=None, description="the same a month")


def _most(day: float, month: float, calls: int | None = None) -> Most:
    return Most(day_dollars=day, month_dollars=month, day_calls=calls)


_TENANT = {
    "models": _most(5, 50, 1000),
    "log_searches": _most(5, 50),
    "cost_explorer": _most(1, 10),
    "sweeps": _most(2, 30),
}
_PERSON = {"models": _most(2, 20, 300), "log_searches": _most(2, 20), "cost_explorer": _most(0.5, 5)}
_REACTION = {"models": _most(1, 10, 100), "log_searches": _most(1, 10), "cost_explorer": _most(0.2, 2)}


class CapsOfOne(Frozen):
    """Of one person, channel or reaction, each by itself."""

    models: Most = Field(default=Most(), description="calls of models")
    log_searches: Most = Field(default=Most(), description="queries of Logs Insights; what is read for nothing is free")
    cost_explorer: Most = Field(default=Most(), description="questions to Cost Explorer, at 0.01 dollars each")


class CapsOfAll(CapsOfOne):
    """Of all together."""

    sweeps: Most = Field(
        default=Most(), description="what looks at what there is, at what AWS bills for the copilot's own part in it"
    )


class Caps(Frozen):
    """The most that the copilot may spend. What has no room under a cap is not begun and the answer says which cap it
    was; what costs nothing goes on. Days and months are those of `time_zone`. What is left out has its default; null
    lifts a cap.
    """

    tenant: CapsOfAll = Field(default=CapsOfAll(**_TENANT), description="all of it together")
    person: CapsOfOne = Field(default=CapsOfOne(**_PERSON), description="each person, whatever asks for them")
    channel: CapsOfOne = Field(default=CapsOfOne(**_PERSON), description="each channel that is asked in")
    reaction: CapsOfOne = Field(default=CapsOfOne(**_REACTION), description="each reaction to events")

    @field_validator("tenant", mode="before")
    @classmethod
    def _of_tenant(cls, given: object) -> object:
        return _over(_TENANT, given)

    @field_validator("person", "channel", mode="before")
    @classmethod
    def _of_person(cls, given: object) -> object:
        return _over(_PERSON, given)

    @field_validator("reaction", mode="before")
    @classmethod
    def _of_reaction(cls, given: object) -> object:
        return _over(_REACTION, given)


def _over(defaults: Mapping[str, Most], given: object) -> object:
    """What is given in place of the defaults, field by field: whoever raises one cap keeps the others."""
    if not isinstance(given, Mapping):
        return given
    return {
        name: {**defaults[name].model_dump(), **said} if isinstance(said := given.get(name, {}), Mapping) else said
        for name in defaults
    } | {name: said for name, said in given.items() if name not in defaults}
