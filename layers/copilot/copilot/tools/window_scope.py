"""Which environments a window would stop now, and which it leaves alone, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field

from copilot.model import Environment, Frozen, Keep, Kind, Made, Survey
from copilot.outside import quoted
from copilot.ports import Clients
from copilot.times.windows import kept_words
from copilot.tools.inventory import EnvironmentSummary, members, state_of, summaries

STRICTEST: tuple[Kind, ...] = ("production", "staging", "preview", "development")


class LeftAlone(Frozen):
    """An environment that a window does not touch."""

    environment_id: str = Field(description="the environment's id")
    reason: Made = Field(description="why it is left alone")
    summary: Made = Field(description="one line about it")


class Scope(NamedTuple):
    due: tuple[EnvironmentSummary, ...]
    left: tuple[LeftAlone, ...]
    survey: Survey


def scope(clients: Clients, kinds: Sequence[Kind], environments: Sequence[str]) -> Scope:
    """From a fresh read: what belongs to the window, split by whether it is to be stopped."""
    survey = clients.platform.survey()
    kept = _kept(clients)
    due, left = [], []
    described = {summary.id: summary for summary in summaries(survey)}
    meant = [one for one in survey.environments if one.kind in kinds or one.name in environments]
    for environment in meant:
        reason = environment.opted_out or _kept_words(kept.get(environment.name)) or _nothing_on(environment, survey)
        if reason:
            left.append(_left(environment.name, reason))
        else:
            due.append(described[environment.name])
    gone = sorted({*environments} - {one.name for one in survey.environments})
    left += [_left(name, "it is not there, or could not be read") for name in gone]
    return Scope(tuple(due), tuple(left), survey)


def spared(clients: Clients, environment: Environment) -> str:
    """Why no window stops it: it is opted out by tag, or kept by a person; "" where windows may."""
    return environment.opted_out or _kept_words(_kept(clients).get(environment.name))


def strictest(kinds: Sequence[Kind]) -> Kind:
    """What policy is to go by for several kinds at once; production where there is none."""
    return next((kind for kind in STRICTEST if kind in kinds), "production")


def _kept(clients: Clients) -> dict[str, Keep]:
    return {keep.environment: keep for keep in clients.schedules.keeps() if keep.until > clients.clock.now()}


def _kept_words(keep: Keep | None) -> str:
    return kept_words(keep) if keep else ""


def _nothing_on(environment: Environment, survey: Survey) -> str:
    """Why there is nothing in it to stop; "" where there is."""
    resources = members(survey, environment.name)
    free = [resource for resource in resources if not resource.held]
    if state_of(resources) == "stopped":
        return "already stopped"
    if not free or state_of(free) == "stopped":
        held = next(resource.held for resource in resources if resource.held)
        return f"what is on in it must be left alone ({held})"
    return ""


def _left(name: str, reason: str) -> LeftAlone:
    return LeftAlone(environment_id=name, reason=reason, summary=f"{quoted(name)}: {reason}")
