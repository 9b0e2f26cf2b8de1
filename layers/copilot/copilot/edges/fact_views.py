"""Facts as they are shown to who asks: their own, and what is so for everybody."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from copilot.domain import EVERYBODY, KeptFact, Person, scope_of
from copilot.ports import Facts


def view_facts(facts: Facts, person: Person, now: datetime) -> dict[str, JsonValue]:
    """Each with what it was before; one that was forgotten, or has ended, without what it says."""
    own, shared = facts.facts(scope_of(person.id)), facts.facts(EVERYBODY)
    return {"own": [_view(one, now) for one in own], "shared": [_view(one, now) for one in shared]}


def _view(kept: KeptFact, now: datetime) -> JsonValue:
    fact, before = kept.current(now), [one.model_dump(mode="json") for one in kept.before]
    said = fact.model_dump(mode="json", exclude={"subject", "attribute"}) if fact else None
    return {**kept.name.model_dump(), "fact": said, "before": [*before]}
