"""What a script answers, and scripts made of fixed answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from scripted_model.conversation import Asked, ToolCall


@dataclass(frozen=True)
class Status:
    """An answer of the server's instead of the model's, in the error form of the protocol."""

    status: int
    retry_after: str | None = None
    message: str = ""


@dataclass(frozen=True)
class Raw:
    """Bytes that are no answer of the protocol. With `trickle` they come again and again, and the body never ends."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    trickle: bool = False
    headers: tuple[tuple[str, str], ...] = ()


class Silence:
    """The connection stays open and nothing comes."""


@dataclass(frozen=True)
class Reply:
    """One of `text`, `document` and `calls` (which may follow a text), or a `fault`.

    A document is given the way it was asked for: as the input of the tool the model has to call, else as JSON text.
    Text is given as text whatever was asked for. `cut_after` so many tokens the connection breaks.
    """

    text: str = ""
    document: Any = None
    calls: tuple[ToolCall, ...] = ()
    refused: bool = False
    cut_after: int | None = None
    fault: Status | Raw | Silence | None = None


Script = Callable[[Asked], Reply]


def text(answer: str) -> Reply:
    return Reply(text=answer)


def document(answer: Any) -> Reply:
    return Reply(document=answer)


def calls(*made: ToolCall, text: str = "") -> Reply:
    """Tool calls, all in one answer. Their names need not be among the tools offered."""
    return Reply(text=text, calls=made)


def refusal(answer: str = "") -> Reply:
    """The model declines."""
    return Reply(text=answer, refused=True)


def fenced(answer: Any) -> Reply:
    """A document in a code fence."""
    return Reply(text=f"```json\n{json.dumps(answer, indent=2)}\n```")


def surrounded(answer: Any, before: str = "Here is the plan:", after: str = "Let me know if it helps.") -> Reply:
    """A document with text around it."""
    return Reply(text=f"{before}\n\n{json.dumps(answer)}\n\n{after}")


def status(code: int, retry_after: str | int | None = None, message: str = "") -> Reply:
    """429, 529, 503 with or without retry-after; 400, 401, 403, 404, 413, 500."""
    return Reply(fault=Status(code, None if retry_after is None else str(retry_after), message))


def silence() -> Reply:
    return Reply(fault=Silence())


def raw(
    body: bytes, content_type: str = "application/json", code: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    """Not JSON, an empty body, a page of a proxy's, another content type, an answer or an error of any other form."""
    return Reply(fault=Raw(body, content_type, code, headers=tuple((headers or {}).items())))


def trickle(body: bytes = b"\n") -> Reply:
    """White space without end, as some gateways send to keep a connection open."""
    return Reply(fault=Raw(body, trickle=True))


def cut(reply: Reply, after: int) -> Reply:
    """The same answer, with the connection broken after so many tokens of it."""
    return replace(reply, cut_after=after)


def in_order(*replies: Reply | Script) -> Script:
    """These, one after another. One request more than there are is an error of the test's."""
    left: Iterator[Reply | Script] = iter(replies)
    lock = Lock()

    def script(asked: Asked) -> Reply:
        with lock:
            found = next(left, None)
        if found is None:
            raise AssertionError(f"the script has {len(replies)} replies and was asked once more: {asked.last[:200]}")
        return _resolved(found, asked)

    return script


def when(
    *rules: tuple[str | Callable[[Asked], bool], Reply | Script], otherwise: Reply | Script | None = None
) -> Script:
    """The first whose text occurs anywhere in the request, or whose question is answered with yes."""

    def script(asked: Asked) -> Reply:
        for rule, reply in rules:
            if (rule in asked.everything) if isinstance(rule, str) else rule(asked):
                return _resolved(reply, asked)
        if otherwise is None:
            raise AssertionError(f"the script has no reply to: {asked.last[:200]}")
        return _resolved(otherwise, asked)

    return script


def asks_for(words: str) -> Callable[[Asked], bool]:
    """A rule: the words occur in the last message, not in what came before it."""
    return lambda asked: words in asked.last


def _resolved(reply: Reply | Script, asked: Asked) -> Reply:
    return reply if isinstance(reply, Reply) else reply(asked)
