"""Environments that no window stops, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.domain import Environment, Keep
from copilot.ports import Clients
from copilot.times.windows import kept_words


def spared(clients: Clients, environment: Environment) -> str:
    """Why no window stops it; "" where windows may."""
    return why_spared(environment, kept_now(clients))


def kept_now(clients: Clients) -> dict[str, Keep]:
    """By environment."""
    return {keep.environment: keep for keep in clients.schedules.keeps() if keep.until > clients.clock.now()}


def why_spared(environment: Environment, kept: Mapping[str, Keep]) -> str:
    """That it is opted out by tag, or kept by a person; "" where windows may stop it."""
    keep = kept.get(environment.name)
    return environment.opted_out or (kept_words(keep) if keep else "")
