"""An event as EventBridge delivers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from copilot.domain import digest
from copilot.domain.deployments import LONGEST_NAME, LONGEST_REASON, DeploymentFact
from copilot.text.masking import mask_text

Event = dict[str, Any]
Translate = Callable[[Event], Iterator[DeploymentFact]]
"""Raises KeyError, TypeError or ValueError for what is not the event it says it is."""


def fit(said: object) -> object:
    """A name of the sender's in the alphabet of a Name. What is none at all (null, a list) stays as it is: refused."""
    if isinstance(said, int | float) and not isinstance(said, bool) and said == int(said):
        return str(int(said))
    if not isinstance(said, str) or not said.strip():
        return said
    fit = re.sub(r"[^A-Za-z0-9_ .:/@+-]+", "-", said.strip()).lstrip("-+@/:. ")
    if fit == said.strip() and len(fit) <= LONGEST_NAME:
        return fit
    ending = f"-{digest(said)[:8]}"
    return f"{fit[: LONGEST_NAME - len(ending) - 2] or 'id'}{ending}"


def beside(said: object) -> str:
    """What is told beside as a name: one that does not fit, or is a secret, is no reason to refuse the event."""
    name = fit(said)
    text = name if isinstance(name, str) and name.strip() else ""
    return text if mask_text(text) == text else ""


def in_words(said: object) -> str:
    """Words of the sender, bounded, on one line and without secrets; "" of what are none."""
    text = " ".join(mask_text(said).split()) if isinstance(said, str) else ""
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"
