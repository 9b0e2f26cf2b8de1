"""A model that is asked."""

from __future__ import annotations

from typing import Protocol

from copilot.domain import Completion, Prompt


class LanguageModel(Protocol):
    """Answers a Prompt. What comes back is only ever proposed: a schema is asked for, and whether it was kept to is the
    caller's to check.
    """

    @property
    def name(self) -> str:
        """The model's name, as its provider calls it."""

    def complete(self, prompt: Prompt) -> Completion:
        """One answer, whole.

        Raises RetryableError when the model is overloaded, away or too slow, after some attempts of its own; FatalError
        when asking again cannot help (a wrong key, an unknown model, a prompt too long).
        """
