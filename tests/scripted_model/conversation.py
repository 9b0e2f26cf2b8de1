"""What a model is asked, the same for both protocols."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Protocol = Literal["anthropic", "bedrock", "openai"]


@dataclass(frozen=True)
class ToolCall:
    """A call that a model makes. Without an id the server gives it one."""

    name: str
    arguments: dict[str, Any]
    id: str = ""


@dataclass(frozen=True)
class ToolResult:
    call_id: str
    text: str


@dataclass(frozen=True)
class Message:
    role: str
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ToolResult, ...] = ()


@dataclass(frozen=True)
class Offered:
    """A tool the model may call."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A request. `schema` is the answer's: that of the tool it has to call (`forced`), or of the response format.

    `key` is the key it came with, `body` the request as it came, for what has no field here.
    """

    protocol: Protocol
    model: str
    system: str
    messages: tuple[Message, ...]
    tools: tuple[Offered, ...] = ()
    schema: dict[str, Any] | None = None
    forced: str | None = None
    max_tokens: int | None = None
    stream: bool = False
    key: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> str:
        """The text of the last message, with tool results that are in it."""
        message = self.messages[-1]
        return "\n".join([message.text, *(result.text for result in message.results)]).strip()

    @property
    def everything(self) -> str:
        """All its text: system, every message, every result."""
        parts = [self.system]
        for message in self.messages:
            parts += [message.text, *(result.text for result in message.results)]
        return "\n".join(parts)


@dataclass(frozen=True)
class Tokens:
    """As they are billed: read anew, read from the cache, written to the cache, put out. No token counts twice."""

    input: int = 0
    cached: int = 0
    cache_written: int = 0
    output: int = 0


@dataclass(frozen=True)
class Block:
    """A piece of the request in the order in which a model reads it; `ends_cache` where a cache breakpoint follows."""

    text: str
    ends_cache: bool = False


class BadRequest(Exception):
    """What the real API would answer 400 to."""
