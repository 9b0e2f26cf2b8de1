"""What can go wrong with the laptop's system, in words for a person."""

from __future__ import annotations


class LaptopError(Exception):
    """`str(error)` says what happened, what was and was not done, and what to do next."""
