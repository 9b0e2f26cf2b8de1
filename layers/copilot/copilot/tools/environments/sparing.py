"""Environments that no window stops, each with its reason."""

from __future__ import annotations

from copilot.domain import Environment, Keep
from copilot.ports import Clients
from copilot.times.windows import kept_words


def spared(clients: Clients, environment: Environment) -> str:
    """Why no window stops it: it is opted out by tag, or kept by a person; "" where windows may."""
    return environment.opted_out or _kept_words(_kept(clients).get(environment.name))


def _kept(clients: Clients) -> dict[str, Keep]:
    return {keep.environment: keep for keep in clients.schedules.keeps() if keep.until > clients.clock.now()}


def _kept_words(keep: Keep | None) -> str:
    return kept_words(keep) if keep else ""
