"""Of a configuration, the requests of reactions that no known request covers, as far as that shows without an event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from copilot.config.configuration import Configuration
from copilot.domain import Focus
from copilot.domain.events import PLACEHOLDER
from copilot.errors import ToolInputError

if TYPE_CHECKING:
    from copilot.intents import Intents

ENVIRONMENTS, ANYTHING = ("staging", "orders-dev"), ("checkout", "staging")
"""What may stand where an event fills something in; one that is heard with any of these may be heard."""


def unheard(config: Configuration) -> Iterator[str]:
    """A line for each; reading what is known takes a second, and is left out where there is none to be heard."""
    asking = [one for one in config.reactions if one.request]
    if not asking:
        return
    from copilot.intents import load_intents

    known = load_intents()
    for one in asking:
        if not any(_is_heard(known, text) for text in _as_filled_in(one.request or "")):
            then = "a model plans it" if config.model else "nobody plans it, as `model` names none"
            yield f"Reaction {one.name}: no known request covers “{one.request}”; {then}."


def _as_filled_in(request: str) -> Iterator[str]:
    for of_environment, of_else in zip(ENVIRONMENTS, ANYTHING, strict=True):
        filled = request.replace("{environment}", of_environment)
        yield PLACEHOLDER.sub(of_else, filled)


def _is_heard(known: Intents, text: str) -> bool:
    try:
        return known.match(text, Focus()) is not None
    except ToolInputError:  # a question to ask back: it is heard, and lacks something
        return True
