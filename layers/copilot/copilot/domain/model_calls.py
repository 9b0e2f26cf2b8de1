"""What a model is asked, and what it answered."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from copilot.domain.frozen import Frozen


class PromptPart(Frozen):
    """How many tokens a part of a Prompt takes, by our estimate, of the `share` that it may take, None where it has no
    bound of its own; `holds` is what is in it of what there is, in code's words: "2 of 8 results".
    """

    name: str
    tokens: int
    share: int | None = None
    holds: str = ""


class Prompt(Frozen):
    """What a model is asked. `system` is the same bytes for every request of a kind, so that a provider can cache it;
    all that differs is in `user`. `schema` is the JSON schema of the answer, None for plain text. `parts` is what all
    of it is made of.
    """

    system: str
    user: str
    answer_schema: dict[str, JsonValue] | None = None
    max_tokens: int
    parts: tuple[PromptPart, ...] = ()


class TokenUsage(Frozen):
    """Tokens by how they are billed: read anew, read from the provider's cache, written to it, put out."""

    input: int = 0
    cached: int = 0
    cache_written: int = 0
    output: int = 0

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(**{name: getattr(self, name) + getattr(other, name) for name in TokenUsage.model_fields})

    @property
    def total(self) -> int:
        return self.input + self.cached + self.cache_written + self.output


class Completion(Frozen):
    """What a model answered: `text`, JSON where a schema was given. `stop` is length where it was cut off at
    max_tokens, refusal where the model declined.
    """

    text: str
    stop: Literal["end", "length", "refusal"]
    usage: TokenUsage
    model: str
    seconds: float


Purpose = Literal["route", "plan", "repair", "revise", "look", "compose"]
"""What a model is asked for."""


class ModelCall(Frozen):
    """The record of one call of a model: number `number` of those made for a Run's revision `revision`.

    `asked` is Prompt.user and `parts` what the prompt was made of, `answered` what came back outside of the model's
    thoughts, `problems` what the checker said of that, `needed` the tools that are asked for in place of a plan,
    `error` why nothing came back. `dollars` is by a dated price list, None for a model that is not in it.
    """

    revision: int
    number: int
    purpose: Purpose
    model: str
    asked: str
    parts: tuple[PromptPart, ...] = ()
    answered: str = ""
    problems: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    error: str = ""
    usage: TokenUsage = TokenUsage()
    seconds: float = 0
    dollars: float | None = None
    at: datetime
