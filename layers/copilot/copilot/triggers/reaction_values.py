"""What an event says in place of the placeholders of a reaction, and whether that is known to be so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from copilot.config.reacting import ENVIRONMENT, Reaction
from copilot.domain.events import PLACEHOLDER, Event
from copilot.domain.inventory import Place, Seen
from copilot.domain.occurrences import is_of_host, names_in
from copilot.text.outside import CLOSE, OPEN, inert, quoted

LONGEST = 300
"""Characters of a value that others wrote."""
SeenIn = Callable[[Place], Sequence[Seen]]


class About(NamedTuple):
    """The environment that an event is about; `known` where AWS itself names what it is about, and code found that."""

    environment: str
    known: bool


def environment_of(event: Event, seen: SeenIn) -> About | None:
    """None where it is about none that was seen there, or about more than one. What a code host told says it itself."""
    if is_of_host(event):
        told = event.value_at("detail.environment")
        return About(told, known=False) if isinstance(told, str) and told else None
    known, others = names_in(event)
    there = seen(Place(account=event.account, region=event.region)) if known or others else ()
    found = {one.environment for one in there for type, name in known if name in one.names.get(type, ())}
    if len(found) == 1:
        return About(found.pop(), known=True)
    found = {one.environment for one in there for some in one.names.values() if not {*others}.isdisjoint(some)}
    return About(found.pop(), known=False) if len(found) == 1 else None


class Missing(Exception):
    """`path` is the placeholder for which the event has nothing."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Filled(NamedTuple):
    """`marked` are those of the values that others wrote."""

    values: dict[str, JsonValue]
    marked: tuple[str, ...]


def parameters_of(reaction: Reaction, event: Event, about: Callable[[], About | None]) -> Filled:
    """Of its runbook. Raises Missing."""
    values: dict[str, JsonValue] = {}
    marked: list[str] = []
    for name, given in reaction.parameters.items():
        if not isinstance(given, str):
            values[name] = given
            continue
        found = {path: _value(path, event, about) for path in _paths(given)}
        values[name] = _put_in(given, {at: _written(one) for at, (one, _) in found.items()})
        if not all(is_known for _, is_known in found.values()):
            marked.append(str(values[name])[:LONGEST])
    return Filled(values, tuple(marked))


def request_of(reaction: Reaction, event: Event, about: Callable[[], About | None]) -> tuple[str, tuple[str, ...]]:
    """Its request, and what in it others wrote: as that is quoted, where it is no name. Raises Missing."""
    assert reaction.request is not None
    found = {path: _value(path, event, about) for path in _paths(reaction.request)}
    marked = tuple(_bare(one) for one, is_known in found.values() if not is_known)
    said = {at: _written(one) if is_known else quoted(_bare(one)) for at, (one, is_known) in found.items()}
    return _put_in(reaction.request, said), marked


def _paths(text: str) -> list[str]:
    return [found[1].strip() for found in PLACEHOLDER.finditer(text)]


def _put_in(text: str, said: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: said[found[1].strip()], text)


def _written(value: JsonValue) -> str:
    """As people write it; a runbook reads it as what its parameter takes."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bare(value: JsonValue) -> str:
    return inert(_written(value)[:LONGEST]).replace(OPEN, "").replace(CLOSE, "").replace("\n", " ")


def _value(path: str, event: Event, about: Callable[[], About | None]) -> tuple[JsonValue, bool]:
    """What stands there, and whether it is known to be so. Raises Missing."""
    if path == ENVIRONMENT:
        if (found := about()) is None:
            raise Missing(path)
        return found.environment, found.known
    value = event.value_at(path)
    if value is None or value == "" or isinstance(value, dict | list):
        raise Missing(path)
    return value, event.is_known_at(path)
