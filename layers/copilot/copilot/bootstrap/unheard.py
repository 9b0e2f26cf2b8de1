"""Of a configuration, the requests of reactions that no known request covers, as far as that shows without an event."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.config.configuration import Configuration
from copilot.domain import Focus
from copilot.domain.events import PLACEHOLDER
from copilot.errors import ToolInputError

NAMES = {"environment": ("staging", "orders-dev")}
ANY_NAME = ("checkout", "staging")
"""What may stand where an event fills something in; one that is heard with any of these may be heard."""


def unheard(config: Configuration) -> Iterator[str]:
    """A line for each; reading what is known takes a second, and is left out where there is none to be heard."""
    asking = [one for one in config.reactions if one.request]
    if not asking:
        return
    from copilot.intents import load_intents

    known = load_intents()
    for one in asking:
        for names in range(2):
            text = PLACEHOLDER.sub(lambda found: NAMES.get(found[1].strip(), ANY_NAME)[names], one.request or "")
            try:
                if known.match(text, Focus()) is not None:
                    break
            except ToolInputError:  # a question to ask: it is heard, and lacks something
                break
        else:
            then = "a model plans it" if config.model else "nobody plans it, as `model` names none"
            yield f"Reaction {one.name}: no known request covers “{one.request}”; {then}."
