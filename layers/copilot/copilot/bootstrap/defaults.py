"""How something composed is given another part than the one it would make: by an argument of that part's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class default(Generic[T]):  # in lower case as property is
    """A property, made anew each time it is asked for, that gives way to what the instance was given in its place."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        return self if instance is None else self._make(instance)


class Defaults:
    """Its methods, cached properties and defaults are what there is where nothing else was given."""

    def __init__(self, **given: Any) -> None:
        """Raises TypeError for what has no name here."""
        for name in given:
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name}")
        vars(self).update(given)
