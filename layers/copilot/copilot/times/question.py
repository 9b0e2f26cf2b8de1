"""What the grammar gives where it does not understand: a question, never a guess."""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """One question, with answers to choose from where there are some that make sense."""

    text: str
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"- {choice}" for choice in self.choices)])
