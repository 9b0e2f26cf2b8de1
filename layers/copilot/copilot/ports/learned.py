"""Learned plans: those of a person, by the shape of a request."""

from __future__ import annotations

from typing import Protocol

from copilot.domain import LearnedShape


class Learned(Protocol):
    """The tenant's. Reads are consistent; every method raises RetryableError."""

    def of_shape(self, person: str, shape: str) -> LearnedShape | None:
        """One get."""

    def all(self, person: str) -> list[LearnedShape]:
        """Everything of a person: a query over MOST_LEARNED at most."""

    def put(self, kept: LearnedShape) -> None:
        """Keep it in the place of the revision before it; gone where it has no plan. Raises Conflict where another is
        there.
        """

    def drop(self, person: str, shape: str) -> None:
        """It need not be there."""
