"""An event as EventBridge delivers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from copilot.domain.deployments import DeploymentFact

Event = dict[str, Any]
Translate = Callable[[Event], Iterator[DeploymentFact]]
"""Raises KeyError, TypeError or ValueError for what is not the event it says it is."""
