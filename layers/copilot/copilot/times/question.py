"""What the grammar gives where it does not understand: a question, never a guess."""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """One question, with answers to choose from where there are some that make sense.

    `understood`: what was written is a time, about which something has to be asked; else it may be none at all.
    `contradictory`: it says two things that do not go together.
    """

    text: str
    choices: tuple[str, ...] = ()
    understood: bool = True
    contradictory: bool = False

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"- {choice}" for choice in self.choices)])
