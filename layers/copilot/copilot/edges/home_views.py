"""A person's page as the API shows it to them."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import JsonValue

from copilot.domain import ABOUT_HOME, Home, Person
from copilot.errors import NotAllowed
from copilot.policy.decisions import Policy


def view_home(page: Callable[[Person], Home], policy: Policy, person: Person) -> dict[str, JsonValue]:
    """Raises NotAllowed where policy does not let them have it."""
    if ABOUT_HOME not in policy.shown(person, {ABOUT_HOME}, "direct"):
        raise NotAllowed(
            f"what runs and waits is not shown to you: policy lets nobody with your roles ({', '.join(person.roles)}) "
            "have what tells of who may do what. Whoever keeps this copilot's policy can change that"
        )
    shown: dict[str, JsonValue] = page(person).model_dump(mode="json")
    return shown
