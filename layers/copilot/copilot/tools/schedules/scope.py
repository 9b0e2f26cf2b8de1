"""Which environments a window would stop now, and which it leaves alone, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field

from copilot.domain import STRICTER, Chosen, Environment, EnvironmentId, Frozen, Kind, Made, Schedule, Survey, is_chosen
from copilot.ports import Clients
from copilot.text.outside import quoted
from copilot.tools.environments.inventory import EnvironmentSummary, members, state_of, summaries
from copilot.tools.environments.sparing import kept_now, why_spared


class LeftAlone(Frozen):
    """An environment that a window does not touch."""

    environment_id: EnvironmentId = Field(description="the environment's id")
    reason: Made = Field(description="why it is left alone")
    summary: Made = Field(description="one line about it")


class Scope(NamedTuple):
    due: tuple[EnvironmentSummary, ...]
    left: tuple[LeftAlone, ...]
    survey: Survey


def scope(clients: Clients, chosen: Chosen) -> Scope:
    """From a fresh read: what belongs to the window, split by whether it is to be stopped."""
    survey = clients.platform.survey()
    kept = kept_now(clients)
    due, left = [], []
    described = {summary.id: summary for summary in summaries(survey, clients.platform.types)}
    meant = [one for one in survey.environments if is_chosen(chosen, one.name, one.kind)]
    for environment in meant:
        reason = why_spared(environment, kept) or _nothing_on(environment, survey)
        if reason:
            left.append(_left(environment.name, reason))
        else:
            due.append(described[environment.name])
    gone = sorted({*chosen.environments} - {one.name for one in survey.environments})
    left += [_left(name, "it is not there, or could not be read") for name in gone]
    return Scope(tuple(due), tuple(left), survey)


def going_on(clients: Clients) -> list[Schedule]:
    """The schedules that there are, without those that happened once and are over."""
    now = clients.clock.now()
    return [one for one in clients.schedules.schedules() if not one.is_over(now)]


def strictest(kinds: Sequence[Kind]) -> Kind:
    """What policy is to go by for several kinds at once; production where there is none."""
    return max(kinds, key=STRICTER.index, default="production")


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
